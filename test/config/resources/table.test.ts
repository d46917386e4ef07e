import {describe, expect, it} from 'vitest';
import {commonKeys} from '../../../src/config/resources/common-keys.ts';
import type {KeySpec} from '../../../src/config/key-spec.ts';
import {kindList, resourceKinds} from '../../../src/config/resources/table.ts';
import {familyOf, resourceFamilies} from '../../../src/kernel/families.ts';

describe('the kinds of resources', () => {
  it('stand in the table under their own type, each of a family that has an order', () => {
    for (const [type, kind] of Object.entries(resourceKinds)) {
      expect(kind.type).toBe(type);
      expect(resourceFamilies).toContain(familyOf(kind.type));
    }
  });

  it('have no key that means something in every section', () => {
    const acting = Object.entries<KeySpec>(commonKeys).filter(
      ([, spec]) => spec.fate === undefined,
    );
    const names = acting.map(([key]) => key);
    const taken = kindList.flatMap(({keys}) =>
      Object.keys(keys).filter((key) => names.includes(key)),
    );
    expect(taken).toEqual([]);
  });

  it('never share a section and a word of type, so that each section is of one kind', () => {
    const claims = kindList.flatMap(({sections}) =>
      sections.flatMap(({section, types}) =>
        (types === 'any' ? ['*'] : types).map((word) => ({section, word})),
      ),
    );
    const clashes = claims.filter(({section, word}, index) =>
      claims.some(
        (other, at) =>
          at !== index &&
          other.section === section &&
          (other.word === word || word === '*' || other.word === '*'),
      ),
    );
    expect(clashes).toEqual([]);
  });
});

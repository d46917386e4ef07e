/** The tables of docs/configuration.md against the tables of keys, both ways. */

import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {rangeOf, unitOf, type KeyTable} from '../../src/config/key-spec.ts';
import {fenceKeys} from '../../src/config/fence.ts';
import {
  clusterKeys,
  defaultKeys,
  diskKeys,
  multicastKeys,
  serviceOverrideKeys,
  unicastKeys,
} from '../../src/config/keys.ts';
import {commonKeys} from '../../src/config/resources/common-keys.ts';
import {subsetKeys} from '../../src/config/resources/subsets.ts';
import {conditionActions, triggerActions} from '../../src/config/resources/action-keys.ts';
import {knownNames} from '../../src/config/language/names.ts';
import {modifierNames} from '../../src/config/language/reference.ts';
import {kindList} from '../../src/config/resources/table.ts';
import {pingKeys} from '../../src/config/ping.ts';
import {arbitratorKeys} from '../../src/config/arbitrator.ts';
import {watchdogKeys} from '../../src/config/watchdog.ts';
import {parse, render, twoLinks} from './support.ts';

const read = (name: string): string =>
  readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
const page = read('configuration.md');

/** `[app#N]`; where a section is of several kinds, with the type that each of them takes. */
function kindTable({keys, sections}: (typeof kindList)[number]): readonly [string, KeyTable] {
  const [{section, types}] = sections as [(typeof sections)[number]];
  const needsWord = types !== 'any' && !types.includes('');
  const word = needsWord ? types[0] : undefined;
  const heading = `\`[${section}#N]\``;
  return [word === undefined ? heading : `${heading} with \`type = ${word}\``, keys];
}

const tables: Readonly<Record<string, KeyTable>> = {
  '`[cluster]`': clusterKeys,
  '`[hb#N]` with `type = multicast`': multicastKeys,
  '`[hb#N]` with `type = unicast`': unicastKeys,
  '`[hb#N]` with `type = disk`': diskKeys,
  '`[watchdog]`': watchdogKeys,
  '`[fence#NODE]`': fenceKeys,
  '`[ping]`': pingKeys,
  '`[arbitrator#1]`': arbitratorKeys,
  '`[service#NAME]`': serviceOverrideKeys,
  '`[DEFAULT]`': defaultKeys,
  '`[FAMILY#N]`': commonKeys,
  '`[subset#FAMILY:NAME]`': subsetKeys,
  ...Object.fromEntries(kindList.filter(({sections}) => sections.length > 0).map(kindTable)),
};

/** Rows of the first table below a heading, cell by cell. */
function rowsBelow(heading: string): readonly (readonly string[])[] {
  const [, section = ''] = page.split(`\n### ${heading}\n`);
  const [, table = ''] = section.split('|---|---|---|---|---|---|\n');
  const lines = table.split('\n').slice(0, table.split('\n').indexOf(''));
  return lines.map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );
}

describe('the page of the configuration', () => {
  it.each(Object.entries(tables))('has each key of %s as the code has it', (heading, keys) => {
    const expected = Object.entries(keys).map(([key, spec]) => [
      spec.scoped === true ? `\`${key}\` \`@node\`` : `\`${key}\``,
      unitOf(spec),
      spec.fallback,
      rangeOf(spec),
    ]);
    expect(rowsBelow(heading).map((cells) => cells.slice(0, 4))).toEqual(expected);
  });

  it.each(Object.keys(tables))('says for each key of %s what it means and does', (heading) => {
    const short = rowsBelow(heading).filter(
      (cells) => cells.length !== 6 || cells[4]!.length < 10 || cells[5] === '',
    );
    expect(short).toEqual([]);
  });

  it('names each action with commands and conditions, each name in braces, each modifier', () => {
    const between = (start: string): readonly string[] => {
      const text = page.split(start)[1]!.split('.')[0]!;
      return [...text.matchAll(/`([a-z_]+)`/g)].map((match) => match[1]!);
    };
    expect(between('Commands around an action')).toEqual(triggerActions);
    expect(between('Conditions of an action')).toEqual(conditionActions);
    expect(between('\nNames:').toSorted()).toEqual([...knownNames].toSorted());
    for (const name of modifierNames) expect(page).toContain(`{${name}:x}`);
  });

  it('has no section that the code does not know', () => {
    const headings = [...page.matchAll(/^### (`.*)$/gm)].map((match) => match[1]!);
    expect(headings).toEqual(Object.keys(tables));
  });
});

describe('the page of the migration', () => {
  it('shows a cluster.conf that is accepted beside the files of OpenHA', () => {
    const blocks = [...read('migration-openha.md').matchAll(/```\n([\s\S]*?)```/g)];
    expect(blocks).toHaveLength(2);
    for (const [, text] of blocks) {
      const {config, findings} = parse({
        'nodes': 'node1\nnode2\n',
        'monitor': 'node1 dio /dev/sdb 0 10\nnode2 dio /dev/sdb 64 10\n',
        'services': 'p26.opensvc.com\t/opt/p26\tnode1\tnode2\t/bin/true\n',
        'cluster.conf': text!,
      });
      expect(config).not.toBeNull();
      expect(render(findings.filter(({severity}) => severity === 'note'))).toBe('');
    }
  });
});

describe('the keys', () => {
  it('have defaults that are within their own range', () => {
    const problems = Object.values(tables).flatMap((keys) =>
      Object.entries(keys).filter(
        ([, spec]) => spec.type === 'duration' && spec.minMs >= spec.maxMs,
      ),
    );
    expect(problems).toEqual([]);
  });

  it('that have a plain default may be written with it, and change nothing', () => {
    const base = parse({'cluster.conf': twoLinks}).config!;
    const plain = {
      beat: '1s',
      dead: '5s',
      stall: '1s',
      delay: '50ms',
      damping: '5m',
      hold_down: '1m',
    };
    const lines = Object.entries(plain).map(([key, value]) => `${key} = ${value}`);
    const text = twoLinks.replace('name = blue', ['name = blue', ...lines].join('\n'));
    expect(parse({'cluster.conf': text}).config!.timing).toEqual(base.timing);
    for (const [key, value] of Object.entries(plain)) {
      const {fallback} = clusterKeys[key as keyof typeof clusterKeys];
      expect(fallback.startsWith(value) || fallback === 'one beat').toBe(true);
    }
  });
});

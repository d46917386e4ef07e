/** docs/errors.md against the codes in the source, both ways. */

import {describe, expect, test} from 'vitest';
import {configCodes} from '../../src/config/codes.ts';
import {readFiles, type TextFile} from '../tidy/files.ts';
import {page, pages} from './pages.ts';

/** Names of the environment, which look like codes. */
const environment = new Set([
  'HA_ACTION',
  'HA_ACTION_ID',
  'HA_CONF',
  'HA_EPOCH',
  'HA_FENCE_NODE',
  'HA_LOG',
  'HA_NODE',
  'HA_PROGRAM',
  'HA_RESOURCE',
  'HA_RUN',
  'HA_SERVICE',
  'HA_STATE',
]);

/** Codes in quotes or as keys of a table. */
function codesIn(files: readonly TextFile[]): ReadonlySet<string> {
  const found = files.flatMap(({text}) =>
    [...text.matchAll(/(?:'|^ +)(HA_[A-Z0-9_]+)(?:'|:)/gm)].map((match) => match[1]!),
  );
  return new Set(found.filter((code) => !environment.has(code)));
}

const codes = codesIn(readFiles('src'));
const text = page('docs/errors.md').text;
/** Rows whose first cell is a code: the cells. */
const rows = [...text.matchAll(/^\| `(HA_[A-Z0-9_]+)` \| (.+) \|$/gm)].map((match) => ({
  code: match[1]!,
  cells: match[2]!.split(' | '),
}));

describe('the page of the error codes', () => {
  test('has a row for every code in the source', () => {
    const documented = rows.map(({code}) => code);
    expect([...codes].filter((code) => !documented.includes(code))).toEqual([]);
  });

  test('has no code that the source does not have, and none twice', () => {
    const documented = rows.map(({code}) => code);
    expect(documented.filter((code) => !codes.has(code))).toEqual([]);
    expect(documented.filter((code, at) => documented.indexOf(code) !== at)).toEqual([]);
  });

  test.each(Object.entries(configCodes))('says what ha check says about %s', (code, entry) => {
    const {severity, sentence, remedy} = entry;
    expect(rows.find((row) => row.code === code)?.cells).toEqual([severity, sentence, remedy]);
  });

  test('says for each code what it means and what to do', () => {
    const short = rows.filter(({cells}) => cells.length < 2 || cells.some((cell) => cell === ''));
    expect(short).toEqual([]);
  });
});

test('no page names a code that does not exist', () => {
  const named = pages.flatMap(({path, text: body}) =>
    [...body.matchAll(/\bHA_[A-Z0-9_]+\b/g)].map((match) => ({path, code: match[0]})),
  );
  expect(named.filter(({code}) => !codes.has(code) && !environment.has(code))).toEqual([]);
});

test('each variable of the environment is explained on a page', () => {
  const internal = ['HA_PROGRAM'];
  const said = pages.map((one) => one.text).join('\n');
  const silent = [...environment].filter((name) => !said.includes(name));
  expect(silent.filter((name) => !internal.includes(name))).toEqual([]);
});

test('a code in quotes or in a table is found', () => {
  const sample = {path: 'src/a.ts', text: "err({code: 'HA_X'});\n  HA_Y: 'text',\n// HA_Z\n"};
  expect([...codesIn([sample])]).toEqual(['HA_X', 'HA_Y']);
});

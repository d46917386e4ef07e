/** docs/troubleshooting.md answers for every word that a status can show. */

import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {reasons} from '../../src/kernel/reasons.ts';
import {levels} from '../../src/status/headline.ts';
import {peerTones} from '../../src/status/links.ts';
import {page} from './pages.ts';

const {text} = page('docs/troubleshooting.md');
const source = (path: string): string =>
  readFileSync(new URL(`../../src/${path}`, import.meta.url), 'utf8');

/** First cells of the table rows between two headings. */
function rowsIn(heading: string): readonly string[] {
  const [, section = ''] = text.split(`\n## ${heading}\n`);
  const [body = ''] = section.split('\n## ');
  return [...body.matchAll(/^\| (`.+?`) \|/gm)].flatMap((match) =>
    [...match[1]!.matchAll(/`([^`]+)`/g)].map((name) => name[1]!),
  );
}

/** Reasons that the engine and the judge give for waiting or refusing. */
function waitingReasons(): ReadonlySet<string> {
  const rooms = ['engine/may-start.ts', 'arbitration/judge.ts', 'arbitration/judge-disk.ts'];
  const given = rooms.flatMap((path) =>
    [...source(path).matchAll(/(?:\bno|frozen|wait|refusal)\(\s*(?:'\w+',\s*)?'([a-z-]+)'/g)].map(
      (match) => match[1]!,
    ),
  );
  return new Set(given.filter((reason) => reason in reasons));
}

describe('the page of troubleshooting', () => {
  test('has a row for every word of the first line', () => {
    expect(rowsIn('The first line')).toEqual([...levels]);
  });

  test('has a section for every alarm', () => {
    const alarms = [...source('engine/alarms.ts').matchAll(/(?:critical|warning)\('([A-Z_]+)'/g)];
    const codes = alarms.map((match) => match[1]!);
    expect(codes.length).toBeGreaterThan(5);
    const headings = [...text.matchAll(/^### ([A-Z_]+)$/gm)].map((match) => match[1]!);
    expect(headings.toSorted()).toEqual(codes.toSorted());
  });

  test('has a row for every reason to wait', () => {
    const given = waitingReasons();
    expect(given.size).toBeGreaterThan(20);
    const rows = rowsIn('A service is down and waits');
    expect([...given].filter((reason) => !rows.includes(reason))).toEqual([]);
  });

  test('names only reasons that exist', () => {
    const named = [
      ...rowsIn('A service is down and waits'),
      ...rowsIn('A service moved, or stopped, and nobody asked'),
    ];
    expect(named.filter((reason) => !(reason in reasons))).toEqual([]);
  });

  test('has a row for every state of a link', () => {
    const rows = rowsIn('Links');
    expect(Object.keys(peerTones).filter((state) => !rows.includes(state))).toEqual([]);
  });
});

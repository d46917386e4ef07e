import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {takePrecedence} from '../../src/daemon/precedence.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ha-precedence-'));
});
afterEach(() => rmSync(directory, {recursive: true, force: true}));

function processOf(files: {readonly session: number; readonly autogroup: boolean}): void {
  writeFileSync(join(directory, 'stat'), `70 (a ) name) S 1 70 ${files.session} 0 -1 4194304\n`);
  if (files.autogroup) writeFileSync(join(directory, 'autogroup'), '/autogroup-12 nice 0\n');
}

const autogroup = (): string => readFileSync(join(directory, 'autogroup'), 'utf8');

describe('the share of the cores', () => {
  test('grows where the daemon leads its session', () => {
    processOf({session: 70, autogroup: true});
    expect(takePrecedence(directory, 70)).toBe(true);
    expect(autogroup()).toMatch(/^-10\n/);
  });

  test('stays where the session is that of whoever started it', () => {
    processOf({session: 12, autogroup: true});
    expect(takePrecedence(directory, 70)).toBe(false);
    expect(autogroup()).toBe('/autogroup-12 nice 0\n');
  });

  test('is no reason to fail where the system knows no such thing', () => {
    expect(takePrecedence(directory, 70)).toBe(false);
    processOf({session: 70, autogroup: false});
    expect(takePrecedence(directory, 70)).toBe(false);
  });
});

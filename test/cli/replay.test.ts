import {readFileSync, writeFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {Place} from './cli.ts';
import {writeVerdicts as journal} from './journal.ts';

describe('ha replay', () => {
  test('says in its first line that today decides the same', async () => {
    const place = new Place();
    journal(place, [{}, {}]);
    const {exit, stdout} = await place.ha(['replay']);
    expect(exit).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "today's code decides the same, 2 of 2 (/tmp/ha/state/journal)

      at                        node   service  over   recorded
      2026-11-20T22:10:00.000Z  node2  web      node1  take P1 outside-sees-us (D4)  same
      2026-11-20T22:11:00.000Z  node2  web      node1  take P1 outside-sees-us (D4)  same
      "
    `);
  });

  test('says in its first line that today decides otherwise, and ends with 1', async () => {
    const place = new Place();
    const directory = journal(place, [{}, {proof: 'P2'}, {question: undefined}]);
    const {exit, stdout} = await place.ha(['replay', `${directory}/journal-000000000001.jsonl`]);
    expect(exit).toBe(1);
    expect(stdout).toMatchInlineSnapshot(`
      "today's code decides 1 of 3 otherwise; 1 cannot be replayed (/tmp/ha/state/journal/journal-000000000001.jsonl)

      at                        node   service  over   recorded
      2026-11-20T22:10:00.000Z  node2  web      node1  take P1 outside-sees-us (D4)  same
      2026-11-20T22:11:00.000Z  node2  web      node1  take P2 outside-sees-us (D4)  OTHERWISE
      2026-11-20T22:12:00.000Z  node2  web      node1  take P1 outside-sees-us (D4)  not replayed

      2026-11-20T22:11:00.000Z web: today take P1 outside-sees-us (D4)
      2026-11-20T22:12:00.000Z web: cannot be replayed: recorded before questions were
      kept
      "
    `);
  });

  test('says before all else that the hash chain does not hold, and ends with 1', async () => {
    const place = new Place();
    const file = `${journal(place, [{}, {}, {}])}/journal-000000000001.jsonl`;
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('2026-11-20T22:11', '2026-11-20T22:17'));
    const changed = await place.ha(['replay']);
    expect(changed.exit).toBe(1);
    expect(changed.stdout.split('\n')[0]).toMatch(
      /^hash chain broken journal-000000000001\.jsonl:2: record 2 does not fit its hash/,
    );
    writeFileSync(file, text.split('\n').toSpliced(1, 1).join('\n'));
    expect((await place.ha(['replay'])).stdout.split('\n')[0]).toBe(
      'hash chain broken journal-000000000001.jsonl:2: expected record 2, found 3',
    );
    // A crash leaves a line that was not written to its end, and nobody has changed anything.
    writeFileSync(file, text.slice(0, -20));
    expect((await place.ha(['replay'])).stdout).not.toContain('hash chain');
  });

  test('shows with --all what was known then, and gives the same as JSON', async () => {
    const place = new Place();
    journal(place, [{}]);
    expect((await place.ha(['replay', '--all'])).stdout).toMatchInlineSnapshot(`
      "today's code decides the same, 1 of 1 (/tmp/ha/state/journal)

      2026-11-20T22:10:00.000Z  node2  web  node1  take P1 outside-sees-us (D4)  same
        node1 is silent and our links have carrier
        hb#1  last sign 5.2 s before

      "
    `);
    const {stdout} = await place.ha(['replay', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      corruptCount: 0,
      verdicts: [{service: 'web', over: 'node1', outcome: 'same', today: {proof: 'P1'}}],
    });
  });

  test('of another service, of nothing, and of no journal', async () => {
    const place = new Place();
    expect(await place.ha(['replay'])).toMatchObject({exit: 5, stdout: ''});
    journal(place, [{}]);
    const other = await place.ha(['replay', '--service', 'db']);
    expect(other.exit).toBe(0);
    expect(other.stdout).toContain('no verdict is recorded');
    expect((await place.ha(['replay', '--limit', '0'])).exit).toBe(2);
  });

  test('passes over lines that are no records, and says so', async () => {
    const place = new Place();
    const directory = journal(place, [{}]);
    writeFileSync(`${directory}/journal-000000000002.jsonl`, 'not a record\n');
    const {exit, stdout} = await place.ha(['replay']);
    expect(exit).toBe(1);
    expect(stdout).toContain('hash chain broken journal-000000000002.jsonl:1: expected record 2');
    expect(stdout).toContain('1 line is no record');
  });
});

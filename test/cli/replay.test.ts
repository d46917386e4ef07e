import {writeFileSync} from 'node:fs';
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
    expect(exit).toBe(0);
    expect(stdout).toContain('1 line is no record');
  });
});

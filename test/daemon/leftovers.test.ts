/** A script that outlives its daemon is ended by the next one, and nothing is believed before. */

import {existsSync, readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {afterEach, beforeEach, expect, test} from 'vitest';
import {serviceName} from '../../src/kernel/ids.ts';
import {Leftovers} from '../../src/daemon/leftovers.ts';
import type {FoundAction} from '../../src/drivers/host/action-records.ts';
import type {ProcessSeen} from '../../src/drivers/host/process-table.ts';
import type {Input} from '../../src/engine/types.ts';
import {eventually} from '../eventually.ts';
import {Site} from './harness.ts';

let site: Site;
beforeEach(async () => {
  site = await Site.create();
});
afterEach(async () => site.remove());

/**
 * The first start writes its number, waits to be let on, and only then brings the service up; a
 * later one is quick. Each that works while the first is still there says so.
 */
function writeSlowScript(): void {
  const dir = site.path;
  writeFileSync(
    join(dir, 'web.sh'),
    `#!/bin/sh
case "$1" in
start)
  echo start >> ${dir}/web.calls
  if [ -f ${dir}/first ]; then
    grep -qv ') Z ' "/proc/$(cat ${dir}/first)/stat" 2>/dev/null && echo overlap >> ${dir}/web.calls
  else
    echo $$ > ${dir}/first.new; mv ${dir}/first.new ${dir}/first
    while [ ! -f ${dir}/go ]; do sleep 0.05; done
  fi
  touch ${dir}/up ;;
stop) echo stop >> ${dir}/web.calls; rm -f ${dir}/up ;;
status) [ -f ${dir}/up ] || exit 3 ;;
esac
`,
    {mode: 0o755},
  );
}

/** What the daemon has entered of its actions. */
function entriesOf({place}: {readonly place: {readonly state: string}}): string {
  const directory = join(place.state, 'actions');
  return readdirSync(directory)
    .map((name) => readFileSync(join(directory, name), 'utf8'))
    .join('');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test(
  'a start that outlived its daemon is ended before the next one',
  {timeout: 60_000},
  async () => {
    writeSlowScript();
    const node1 = await site.daemon('node1').up();
    await node1.reaches('web', 'FROZEN_STOP');
    await node1.command({verb: 'unfreeze', scope: {kind: 'service', service: serviceName('web')}});
    await eventually(() => expect(existsSync(join(site.path, 'first'))).toBe(true));
    const pid = Number(readFileSync(join(site.path, 'first'), 'utf8'));
    await eventually(() => expect(entriesOf(node1)).toContain(`"pid":${pid}`));
    await node1.kill();
    expect(isAlive(pid)).toBe(true);
    await node1.up();
    await node1.reaches('web', 'STARTED');
    expect(isAlive(pid)).toBe(false);
    expect(site.calls()).toEqual(['start', 'start']);
    const reasons = (await node1.records()).map((record) => record.cause.reason);
    expect(reasons).toContain('left-running');
  },
);

test('what can not be ended is told, looked for again, and told once it is over', async () => {
  const mark = '11111111-2222-3333-4444-555555555555';
  const facts = {service: 'web', rid: 'script', action: 'start', deadlineMs: 4} as const;
  const found: FoundAction = {id: mark, facts, pid: null, started: null};
  const seen: ProcessSeen = {pid: 77, pgid: 77, state: 'S', started: 5, mark};
  let table = [seen];
  const given: Input[] = [];
  const forgotten: string[] = [];
  const web = serviceName('web');
  const leftovers = new Leftovers({
    records: {forget: (id) => void forgotten.push(id)},
    found: [found],
    underWay: [],
    give: (input) => void given.push(input),
    log: () => undefined,
    ports: {table: () => Promise.resolve(table)},
    againMs: 5,
  });
  expect([...leftovers.kinds()]).toEqual([[web, 'start']]);
  leftovers.begin();
  await leftovers.settled(web);
  expect(given[0]).toMatchObject({type: 'leftover', service: web, state: 'lingers'});
  expect([leftovers.has('web/script'), leftovers.has('web/other')]).toEqual([true, false]);
  expect(forgotten).toEqual([]);
  table = [{...seen, mark: null}];
  await eventually(() => expect(given.at(-1)).toMatchObject({state: 'gone'}));
  expect(leftovers.has('web/script')).toBe(false);
  expect(forgotten).toEqual([mark]);
  leftovers.close();
});

test('a damaged record holds up every service whose plan was under way', async () => {
  const web = serviceName('web');
  const given: Input[] = [];
  const leftovers = new Leftovers({
    records: {forget: () => undefined},
    found: [{id: '-', facts: null, pid: null, started: null}],
    underWay: [web],
    give: (input) => void given.push(input),
    log: () => undefined,
    ports: {table: () => Promise.resolve(null)},
  });
  leftovers.begin();
  await leftovers.settled(web);
  expect(given).toMatchObject([{service: web, state: 'lingers'}]);
  expect(leftovers.has('web/script')).toBe(true);
  leftovers.close();
});

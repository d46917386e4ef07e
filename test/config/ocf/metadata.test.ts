import {execFile} from 'node:child_process';
import {existsSync, readdirSync} from 'node:fs';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {describe, expect, test} from 'vitest';
import {checkParameters, withOwnCase} from '../../../src/config/ocf/check-parameters.ts';
import {
  advisedMs,
  hasAction,
  ocfTimeMs,
  readOcfMetadata,
  type OcfMetadata,
} from '../../../src/config/ocf/metadata.ts';

const actions = ['start', 'stop', 'monitor'].map((name) => `<action name="${name}"/>`).join('');

function agent(inside: string): string {
  return `<resource-agent name="one">${inside}</resource-agent>`;
}

function metadata(source: string): OcfMetadata {
  const read = readOcfMetadata(source);
  if (!read.ok) throw new Error(read.error);
  return read.value;
}

const sample = metadata(`sh: a warning
<?xml version="1.0"?>
<resource-agent name="web" version="2.3">
<version>1.1</version>
<parameters>
<parameter name="config" required="1" unique-group="a"><shortdesc>Its
  file</shortdesc><content type="string"/></parameter>
<parameter name="DIR" required="yes"><content type="string" default="/srv"/></parameter>
<parameter name="port"><content type="integer"/></parameter>
<parameter name="quick"><content type="boolean"/></parameter>
<parameter name="mode"><content type="select"><option value="a"/><option value="b"/></content>
</parameter>
<parameter name="old"><deprecated/><content type="string"/></parameter>
</parameters>
<actions>
<action name="start" timeout="90s"/>
<action name="stop" timeout="100"/>
<action name="monitor" timeout="20s" interval="10s"/>
<action name="monitor" timeout="1min" interval="60s" depth="10" role="Promoted"/>
<action name="validate-all" timeout="0"/>
</actions>
</resource-agent>`);

describe('the metadata of an agent', () => {
  test('tells its parameters and what its author advises', () => {
    expect(sample.name).toBe('web');
    expect(sample.standard).toBe('1.1');
    expect(sample.parameters[0]).toEqual({
      name: 'config',
      required: true,
      type: 'string',
      default: null,
      options: [],
      deprecated: false,
      short: 'Its file',
    });
    expect(sample.parameters.map((one) => [one.name, one.type, one.options.length])).toEqual([
      ['config', 'string', 0],
      ['DIR', 'string', 0],
      ['port', 'integer', 0],
      ['quick', 'boolean', 0],
      ['mode', 'select', 2],
      ['old', 'string', 0],
    ]);
    expect(sample.actions[3]).toEqual({
      name: 'monitor',
      timeoutMs: 60_000,
      intervalMs: 60_000,
      depth: 10,
      role: 'Promoted',
    });
    const names = ['start', 'stop', 'monitor', 'validate-all', 'promote'];
    expect(names.map((name) => advisedMs(sample, name))).toEqual([
      90_000,
      100_000,
      60_000,
      null,
      null,
    ]);
    expect(hasAction(sample, 'validate-all')).toBe(true);
    expect(hasAction(sample, 'promote')).toBe(false);
  });

  test.each([
    ['20s', 20_000],
    ['20', 20_000],
    ['500ms', 500],
    ['5min', 300_000],
    ['2 h', 7_200_000],
    ['1500us', 2],
    ['', null],
    ['soon', null],
    ['-1s', null],
    ['20x', null],
    ['20constructor', null],
    [undefined, null],
  ])('has the time %j as %j ms', (text, ms) => {
    expect(ocfTimeMs(text)).toBe(ms);
  });

  test.each([
    ['', 'expected <resource-agent>, found none'],
    ['usage: agent {start|stop}', 'expected <resource-agent>, found none'],
    ['<?xml version="1.0"?><fence-agent/>', 'expected <resource-agent>, found <fence-agent>'],
    ['<resource-agent>', 'expected </resource-agent>, found the end'],
    [agent(''), 'expected the action start, stop, monitor, found none'],
    [
      agent(`<parameters><parameter name="a b"/></parameters><actions>${actions}</actions>`),
      'expected each parameter to have a name of letters, digits, "_" and "-"',
    ],
    [
      agent(`<actions>${actions}${'<action name="x"/>'.repeat(64)}</actions>`),
      'expected at most 256 parameters and 64 actions',
    ],
  ])('is none where it says: %#', (source, sentence) => {
    const read = readOcfMetadata(source);
    expect(read.ok ? 'read' : read.error).toBe(sentence);
  });
});

describe('parameters', () => {
  const check = (given: Record<string, string>) =>
    checkParameters(sample, new Map(Object.entries(given)));

  test('that fit have no fault', () => {
    expect(check({config: '/etc/a', port: '80', quick: 'yes', mode: 'b'})).toEqual([]);
  });

  test('that are unknown name the nearest one; what is required must be there', () => {
    expect(check({confg: '/etc/a', zzz: '1'})).toEqual([
      {type: 'unknown', name: 'confg', near: 'config'},
      {type: 'unknown', name: 'zzz', near: null},
      {type: 'missing', name: 'config', short: 'Its file'},
    ]);
  });

  test('of the wrong kind are told, and what is deprecated too', () => {
    const given = {config: 'x', port: '80a', quick: 'perhaps', mode: 'c', old: '1'};
    expect(check(given)).toEqual([
      {type: 'value', name: 'port', expected: 'a whole number'},
      {type: 'value', name: 'quick', expected: 'true or false'},
      {type: 'value', name: 'mode', expected: 'one of a, b'},
      {type: 'deprecated', name: 'old'},
    ]);
  });

  test('get the upper case of the agent', () => {
    const given = new Map([
      ['dir', '/a'],
      ['config', '/b'],
      ['other', 'c'],
    ]);
    expect([...withOwnCase(sample, given).keys()]).toEqual(['DIR', 'config', 'other']);
  });
});

const root = '/usr/lib/ocf';
const folder = join(root, 'resource.d', 'heartbeat');

describe.skipIf(!existsSync(join(folder, 'Dummy')))('agents of Debian', () => {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^\w/.test(name)) : [];
  const call = promisify(execFile);

  test('are all read, with a time-out for each start', {timeout: 120_000}, async () => {
    expect(names.length).toBeGreaterThan(100);
    const faults: string[] = [];
    const read = async (name: string): Promise<void> => {
      const env = {...process.env, OCF_ROOT: root, OCF_RESOURCE_INSTANCE: 'test'};
      const options = {env, timeout: 60_000, maxBuffer: 1_000_000};
      const {stdout} = await call(join(folder, name), ['meta-data'], options);
      const found = readOcfMetadata(stdout);
      if (!found.ok) faults.push(`${name}: ${found.error}`);
      else if (advisedMs(found.value, 'start') === null) faults.push(`${name}: no time-out`);
    };
    const queue = names.values(); // One iterator, from which both take.
    const worker = async (): Promise<void> => {
      for (const name of queue) await read(name);
    };
    await Promise.all([worker(), worker()]);
    expect(faults).toEqual([]);
  });
});

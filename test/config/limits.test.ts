import {describe, expect, it} from 'vitest';
import {addService} from '../../src/config/edit-openha.ts';
import {namedPaths} from '../../src/config/parse.ts';
import {
  accept,
  filesOf,
  openhaFiles,
  parse,
  render,
  twoLinks,
  webService,
  withDisk,
} from './support.ts';

const lines = (count: number): string =>
  Array.from({length: count}, (_, n) => `s${n} /opt/s${n} node1 node2 /bin/true\n`).join('');

describe('the limits', () => {
  it('allow 1,024 services and refuse one more', () => {
    expect(accept({...openhaFiles, services: lines(1_024)}).services).toHaveLength(1_024);
    const {findings} = parse({...openhaFiles, services: lines(1_025)});
    expect(render(findings)).toMatchInlineSnapshot(`
      "services:1025: error HA_CONF_TOO_MANY
        expected at most 1024 services, found 1025
        -> Use fewer."
    `);
    const web = {name: 'x', script: '/x', primary: 'node1', secondary: 'node2', check: '/bin/true'};
    expect(addService(lines(1_024), web)).toMatchObject({error: {code: 'HA_CONF_TOO_MANY'}});
  });

  it('refuse a folder with more than 128 launchers', () => {
    const launchers = Array.from({length: 129}, (_, n) => [`web.d/C${n}x`, '']);
    const {findings} = parse({
      'cluster.conf': withDisk,
      'web.conf': '[DEFAULT]\nnodes = node1 node2\n',
      'web.d/': '',
      ...(Object.fromEntries(launchers) as Record<string, string>),
    });
    expect(render(findings)).toMatchInlineSnapshot(`
      "web.d:0: error HA_CONF_TOO_MANY
        expected at most 128 launchers, found 129
        -> Use fewer."
    `);
  });

  it('keep a finding about many services short', () => {
    const {findings} = parse({
      'cluster.conf': `${twoLinks}[hb#3]\ntype = multicast\n`,
      'services': lines(5),
    });
    expect(render(findings)).toMatchInlineSnapshot(`
      "services:1: warning HA_CONF_PROOF_MISSING
        class exclusive of s0, s1, s2 and 2 more expected proof P2, found P1
        -> Add fencing, a disk heartbeat or an arbitrator (data: and a watchdog), or lower
           the class."
    `);
  });
});

describe('what is known and not used', () => {
  it("is named: OpenHA's logfacility, and values for nodes of a disaster site", () => {
    const {config, findings} = parse({
      ...openhaFiles,
      'logfacility': 'local0\n',
      'web.conf': `${webService}disable@drpnodes = yes\n`,
    });
    expect(config).not.toBeNull();
    expect(render(findings)).toMatchInlineSnapshot(`
      "logfacility:0: note HA_CONF_NOT_USED
        logfacility is not used: the daemon logs to its output
        -> Nothing has to be done; it changes nothing here.
      web.conf:8: note HA_CONF_NOT_USED
        "disable@drpnodes" concerns no node, for lack of such nodes in [DEFAULT]
        -> Nothing has to be done; it changes nothing here."
    `);
  });
});

describe('the paths that the host is asked about', () => {
  it("are this node's devices, scripts, commands and launchers, and no stand-in for none", () => {
    const texts = {
      ...openhaFiles,
      'cluster.conf': '[hb#1]\ntype = disk\ndevice@node1 = /dev/a\ndevice@node2 = /dev/b\n',
      'web.conf': `${webService}[app#2]\nstart = /opt/two --on\ndisable@node2 = yes\n`,
      'old.env': '[DEFAULT]\nnodes = node1 node2\n',
      'old.d/': '',
      'old.d/S1a': '',
      'old.d/readme': '',
    };
    expect(namedPaths(filesOf(texts, {nodeName: 'node2'}))).toEqual({
      devices: ['/dev/b', '/dev/mapper/14f504e46494c45526967724d32682d553243692d4f336a4c'],
      scripts: [
        '/etc/opensvc/p26.opensvc.com.cluster',
        '/etc/ha/old.d',
        '/etc/ha/old.d/S1a',
        '/opt/web/ctl',
      ],
      programs: [],
      agents: [],
      units: [],
      watchdog: null,
      fencePrograms: [],
      passwordFiles: [],
      credentials: [],
    });
    expect(namedPaths(filesOf(texts, {nodeName: 'node3'}))).toEqual({
      devices: [],
      scripts: [],
      programs: [],
      agents: [],
      units: [],
      watchdog: null,
      fencePrograms: [],
      passwordFiles: [],
      credentials: [],
    });
  });
});

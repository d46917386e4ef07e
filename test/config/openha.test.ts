import {describe, expect, it} from 'vitest';
import {accept, openhaFiles, parse, render} from './support.ts';

describe("OpenHA's own files", () => {
  it('are a configuration as they are, without a finding', () => {
    const {config, findings} = parse(openhaFiles);
    expect(render(findings)).toBe('');
    expect(config).toMatchInlineSnapshot(`
      {
        "arbiter": null,
        "digest": "369df2bbcde919ee",
        "disks": [
          {
            "deadMs": 10000,
            "device": Map {
              "node1" => "/dev/mapper/14f504e46494c45526967724d32682d553243692d4f336a4c",
              "node2" => "/dev/mapper/14f504e46494c45526967724d32682d553243692d4f336a4c",
            },
            "id": "hb#disk1",
            "ioMs": 1000,
            "leaseMs": 8000,
            "place": {
              "file": "monitor",
              "line": 2,
            },
            "renewMs": 2000,
            "slotBlock": Map {
              "node1" => 0,
              "node2" => 2,
            },
            "slotBlocks": 2,
            "waitMs": 9009,
          },
        ],
        "fences": [],
        "freezeSecondaryOnStart": false,
        "links": [
          {
            "deadMs": 10000,
            "ends": Map {
              "node1" => {
                "address": null,
                "iface": "eth0",
                "listen": [
                  {
                    "address": "239.131.50.10",
                    "port": 4321,
                  },
                ],
                "sendTo": [
                  {
                    "address": "239.131.50.10",
                    "port": 1234,
                  },
                ],
              },
              "node2" => {
                "address": null,
                "iface": "eth0",
                "listen": [
                  {
                    "address": "239.131.50.10",
                    "port": 1234,
                  },
                ],
                "sendTo": [
                  {
                    "address": "239.131.50.10",
                    "port": 4321,
                  },
                ],
              },
            },
            "id": "hb#net1",
            "kind": "multicast",
            "loopback": false,
            "place": {
              "file": "monitor",
              "line": 1,
            },
            "ttl": 6,
          },
        ],
        "name": "ha",
        "nodes": [
          "node1",
          "node2",
        ],
        "peerPort": Map {
          "node1" => 7717,
          "node2" => 7717,
        },
        "pings": Map {},
        "quorum": null,
        "services": [
          {
            "digest": "6102c2ab14b5cc31",
            "failureMemoryMs": 0,
            "monitorActions": [],
            "monitorMs": 0,
            "name": "p26.opensvc.com",
            "nodes": [
              "node1",
              "node2",
            ],
            "orchestrate": "ha",
            "origin": "openha",
            "place": {
              "file": "services",
              "line": 1,
            },
            "resources": [
              {
                "checkScript": "/bin/true",
                "disabled": false,
                "monitor": false,
                "optional": false,
                "place": {
                  "file": "services",
                  "line": 1,
                },
                "probe": "none",
                "probeMs": 10000,
                "requires": [],
                "restart": null,
                "restartDelayMs": 0,
                "rid": "script",
                "script": "/etc/opensvc/p26.opensvc.com.cluster",
                "standby": false,
                "startMs": 300000,
                "stopMs": 300000,
                "subset": null,
                "tags": [],
                "triggers": [],
                "type": "script",
              },
            ],
            "restarts": 1,
            "serviceClass": "exclusive",
          },
        ],
        "stopFailed": "fence",
        "takeover": "proven",
        "timing": {
          "beatMs": 1000,
          "clockErrorRatio": 0.0005,
          "dampingMs": 300000,
          "deadMs": 5000,
          "delayMs": 50,
          "graceMs": 3050,
          "holdDownMsMax": 60000,
          "stallMs": 1000,
        },
        "watchdogs": Map {},
      }
    `);
  });

  it('give every node the same digests, whichever one reads them', () => {
    const first = accept(openhaFiles, {nodeName: 'node1'});
    const second = accept(openhaFiles, {nodeName: 'node2'});
    expect(second.digest).toBe(first.digest);
  });

  it('may hold comments, empty lines, blanks and carriage returns', () => {
    const plain = accept(openhaFiles);
    const odd = accept({
      nodes: '# the nodes\r\nnode1\r\n\r\n  node2  \r\n',
      monitor: `\n# links\n${openhaFiles['monitor']!.replaceAll(' ', '\t ')}\n\n`,
      services: `#x\n${openhaFiles['services']!.replaceAll('\t', '   ')}`,
    });
    expect(odd.digest).toBe(plain.digest);
  });

  it('keep their line numbers when a line is malformed', () => {
    const {findings} = parse({
      ...openhaFiles,
      nodes: 'node1\nnode2 node3\nnode2\n',
      monitor: `node1 net eth0\n${openhaFiles['monitor']!}node1 serial /dev/ttyS0 10\n`,
      services: `web /opt/web node1\n${openhaFiles['services']!}`,
    });
    expect(render(findings)).toMatchInlineSnapshot(`
      "monitor:1: error HA_CONF_MONITOR_LINE
        expected NODE net IFACE ADDR PORT TIMEOUT, found "node1 net eth0"
        -> Write "NODE net IFACE GROUP PORT TIMEOUT", "NODE unicast IFACE ADDR PORT
           TIMEOUT", "NODE dio DEVICE BLOCK TIMEOUT" or "NODE disk DEVICE BLOCK TIMEOUT".
      monitor:6: error HA_CONF_MONITOR_LINE
        expected net, unicast, dio or disk after the node, found "node1 serial /dev/ttyS0
        10"
        -> Write "NODE net IFACE GROUP PORT TIMEOUT", "NODE unicast IFACE ADDR PORT
           TIMEOUT", "NODE dio DEVICE BLOCK TIMEOUT" or "NODE disk DEVICE BLOCK TIMEOUT".
      nodes:2: error HA_CONF_NODES_LINE
        expected one node name, found "node2 node3"
        -> Write one node name, as "uname -n" prints it, per line.
      services:1: error HA_CONF_SERVICES_LINE
        expected NAME SCRIPT PRIMARY SECONDARY CHECK_SCRIPT, found "web /opt/web node1"
        -> Write "NAME SCRIPT PRIMARY SECONDARY CHECK_SCRIPT", separated by tabs."
    `);
  });

  it('come in besides the heartbeats of cluster.conf', () => {
    const {links, disks} = accept({
      ...openhaFiles,
      'cluster.conf': '[cluster]\nname = blue\n[hb#1]\ntype = multicast\n',
    });
    expect([...links, ...disks].map(({id}) => id)).toEqual(['hb#1', 'hb#net1', 'hb#disk1']);
  });

  it('pair the lines of one interface, in whatever order they stand', () => {
    const {links} = accept({
      ...openhaFiles,
      monitor: `node1 net eth0 239.1.1.1 1000 10
node1 net eth1 239.1.1.2 1000 5
node2 net eth1 239.1.1.2 2000 7
node2 net eth0 239.1.1.1 2000 10
`,
    });
    const seen = links.map(({id, deadMs, ends}) => [
      id,
      deadMs,
      ...[...ends.values()].map((end) => `${end.iface} -> ${end.sendTo[0]!.port}`),
    ]);
    expect(seen).toEqual([
      ['hb#net1', 10_000, 'eth0 -> 1000', 'eth0 -> 2000'],
      ['hb#net2', 7_000, 'eth1 -> 1000', 'eth1 -> 2000'],
    ]);
  });

  it('pair what is left over in file order, and say so', () => {
    const {config, findings} = parse({
      ...openhaFiles,
      monitor: `node1 net eth0 239.1.1.1 1000 10
node2 net bond0 239.1.1.1 2000 10
node1 dio /dev/sdb 0 10
node2 dio /dev/sdb 8 10
`,
    });
    expect(config?.links.map(({id}) => id)).toEqual(['hb#net1']);
    expect(findings.map(({code, line}) => [code, line])).toEqual([['HA_CONF_LINK_UNEVEN', 2]]);
  });

  it('take the address that a unicast line sends to for the one the other node listens on', () => {
    const {links} = accept({
      ...openhaFiles,
      monitor: `${openhaFiles['monitor']!}node1 unicast eth1 10.0.0.2 1000 10
node2 unicast eth1 10.0.0.1 2000 10
`,
    });
    expect(links.find(({id}) => id === 'hb#unicast1')?.ends).toMatchInlineSnapshot(`
      Map {
        "node1" => {
          "address": "10.0.0.1",
          "iface": "eth1",
          "listen": [
            {
              "address": "10.0.0.1",
              "port": 2000,
            },
          ],
          "sendTo": [
            {
              "address": "10.0.0.2",
              "port": 1000,
            },
          ],
        },
        "node2" => {
          "address": "10.0.0.2",
          "iface": "eth1",
          "listen": [
            {
              "address": "10.0.0.2",
              "port": 1000,
            },
          ],
          "sendTo": [
            {
              "address": "10.0.0.1",
              "port": 2000,
            },
          ],
        },
      }
    `);
  });

  it('shorten the beat and the disk access where a TIMEOUT is short', () => {
    const {config, findings} = parse({
      ...openhaFiles,
      monitor: openhaFiles['monitor']!.replaceAll(/10$/gm, '2'),
    });
    expect(render(findings)).toBe('');
    expect(config?.timing.beatMs).toBe(400);
    expect(config?.disks[0]?.ioMs).toBe(250);
  });

  it('refuse unicast lines in a cluster of three, where nobody knows whom they address', () => {
    const {findings} = parse({
      nodes: 'node1\nnode2\nnode3\n',
      monitor: 'node1 unicast eth0 10.0.0.2 1000 10\n',
    });
    expect(findings.find(({file}) => file === 'monitor')).toMatchInlineSnapshot(`
      {
        "code": "HA_CONF_MONITOR_LINE",
        "file": "monitor",
        "hint": "Write [hb#N] with type = unicast and address@NODE in cluster.conf instead.",
        "line": 1,
        "message": "expected two nodes for unicast lines, found 3",
        "severity": "error",
      }
    `);
  });

  it('are completed by [service#NAME] of cluster.conf', () => {
    const {services} = accept({
      ...openhaFiles,
      'cluster.conf': `[service#p26.opensvc.com]
probe = status
class = address
orchestrate = no
monitor = 5s
start_timeout = 1m
stop_timeout = 30
check_timeout = 2s
restarts = 3
failure_memory = 1h
`,
    });
    expect(services[0]).toMatchInlineSnapshot(`
      {
        "digest": "4e19c8017e9c6bbd",
        "failureMemoryMs": 3600000,
        "monitorActions": [],
        "monitorMs": 5000,
        "name": "p26.opensvc.com",
        "nodes": [
          "node1",
          "node2",
        ],
        "orchestrate": "no",
        "origin": "openha",
        "place": {
          "file": "services",
          "line": 1,
        },
        "resources": [
          {
            "checkScript": "/bin/true",
            "disabled": false,
            "monitor": false,
            "optional": false,
            "place": {
              "file": "services",
              "line": 1,
            },
            "probe": "status",
            "probeMs": 2000,
            "requires": [],
            "restart": null,
            "restartDelayMs": 0,
            "rid": "script",
            "script": "/etc/opensvc/p26.opensvc.com.cluster",
            "standby": false,
            "startMs": 60000,
            "stopMs": 30000,
            "subset": null,
            "tags": [],
            "triggers": [],
            "type": "script",
          },
        ],
        "restarts": 3,
        "serviceClass": "address",
      }
    `);
  });
});

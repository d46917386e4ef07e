import {describe, expect, it} from 'vitest';
import {accept, parse, render, twoLinks, webService, type Texts} from './support.ts';

function service(texts: Texts, nodeName = 'node1'): unknown {
  return accept({'cluster.conf': twoLinks, ...texts}, {nodeName}).services[0];
}

function complaints(text: string, extra: Texts = {}): string {
  const {findings} = parse({'cluster.conf': twoLinks, 'web.conf': text, ...extra});
  return render(findings.filter(({file}) => file.startsWith('web')));
}

describe('a service file', () => {
  it('gives a service with its defaults filled in', () => {
    expect(service({'web.conf': webService})).toMatchInlineSnapshot(`
      {
        "digest": "d3d04d879c6d673a",
        "failureMemoryMs": 0,
        "monitorActions": [],
        "monitorMs": 10000,
        "name": "web",
        "nodes": [
          "node1",
          "node2",
        ],
        "orchestrate": "ha",
        "origin": "service",
        "place": {
          "file": "web.conf",
          "line": 1,
        },
        "resources": [
          {
            "check": [
              "/opt/web/ctl",
              "status",
            ],
            "disabled": false,
            "launchers": null,
            "monitor": false,
            "optional": false,
            "place": {
              "file": "web.conf",
              "line": 3,
            },
            "probeMs": 10000,
            "requires": [],
            "restart": null,
            "restartDelayMs": 0,
            "retcodes": null,
            "rid": "app#1",
            "runAs": {
              "cwd": null,
              "environment": Map {},
              "group": null,
              "limits": Map {},
              "user": null,
            },
            "standby": false,
            "start": [
              "/opt/web/ctl",
              "start",
            ],
            "startMs": 300000,
            "stop": [
              "/opt/web/ctl",
              "stop",
            ],
            "stopMs": 300000,
            "subset": null,
            "tags": [],
            "triggers": [],
            "type": "app",
          },
        ],
        "restarts": 1,
        "serviceClass": "exclusive",
      }
    `);
  });

  it('takes every key of ours', () => {
    const text = `[DEFAULT]
nodes = node2 node1
class = address
orchestrate = start
monitor_schedule = @2
timeout = 40s
stop_timeout = 50s
check_timeout = 3s
restart = 2
failure_memory = 10m
topology = failover
app = MyApp
env = PRD
[app#2]
script = ctl
start = 20
stop = 10
check = /usr/bin/pgrep -x "my server"
timeout = 7s
optional = true
[app#1]
start = /opt/x --start
stop@node1 = /opt/x --stop "one node"
stop@node2 = /opt/x --stop other
check = no
start_timeout = 8s
stop_timeout = 9s
check_timeout = 1500ms
disable@node2 = yes
[app#3]
script = /opt/three
start = 10
stop = 20
`;
    expect(service({'web.conf': text})).toMatchInlineSnapshot(`
      {
        "digest": "778851f179c99622",
        "failureMemoryMs": 600000,
        "monitorActions": [],
        "monitorMs": 120000,
        "name": "web",
        "nodes": [
          "node2",
          "node1",
        ],
        "orchestrate": "start",
        "origin": "service",
        "place": {
          "file": "web.conf",
          "line": 1,
        },
        "resources": [
          {
            "check": null,
            "disabled": false,
            "launchers": null,
            "monitor": false,
            "optional": false,
            "place": {
              "file": "web.conf",
              "line": 30,
            },
            "probeMs": 3000,
            "requires": [],
            "restart": null,
            "restartDelayMs": 0,
            "retcodes": null,
            "rid": "app#3",
            "runAs": {
              "cwd": null,
              "environment": Map {},
              "group": null,
              "limits": Map {},
              "user": null,
            },
            "standby": false,
            "start": [
              "/opt/three",
              "start",
            ],
            "startMs": 40000,
            "stop": [
              "/opt/three",
              "stop",
            ],
            "stopMs": 50000,
            "subset": null,
            "tags": [],
            "triggers": [],
            "type": "app",
          },
          {
            "check": [
              "/usr/bin/pgrep",
              "-x",
              "my server",
            ],
            "disabled": false,
            "launchers": null,
            "monitor": false,
            "optional": true,
            "place": {
              "file": "web.conf",
              "line": 14,
            },
            "probeMs": 3000,
            "requires": [],
            "restart": null,
            "restartDelayMs": 0,
            "retcodes": null,
            "rid": "app#2",
            "runAs": {
              "cwd": null,
              "environment": Map {},
              "group": null,
              "limits": Map {},
              "user": null,
            },
            "standby": false,
            "start": [
              "/etc/ha/web.d/ctl",
              "start",
            ],
            "startMs": 7000,
            "stop": [
              "/etc/ha/web.d/ctl",
              "stop",
            ],
            "stopMs": 7000,
            "subset": null,
            "tags": [],
            "triggers": [],
            "type": "app",
          },
          {
            "check": null,
            "disabled": false,
            "launchers": null,
            "monitor": false,
            "optional": false,
            "place": {
              "file": "web.conf",
              "line": 21,
            },
            "probeMs": 1500,
            "requires": [],
            "restart": null,
            "restartDelayMs": 0,
            "retcodes": null,
            "rid": "app#1",
            "runAs": {
              "cwd": null,
              "environment": Map {},
              "group": null,
              "limits": Map {},
              "user": null,
            },
            "standby": false,
            "start": [
              "/opt/x",
              "--start",
            ],
            "startMs": 8000,
            "stop": [
              "/opt/x",
              "--stop",
              "one node",
            ],
            "stopMs": 9000,
            "subset": null,
            "tags": [],
            "triggers": [],
            "type": "app",
          },
        ],
        "restarts": 2,
        "serviceClass": "address",
      }
    `);
  });

  it('evaluates scoped keys for the node that reads it, and agrees on the digest', () => {
    const scoped = `[DEFAULT]
nodes = node1 node2
[app#1]
script = /opt/a
script@node2 = /opt/b
start = yes
stop = yes
check = yes
start_timeout@node2 = 1m
disable@nodes = no
`;
    const read = (node: string): {digest: string; budgets: string} => {
      const {services} = accept({'cluster.conf': twoLinks, 'web.conf': scoped}, {nodeName: node});
      const [resource] = services[0]!.resources;
      const script = resource!.type === 'app' ? resource.start![0]! : '';
      return {digest: services[0]!.digest, budgets: `${script} ${resource!.startMs}`};
    };
    expect(read('node1').budgets).toBe('/opt/a 300000');
    expect(read('node2').budgets).toBe('/opt/b 60000');
    expect(read('node2').digest).toBe(read('node1').digest);
  });

  it('runs the launchers of SERVICE.d where an app section names no script', () => {
    const texts = {
      'web.env': '[DEFAULT]\nnodes = node1 node2\n[app#1]\nstart_timeout = 1m\n',
      'web.d/': '',
      'web.d/S10web': '',
      'web.d/K90web': '',
      'web.d/C10web': '',
    };
    expect(service(texts)).toMatchObject({
      name: 'web',
      resources: [{rid: 'app#1', launchers: '/etc/ha/web.d', start: null, startMs: 60_000}],
    });
  });

  it('runs the launchers of SERVICE.d where there is no app section at all', () => {
    const texts = {
      'web.conf': '[DEFAULT]\nnodes = node1 node2\n',
      'web.d/': '',
      'web.d/S10web': '',
    };
    const {config, findings} = parse({'cluster.conf': twoLinks, ...texts});
    expect(config?.services[0]?.resources).toMatchObject([
      {rid: 'app', type: 'app', launchers: '/etc/ha/web.d'},
    ]);
    expect(findings.map(({code}) => code)).toContain('HA_CONF_NO_CHECK');
  });

  it('refuses resources of other families, and takes data for the class they ask for', () => {
    // The service file of the getting started guide, comments and all.
    const text = `[DEFAULT]                  # Global section
app = MyApp                # friendly name
service_type = TST
autostart_node = node1
nodes = node1 node2        # cluster nodes
[ip#0]
ipname = p26.opensvc.com
[vg#0]
vgname=vgsvc1
[fs#0]
type = ext3
[hb#0]
type = OpenHA
`;
    expect(complaints(text)).toMatchInlineSnapshot(`
      "web.conf:1: warning HA_CONF_PROOF_MISSING
        class data of web expected proof P3, found P1
        -> Add fencing, a disk heartbeat or an arbitrator (data: and a watchdog), or lower
           the class.
      web.conf:4: note HA_CONF_NOT_USED
        autostart_node is not used by this version
        -> Nothing has to be done; it changes nothing here.
      web.conf:6: error HA_CONF_MISSING_KEY
        [ip#0] expected the key ipdev, found none
        -> Write ipdev = eth0.
      web.conf:10: error HA_CONF_MISSING_KEY
        [fs#0] expected the key dev, found none
        -> Write dev = /dev/vg1/lv1.
      web.conf:10: error HA_CONF_MISSING_KEY
        [fs#0] expected the key mnt, found none
        -> Write mnt = /srv/data.
      web.conf:12: note HA_CONF_NOT_USED
        [hb#0] is not used by this version
        -> Nothing has to be done; it changes nothing here."
    `);
  });

  it('says what is wrong with a key, once, with what to write', () => {
    const text = `[DEFAULT]
nodes = node1 nod2 node1 no/de
class = dta
orchestrate = maybe
monitor = 08:00-12:00
monitor_schedule = 08:00-12:00@10
restarts = many
stop_timout = 5s
user = www
priority = 10
[app#1]
type = forking
script = ../ctl
start = maybe
stop = /bin/kill $(cat /run/web.pid)
check = {env.check}
check_timeout = 0
optional = perhaps
retcodes = 0:up
tags = blue encap
start_requires = fs#0
limit_nofile = 1024
start_timeout@node9 = 5s
nodes@node1 = node1
[ap#2]
[notes]
[labels]
[app#1]
`;
    expect(complaints(text)).toMatchInlineSnapshot(`
      "web.conf:1: warning HA_CONF_PROOF_MISSING
        class exclusive of web expected proof P2, found P1
        -> Add fencing, a disk heartbeat or an arbitrator (data: and a watchdog), or lower
           the class.
      web.conf:2: error HA_CONF_BAD_NAME
        nodes expected names separated by blanks, found "no/de"
        -> Use 1 to 64 letters, digits, ".", "_" or "-", the first one a letter or digit.
      web.conf:2: error HA_CONF_UNKNOWN_NODE
        expected a node of the cluster, found nod2
        -> Did you mean "node2"?
      web.conf:2: error HA_CONF_DUPLICATE_NODE
        expected each node once, found node1 again
        -> Name it once.
      web.conf:3: error HA_CONF_BAD_VALUE
        class expected none or address or exclusive or data, found "dta"
        -> Did you mean "data"?
      web.conf:4: error HA_CONF_BAD_VALUE
        orchestrate expected ha or start or no, found "maybe"
        -> Write ha or start or no.
      web.conf:5: error HA_CONF_BAD_VALUE
        monitor expected a duration of at most 3650d, found "08:00-12:00"
        -> Write it as "500ms", "10s", "5m" or "1h30m".
      web.conf:6: error HA_CONF_BAD_VALUE
        monitor_schedule expected an interval as "@10", found "08:00-12:00@10"
        -> Write the interval alone, as "@1" for a minute; windows of time are not read.
      web.conf:7: error HA_CONF_BAD_VALUE
        restarts expected a number, 0 to 100, found "many"
        -> Write a number, 0 to 100.
      web.conf:8: warning HA_CONF_UNKNOWN_KEY
        unknown key "stop_timout"
        -> Did you mean "stop_timeout"?
      web.conf:10: note HA_CONF_NOT_USED
        priority is not used by this version
        -> Nothing has to be done; it changes nothing here.
      web.conf:13: error HA_CONF_RELATIVE_PATH
        script expected an absolute path or a file name in SERVICE.d, found "../ctl"
        -> Write it from the root on.
      web.conf:14: error HA_CONF_RELATIVE_PATH
        start expected the absolute path of a program, found "maybe"
        -> Write the path from the root on.
      web.conf:15: error HA_CONF_SHELL
        stop expected a command without a shell, found "$("
        -> Put it into a script, or write /bin/sh -c with the text in quotes.
      web.conf:16: error HA_CONF_REFERENCE
        check expected a key or a name in braces, found {env.check}
        -> Write "\\{" for a brace that is no reference.
      web.conf:17: error HA_CONF_INTERVAL_NOT_POSITIVE
        check_timeout expected a positive duration, found "0"
        -> Write 100ms or more.
      web.conf:18: error HA_CONF_BAD_VALUE
        optional expected yes or no, found "perhaps"
        -> Write yes or no.
      web.conf:20: error HA_CONF_NOT_SUPPORTED
        tags asks for "encap", which this version does not do
        -> Remove the key, or move what it does into the script.
      web.conf:23: error HA_CONF_UNKNOWN_NODE
        start_timeout@node9 expected a node of the cluster, found "node9"
        -> Did you mean "@node1"?
      web.conf:24: warning HA_CONF_UNKNOWN_KEY
        unknown key "nodes"
        -> The keys here are: type, script, start, stop, check, retcodes, user, group,
           cwd, environment, limit_as, limit_core, limit_cpu, limit_data, limit_fsize,
           limit_memlock, limit_nofile, limit_nproc, limit_rss, limit_stack, limit_vmem,
           timeout, start_timeout, stop_timeout, check_timeout, optional, disable, tags,
           subset, monitor, restart, restart_delay, pre_start, post_start,
           blocking_pre_start, blocking_post_start, pre_stop, post_stop,
           blocking_pre_stop, blocking_post_stop, start_requires.
      web.conf:25: error HA_CONF_RESOURCE_UNSUPPORTED
        unknown section "[ap#2]"
        -> Did you mean "app"?
      web.conf:26: warning HA_CONF_UNKNOWN_SECTION
        unknown section "[notes]"
        -> Write [DEFAULT] or [app#N].
      web.conf:27: note HA_CONF_NOT_USED
        [labels] is not used by this version
        -> Nothing has to be done; it changes nothing here.
      web.conf:28: error HA_CONF_DUPLICATE_SECTION
        expected [app#1] once, found it again after line 11
        -> Keep one of them."
    `);
  });

  it('asks nothing of what is switched off', () => {
    const head = '[DEFAULT]\nnodes = node1 node2\n[app#1]\nstart = /opt/x\n';
    expect(complaints(`${head}scsireserv = false\nencap = no\n`)).not.toContain('NOT_SUPPORTED');
    expect(complaints(`${head}encap = yes\n`)).toContain('NOT_SUPPORTED');
  });

  it('refuses an app that could never be started', () => {
    const head = '[DEFAULT]\nnodes = node1 node2\n';
    expect(complaints(`${head}[app#1]\nscript = /opt/x\n`)).toMatchInlineSnapshot(
      `
      "web.conf:3: error HA_CONF_NO_START
        [app#1] expected start = yes or a command, found none
        -> Write start = yes, stop = yes."
    `,
    );
    expect(complaints(`${head}[app#1]\nstart = yes\n`)).toMatchInlineSnapshot(
      `
      "web.conf:3: error HA_CONF_MISSING_KEY
        [app#1] expected the key script, found none
        -> Write script = /path."
    `,
    );
    expect(complaints(`${head}[app#1]\n`)).toMatchInlineSnapshot(
      `
      "web.conf:3: error HA_CONF_NO_START
        [app#1] expected script or start, or the folder /etc/ha/web.d
        -> Write script and start = true, or a command."
    `,
    );
    expect(complaints(head)).toContain('expected a section [app#N] or launchers in /etc/ha/web.d');
  });
});

import {readFileSync} from 'node:fs';
import {describe, expect, test} from 'vitest';
import {compact} from '../../src/status/compact.ts';
import {eventLine, isEventRecord} from '../../src/status/events.ts';
import {statusJson} from '../../src/status/json.ts';
import {toText} from '../../src/status/lines.ts';
import {metrics, metricsText} from '../../src/status/metrics.ts';
import {frozen, healthy, jeopardy, stale, starting, takeoverWaiting} from './views.ts';

describe('the JSON form', () => {
  test('has the keys that scripts rely on', () => {
    const json = statusJson(takeoverWaiting(), null);
    expect(json).toMatchObject({
      cluster: 'blue',
      node: 'node1',
      grade: 'C',
      nodes: {
        node1: {state: 'alive', local: true, frozen: false, incarnation: 7},
        node2: {
          state: 'silent',
          since: '2026-11-20T22:11:10.120Z',
          links: {'hb#1': {rx: 'down', tx: 'unknown'}},
        },
      },
      services: {
        web: {
          class: 'exclusive',
          owner: null,
          frozen: false,
          avail: 'down',
          instances: {
            node1: {state: 'STOPPED', epoch: 3, avail: 'down', reason: 'found-stopped'},
            node2: {state: 'UNKNOWN'},
          },
        },
      },
    });
    expect(Object.keys(json)).toMatchInlineSnapshot(`
      [
        "cluster",
        "node",
        "grade",
        "at",
        "level",
        "summary",
        "stale",
        "takeover",
        "watchdog",
        "ping",
        "arbiter",
        "joining",
        "frozen",
        "nodes",
        "links",
        "services",
        "alarms",
        "drops",
        "stalls",
        "daemon",
      ]
    `);
  });

  test('survives the way through a socket unchanged', () => {
    for (const view of [healthy(), jeopardy(), frozen(), starting()]) {
      const json = statusJson(view, stale);
      expect(JSON.parse(JSON.stringify(json))).toEqual(json);
    }
  });
});

test('the compact form is one line per service', () => {
  expect(toText(compact(frozen(), null), {colour: false})).toMatchInlineSnapshot(`
    "cluster blue: FROZEN - web, db; 2/2 nodes, 3/3 links
    web node1=FROZEN_START node2=FROZEN_STOP
    db node1=STARTED node2=FROZEN_STOP
    "
  `);
});

describe('an event', () => {
  const record = {
    at: '2026-11-20T22:11:05.120Z',
    node: 'node1',
    kind: 'transition',
    service: 'web',
    cause: {reason: 'start-done', detail: 'app#1 answers'},
    data: {from: 'STARTING', to: 'STARTED', epoch: 4},
  };
  const line = (change: object): string =>
    toText([eventLine({...record, ...change})], {colour: false}).trimEnd();

  test.each([
    [{}, 'node1 web STARTING -> STARTED  start-done: app#1 answers'],
    [
      {kind: 'verdict', data: {decision: 'take', proof: 'P2'}},
      'node1 web verdict take proof P2  start-done: app#1 answers',
    ],
    [
      {kind: 'plan', data: {kind: 'start', steps: ['start app#1', 'start app#2']}},
      'node1 web plan start [start app#1, start app#2]  start-done: app#1 answers',
    ],
    [
      {kind: 'plan-end', data: {plan: 'web/4/start/1', kind: 'done'}},
      'node1 web plan web/4/start/1 done  start-done: app#1 answers',
    ],
    [
      {kind: 'step', data: {action: 'start', rid: 'app#1', phase: 'begin'}},
      'node1 web step start app#1 begin  start-done: app#1 answers',
    ],
    [{kind: 'command', data: {actor: 'root@pts/1'}}, 'node1 web command by root@pts/1'],
    [{kind: 'peer', service: null, data: {peer: 'node2', to: 'silent'}}, 'node1 peer node2 silent'],
    [{kind: 'link', service: null, data: {disk: 'hb#3'}}, 'node1 link hb#3'],
    [{kind: 'alarm', service: null, data: {code: 'JEOPARDY'}}, 'node1 alarm JEOPARDY'],
    [{kind: 'something new', service: null, data: {}}, 'node1 something new'],
    [{kind: 'transition', data: {from: 7, to: null}}, 'node1 web 7 -> ?'],
  ])('of %j is one line', (change, expected) => {
    expect(line(change)).toContain(`2026-11-20T22:11:05.120Z ${expected}`);
  });

  test('is believed only in its own shape', () => {
    expect(isEventRecord(record)).toBe(true);
    for (const wrong of [null, 'x', {}, {...record, cause: null}, {...record, data: 1}]) {
      expect(isEventRecord(wrong)).toBe(false);
    }
  });

  test('with escapes in it stays one harmless line', () => {
    const text = line({cause: {reason: 'x', detail: 'a\n\u001b[2J'}});
    expect(text).toContain('a\\x0a\\x1b[2J');
  });
});

describe('the metrics', () => {
  test('say what became of fencing each other node', () => {
    const view = healthy();
    const fence = {state: 'failed', levels: 1, detail: '', lied: true, ageMs: 5} as const;
    const nodes = view.nodes.map((node) => (node.local ? node : {...node, fence}));
    const lines = metricsText({...view, nodes}).split('\n');
    expect(lines.filter((text) => text.startsWith('ha_fence'))).toEqual([
      'ha_fence_state{node="node2",state="failed"} 1',
      'ha_fence_lied{node="node2"} 1',
    ]);
  });

  test('are Prometheus text', () => {
    expect(metricsText(healthy())).toMatchInlineSnapshot(`
      "# HELP ha_up 1 where the daemon of this node answered.
      # TYPE ha_up gauge
      ha_up 1
      # HELP ha_build_info Always 1; version, cluster, node and safety grade as labels.
      # TYPE ha_build_info gauge
      ha_build_info{version="0.1.0",cluster="blue",node="node1",grade="C"} 1
      # HELP ha_node_state 1 for the state that each node is in, as this node sees it.
      # TYPE ha_node_state gauge
      ha_node_state{node="node1",state="alive"} 1
      ha_node_state{node="node2",state="alive"} 1
      # HELP ha_node_frozen 1 where the node is frozen.
      # TYPE ha_node_frozen gauge
      ha_node_frozen{node="node1"} 0
      ha_node_frozen{node="node2"} 0
      # HELP ha_service_state 1 for the state that each service is in on each node.
      # TYPE ha_service_state gauge
      ha_service_state{service="web",node="node1",state="STARTED"} 1
      ha_service_state{service="web",node="node2",state="STOPPED"} 1
      ha_service_state{service="db",node="node1",state="STARTED"} 1
      ha_service_state{service="db",node="node2",state="STOPPED"} 1
      # HELP ha_service_running_nodes Nodes on which the service is STARTED or FROZEN_START; anything but 1 needs a look.
      # TYPE ha_service_running_nodes gauge
      ha_service_running_nodes{service="web"} 1
      ha_service_running_nodes{service="db"} 1
      # HELP ha_service_epoch Highest epoch known of the service; it grows with every start.
      # TYPE ha_service_epoch gauge
      ha_service_epoch{service="web"} 3
      ha_service_epoch{service="db"} 3
      # HELP ha_link_up 1 where a heartbeat link works in the direction rx or tx; absent where not known.
      # TYPE ha_link_up gauge
      ha_link_up{link="hb#1",node="node2",direction="rx"} 1
      ha_link_up{link="hb#1",node="node2",direction="tx"} 1
      ha_link_up{link="hb#2",node="node2",direction="rx"} 1
      ha_link_up{link="hb#2",node="node2",direction="tx"} 1
      ha_link_up{link="hb#3",node="node2",direction="rx"} 1
      ha_link_up{link="hb#3",node="node2",direction="tx"} 1
      # HELP ha_link_age_seconds Age of the last authentic beat of a node on a link; absent where never heard.
      # TYPE ha_link_age_seconds gauge
      ha_link_age_seconds{link="hb#1",node="node2"} 0.4
      ha_link_age_seconds{link="hb#2",node="node2"} 0.4
      ha_link_age_seconds{link="hb#3",node="node2"} 0.9
      # HELP ha_takeover_possible 1 where the services of another node would be taken over by themselves if it died now.
      # TYPE ha_takeover_possible gauge
      ha_takeover_possible{source="disk lease"} 1
      # HELP ha_takeover_worst_seconds From the death of a node to the start command, at worst; absent where it never comes.
      # TYPE ha_takeover_worst_seconds gauge
      ha_takeover_worst_seconds 18.6
      # HELP ha_alarm 1 for each standing alarm, by its code and severity.
      # TYPE ha_alarm gauge
      # HELP ha_frames_dropped_total Heartbeat frames that were not believed, by reason, since the daemon started.
      # TYPE ha_frames_dropped_total counter
      ha_frames_dropped_total{reason="bad-tag"} 0
      ha_frames_dropped_total{reason="replayed"} 2
      # HELP ha_stalls_total Times that the daemon stood still longer than its bound, since it started.
      # TYPE ha_stalls_total counter
      ha_stalls_total 0
      # HELP ha_stall_worst_seconds Longest time that the daemon stood still, since it started.
      # TYPE ha_stall_worst_seconds gauge
      ha_stall_worst_seconds 0
      # HELP ha_loop_lag_seconds Lateness of the loop that beats and decides: 99th percentile and maximum.
      # TYPE ha_loop_lag_seconds gauge
      ha_loop_lag_seconds{quantile="0.99"} 0.001
      ha_loop_lag_seconds{quantile="1"} 0.004
      # HELP ha_watchdog_armed 1 where the watchdog of this node is armed, by its state; absent where none is used.
      # TYPE ha_watchdog_armed gauge
      # HELP ha_watchdog_timeout_seconds Time without a feed after which it resets this node; absent where it is not armed.
      # TYPE ha_watchdog_timeout_seconds gauge
      # HELP ha_ping_reachable 1 where enough ping targets answer this node; absent where none are configured.
      # TYPE ha_ping_reachable gauge
      # HELP ha_fence_state 1 for what became of fencing each other node; absent where it cannot be fenced.
      # TYPE ha_fence_state gauge
      # HELP ha_fence_lied 1 where a node was verified to be off and was heard after that.
      # TYPE ha_fence_lied gauge
      # HELP ha_arbiter_lease_held 1 where this node holds its lease in the arbiter; absent where none is configured.
      # TYPE ha_arbiter_lease_held gauge
      # HELP ha_arbiter_lease_seconds How long the lease of this node in the arbiter still counts; absent where it has none.
      # TYPE ha_arbiter_lease_seconds gauge
      # HELP ha_arbiter_answer_age_seconds Age of the last question that the arbiter answered; absent where it answered none.
      # TYPE ha_arbiter_answer_age_seconds gauge
      # HELP ha_incarnation Life number of this daemon; it grows with every start.
      # TYPE ha_incarnation gauge
      ha_incarnation 7
      # HELP ha_start_time_seconds When this daemon started, seconds since 1970.
      # TYPE ha_start_time_seconds gauge
      ha_start_time_seconds 1795208977.12
      "
    `);
  });

  test('of a dead daemon say only that it is dead', () => {
    expect(metricsText(null)).toMatchInlineSnapshot(`
      "# HELP ha_up 1 where the daemon of this node answered.
      # TYPE ha_up gauge
      ha_up 0
      "
    `);
  });

  test('have labels that cannot break out', () => {
    const evil = 'a"b\\c\nd';
    const text = metricsText(healthy({cluster: evil}));
    expect(text).toContain('cluster="a\\"b\\\\c\\nd"');
  });

  test('are all listed on their page, and nothing else is', () => {
    const page = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8');
    const listed = [...page.matchAll(/^\| `(ha_\w+)` \| (\w+) \| (.+) \|$/gm)];
    expect(listed.map(([, name, type, help]) => ({name, type, help}))).toEqual(
      metrics.map(({name, type, help}) => ({name, type, help})),
    );
  });
});

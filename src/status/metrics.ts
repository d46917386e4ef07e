/**
 * The view as Prometheus text (exposition format 0.0.4), for `ha metrics` and text file collectors.
 * Names are stable and listed in docs/metrics.md. A daemon that does not answer exports only
 * `ha_up 0`: an old state must never look like a present one.
 */

import type {StatusView} from './model.ts';
import {isRunning} from './model.ts';

type Labels = Readonly<Record<string, string>>;
interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

interface Metric {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  /** Meaning and unit, one sentence. */
  readonly help: string;
  readonly samples: (view: StatusView) => readonly Sample[];
}

const one = (value: number, labels: Labels = {}): readonly Sample[] => [{labels, value}];
const flag = (yes: boolean): number => (yes ? 1 : 0);
const seconds = (ms: number): number => Math.round(ms) / 1_000;

export const metrics: readonly Metric[] = [
  {
    name: 'ha_up',
    type: 'gauge',
    help: '1 where the daemon of this node answered.',
    samples: () => one(1),
  },
  {
    name: 'ha_build_info',
    type: 'gauge',
    help: 'Always 1; version, cluster, node and safety grade as labels.',
    samples: ({version, cluster, node, grade}) => one(1, {version, cluster, node, grade}),
  },
  {
    name: 'ha_node_state',
    type: 'gauge',
    help: '1 for the state that each node is in, as this node sees it.',
    samples: ({nodes}) => nodes.map(({name, state}) => ({labels: {node: name, state}, value: 1})),
  },
  {
    name: 'ha_node_frozen',
    type: 'gauge',
    help: '1 where the node is frozen.',
    samples: ({nodes}) =>
      nodes.map(({name, frozen}) => ({labels: {node: name}, value: flag(frozen)})),
  },
  {
    name: 'ha_service_state',
    type: 'gauge',
    help: '1 for the state that each service is in on each node.',
    samples: ({services}) =>
      services.flatMap(({name, instances}) =>
        instances.map(({node, state}) => ({labels: {service: name, node, state}, value: 1})),
      ),
  },
  {
    name: 'ha_service_running_nodes',
    type: 'gauge',
    help: 'Nodes on which the service is STARTED or FROZEN_START; anything but 1 needs a look.',
    samples: ({services}) =>
      services.map(({name, instances}) => ({
        labels: {service: name},
        value: instances.filter(isRunning).length,
      })),
  },
  {
    name: 'ha_service_epoch',
    type: 'gauge',
    help: 'Highest epoch known of the service; it grows with every start.',
    samples: ({services}) =>
      services.map(({name, epoch}) => ({labels: {service: name}, value: epoch})),
  },
  {
    name: 'ha_link_up',
    type: 'gauge',
    help: '1 where a heartbeat link works in the direction rx or tx; absent where not known.',
    samples: ({media}) =>
      media.flatMap((medium) =>
        medium.peers.flatMap((peer) =>
          (['rx', 'tx'] as const)
            .filter((direction) => peer[direction] !== 'unknown')
            .map((direction) => ({
              labels: {link: medium.id, node: peer.node, direction},
              value: flag(peer[direction] === 'up'),
            })),
        ),
      ),
  },
  {
    name: 'ha_link_age_seconds',
    type: 'gauge',
    help: 'Age of the last authentic beat of a node on a link; absent where never heard.',
    samples: ({media}) =>
      media.flatMap((medium) =>
        medium.peers.flatMap(({node, ageMs}) =>
          ageMs === null ? [] : [{labels: {link: medium.id, node}, value: seconds(ageMs)}],
        ),
      ),
  },
  {
    name: 'ha_takeover_possible',
    type: 'gauge',
    help: '1 where the services of another node would be taken over by themselves if it died now.',
    samples: ({takeover}) => one(flag(takeover.possible), {source: takeover.source}),
  },
  {
    name: 'ha_takeover_worst_seconds',
    type: 'gauge',
    help: 'From the death of a node to the start command, at worst; absent where it never comes.',
    samples: ({takeover}) => (takeover.worstMs === null ? [] : one(seconds(takeover.worstMs))),
  },
  {
    name: 'ha_alarm',
    type: 'gauge',
    help: '1 for each standing alarm, by its code and severity.',
    samples: ({alarms}) =>
      [...new Map(alarms.map((alarm) => [alarm.code, alarm])).values()].map(({code, severity}) => ({
        labels: {code, severity},
        value: 1,
      })),
  },
  {
    name: 'ha_frames_dropped_total',
    type: 'counter',
    help: 'Heartbeat frames that were not believed, by reason, since the daemon started.',
    samples: ({drops}) =>
      Object.entries(drops).map(([reason, value]) => ({labels: {reason}, value})),
  },
  {
    name: 'ha_stalls_total',
    type: 'counter',
    help: 'Times that the daemon stood still longer than its bound, since it started.',
    samples: ({stalls}) => one(stalls.count),
  },
  {
    name: 'ha_stall_worst_seconds',
    type: 'gauge',
    help: 'Longest time that the daemon stood still, since it started.',
    samples: ({stalls}) => one(seconds(stalls.worstMs)),
  },
  {
    name: 'ha_loop_lag_seconds',
    type: 'gauge',
    help: 'Lateness of the loop that beats and decides: 99th percentile and maximum.',
    samples: ({loopLag}) => [
      {labels: {quantile: '0.99'}, value: seconds(loopLag.p99Ms)},
      {labels: {quantile: '1'}, value: seconds(loopLag.maxMs)},
    ],
  },
  {
    name: 'ha_watchdog_armed',
    type: 'gauge',
    help: '1 where the watchdog of this node is armed, by its state; absent where none is used.',
    samples: ({watchdog}) =>
      watchdog === undefined || watchdog.mode === 'off'
        ? []
        : one(flag(watchdog.state === 'armed'), {state: watchdog.state}),
  },
  {
    name: 'ha_watchdog_timeout_seconds',
    type: 'gauge',
    help: 'Time without a feed after which it resets this node; absent where it is not armed.',
    samples: ({watchdog}) =>
      typeof watchdog?.timeoutMs === 'number' ? one(seconds(watchdog.timeoutMs)) : [],
  },
  {
    name: 'ha_ping_reachable',
    type: 'gauge',
    help: '1 where enough ping targets answer this node; absent where none are configured.',
    samples: ({ping}) => (ping === undefined || ping === null ? [] : one(flag(ping.reachable))),
  },
  {
    name: 'ha_fence_state',
    type: 'gauge',
    help: '1 for what became of fencing each other node; absent where it cannot be fenced.',
    samples: ({nodes}) =>
      nodes.flatMap(({name, fence}) =>
        fence == null ? [] : [{labels: {node: name, state: fence.state}, value: 1}],
      ),
  },
  {
    name: 'ha_fence_lied',
    type: 'gauge',
    help: '1 where a node was verified to be off and was heard after that.',
    samples: ({nodes}) =>
      nodes.flatMap(({name, fence}) =>
        fence == null ? [] : [{labels: {node: name}, value: flag(fence.lied)}],
      ),
  },
  {
    name: 'ha_arbiter_lease_held',
    type: 'gauge',
    help: '1 where this node holds its lease in the arbiter; absent where none is configured.',
    samples: ({arbiter}) =>
      arbiter === undefined
        ? []
        : one(flag(arbiter.leftMs !== null), {arbiter: arbiter.id, state: arbiter.state}),
  },
  {
    name: 'ha_arbiter_lease_seconds',
    type: 'gauge',
    help: 'How long the lease of this node in the arbiter still counts; absent where it has none.',
    samples: ({arbiter}) =>
      typeof arbiter?.leftMs === 'number' ? one(seconds(arbiter.leftMs)) : [],
  },
  {
    name: 'ha_arbiter_answer_age_seconds',
    type: 'gauge',
    help: 'Age of the last question that the arbiter answered; absent where it answered none.',
    samples: ({arbiter}) =>
      typeof arbiter?.answeredAgeMs === 'number' ? one(seconds(arbiter.answeredAgeMs)) : [],
  },
  {
    name: 'ha_incarnation',
    type: 'gauge',
    help: 'Life number of this daemon; it grows with every start.',
    samples: ({incarnation}) => one(incarnation),
  },
  {
    name: 'ha_start_time_seconds',
    type: 'gauge',
    help: 'When this daemon started, seconds since 1970.',
    samples: ({startedAt}) => one(seconds(Date.parse(startedAt))),
  },
];

/** The whole page, newline at the end; null: the daemon did not answer. */
export function metricsText(view: StatusView | null): string {
  if (view === null) return metricText(metrics[0]!, one(0));
  return metrics.map((metric) => metricText(metric, metric.samples(view))).join('');
}

function metricText(metric: Metric, samples: readonly Sample[]): string {
  const head = `# HELP ${metric.name} ${metric.help}\n# TYPE ${metric.name} ${metric.type}\n`;
  const lines = samples.map(({labels, value}) => `${metric.name}${labelText(labels)} ${value}\n`);
  return head + lines.join('');
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** The three characters that the format escapes. */
function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

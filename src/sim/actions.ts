/**
 * Everything that can be done to a simulated cluster, as data and as text: the swarm draws such
 * actions, the scenarios write them down, and a failing schedule is printed as a scenario.
 */

import type {ArbiterMode} from './arbiter.ts';
import type {BmcMode} from './bmc.ts';
import type {PathMode} from './disk.ts';
import type {ProbeMode, ScriptMode} from './resource.ts';
import type {StorageMode} from './storage.ts';

export type Action =
  /** Power on, and the daemon with it. */
  | {readonly verb: 'boot' | 'crash' | 'pause' | 'resume'; readonly node: string}
  /** The daemon alone: its services go on. */
  | {readonly verb: 'kill-daemon' | 'start-daemon'; readonly node: string}
  /** One direction of one link; `link` or nodes `*`: all. */
  | {
      readonly verb: 'cut' | 'heal';
      readonly link: string;
      readonly from: string;
      readonly to: string;
    }
  | {
      readonly verb: 'weather';
      readonly link: string;
      readonly lossPercent: number;
      readonly duplicatePercent: number;
      readonly delayMs: number;
      readonly jitterMs: number;
    }
  /** The node's own end of a link is out of order, and it knows. */
  | {readonly verb: 'unplug' | 'plug'; readonly node: string; readonly link: string}
  | {
      readonly verb: 'disk';
      readonly node: string;
      readonly disk: string;
      readonly mode: PathMode | 'tear';
    }
  /** The way of one node, or of all (`*`), to etcd. */
  | {readonly verb: 'etcd'; readonly node: string; readonly mode: ArbiterMode}
  /** The members of etcd: too few of them, enough again, or a new leader. */
  | {readonly verb: 'etcd-members'; readonly state: EtcdState}
  /** The power switch of a node. */
  | {readonly verb: 'bmc'; readonly node: string; readonly mode: BmcMode}
  /** Whether the ping target answers a node, or all (`*`). */
  | {readonly verb: 'ping'; readonly node: string; readonly mode: PingMode}
  | {readonly verb: 'rollback'; readonly disk: string; readonly ageMs: number}
  | {readonly verb: 'storage'; readonly node: string; readonly mode: StorageMode}
  | {
      readonly verb: 'script';
      readonly node: string;
      readonly service: string;
      readonly action: 'start' | 'stop';
      readonly mode: ScriptMode;
    }
  | {
      readonly verb: 'probe-answers';
      readonly node: string;
      readonly service: string;
      readonly mode: ProbeMode;
    }
  /** Its resources die, or are started, behind everybody's back. */
  | {readonly verb: 'die' | 'appear'; readonly node: string; readonly service: string}
  | {readonly verb: 'inject'; readonly kind: ForgeryKind; readonly node: string}
  | {readonly verb: 'skew' | 'unskew'; readonly node: string}
  | {readonly verb: 'ha'; readonly node: string; readonly command: string}
  /** Everything is repaired and switched on. */
  | {readonly verb: 'repair-all'};

export const pingModes = ['ok', 'none'] as const;
export type PingMode = (typeof pingModes)[number];

export const etcdStates = ['minority', 'majority', 'new-leader'] as const;
export type EtcdState = (typeof etcdStates)[number];

export const forgeryKinds = [
  'noise',
  'wrong-key',
  'bit-flip',
  'replay',
  'other-link',
  'other-cluster',
  'truncated',
] as const;
export type ForgeryKind = (typeof forgeryKinds)[number];

/** As a line of a scenario; `parseAction` reads it back. */
export function formatAction(action: Action): string {
  switch (action.verb) {
    case 'cut':
    case 'heal':
      return `${action.verb} ${action.link} ${action.from}>${action.to}`;
    case 'weather':
      return (
        `weather ${action.link} loss=${action.lossPercent} duplicate=${action.duplicatePercent} ` +
        `delay=${action.delayMs} jitter=${action.jitterMs}`
      );
    case 'unplug':
    case 'plug':
      return `${action.verb} ${action.node} ${action.link}`;
    case 'disk':
      return `disk ${action.node} ${action.disk} ${action.mode}`;
    case 'etcd':
    case 'bmc':
    case 'ping':
      return `${action.verb} ${action.node} ${action.mode}`;
    case 'etcd-members':
      return `etcd-members ${action.state}`;
    case 'rollback':
      return `rollback ${action.disk} ${action.ageMs}`;
    case 'storage':
      return `storage ${action.node} ${action.mode}`;
    case 'script':
      return `script ${action.node} ${action.service} ${action.action} ${action.mode}`;
    case 'probe-answers':
      return `probe-answers ${action.node} ${action.service} ${action.mode}`;
    case 'die':
    case 'appear':
      return `${action.verb} ${action.node} ${action.service}`;
    case 'inject':
      return `inject ${action.kind} ${action.node}`;
    case 'ha':
      return `ha ${action.node} ${action.command}`;
    case 'repair-all':
      return action.verb;
    default:
      return `${action.verb} ${action.node}`;
  }
}

/**
 * What a person can do about a reason, as commands ready to type. A status that names a problem
 * and not the way out sends its reader to a manual in the middle of the night.
 */

import type {ReasonCode} from '../kernel/reasons.ts';

export interface RemedyContext {
  readonly service: string;
  /** The node that shows the condition. */
  readonly node: string;
  /** The other node that it is about, or null. */
  readonly peer: string | null;
}

type Remedy = (context: RemedyContext) => readonly string[];

const confirmDead: Remedy = ({peer, service}) => [
  `ha explain ${service}`,
  ...(peer === null ? [] : [`ha confirm-dead ${peer} --i-have-checked`]),
];
const linksAndLog: Remedy = () => ['ha hb', 'ha events'];
const checkConfig: Remedy = () => ['ha check'];
const clear: Remedy = ({service}) => [`ha history ${service}`, `ha clear ${service}`];

/** Reasons that pass by themselves, or need no person, have no entry. */
const remedies: Partial<Readonly<Record<ReasonCode, Remedy>>> = {
  'peer-not-proven-dead': confirmDead,
  'ping-unanswered': () => ['ha hb'],
  'proof-too-weak': confirmDead,
  'disk-unreadable': ({peer, service}) => ['ha hb', ...confirmDead({service, peer, node: ''})],
  'peer-unheard': confirmDead,
  'fence-failed': ({peer}) => ['ha check', ...(peer === null ? [] : [`ha fence ${peer} --yes`])],
  'fence-lied': checkConfig,
  'reservation-lost': ({service}) => [`ha history ${service}`],
  'disk-wait': ({service}) => [`ha explain ${service}`],
  'peer-stop-failed': ({service}) => [
    `ha explain ${service}`,
    `ha clear ${service} --confirm-stopped`,
  ],
  'peer-frozen': ({service}) => [`ha unfreeze ${service}`],
  'auth-failing': linksAndLog,
  'one-way': linksAndLog,
  'isolated': linksAndLog,
  'frozen': ({service}) => [`ha unfreeze ${service}`],
  'frozen-at-birth': ({service}) => [`ha unfreeze ${service}`],
  'frozen-by-operator': ({service}) => [`ha unfreeze ${service}`],
  'node-frozen': ({node}) => [`ha unfreeze --node ${node}`],
  'node-drained': ({node}) => [`ha undrain ${node}`],
  'config-skew': checkConfig,
  'plan-impossible': checkConfig,
  'watchdog-required': ({service}) => ['ha check', `ha clear ${service}`],
  'watchdog-failed': checkConfig,
  'monitor-none': ({service}) => [`ha history ${service}`],
  'monitor-freezestop': ({service}) => [`ha history ${service}`, `ha unfreeze ${service}`],
  'monitor-reboot': ({service}) => [`ha history ${service}`],
  'no-quorum': ({service}) => ['ha status', `ha explain ${service}`],
  'arbiter-unreachable': ({service}) => ['ha check', `ha explain ${service}`],
  'arbiter-no-member': confirmDead,
  'no-right': ({service}) => ['ha hb', `ha explain ${service}`],
  'duplicate-node': () => ['ha hb'],
  'manual-takeover': ({service}) => [`ha takeover ${service} --yes`],
  'not-orchestrated': ({service}) => [`ha start ${service}`],
  'damping': ({service}) => [`ha history ${service}`, `ha takeover ${service} --yes`],
  'start-failed-here': clear,
  'start-failed-clean': clear,
  'undo-failed': ({service}) => [`ha history ${service}`, `ha clear ${service} --confirm-stopped`],
  'stop-failed': ({service}) => [`ha history ${service}`, `ha clear ${service} --confirm-stopped`],
  'left-running': ({service}) => [`ha history ${service}`, `ha clear ${service} --confirm-stopped`],
  'outcome-unknown': ({service}) => [
    `ha history ${service}`,
    `ha clear ${service} --confirm-stopped`,
  ],
  'journal-refused': () => ['df -h', 'ha events'],
  'dual-active': ({service, node}) => [
    `ha explain ${service}`,
    `ha freeze-stop ${service} --node ${node}`,
  ],
};

/** Commands that leave the condition; none where it passes by itself. */
export function remediesFor(reason: ReasonCode, context: RemedyContext): readonly string[] {
  return remedies[reason]?.(context) ?? [];
}

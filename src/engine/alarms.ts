/**
 * Standing conditions, each with the commands that leave it. An alarm is raised once, kept while it
 * lasts, and written down when it comes and when it goes.
 */

import type {LinkHealth} from '../heartbeat/link-track.ts';
import {isHeld} from './arbiter-right.ts';
import {hasQuorum} from './quorum.ts';
import {cause, notice, record} from './emit.ts';
import {pingReachable, pingText} from './ping.ts';
import type {Engine, PeerRuntime, ServiceRuntime} from './state.ts';
import type {AlarmView} from './view.ts';

type Alarm = Omit<AlarmView, 'ageMs'>;

export function refreshAlarms(engine: Engine): void {
  const standing = standingAlarms(engine);
  for (const key of engine.alarms.keys()) {
    if (!standing.has(key)) lower(engine, key);
  }
  for (const [key, alarm] of standing) {
    const known = engine.alarms.get(key);
    const sinceMs = known?.sinceMs ?? engine.nowMs;
    engine.alarms.set(key, {...alarm, ageMs: 0, sinceMs});
    if (known === undefined) raise(engine, alarm);
  }
}

function raise(engine: Engine, alarm: Alarm): void {
  const why = cause(alarmReason(alarm.code), `${alarm.code}: ${alarm.text}`);
  record(engine, {
    kind: 'alarm',
    service: null,
    cause: why,
    data: {code: alarm.code, raised: true},
  });
  notice(engine, alarm.severity === 'critical' ? 'alarm' : 'warning', null, why);
}

function lower(engine: Engine, key: string): void {
  const alarm = engine.alarms.get(key);
  engine.alarms.delete(key);
  if (alarm === undefined) return;
  const why = cause(alarmReason(alarm.code), `${alarm.code} is over`);
  record(engine, {
    kind: 'alarm',
    service: null,
    cause: why,
    data: {code: alarm.code, raised: false},
  });
  notice(engine, 'info', null, why);
}

function alarmReason(
  code: string,
):
  | 'dual-active'
  | 'config-skew'
  | 'duplicate-node'
  | 'journal-refused'
  | 'links-degraded'
  | 'fence-failed'
  | 'fence-lied'
  | 'arbiter-lost'
  | 'no-quorum'
  | 'peer-not-proven-dead'
  | 'ping-unanswered'
  | 'stop-failed'
  | 'watchdog-failed' {
  switch (code) {
    case 'DUAL_ACTIVE':
      return 'dual-active';
    case 'CONFIG_SKEW':
      return 'config-skew';
    case 'DUP_NODE':
      return 'duplicate-node';
    case 'PERSIST_FAILED':
      return 'journal-refused';
    case 'ARBITER_FAILED':
      return 'arbiter-lost';
    case 'NO_QUORUM':
      return 'no-quorum';
    case 'WATCHDOG_FAILED':
      return 'watchdog-failed';
    case 'FENCE_FAILED':
      return 'fence-failed';
    case 'FENCE_LIED':
      return 'fence-lied';
    case 'STOP_FAILED':
      return 'stop-failed';
    case 'PING_UNANSWERED':
      return 'ping-unanswered';
    case 'JEOPARDY':
    case 'DEGRADED':
      return 'links-degraded';
    default:
      return 'peer-not-proven-dead';
  }
}

/** Looked for on every beat among all services: what is in order costs nothing here. */
function standingAlarms(engine: Engine): ReadonlyMap<string, Alarm> {
  const standing = new Map<string, Alarm>();
  if (engine.duplicateNode)
    standing.set(
      'dup',
      duplicateAlarm(`another machine speaks under the name ${engine.node}; both hold still`),
    );
  if (engine.storageFault !== null) {
    const text = `${engine.storageFault}: no record, so no action`;
    standing.set('persist', critical('PERSIST_FAILED', text, ['df -h', 'mount | grep ro,']));
  }
  const {state, detail, config} = engine.watchdog;
  if (state === 'failed') {
    const device = config?.device ?? '/dev/watchdog';
    const remedies = [`ls -l ${device}`, 'ha check'];
    const text = `the watchdog: ${detail}`;
    const alarm = warning('WATCHDOG_FAILED', text, remedies);
    const severity = config?.mode === 'required' ? 'critical' : 'warning';
    standing.set('watchdog', {...alarm, severity});
  }
  const targets = engine.config.pings.get(engine.node);
  if (targets !== undefined && pingReachable(engine) === false) {
    const remedies = ['ha hb', `ping ${targets.targets[0]}`];
    standing.set('ping', warning('PING_UNANSWERED', pingText(engine, targets), remedies));
  }
  for (const service of engine.services) addOfService(standing, service);
  for (const peer of engine.peers.values()) addOfPeer(standing, engine, peer);
  const arbiter = arbiterAlarm(engine);
  if (arbiter !== null) standing.set('arbiter', arbiter);
  if (
    hasQuorum(engine) === false &&
    engine.nowMs - engine.startedMs > engine.config.timing.deadMs
  ) {
    const text = `fewer than ${engine.config.quorum?.needed ?? 0} nodes answer, this one counted`;
    standing.set('quorum', critical('NO_QUORUM', text, ['ha hb', 'ha explain SVC']));
  }
  return standing;
}

/** One question without an answer is no news; a lease that runs out, or a foreign arbiter, is. */
function arbiterAlarm(engine: Engine): Alarm | null {
  const {arbiter, config, nowMs} = engine;
  if (config.arbiter === null) return null;
  const {id, ttlMs} = config.arbiter;
  const {fault, answeredMs, bornMs} = arbiter;
  const isLasting = nowMs - (answeredMs ?? bornMs) > ttlMs / 2;
  const isNews = fault === null ? !isHeld(engine) && nowMs - bornMs > ttlMs : isLasting;
  if (!isNews && (fault === null || fault.kind === 'unreachable')) return null;
  const text =
    fault === null
      ? `${id}: this node was marked out and gets no lease while something may run here`
      : `${id} gives no lease and no proof (${fault.kind}): ${fault.detail}`;
  const alarm = warning('ARBITER_FAILED', text, ['etcdctl endpoint health', 'ha check']);
  const isMendable = fault === null || fault.kind === 'unreachable';
  return isMendable ? alarm : {...alarm, severity: 'critical'};
}

function duplicateAlarm(text: string): Alarm {
  return critical('DUP_NODE', text, ['uname -n', 'ha check']);
}

function addOfService(standing: Map<string, Alarm>, service: ServiceRuntime): void {
  const {name} = service.config;
  if (service.dual) {
    const text =
      service.freeze === null
        ? `${name} runs on two nodes; the one with the lower epoch must stop`
        : `${name} runs on two nodes; both are frozen until a person chooses`;
    standing.set(
      `dual/${name}`,
      critical('DUAL_ACTIVE', text, [`ha freeze-stop ${name} --node NODE`, `ha unfreeze ${name}`]),
    );
  }
  if (service.state === 'STOP_FAILED') {
    const text = `${name} could not be stopped here and may still run`;
    standing.set(
      `stop/${name}`,
      critical('STOP_FAILED', text, [`ha stop ${name}`, `ha clear ${name} --confirm-stopped`]),
    );
  }
}

function addOfPeer(standing: Map<string, Alarm>, engine: Engine, peer: PeerRuntime): void {
  const alive = peer.state === 'alive' || peer.state === 'degraded';
  if (alive && peer.configDigest !== '' && peer.configDigest !== engine.config.digest) {
    const text = `the configuration of ${peer.name} differs from ours; no automatic action`;
    standing.set(
      `skew/${peer.name}`,
      critical('CONFIG_SKEW', text, ['ha config print', 'ha check']),
    );
  }
  if (engine.peerView.hasStranger(peer.name, engine.nowMs)) {
    const text = `two machines speak under the name ${peer.name}; nothing is started beside them`;
    standing.set(`dup/${peer.name}`, duplicateAlarm(text));
  }
  // It said that it would be gone for a while: its silence is no news, as long as that lasts.
  if (peer.keepingUntilMs !== null && engine.nowMs < peer.keepingUntilMs) return;
  addOfFence(standing, peer);
  if (peer.state === 'silent') {
    const text = `${peer.name} is silent`;
    standing.set(
      `silent/${peer.name}`,
      warning('PEER_SILENT', text, ['ha hb', `ha confirm-dead ${peer.name} --i-have-checked`]),
    );
  }
  if (!alive) return;
  const seen = engine.media.map(({id}) => engine.peerView.health(peer.name, id, engine.nowMs));
  if (!isLinkLost(seen)) return;
  const good = seen.filter(({state}) => state === 'up' || state === 'held-down').length;
  if (engine.media.length > 1 && good === 1) {
    const text = `one of ${engine.media.length} links to ${peer.name} is left`;
    standing.set(`jeopardy/${peer.name}`, critical('JEOPARDY', text, ['ha hb']));
  } else {
    const text = `${good} of ${engine.media.length} links to ${peer.name} are in order`;
    standing.set(`degraded/${peer.name}`, warning('DEGRADED', text, ['ha hb']));
  }
}

function addOfFence(standing: Map<string, Alarm>, {name, fence}: PeerRuntime): void {
  if (fence.lied) {
    const text = `${name} was verified to be off and is heard again: its fence device lies`;
    const remedies = ['ha check', `ha fence ${name} --yes`];
    standing.set(`lied/${name}`, critical('FENCE_LIED', text, remedies));
  } else if (fence.state === 'failed') {
    const text = `${name} could not be fenced: ${fence.detail}`;
    const remedies = ['ha check', `ha fence ${name} --yes`];
    standing.set(`fence/${name}`, critical('FENCE_FAILED', text, remedies));
  }
}

/** A link is lost, and the peer was heard since: one that died takes all its links with it. */
function isLinkLost(seen: readonly LinkHealth[]): boolean {
  const newestMs = seen.reduce((most, {lastMs}) => Math.max(most, lastMs ?? -Infinity), -Infinity);
  return seen.some(({lostMs}) => lostMs !== null && newestMs > lostMs);
}

function critical(code: string, text: string, remedies: readonly string[]): Alarm {
  return {code, severity: 'critical', text, remedies};
}

function warning(code: string, text: string, remedies: readonly string[]): Alarm {
  return {code, severity: 'warning', text, remedies};
}

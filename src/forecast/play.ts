/**
 * `ha timeline`: each fault played against one service of a configuration. Owner and contender are
 * the first two of its nodes. Bounds hold where every loop turns within the stall bound, every disk
 * access ends within `io`, and the cluster was healthy before the fault.
 */

import type {ClusterConfig, ServiceConfig} from '../config/types.ts';
import {formatDuration as time} from '../kernel/duration.ts';
import type {NodeName} from '../kernel/ids.ts';
import {fenceMsMax} from '../config/fence-time.ts';
import {forecastContender} from './contender.ts';
import type {ContenderForecast} from './contender.ts';
import {ownerFires} from './fencing.ts';
import {faultSpecs} from './faults.ts';
import type {FaultSpec} from './faults.ts';
import {forecastOwner} from './owner.ts';
import type {OwnerForecast} from './owner.ts';
import type {FaultForecast, Ground, Outcome, ServiceForecast, Span} from './types.ts';

export function forecastService(
  config: ClusterConfig,
  service: ServiceConfig,
  weak: ReadonlySet<NodeName>,
): ServiceForecast {
  const [owner, contender = null] = service.nodes;
  const faults =
    contender === null
      ? []
      : faultSpecs.map((spec) => play({config, service, owner: owner!, contender, weak}, spec));
  return {service: service.name, owner: owner!, contender, faults};
}

function play(ground: Ground, spec: FaultSpec): FaultForecast {
  const {id: fault} = spec;
  const title = spec.title(ground.owner);
  const absent = spec.absent(ground.config);
  if (absent !== null) {
    const nothing = {start: null, proof: null, moments: []};
    return {fault, title, outcome: 'absent', summary: `${absent}.`, ...nothing};
  }
  if (ownerFires(ground, spec)) return contenderIsOff(ground, {fault, title});
  const contender = forecastContender(ground, spec.signs);
  const owner = ownerOf(ground, spec, contender);
  const outcome = outcomeOf(owner, contender);
  const {start} = contender;
  const moments = [...owner.moments, ...contender.moments];
  if (start !== null) {
    const text = `starts ${ground.service.name}, on a record of the verdict`;
    moments.push({...start, node: ground.contender, text, reason: null});
  }
  moments.sort((left, right) => left.fromMs - right.fromMs);
  const summary = summaryOf(ground, {spec, owner, contender, outcome});
  const proof = start === null ? null : contender.verdict.proof;
  return {fault, title, outcome, summary, start, proof, moments};
}

/** Who was seen off before the start runs nothing after it. */
function ownerOf(ground: Ground, spec: FaultSpec, contender: ContenderForecast): OwnerForecast {
  const owner = forecastOwner(ground, spec.signs, spec.owner);
  if (contender.verdict.cause.reason !== 'fenced' || spec.owner === 'off') return owner;
  const off = contender.moments.at(-1)!;
  const text = 'switched off, with what ran on it';
  const moments = owner.moments.filter(({fromMs}) => fromMs < (off.untilMs ?? Infinity));
  return {
    ...owner,
    runsOn: false,
    overdueMs: 0,
    moments: [...moments, {...off, node: ground.owner, text, reason: null}],
  };
}

/** The owner fires first and the contender decides nothing any more. */
function contenderIsOff(
  {config, owner, contender}: Ground,
  named: Pick<FaultForecast, 'fault' | 'title'>,
): FaultForecast {
  const firstMs = Math.min(...config.links.map(({deadMs}) => deadMs)) - config.timing.beatMs;
  const lastMs = Math.max(...config.links.map(({deadMs}) => deadMs)) + config.timing.delayMs;
  const span = {fromMs: firstMs, untilMs: lastMs + fenceMsMax(config, contender)};
  const text = `switched off by ${owner}, which runs more and fires first`;
  return {
    ...named,
    outcome: 'stays',
    summary: `It stays on ${owner}, which switches ${contender} off.`,
    start: null,
    proof: null,
    moments: [{...span, node: contender, text, reason: 'fencing'}],
  };
}

function outcomeOf({runsOn, overdueMs}: OwnerForecast, {start}: ContenderForecast): Outcome {
  if (start === null) return runsOn ? 'stays' : 'down';
  return runsOn || overdueMs > 0 ? 'split' : 'moves';
}

interface Played {
  readonly spec: FaultSpec;
  readonly owner: OwnerForecast;
  readonly contender: ContenderForecast;
  readonly outcome: Outcome;
}

function summaryOf(ground: Ground, played: Played): string {
  const {owner, contender, service} = ground;
  const {start, verdict} = played.contender;
  const {detail} = verdict.cause;
  switch (played.outcome) {
    case 'moves':
      return `It starts on ${contender} ${spanText(start!)}.`;
    case 'stays':
      return staysText(ground, played);
    case 'down':
      return (
        `It stays down: ${detail}. Once ${owner} is off, type on ${contender}: ` +
        `ha confirm-dead ${owner} --i-have-checked`
      );
    case 'split':
      return (
        `It starts on ${contender} ${spanText(start!)} and ${splitText(ground, played)}. ` +
        (isLax(service) ? `Class ${service.serviceClass} accepts that.` : closedBy)
      );
    case 'absent':
      return '';
  }
}

const closedBy = 'Only class data with a watchdog, or fencing, closes this.';

function isLax({serviceClass}: ServiceConfig): boolean {
  return serviceClass === 'none' || serviceClass === 'address';
}

function staysText({owner}: Ground, {spec}: Played): string {
  if (spec.owner === 'unattended') return `It stays on ${owner}, where nobody watches it.`;
  if (spec.owner === 'asleep') return `It stands still with ${owner}, and goes on with it.`;
  return `It stays on ${owner}.`;
}

/** Until when both run. */
function splitText({owner, contender, service}: Ground, played: Played): string {
  const {spec} = played;
  const {reserveMs, overdueMs} = played.owner;
  // The other node starts only after the right has ended (I5): a stop within the reserve is over.
  if (overdueMs > 0) {
    return (
      `runs on ${owner} too if its stop takes longer than ${time(reserveMs)}, which begins so ` +
      `long before its right ends; ${contender} starts it only after that, and its stop_timeout ` +
      `allows ${time(overdueMs)}`
    );
  }
  switch (spec.owner) {
    case 'unattended':
      return `still runs on ${owner}, where nobody stops it until its daemon is back`;
    case 'asleep':
      return `runs on ${owner} too when that goes on, until it has looked again and stopped it`;
    default:
      return `runs on ${owner} too, until they hear each other and ${service.name} stops on one`;
  }
}

/** `after 10s to 16s`. */
export function spanText({fromMs, untilMs}: Span): string {
  const until = untilMs === null ? 'no known time' : time(untilMs);
  return `after ${time(fromMs)} to ${until}`;
}

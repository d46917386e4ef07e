/**
 * What a resource agent says of itself (OCF RA API 1.0 and 1.1): its parameters, and its actions
 * with the time-outs that its author advises.
 */

import {durationMsMax} from '../../kernel/duration.ts';
import {err, ok, type Result} from '../../kernel/result.ts';
import {readXml, type XmlElement} from './xml.ts';

export interface OcfParameter {
  /** Upper and lower case differ, as in the environment that it becomes. */
  readonly name: string;
  readonly required: boolean;
  /** `string`, `integer`, `boolean`, `select`, `time` ...: as the agent has it, lower case. */
  readonly type: string;
  /** The agent's own default, which we never pass: it uses it itself. */
  readonly default: string | null;
  /** Values of a `select`; empty: any. */
  readonly options: readonly string[];
  readonly deprecated: boolean;
  readonly short: string;
}

export interface OcfAction {
  readonly name: string;
  /** Null: none is advised. */
  readonly timeoutMs: number | null;
  /** Null: none is advised. */
  readonly intervalMs: number | null;
  /** OCF_CHECK_LEVEL of a monitor; 0 where none is written. */
  readonly depth: number;
  /** `Promoted`, `Master` ...; null: any. */
  readonly role: string | null;
}

export interface OcfMetadata {
  readonly name: string;
  /** Of the standard: `1.0` where the agent does not say. */
  readonly standard: string;
  readonly parameters: readonly OcfParameter[];
  readonly actions: readonly OcfAction[];
}

/** Limits: the agent with the most has 61 parameters and 18 actions. */
const parametersMax = 256;
const actionsMax = 64;

/** The metadata in what an agent printed; else a sentence, why it is none. */
export function readOcfMetadata(source: string): Result<OcfMetadata, string> {
  // Warnings of an interpreter may stand before the document.
  const begin = /<\?xml|<!DOCTYPE|<resource-agent/.exec(source);
  if (begin === null) return err('expected <resource-agent>, found none');
  const document = readXml(source.slice(begin.index));
  if (!document.ok) return document;
  const root = document.value;
  if (root.name !== 'resource-agent') {
    return err(`expected <resource-agent>, found <${root.name}>`);
  }
  const parameters = within(root, 'parameters', 'parameter').map(parameterOf);
  const actions = within(root, 'actions', 'action').map(actionOf);
  if (parameters.length > parametersMax || actions.length > actionsMax) {
    return err(`expected at most ${parametersMax} parameters and ${actionsMax} actions`);
  }
  if (parameters.some(({name}) => !/^[A-Za-z_][\w-]{0,63}$/.test(name))) {
    return err('expected each parameter to have a name of letters, digits, "_" and "-"');
  }
  const missing = ['start', 'stop', 'monitor'].filter(
    (name) => !actions.some((action) => action.name === name),
  );
  if (missing.length > 0) return err(`expected the action ${missing.join(', ')}, found none`);
  return ok({
    name: root.attributes.get('name') ?? '',
    standard: first(root, 'version')?.text.trim() || '1.0',
    parameters,
    actions,
  });
}

/** The longest time-out advised for an action, over its depths and roles; null: none. */
export function advisedMs({actions}: OcfMetadata, name: string): number | null {
  const advised = actions
    .filter((action) => action.name === name)
    .flatMap(({timeoutMs}) => (timeoutMs === null || timeoutMs === 0 ? [] : [timeoutMs]));
  return advised.length === 0 ? null : Math.max(...advised);
}

export function hasAction({actions}: OcfMetadata, name: string): boolean {
  return actions.some((action) => action.name === name);
}

function within(root: XmlElement, list: string, item: string): readonly XmlElement[] {
  return root.children
    .filter(({name}) => name === list)
    .flatMap(({children}) => children.filter(({name}) => name === item));
}

function first(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

function parameterOf(element: XmlElement): OcfParameter {
  const {attributes} = element;
  const content = first(element, 'content');
  return {
    name: attributes.get('name') ?? '',
    required: isTrue(attributes.get('required')),
    type: (content?.attributes.get('type') ?? 'string').toLowerCase(),
    default: content?.attributes.get('default') ?? null,
    options: (content?.children ?? [])
      .filter(({name}) => name === 'option')
      .flatMap((option) => option.attributes.get('value') ?? []),
    deprecated: first(element, 'deprecated') !== undefined || isTrue(attributes.get('deprecated')),
    short: (first(element, 'shortdesc')?.text ?? '').trim().replaceAll(/\s+/g, ' ').slice(0, 200),
  };
}

function actionOf({attributes}: XmlElement): OcfAction {
  const depth = Number(attributes.get('depth') ?? '0');
  return {
    name: attributes.get('name') ?? '',
    timeoutMs: ocfTimeMs(attributes.get('timeout')),
    intervalMs: ocfTimeMs(attributes.get('interval')),
    depth: Number.isInteger(depth) && depth >= 0 ? depth : 0,
    role: attributes.get('role') ?? null,
  };
}

/** The standard writes 1; agents write 1, yes and true. */
function isTrue(text: string | undefined): boolean {
  return text !== undefined && /^(?:1|y|yes|true|on)$/i.test(text.trim());
}

const unitMs: Readonly<Record<string, number>> = {
  'us': 0.001,
  'usec': 0.001,
  'ms': 1,
  'msec': 1,
  '': 1_000,
  's': 1_000,
  'sec': 1_000,
  'm': 60_000,
  'min': 60_000,
  'h': 3_600_000,
  'hr': 3_600_000,
};

/** A time as agents and Pacemaker write it: `20s`, `20`, `5min`; null where it is none. */
export function ocfTimeMs(text: string | undefined): number | null {
  const match = /^\s*(\d{1,9})\s*([a-z]{0,4})\s*$/i.exec(text ?? '');
  const unit = unitMs[match?.[2]?.toLowerCase() ?? 'none'];
  if (match === null || unit === undefined) return null;
  const ms = Math.round(Number(match[1]) * unit);
  return ms <= durationMsMax ? ms : null;
}

/**
 * OpenHA's three files, line by line, exactly as they are: fields separated by tabs or blanks,
 * empty lines and lines that begin with `#` left out. A malformed line is a finding with its own
 * line number and moves nothing, whereas OpenHA read on with every following field shifted.
 */

import {isName} from '../kernel/ids.ts';
import {quote, type Report} from './findings.ts';
import {readLines, type Line} from './lines.ts';
import {slotBlockMax} from './limits.ts';
import type {Place} from './types.ts';
import {isAddress, isGroup, isPath} from './value.ts';

/** `NODE net|unicast IFACE ADDR PORT TIMEOUT`. */
export interface NetLine extends Place {
  readonly kind: 'net' | 'unicast';
  readonly node: string;
  readonly iface: string;
  /** The group (net), or the address that the node sends to (unicast). */
  readonly address: string;
  readonly port: number;
  readonly deadMs: number;
}

/** `NODE dio|disk DEVICE BLOCK TIMEOUT`. */
export interface DiskLine extends Place {
  readonly kind: 'dio' | 'disk';
  readonly node: string;
  readonly device: string;
  readonly block: number;
  readonly deadMs: number;
}

export type MonitorLine = NetLine | DiskLine;

/** `NAME SCRIPT PRIMARY SECONDARY CHECK_SCRIPT`. */
export interface ServiceLine extends Place {
  readonly name: string;
  readonly script: string;
  readonly primary: string;
  readonly secondary: string;
  /** Empty: none. */
  readonly check: string;
}

export interface NodeLine extends Place {
  readonly name: string;
}

/** OpenHA refused less over a network, because its senders and receivers tick once a second. */
const netTimeoutSecondsMin = 2;
const timeoutSecondsMax = 3_600;

/** The fields of the lines that say something, with their lines. */
export function fieldLines(
  file: string,
  text: string,
  report: Report,
): readonly (Line & {readonly fields: readonly string[]})[] {
  return readLines(file, text, report)
    .filter(({text: line}) => /^\s*[^#\s]/.test(line))
    .map((line) => ({...line, fields: line.text.trim().split(/[ \t]+/)}));
}

export function readNodes(text: string, report: Report): readonly NodeLine[] {
  const nodes: NodeLine[] = [];
  for (const {fields, file, line, text: raw} of fieldLines('nodes', text, report)) {
    const place = {file, line};
    const name = fields[0]!;
    if (fields.length > 1) {
      report('HA_CONF_NODES_LINE', place, `expected one node name, found ${quote(raw.trim())}`);
    } else if (!isName(name)) {
      report('HA_CONF_BAD_NAME', place, `expected a node name, found ${quote(name)}`);
    } else nodes.push({...place, name});
  }
  return nodes;
}

export function readMonitor(text: string, report: Report): readonly MonitorLine[] {
  const lines: MonitorLine[] = [];
  for (const {fields, file, line, text: raw} of fieldLines('monitor', text, report)) {
    const parsed = monitorLine(fields, {file, line});
    if (typeof parsed !== 'string') lines.push(parsed);
    else {
      const message = `expected ${parsed}, found ${quote(raw.trim())}`;
      report('HA_CONF_MONITOR_LINE', {file, line}, message);
    }
  }
  return lines;
}

/** The line, or what was expected of it. */
export function monitorLine(fields: readonly string[], place: Place): MonitorLine | string {
  const [node = '', kind = ''] = fields;
  if (!isName(node)) return 'a node name first';
  switch (kind) {
    case 'net':
    case 'unicast':
      return netLine(fields, kind, place);
    case 'dio':
    case 'disk':
      return diskLine(fields, kind, place);
    default:
      return 'net, unicast, dio or disk after the node';
  }
}

function netLine(fields: readonly string[], kind: NetLine['kind'], place: Place): NetLine | string {
  const [node = '', , iface = '', address = '', port = '', timeout = ''] = fields;
  if (fields.length !== 6) return `NODE ${kind} IFACE ADDR PORT TIMEOUT`;
  if (!isInterface(iface)) return 'an interface name of at most 15 characters';
  if (kind === 'net' && !isGroup(address)) return 'an IPv4 multicast group';
  if (!isAddress(address)) return 'an IPv4 address';
  if (!isNumber(port, 1, 65_535)) return 'a port from 1 to 65535';
  if (!isNumber(timeout, netTimeoutSecondsMin, timeoutSecondsMax)) {
    return `a TIMEOUT from ${netTimeoutSecondsMin} to ${timeoutSecondsMax} seconds`;
  }
  const deadMs = Number(timeout) * 1_000;
  return {...place, kind, node, iface, address, port: Number(port), deadMs};
}

function diskLine(
  fields: readonly string[],
  kind: DiskLine['kind'],
  place: Place,
): DiskLine | string {
  const [node = '', , device = '', block = '', timeout = ''] = fields;
  if (fields.length !== 5) return `NODE ${kind} DEVICE BLOCK TIMEOUT`;
  if (!isPath(device)) return 'the absolute path of a device';
  if (!isNumber(block, 0, slotBlockMax)) return 'a BLOCK, counted in blocks of 512 bytes';
  if (!isNumber(timeout, 1, timeoutSecondsMax)) {
    return `a TIMEOUT from 1 to ${timeoutSecondsMax} seconds`;
  }
  const deadMs = Number(timeout) * 1_000;
  return {...place, kind, node, device, block: Number(block), deadMs};
}

export function readServices(text: string, report: Report): readonly ServiceLine[] {
  const lines: ServiceLine[] = [];
  for (const {fields, file, line, text: raw} of fieldLines('services', text, report)) {
    const place = {file, line};
    const parsed = serviceLine(fields, place);
    if (typeof parsed === 'string') {
      const message = `expected ${parsed}, found ${quote(raw.trim())}`;
      report('HA_CONF_SERVICES_LINE', place, message);
      continue;
    }
    if (fields.length === 4) {
      report('HA_CONF_NO_CHECK_SCRIPT', place, `expected five fields, found four`);
    }
    lines.push(parsed);
  }
  return lines;
}

/** The line, or what was expected of it. */
export function serviceLine(fields: readonly string[], place: Place): ServiceLine | string {
  const [name = '', script = '', primary = '', secondary = '', check = ''] = fields;
  if (fields.length < 4 || fields.length > 5) return 'NAME SCRIPT PRIMARY SECONDARY CHECK_SCRIPT';
  if (!isName(name)) return 'a service name first';
  if (!isPath(script)) return 'the absolute path of a script second';
  if (!isName(primary) || !isName(secondary)) return 'two node names';
  if (check !== '' && !isPath(check)) return 'the absolute path of a check script last';
  return {...place, name, script, primary, secondary, check};
}

/** IFNAMSIZ of Linux and FreeBSD is 16 with its end. */
function isInterface(text: string): boolean {
  return /^[^\s/]{1,15}$/.test(text) && text !== '.' && text !== '..';
}

function isNumber(text: string, min: number, max: number): boolean {
  return /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max;
}

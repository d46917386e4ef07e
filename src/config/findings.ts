/**
 * Findings are gathered, never thrown: one read tells the operator everything that is wrong. The
 * list is bounded per severity, so that a flood of notes can not hide or drop an error.
 */

import {configCodes, type ConfigCode} from './codes.ts';
import {findingsMax} from './limits.ts';
import type {Finding, Place} from './types.ts';

/** Adds a finding. `message`: expected and found; `hint`: what to write, else the code's remedy. */
export type Report = (code: ConfigCode, place: Place, message: string, hint?: string) => void;

export interface Findings {
  readonly report: Report;
  /** By file and line, with one last note where some were left out. */
  readonly list: () => readonly Finding[];
}

/** For a second evaluation of what was already reported. */
export const silent: Report = () => undefined;

export function collectFindings(): Findings {
  const kept: Record<Finding['severity'], Finding[]> = {error: [], warning: [], note: []};
  const told = new Set<string>();
  let leftOut = 0;
  const report: Report = (code, place, message, hint) => {
    const {severity, remedy} = configCodes[code];
    // What stands there for all nodes is looked at once for each of them, and is wrong once.
    const key = `${code} ${place.file}:${place.line} ${message}`;
    if (told.has(key)) return;
    const list = kept[severity];
    if (list.length >= findingsMax) {
      leftOut += 1;
      return;
    }
    told.add(key);
    list.push({
      file: place.file,
      line: place.line,
      severity,
      code,
      message: printable(message),
      hint: printable(hint ?? remedy),
    });
  };
  const list = (): readonly Finding[] => {
    const all = [...kept.error, ...kept.warning, ...kept.note].sort(byPlace);
    if (leftOut > 0) all.push(overflow(leftOut));
    return all;
  };
  return {report, list};
}

/** A value of the file as a message shows it: quoted, bounded, without control characters. */
export function quote(text: string): string {
  const shown = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return `"${printable(shown.replaceAll('\t', ' '))}"`;
}

/** Control characters would let a file write to the operator's terminal. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\u2028\u2029]/gu, '?');
}

function byPlace(left: Finding, right: Finding): number {
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line;
}

function overflow(count: number): Finding {
  const code: ConfigCode = 'HA_CONF_MORE_FINDINGS';
  const {severity, remedy} = configCodes[code];
  const message = `${count} further findings are not shown`;
  return {file: '', line: 0, severity, code, message, hint: remedy};
}

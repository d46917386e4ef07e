/**
 * The loop that beats must get its turn, however many scripts it has started and whatever else the
 * machine computes. Linux shares the cores out between sessions (autogroup, sched(7)), and each
 * script has a session of its own: where thirty of them run, the daemon would get one share of
 * thirty-one. So its session gets more; a script's new session begins with an ordinary share.
 */

import {readFileSync, writeFileSync} from 'node:fs';

/** On the scale of nice(1): some nine times the weight of an ordinary session. */
const niceness = -10;

/**
 * Says whether it was done. Not where we share the session with whoever started us, a person's
 * shell perhaps; not without the right to; and not on a system that has nothing of the kind.
 */
export function takePrecedence(processDirectory = '/proc/self', pid = process.pid): boolean {
  try {
    if (sessionOf(readFileSync(`${processDirectory}/stat`, 'utf8')) !== pid) return false;
    writeFileSync(`${processDirectory}/autogroup`, `${niceness}\n`, {flag: 'r+'});
    return true;
  } catch {
    return false; // The daemon beats without it, later where the cores are busy.
  }
}

/** proc(5): the sixth field; the second one, the name, may hold blanks and brackets. */
function sessionOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
}

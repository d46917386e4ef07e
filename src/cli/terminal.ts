/** The person at the terminal: asking one line, and who it is. Hardly any command needs this. */

import {readlinkSync} from 'node:fs';
import {userInfo} from 'node:os';
import {createInterface} from 'node:readline';

export function askLine(question: string): Promise<string | null> {
  const lines = createInterface({input: process.stdin, output: process.stderr});
  return new Promise((resolve) => {
    lines.on('close', () => resolve(null));
    lines.on('SIGINT', () => lines.close());
    lines.question(question, (answer) => {
      resolve(answer);
      lines.close();
    });
  });
}

/** `root@pts/1`, `root (kim)` under sudo; as far as the machine tells. */
export function actorName(env: Readonly<Record<string, string | undefined>>): string {
  const sudo = env['SUDO_USER'];
  const behind = sudo === undefined || sudo === '' ? '' : ` (${sudo})`;
  const tty = terminalName();
  return `${userName()}${tty === null ? '' : `@${tty}`}${behind}`.slice(0, 200);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry in the password file has no name.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** `pts/1`; null without a terminal, or on a system that does not say. */
function terminalName(): string | null {
  if (!process.stdin.isTTY) return null;
  try {
    return readlinkSync('/proc/self/fd/0').replace(/^\/dev\//, '');
  } catch {
    // No /proc: the user's name has to do.
    return null;
  }
}

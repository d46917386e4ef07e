/**
 * Runs a program that a person uses, as an editor: with the terminal, the environment and the
 * directory of whoever called us, and without a deadline. Only the command line does that.
 */

import {spawn} from 'node:child_process';

/** null where it ended with 0, else how it ended. */
export function runAtTerminal(words: readonly string[]): Promise<string | null> {
  const [command = '', ...rest] = words;
  return new Promise((resolve) => {
    const child = spawn(command, rest, {shell: false, stdio: 'inherit'});
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      resolve(code === 0 ? null : `${command} ended with ${how}`);
    });
  });
}

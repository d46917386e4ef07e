/** Commands of the harness: an argument vector, a deadline, and all of the output. */

import {spawn} from 'node:child_process';

export interface CommandResult {
  /** Exit code, or null after a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string;
  /** After this the command is killed and the call fails. Default 20,000. */
  readonly deadlineMs?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs to the end, whatever the exit code. Fails when the deadline passes or it can not start. */
export function runCommand(
  argv: readonly string[],
  {input = '', deadlineMs = 20_000, env = process.env}: CommandOptions = {},
): Promise<CommandResult> {
  const [file = '', ...args] = argv;
  const {promise, resolve, reject} = Promise.withResolvers<CommandResult>();
  const child = spawn(file, args, {env, stdio: ['pipe', 'pipe', 'pipe']});
  const output = {stdout: '', stderr: ''};
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  // A command that does not read its input closes it early: that is no error of the harness.
  child.stdin.on('error', () => undefined).end(input);
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
    const seen = `${output.stdout}${output.stderr}`.trim();
    reject(new Error(`${argv.join(' ')}: still running after ${deadlineMs} ms; output: ${seen}`));
  }, deadlineMs);
  child.on('error', (error) => {
    clearTimeout(timer);
    reject(error);
  });
  child.on('close', (code) => {
    clearTimeout(timer);
    resolve({code, ...output});
  });
  return promise;
}

/** Runs and returns standard output; fails with the message of the command where it fails. */
export async function must(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const {code, stdout, stderr} = await runCommand(argv, options);
  if (code !== 0) {
    throw new Error(`${argv.join(' ')}: exit ${String(code)}: ${`${stderr}${stdout}`.trim()}`);
  }
  return stdout;
}

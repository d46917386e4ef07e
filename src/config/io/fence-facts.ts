/** What this host says about fence agents: whether they can be run, and what they take. */

import {stat} from 'node:fs/promises';
import {checkProgram} from '../../drivers/host/check-program.ts';
import {run} from '../../drivers/host/run.ts';
import {isMissing} from './bounded.ts';

type ProgramFact = {readonly fault: string; readonly parameters: readonly string[] | null};

/** `ask`: an agent is asked for its metadata, which starts it. */
export async function fenceProgramFact(
  program: string,
  {ask, deadlineMs}: {readonly ask: boolean; readonly deadlineMs: number},
): Promise<ProgramFact> {
  const checked = await checkProgram(program);
  if (!checked.ok) return {fault: checked.fault, parameters: null};
  if (!ask) return {fault: '', parameters: null};
  const input = 'action=metadata\n';
  const result = await run({argv: [checked.path], deadlineMs, input, outputBytesMax: 256 * 1_024});
  const parameters = result.code === 0 ? parametersOf(result.stdout) : [];
  return {fault: '', parameters: parameters.length === 0 ? null : parameters};
}

/** Names of the parameters in the metadata of an agent; empty where it is none. */
export function parametersOf(metadata: string): readonly string[] {
  return [...metadata.matchAll(/<parameter\s[^>]*?\bname="([^"]+)"/g)].map((match) => match[1]!);
}

/** Mode bits; null where there is no such file, undefined where the host does not say. */
export async function modeOf(path: string): Promise<number | null | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.mode & 0o777 : null;
  } catch (error) {
    return isMissing(error) ? null : undefined;
  }
}

/**
 * Switches a node off: levels in their order, each tried once and again, and each try worth
 * something only when `status` says that the node is off. An agent that ends with 0 and a node that
 * is still on is a failure, like everything that is not known.
 */

import {setTimeout as sleep} from 'node:timers/promises';
import type {FenceConfig, FenceMethod} from '../config/types.ts';
import type {FenceReport} from '../failover/types.ts';
import {isSecretName} from '../kernel/secret-names.ts';
import {agentInput, powerStateOf, scrub, type FenceAction} from './fence-protocol.ts';
import {run, type RunResult} from './host/run.ts';
import {readSecret} from './host/secret-file.ts';
import {sentence} from './outcome.ts';

export interface FencePorts {
  /** Lines for the log, without secrets. */
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Time between two looks at a node that is still on, ms. */
const pollMs = 500;
const sentencesMax = 4;

/** Never rejects. `after` is what is left to do once the proof is there; it proves nothing. */
export interface Fenced {
  readonly report: FenceReport;
  readonly after: () => Promise<void>;
}

const nothing = async (): Promise<void> => {};

/** Tries every level of `fences`, which are those of one node, until one has it off. */
export async function fenceNode(
  fences: readonly FenceConfig[],
  ports: FencePorts,
): Promise<Fenced> {
  const startedMs = performance.now();
  const said: string[] = [];
  const end = (off: boolean, level: number | null): FenceReport => {
    const detail = said.slice(-sentencesMax).join('; ') || 'no level of fencing is configured';
    return {off, level, detail, durationMs: performance.now() - startedMs};
  };
  for (const fence of fences) {
    for (let count = 0; count <= fence.retries && !ports.signal.aborted; count += 1) {
      const outcome = await tryOnce(fence, ports);
      const text = `level ${fence.level}: ${outcome.detail}`;
      ports.log(`fence ${fence.node}, try ${count + 1}, ${text}`);
      said.push(text);
      if (!outcome.off) continue;
      said.splice(0, said.length - 1);
      return {report: end(true, fence.level), after: () => turnOn(fence, ports)};
    }
  }
  if (ports.signal.aborted) said.push('cancelled');
  return {report: end(false, null), after: nothing};
}

interface Try {
  readonly off: boolean;
  readonly detail: string;
}

async function tryOnce(fence: FenceConfig, ports: FencePorts): Promise<Try> {
  const untilMs = performance.now() + fence.timeoutMs;
  const access = await accessOf(fence.method, fence.timeoutMs);
  if (!access.ok) return {off: false, detail: access.fault};
  const call = async (action: FenceAction): Promise<Called> =>
    callOnce({fence, access, action, ports, restMs: Math.max(0, untilMs - performance.now())});
  const ordered = await call('off');
  if (ordered.result.code !== 0) return {off: false, detail: ordered.text};
  const {method} = fence;
  if (method.kind === 'command' && method.status === null) {
    return {off: true, detail: `${ordered.text}, believed without a status`};
  }
  for (;;) {
    const asked = await call('status');
    const state = powerStateOf(asked.result);
    if (state === 'off') return {off: true, detail: `${asked.text}: off`};
    if (state === 'unknown') return {off: false, detail: `${asked.text}: unknown is not off`};
    if (ports.signal.aborted || performance.now() + 2 * pollMs >= untilMs) {
      return {off: false, detail: `${asked.text}: it is still on`};
    }
    await sleep(pollMs);
  }
}

/** The other half of a reboot. What becomes of it is only told: the proof is the `off`. */
async function turnOn(fence: FenceConfig, ports: FencePorts): Promise<void> {
  if (fence.action !== 'reboot' || ports.signal.aborted) return;
  const access = await accessOf(fence.method, fence.timeoutMs);
  if (!access.ok) return ports.log(`fence ${fence.node}, on: ${access.fault}`);
  const restMs = fence.timeoutMs;
  const {text} = await callOnce({fence, access, action: 'on', ports, restMs});
  ports.log(`fence ${fence.node}, ${text}`);
}

interface Called {
  readonly result: RunResult;
  readonly text: string;
}

async function callOnce(order: {
  readonly fence: FenceConfig;
  readonly access: Access & {readonly ok: true};
  readonly action: FenceAction;
  readonly ports: FencePorts;
  readonly restMs: number;
}): Promise<Called> {
  const {fence, access, action, ports, restMs: deadlineMs} = order;
  const {method, node} = fence;
  const argv = argvOf(method, action);
  const result = await run({
    argv,
    deadlineMs,
    signal: ports.signal,
    // Agents are Python, whose warnings about itself would be the last line that is quoted.
    environment: {HA_FENCE_NODE: node, HA_ACTION: action, PYTHONWARNINGS: 'ignore'},
    ...(method.kind === 'agent'
      ? {input: agentInput(method.parameters, action, access.password)}
      : {}),
  });
  const program = `${argv[0] ?? ''} ${action}`;
  return {result, text: scrub(sentence({program, result, deadlineMs}), access.secrets)};
}

function argvOf(method: FenceMethod, action: FenceAction): readonly string[] {
  if (method.kind === 'agent') return [method.agent];
  return action === 'status' ? (method.status ?? []) : method.off;
}

type Access =
  | {readonly ok: true; readonly password: string | null; readonly secrets: readonly string[]}
  | {readonly ok: false; readonly fault: string};

/** The password is read at every use, so that it can be changed without a reload. */
async function accessOf(method: FenceMethod, deadlineMs: number): Promise<Access> {
  if (method.kind === 'command') return {ok: true, password: null, secrets: []};
  const secrets = [...method.parameters]
    .filter(([name]) => isSecretName(name))
    .map(([, value]) => value);
  const {passwordFile: path} = method;
  if (path === null) return {ok: true, password: null, secrets};
  const late = new AbortController();
  const fault = `${path}: its file system does not answer`;
  const read = await Promise.race([
    readSecret(path),
    sleep(deadlineMs, {ok: false, fault} as const, {signal: late.signal}).catch(() => null),
  ]);
  late.abort();
  if (read === null || !read.ok) return {ok: false, fault: read?.fault ?? fault};
  return {ok: true, password: read.text, secrets: [...secrets, read.text]};
}

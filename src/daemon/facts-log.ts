/**
 * The lines behind a snapshot of the facts: one per commit, with what changed. Each line carries
 * the hash of the one before, the first goes on from the checksum of its snapshot, so a log that
 * was altered, mixed up, or lacks a line in its middle is recognised.
 *
 * A crash may tear the last line, which nobody had been told was durable: it counts as not written.
 * A whole line that does not fit was durable once, and then the facts count as damaged.
 */

import type {NodeFacts, ServiceFacts} from '../engine/types.ts';
import {sha256Text} from '../journal/io/journal-directory.ts';
import type {ServiceName} from '../kernel/ids.ts';
import {err, ok, type Result} from '../kernel/result.ts';
import {isObject, readNodeFacts, readServices} from './facts-format.ts';
import type {BothClocks, StoredFacts} from './facts-format.ts';

/** What one commit changes; null: nothing of the node itself. */
export interface FactsChange {
  readonly services: readonly (readonly [ServiceName, ServiceFacts])[];
  readonly nodeFacts: NodeFacts | null;
}

/** A line with its end, and the hash from which the next one goes on. */
export interface ChangeLine {
  readonly text: string;
  readonly hash: string;
}

const linePattern = /^\{"hash":"([0-9a-f]{16})","change":(\{.*\})\}$/;

export function formatChange(before: string, change: FactsChange): ChangeLine {
  const services = Object.fromEntries(change.services);
  const body = JSON.stringify({services, nodeFacts: change.nodeFacts});
  const hash = sha256Text(before + body);
  return {text: `{"hash":"${hash}","change":${body}}\n`, hash};
}

/** The facts of a snapshot after all lines of its log. The error is a sentence. */
export function applyLog(
  snapshot: {readonly facts: StoredFacts; readonly checksum: string},
  text: string,
  clocks: BothClocks,
): Result<StoredFacts, string> {
  const lines = text.split('\n');
  // Behind the last line end stands nothing, or what a crash left of a line.
  lines.pop();
  const services = new Map(snapshot.facts.services);
  let {nodeFacts} = snapshot.facts;
  let hash = snapshot.checksum;
  for (const [index, line] of lines.entries()) {
    // A file system may have kept the length of the last write and zeros for its content.
    if (index === lines.length - 1 && line.includes('\0')) break;
    const read = readLine(line, hash, clocks);
    if (!read.ok) return err(`line ${index + 1} of its log ${read.error}`);
    hash = read.value.hash;
    for (const [name, facts] of read.value.services) services.set(name, facts);
    nodeFacts = read.value.nodeFacts ?? nodeFacts;
  }
  return ok({...snapshot.facts, services, nodeFacts});
}

interface ReadLine {
  readonly hash: string;
  readonly services: ReadonlyMap<ServiceName, ServiceFacts>;
  readonly nodeFacts: NodeFacts | null;
}

function readLine(line: string, before: string, clocks: BothClocks): Result<ReadLine, string> {
  const [, hash = '', body = ''] = linePattern.exec(line) ?? [];
  if (hash === '' || hash !== sha256Text(before + body)) return err('does not fit its hash');
  const change = parseObject(body);
  if (change === null || !isObject(change['services'])) return err('lacks its services');
  const services = readServices(change['services'], clocks);
  if (!services.ok) return err(`is incomplete: ${services.error}`);
  const {nodeFacts} = change;
  return ok({
    hash,
    services: services.value,
    nodeFacts: isObject(nodeFacts) ? readNodeFacts(nodeFacts, clocks) : null,
  });
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null; // The hash fits, but we have never written it.
  }
}

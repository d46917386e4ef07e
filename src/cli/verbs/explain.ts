/**
 * `ha explain SVC`: the own daemon's view, and that of each other node of the service where it
 * answers, because only a daemon itself knows why it does what it does.
 */

import {exitCodes} from '../../kernel/exit-codes.ts';
import type {NodeName} from '../../kernel/ids.ts';
import type {ServiceView} from '../../engine/view.ts';
import {explain as explanation} from '../../status/explain.ts';
import {statusJson} from '../../status/json.ts';
import type {StatusView} from '../../status/model.ts';
import {ask, askView, viewOf} from '../ask.ts';
import {findService} from '../find-service.ts';
import type {Invocation} from '../invocation.ts';
import {printJson, printLines} from '../print.ts';

/** Longest wait for the other nodes: an explanation without them is still worth having. */
const othersMs = 3_000;

export async function explain(invocation: Invocation): Promise<number> {
  const seen = await askView(invocation);
  if (typeof seen === 'number') return seen;
  const {view, stale} = seen;
  const service = findService(invocation.world, view, invocation.operands[0]!);
  if (typeof service === 'number') return service;
  const heard =
    stale === null
      ? await askOthers(invocation, view, service)
      : {others: new Map<string, StatusView>(), silent: new Map<string, string>()};
  if (invocation.flags['json'] === true) {
    const only = (one: StatusView): StatusView => ({
      ...one,
      services: one.services.filter((candidate) => candidate.name === service.name),
    });
    const views = [view, ...heard.others.values()].map((one) => [
      one.node,
      statusJson(only(one), stale),
    ]);
    const verdicts = service.instances.flatMap((instance) => instance.local?.verdicts ?? []);
    printJson(invocation.world, {
      service: service.name,
      verdicts,
      nodes: Object.fromEntries(views),
    });
  } else printLines(invocation.world, explanation({view, service, stale, ...heard}));
  return stale === null ? exitCodes.done : exitCodes.unreachable;
}

async function askOthers(
  invocation: Invocation,
  view: StatusView,
  service: ServiceView,
): Promise<{others: ReadonlyMap<string, StatusView>; silent: ReadonlyMap<string, string>}> {
  const others = new Map<string, StatusView>();
  const silent = new Map<string, string>();
  const askOne = async (node: NodeName): Promise<void> => {
    const answer = await ask(invocation, {op: 'view', node}, {silenceMs: othersMs});
    const theirs = answer.ok ? viewOf(answer.value) : null;
    if (theirs !== null) others.set(node, theirs);
    else silent.set(node, answer.ok ? answer.value.text : answer.error.message);
  };
  await Promise.all(service.nodes.filter((node) => node !== view.node).map(askOne));
  return {others, silent};
}

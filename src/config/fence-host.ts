/** `[fence#NODE]` against this host: programs, their parameters, and who can read the passwords. */

import type {ConfigCode} from './codes.ts';
import {isSecretName} from '../kernel/secret-names.ts';
import {quote, type Report} from './findings.ts';
import {clusterFile} from './cluster-file.ts';
import {nearest} from './nearest.ts';
import type {ClusterConfig, FenceConfig, HostFacts, Place} from './types.ts';

/** Programs that a section calls. */
export function fencePrograms({method}: FenceConfig): readonly string[] {
  if (method.kind === 'agent') return [method.agent];
  return [method.off, method.status ?? []].flatMap((words) => words.slice(0, 1));
}

/** The sections that this host uses: those of the other nodes. */
export function fencesOn(
  config: Pick<ClusterConfig, 'fences'>,
  own: string,
): readonly FenceConfig[] {
  return config.fences.filter(({node}) => node !== own);
}

export function checkFenceHost(
  fences: readonly FenceConfig[],
  facts: HostFacts,
  report: Report,
): void {
  for (const fence of fences) {
    for (const program of fencePrograms(fence)) {
      const fault = facts.fencePrograms?.get(program)?.fault ?? '';
      if (fault === '') continue;
      const message = `expected a program that can be run to fence ${fence.node}, found: ${fault}`;
      report('HA_CONF_FENCE_PROGRAM', fence.place, message);
    }
    checkParameters(fence, facts, report);
    checkPasswordFile(fence, facts, report);
  }
  checkClusterFile(fences, facts, report);
}

function checkParameters({method, place}: FenceConfig, facts: HostFacts, report: Report): void {
  if (method.kind !== 'agent') return;
  const known = facts.fencePrograms?.get(method.agent)?.parameters ?? null;
  if (known === null) return;
  for (const name of method.parameters.keys()) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const hint = near === null ? `Type "${method.agent} -o metadata".` : `Did you mean "${near}"?`;
    const message = `${method.agent} expected a parameter that it knows, found ${quote(name)}`;
    report('HA_CONF_FENCE_PARAMETER', place, message, hint);
  }
}

function checkPasswordFile({method, place}: FenceConfig, facts: HostFacts, report: Report): void {
  const path = method.kind === 'agent' ? method.passwordFile : null;
  const mode = path === null ? undefined : facts.passwordFiles?.get(path);
  if (path === null || mode === undefined) return;
  if (mode === null) {
    const message = `expected a file with a password, found none at ${path}`;
    report('HA_CONF_FENCE_PASSWORD_MISSING', place, message);
  } else refuseReadable({path, mode, place}, report);
}

/** A password in cluster.conf makes that file a secret. */
function checkClusterFile(
  fences: readonly FenceConfig[],
  {clusterFileMode: mode}: HostFacts,
  report: Report,
): void {
  const holder = fences.find(
    ({method}) => method.kind === 'agent' && [...method.parameters.keys()].some(isSecretName),
  );
  if (holder === undefined || mode === undefined) return;
  refuseReadable({path: clusterFile, mode, place: holder.place}, report);
}

function refuseReadable(
  {path, mode, place}: {readonly path: string; readonly mode: number; readonly place: Place},
  report: Report,
): void {
  if ((mode & 0o077) === 0) return;
  const found = (mode & 0o777).toString(8).padStart(4, '0');
  const code: ConfigCode = 'HA_CONF_FENCE_SECRET_READABLE';
  const message = `expected ${path} with a password to have mode 0600, found ${found}`;
  report(code, place, message, `Type "chmod 600 ${path}".`);
}

/** `ha status --json` of one node, as far as tests look at it. */

import type {ClusterNode} from '../harness/node.ts';

interface InstanceJson {
  readonly state: string;
  readonly epoch?: number;
  readonly reason?: string;
  readonly waiting?: {readonly reason: string; readonly detail: string} | null;
}

export interface StatusJson {
  readonly summary: string;
  /** RFC 3339 by the wall clock of the daemon. */
  readonly at: string;
  readonly level: string;
  readonly nodes: Readonly<Record<string, {readonly state: string; readonly incarnation: number}>>;
  readonly services: Readonly<
    Record<
      string,
      {readonly owner: string | null; readonly instances: Readonly<Record<string, InstanceJson>>}
    >
  >;
  readonly links: readonly {
    readonly id: string;
    readonly fault: string | null;
    readonly peers: readonly {readonly node: string; readonly rx: string; readonly state: string}[];
  }[];
  readonly alarms: readonly {readonly code: string; readonly text: string}[];
  readonly stale: unknown;
}

export interface Status extends StatusJson {
  /** State of the service on a node, UNKNOWN where the asked one does not know it. */
  readonly stateOf: (service: string, node: string) => string;
  /** Reason of what the service waits for on a node, else of its state; `` where there is none. */
  readonly reasonOf: (service: string, node: string) => string;
  /** Codes of the standing alarms. */
  readonly codes: readonly string[];
}

/** Fails where the daemon does not answer: what it last wrote down is not its status. */
export async function readStatus(node: ClusterNode): Promise<Status> {
  const {code, stdout, stderr} = await node.exec(['ha', 'status', '--json']);
  let json: StatusJson;
  try {
    json = JSON.parse(stdout) as StatusJson;
  } catch {
    throw new Error(`ha status --json: exit ${String(code)}: ${stderr}${stdout}`);
  }
  if (json.stale !== null) throw new Error(`the daemon of ${node.name} does not answer`);
  const instance = (service: string, name: string): InstanceJson | undefined =>
    json.services[service]?.instances[name];
  return {
    ...json,
    stateOf: (service, name) => instance(service, name)?.state ?? 'UNKNOWN',
    reasonOf: (service, name) => {
      const found = instance(service, name);
      return found?.waiting?.reason ?? found?.reason ?? '';
    },
    codes: json.alarms.map((alarm) => alarm.code),
  };
}

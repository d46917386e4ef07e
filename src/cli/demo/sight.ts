/** One look at all there is to see: the process table, the client, and what the nodes say. */

import type {DaemonView} from '../../control/types.ts';
import type {InstanceView, NodeView} from '../../engine/view.ts';
import type {HttpSeen} from './http-watch.ts';
import {demoNodes, type DemoNodeName} from './layout.ts';

export interface NodeSight {
  readonly name: DemoNodeName;
  /** From the process table: the daemon with its children, and web servers of this node. */
  readonly daemonPids: readonly number[];
  readonly webPids: readonly number[];
  /** What the daemon says of itself; null: it does not answer. */
  readonly view: DaemonView | null;
  /** States that the service passed through on this node since the step began, by its journal. */
  readonly passed: readonly string[];
  /** Reasons that were given meanwhile for waiting. */
  readonly waited: readonly string[];
}

export interface Sight {
  readonly http: HttpSeen;
  readonly nodes: Readonly<Record<DemoNodeName, NodeSight>>;
}

export const demoService = 'web';

export function otherNode(node: DemoNodeName): DemoNodeName {
  return node === 'node1' ? 'node2' : 'node1';
}

/** The service's instance on its own node; null where the daemon does not answer. */
export function instanceOf(sight: NodeSight): InstanceView | null {
  const service = sight.view?.services.find(({name}) => name === demoService);
  return service?.instances.find(({node}) => node === sight.name) ?? null;
}

/** How this node sees the other one. */
export function peerOf(sight: NodeSight): NodeView | null {
  return sight.view?.nodes.find(({local}) => !local) ?? null;
}

export function webServersIn(sight: Sight): readonly DemoNodeName[] {
  return demoNodes.flatMap((name) => sight.nodes[name].webPids.map(() => name));
}

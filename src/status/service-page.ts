/** `ha status SVC`: the tree of this node, the instances on all nodes, then what is abnormal. */

import type {InstanceView, ServiceView} from '../engine/view.ts';
import {formatAge} from '../kernel/duration.ts';
import {serviceItems} from './abnormal-services.ts';
import {itemLines, withoutRepeats} from './item.ts';
import {blank, dim, faded} from './lines.ts';
import type {Line, Piece} from './lines.ts';
import {instanceCell} from './matrix.ts';
import type {Stale, StatusView} from './model.ts';
import {staleLines} from './overview.ts';
import {table} from './table.ts';
import {tree} from './tree.ts';

export function servicePage(
  view: StatusView,
  service: ServiceView,
  stale: Stale | null,
): readonly Line[] {
  const body = [...tree(view, service), blank, ...instances(service)];
  if (stale !== null) return [...staleLines(stale), blank, ...faded(body)];
  const items = serviceItems({...view, services: [service]});
  return [...body, ...withoutRepeats(items).flatMap((item) => [blank, ...itemLines(item)])];
}

function instances(service: ServiceView): readonly Line[] {
  const header = ['node', 'state', 'for', 'epoch', `class ${service.serviceClass}`].map(dim);
  return table([header, ...service.instances.map(instanceRow)]);
}

function instanceRow(instance: InstanceView): readonly Piece[] {
  return [
    instance.local === null ? instance.node : `${instance.node} (here)`,
    instanceCell(instance),
    formatAge(instance.stateAgeMs),
    String(instance.epoch),
    instance.local === null ? (instance.owner ? 'owner' : '') : instance.local.cause.reason,
  ];
}

/** `ha status -c`: one line per service, no columns to line up, made to be grepped and cut. */

import {firstLine} from './overview.ts';
import type {Line} from './lines.ts';
import {stateTones} from './matrix.ts';
import type {Stale, StatusView} from './model.ts';

export function compact(view: StatusView, stale: Stale | null): readonly Line[] {
  return [
    [firstLine(view, stale)],
    ...view.services.map((service): Line => [
      service.name,
      ...service.instances.flatMap((instance): Line => [
        ` ${instance.node}=`,
        {text: instance.state, tone: stateTones[instance.state]},
      ]),
    ]),
  ];
}

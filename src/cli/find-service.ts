/** The service that was named, or a complaint with the name that was probably meant. */

import {nearest} from '../config/nearest.ts';
import type {ServiceView} from '../engine/view.ts';
import {exitCodes} from '../kernel/exit-codes.ts';
import {printable} from '../status/text.ts';
import type {World} from './world.ts';

/** Names that a complaint lists at most. */
const namesMax = 8;

export function findService(
  world: World,
  view: {readonly services: readonly ServiceView[]},
  name: string,
): ServiceView | number {
  const found = view.services.find((service) => service.name === name);
  if (found !== undefined) return found;
  const names: readonly string[] = view.services.map((service) => service.name);
  const meant = nearest(name, names);
  const known = names.slice(0, namesMax).join(', ') + (names.length > namesMax ? ', ...' : '');
  const help =
    meant === null
      ? names.length === 0
        ? 'None is configured.'
        : `Known: ${known}`
      : `Did you mean "${meant}"?`;
  world.stderr.write(`ha: no service is called "${printable(name)}". ${help}\n`);
  return exitCodes.noSuch;
}

/** Frames carry 32-bit hashes of names: two names with one hash could not be told apart. */

import {hashName} from '../kernel/hash.ts';
import type {ClusterDraft} from './draft.ts';
import type {Report} from './findings.ts';
import type {Place} from './types.ts';

interface Named {
  readonly name: string;
  readonly place: Place;
}

export function checkNames(draft: ClusterDraft, report: Report): void {
  const {config, media, place} = draft;
  checkHashes(
    config.nodes.map((name) => ({name, place})),
    report,
  );
  checkHashes(
    config.services.map((service) => ({name: service.name, place: service.place})),
    report,
  );
  const ids = [...media.links, ...media.disks].map(({config: medium}) => ({
    name: medium.id,
    place: medium.place,
  }));
  checkHashes(ids, report);
}

function checkHashes(named: readonly Named[], report: Report): void {
  const owners = new Map<number, string>();
  for (const {name, place} of named) {
    const hash = hashName(name);
    const owner = owners.get(hash);
    if (owner === undefined) owners.set(hash, name);
    else if (owner !== name) {
      report(
        'HA_CONF_NAME_COLLISION',
        place,
        `expected ${name} to differ from ${owner} in its hash`,
      );
    }
  }
}

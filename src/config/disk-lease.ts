/** The numbers of a disk heartbeat. Defaults follow the model of sanlock: R = 2D, L = 8D. */

import type {DiskId, NodeName} from '../kernel/ids.ts';
import {slotBlocksMax} from './limits.ts';
import {diskDeadMsMin, leaseWaitMs} from './inequalities.ts';
import type {DiskConfig, Place} from './types.ts';

/** What was written; null: the default. */
export interface DiskNumbers {
  readonly ioMs: number;
  readonly renewMs: number | null;
  readonly leaseMs: number | null;
  readonly deadMs: number | null;
  readonly slotBlocks: number | null;
}

export interface DiskPlaces {
  readonly id: DiskId;
  readonly device: ReadonlyMap<NodeName, string>;
  readonly slotBlock: ReadonlyMap<NodeName, number>;
  readonly place: Place;
}

export function diskConfig(
  places: DiskPlaces,
  numbers: DiskNumbers,
  clockErrorRatio: number,
): DiskConfig {
  const {ioMs} = numbers;
  const renewMs = numbers.renewMs ?? 2 * ioMs;
  const leaseMs = numbers.leaseMs ?? renewMs + 6 * ioMs;
  return {
    ...places,
    slotBlocks: numbers.slotBlocks ?? smallestDistance([...places.slotBlock.values()]),
    ioMs,
    renewMs,
    deadMs: numbers.deadMs ?? diskDeadMsMin({ioMs, renewMs}),
    leaseMs,
    waitMs: leaseWaitMs(leaseMs, clockErrorRatio),
  };
}

/** What lies between two slots belongs to the lower one, up to the most that a slot can use. */
function smallestDistance(slots: readonly number[]): number {
  const ordered = [...slots].sort((left, right) => left - right);
  let smallest = slotBlocksMax;
  for (let index = 1; index < ordered.length; index += 1) {
    smallest = Math.min(smallest, ordered[index]! - ordered[index - 1]!);
  }
  return Math.max(1, smallest);
}

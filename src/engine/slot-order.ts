/**
 * Slots in the order in which they were made. One that waited behind a record may be overtaken by a
 * beat, and written after it would look like an old image of the disk: that proves nothing, so the
 * others would count the disk as lost.
 */

import type {DiskId} from '../kernel/ids.ts';

export class SlotOrder {
  readonly #written = new Map<DiskId, number>();

  /** False where a newer one was handed out already. */
  take({disk, sequence}: {readonly disk: DiskId; readonly sequence: number}): boolean {
    if (sequence <= (this.#written.get(disk) ?? 0)) return false;
    this.#written.set(disk, sequence);
    return true;
  }
}

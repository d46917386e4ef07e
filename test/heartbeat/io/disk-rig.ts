/** Two nodes on one device, and everything that their clients say. */

import {nodeName} from '../../../src/kernel/ids.ts';
import type {NodeName} from '../../../src/kernel/ids.ts';
import {diskId} from '../../../src/kernel/ids.ts';
import type {DiskConfig} from '../../../src/config/types.ts';
import {DiskClient} from '../../../src/heartbeat/io/disk-client.ts';
import type {DiskState} from '../../../src/heartbeat/io/disk-client.ts';

export const names = [nodeName('node1'), nodeName('node2')] as const;

export function diskOf(device: string, changes: Partial<DiskConfig> = {}): DiskConfig {
  const [one, two] = names;
  return {
    id: diskId('hb#3'),
    device: new Map([
      [one, device],
      [two, device],
    ]),
    slotBlock: new Map([
      [one, 0],
      [two, 2],
    ]),
    slotBlocks: 2,
    ioMs: 5_000,
    renewMs: 20,
    deadMs: 5_000,
    leaseMs: 8_000,
    waitMs: 19_000,
    place: {file: 'cluster.conf', line: 1},
    ...changes,
  };
}

export class DiskSide {
  readonly client: DiskClient;
  readonly states: DiskState[] = [];
  readonly notes: string[] = [];
  /** The last text of each slot that was read, without the zeros. */
  readonly slots = new Map<NodeName, string>();
  readonly #slotBytes: number;

  constructor(disk: DiskConfig, node: NodeName) {
    this.#slotBytes = disk.slotBlocks * 512;
    this.client = new DiskClient({
      disk,
      node,
      nowMs: () => performance.now(),
      onSlot: (owner, bytes) => {
        this.slots.set(
          owner,
          `${bytes.length} ${new TextDecoder().decode(bytes)}`.replace(/\0+$/, ''),
        );
      },
      onState: (state) => this.states.push(state),
      onNote: (note) => this.notes.push(note),
    });
  }

  write(text: string): void {
    const bytes = new Uint8Array(this.#slotBytes);
    new TextEncoder().encodeInto(text, bytes);
    this.client.write(bytes);
  }

  /** What the last read, and the last write, came to: a fault, `ok`, or nothing yet. */
  last(action: 'read' | 'write'): string {
    const state = this.states.findLast((each) => each.action === action);
    return state === undefined ? '' : (state.fault ?? 'ok');
  }
}

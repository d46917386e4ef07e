/** The faults that `ha timeline` plays, one entry each. */

import type {ClusterConfig} from '../config/types.ts';
import type {NodeName} from '../kernel/ids.ts';
import type {OwnerState} from './owner.ts';
import type {Signs} from './types.ts';

export interface FaultSpec {
  readonly id: string;
  readonly title: (owner: NodeName) => string;
  readonly signs: Signs;
  readonly owner: OwnerState;
  /** Why it cannot happen with this configuration; null: it can. */
  readonly absent: (config: ClusterConfig) => string | null;
}

const always = (): null => null;
const needsDisk = ({disks}: ClusterConfig): string | null =>
  disks.length > 0 ? null : 'no shared disk is configured';
const needsArbiter = ({arbiter}: ClusterConfig): string | null =>
  arbiter === null ? 'no arbiter is configured: nothing waits for one' : null;
const needsLease = (config: ClusterConfig): string | null =>
  config.arbiter === null ? needsDisk(config) : null;
const nothingLeft = {links: false, disk: false, arbiter: false} as const;
/** Of the owner alone. */
const ownerGone = {...nothingLeft, others: true} as const;

export const faultSpecs: readonly FaultSpec[] = [
  {
    id: 'power-loss',
    title: (owner) => `${owner} loses power, or its kernel dies`,
    signs: ownerGone,
    owner: 'off',
    absent: always,
  },
  {
    id: 'daemon-crash',
    title: (owner) => `the daemon of ${owner} dies and does not come back`,
    signs: ownerGone,
    owner: 'unattended',
    absent: always,
  },
  {
    id: 'network-cut',
    title: () => 'every link is cut, both nodes live',
    signs: {links: false, disk: true, arbiter: true},
    owner: 'alive',
    absent: ({links}) => (links.length > 0 ? null : 'no link over the network is configured'),
  },
  {
    id: 'disk-loss',
    title: (owner) => `${owner} loses the shared disk`,
    signs: {links: true, disk: false, arbiter: true},
    owner: 'alive',
    absent: needsDisk,
  },
  {
    id: 'isolation',
    title: (owner) => `every link is cut and ${owner} loses the disk`,
    signs: nothingLeft,
    owner: 'alive',
    absent: needsLease,
  },
  {
    id: 'arbiter-loss',
    title: () => 'the arbiter is out of reach',
    signs: {links: true, disk: true, arbiter: false},
    owner: 'alive',
    absent: needsArbiter,
  },
  {
    id: 'pause',
    title: (owner) => `${owner} stands still for long, and goes on`,
    signs: ownerGone,
    owner: 'asleep',
    absent: always,
  },
];

import {digestText} from '../kernel/hash.ts';

/**
 * Eight bytes that name the cluster, as two 32-bit numbers. They come from the name and not from
 * the key, so that "another cluster on this segment" and "our cluster with a wrong key" stay apart.
 */
export function clusterId(clusterName: string): readonly [number, number] {
  const digest = digestText(`cluster ${clusterName}`);
  return [Number.parseInt(digest.slice(0, 8), 16), Number.parseInt(digest.slice(8), 16)];
}

/** Where client and daemon meet. */

/** Longest path that a socket address holds on every system, its end marker taken off. */
export const socketPathCharsMax = 103;

/** The control socket in the run directory. */
export function controlSocketPath(runDirectory: string): string {
  return `${runDirectory.replace(/\/+$/, '')}/ha.sock`;
}

/**
 * Every limit that more than one room must know. A limit is a promise: what exceeds it is counted,
 * said once, and dropped or refused; nothing grows without end.
 */

/** Nodes in one cluster: a frame must hold the echo of every peer on every link. */
export const nodesMax = 8;
/** Services: the rotation of ten frames that carries them all takes ten beats. */
export const servicesMax = 1_024;
/** Heartbeat links and disks together: the echo list of a frame is nodes x links entries. */
export const mediaMax = 8;
/** Largest datagram we send or read: fits an Ethernet frame with room for tunnels. */
export const frameBytesMax = 1_200;
/** Dirty services that one engine turn works through; the rest waits for the next turn. */
export const servicesPerTurnMax = 64;
/** Orders (start, switch ...) under way at once; a further one is refused with 109. */
export const ordersMax = 256;
/** Plans that run at the same time on a node: forks are serial, scripts share the cores. */
export const plansParallelMax = 32;
/** Output of a child that is kept; what exceeds it is cut with a marker. */
export const outputBytesMax = 64 * 1_024;

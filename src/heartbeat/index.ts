/** The public surface of the pure half of the heartbeat room. */
export {clusterId} from './cluster-id.ts';
export {decodeFrame} from './decode-frame.ts';
export {encodeFrame} from './encode-frame.ts';
export type {EncodedFrame, EncodeOptions} from './encode-frame.ts';
export {keyedChecksum} from './keyed-checksum.ts';
export type {ChecksumKey} from './keyed-checksum.ts';
export {recordBytes} from './layout.ts';
export type {Direction, LinkHealth, LinkState, MediumSpec} from './link-track.ts';
export {PeerView} from './peer-view.ts';
export type {PeerViewOptions} from './peer-view.ts';
export type * from './received.ts';
export {encodeSlot} from './slot.ts';
export type {EncodedSlot, SlotOptions} from './slot.ts';
export * from './types.ts';

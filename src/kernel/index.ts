/** The public surface of the kernel: what every other room may use. */
export * from './assert.ts';
export * from './bounded-queue.ts';
export * from './chance.ts';
export * from './duration.ts';
export * from './ending.ts';
export * from './exit-codes.ts';
export * from './hash.ts';
export * from './ids.ts';
export * from './limits.ts';
export * from './places.ts';
export * from './reasons.ts';
export * from './result.ts';
export * from './virtual-clock.ts';
export * from './words.ts';

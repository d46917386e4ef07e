/** Evidence in, verdict out. */
export * from './judge.ts';
export * from './types.ts';

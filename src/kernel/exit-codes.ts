/** Exit codes of every command (docs/exit-codes.md). */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  noSuch: 5,
  frozen: 6,
  running: 75,
  notPermitted: 77,
  configuration: 78,
  noProof: 106,
  unsafe: 107,
  busy: 109,
  timeout: 124,
} as const;

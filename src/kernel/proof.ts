/** The proofs of docs/safety.md, and which of them each class of service asks for. */

/** P0 silence ... P4 the peer or its access is off, verified, or it said goodbye. */
export const proofClasses = ['P0', 'P1', 'P2', 'P3', 'P4'] as const;
export type ProofClass = (typeof proofClasses)[number];

/** The weakest proof that a service of a class accepts. */
export const proofNeeded = {
  none: 'P0',
  address: 'P1',
  exclusive: 'P2',
  data: 'P3',
} as const satisfies Readonly<Record<string, ProofClass>>;

/** The classes, weakest demand first. */
export const serviceClassNames = Object.keys(proofNeeded);

export function proofRank(proof: ProofClass): number {
  return proofClasses.indexOf(proof);
}

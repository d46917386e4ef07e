/** Which resources of a service an order means, as an operator types it; null: not typed. */

export interface Selection {
  /** `fs#1,ip,disk.loop`: resources, families or types, separated by commas. */
  readonly rid: string | null;
  /** `a+b,c`: all tags of a group joined by `+`, of one of the groups separated by commas. */
  readonly tags: string | null;
  /** `g1,fs:g2`: subsets, of any family or of one. */
  readonly subset: string | null;
  /** A start goes as far as this resource, family or type, and no further. */
  readonly upto: string | null;
  /** The same for a stop. */
  readonly downto: string | null;
}

export const selectionKeys = ['rid', 'tags', 'subset', 'upto', 'downto'] as const;

/** Longest text of one selector. */
export const selectorCharsMax = 2_000;

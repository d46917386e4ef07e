/** Checksums that need no key. None of them protects against an attacker: that is the MAC's job. */

/** FNV-1a, 32 bit, of UTF-8 text without surrogates: names on the wire. Never 0. */
export function hashName(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0 || 1;
}

/** Two independent FNV-1a runs as one 16-digit hexadecimal digest: configuration skew. */
export function digestText(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x1b873593;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x85ebca6b);
    high ^= high >>> 13;
  }
  return hex32(high) + hex32(low);
}

/** Folds a number into a running 32-bit digest; order matters. Start with 0. */
export function mix32(digest: number, value: number): number {
  let mixed = Math.imul(digest ^ value, 0x9e3779b1);
  mixed ^= mixed >>> 15;
  return mixed >>> 0;
}

/** Eight lower-case hexadecimal digits. */
export function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}

/** The text between two braces: a modifier, `#` for a count, a name, an index. */

export interface Reference {
  readonly modifier: string | null;
  /** `{#list}`: how many elements it has. */
  readonly counts: boolean;
  readonly target: string;
  /** `[0]` is the first one, `[-1]` the last one. */
  readonly index: number | null;
}

const modifiers: Readonly<Record<string, (text: string) => string>> = {
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  capitalize: (text) => capital(text.toLowerCase()),
  title: (text) => text.toLowerCase().replaceAll(/[a-z]+/g, capital),
  swapcase: (text) =>
    text.replaceAll(/\p{L}/gu, (one) => {
      const upper = one.toUpperCase();
      return one === upper ? one.toLowerCase() : upper;
    }),
  uri_ip: (text) => (text.includes(':') ? `[${text}]` : text),
};

export const modifierNames: readonly string[] = Object.keys(modifiers);

export function splitReference(text: string): Reference {
  const prefix = /^([a-z_]+):(.*)$/.exec(text);
  const known = prefix !== null && Object.hasOwn(modifiers, prefix[1]!);
  const rest = known ? prefix[2]! : text;
  const counts = rest.startsWith('#');
  const bare = counts ? rest.slice(1) : rest;
  const index = /^(.*)\[(-?\d{1,4})\]$/.exec(bare);
  return {
    modifier: known ? prefix[1]! : null,
    counts,
    target: index?.[1] ?? bare,
    index: index === null ? null : Number(index[2]),
  };
}

export function applyModifier(modifier: string | null, text: string): string {
  return modifier === null ? text : modifiers[modifier]!(text);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

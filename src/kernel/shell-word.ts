/**
 * A word as one would type it at a shell (POSIX sh, 2.2 Quoting): for what is shown to a person or
 * written into a script. Nothing of ours is ever run through a shell.
 */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : singleQuoted(text);
}

/** A whole command, as one would type it. */
export function commandLine(argv: readonly string[]): string {
  return argv.map(shellWord).join(' ');
}

/** A word, always between quotes. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

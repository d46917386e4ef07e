/**
 * What a command may touch of the process, handed in once: the same code runs under a shell and in
 * a test, and no command reads the environment behind anybody's back.
 */

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Columns and rows of the terminal; 80 and 24 where it is none. */
  readonly columns: number;
  readonly rows: number;
}

export interface World {
  /** The name we were called by, without its directory: `ha`, `service`, `p26.opensvc.com` ... */
  readonly programName: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `linux`, `freebsd` ... */
  readonly platform: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** True where a person can be asked. */
  readonly canAsk: boolean;
  /** One line typed by the person, or null at the end of the input. */
  ask(question: string): Promise<string | null>;
  /** Runs a program of the person's choice at this terminal; null, or why it failed. */
  runAtTerminal(words: readonly string[]): Promise<string | null>;
  /** Single keys for the live display, as the terminal sends them; the return value ends it. */
  onKey(listener: (key: string) => void): () => void;
  /** Called at Ctrl-C and when the terminal goes away; the return value takes the listener off. */
  onInterrupt(listener: () => void): () => void;
  /** Who gives the order, as `root@pts/1`, for the journal and for whoever reads it later. */
  actor(): Promise<string>;
  /** Wall clock, ms since 1970. */
  wallMs(): number;
}

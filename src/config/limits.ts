/** Limits of the configuration room: a file that exceeds one is a finding, never a slow daemon. */

/** Bytes of one file. A `services` file with 1,024 long lines is about 200 KB. */
export const fileBytesMax = 512 * 1_024;
/** Characters of one line: room for a path of 4,096 characters would invite mistakes, not users. */
export const lineCharsMax = 2_048;
/** Characters of one value, with its continuation lines and with what it refers to. */
export const valueCharsMax = 8_192;
/** Lines of one file. */
export const linesMax = 10_000;
/** Sections of one ini file. */
export const sectionsMax = 512;
/** Resources of one service; each is started within one plan. */
export const resourcesMax = 64;
/** Launchers in one `SERVICE.d` folder. */
export const launchersMax = 128;
/** Entries of the configuration directory that are looked at: services, folders and companions. */
export const directoryEntriesMax = 8_192;
/** Ways to switch one node off, tried one after the other. */
export const fenceLevelsMax = 9;
/** Words of one command line. */
export const wordsMax = 64;
/** Findings of each severity that are kept; the others are counted in one last finding. */
export const findingsMax = 200;
/** Blocks of 512 bytes that one slot may take: one liveness record and 63 state pages. */
export const slotBlocksMax = 64;
/** Highest slot that a message on the wire and a 64-bit offset both carry without loss. */
export const slotBlockMax = 2 ** 40;
/** Bytes of `secret.key` below which it can not hold a key of 256 bits in hexadecimal. */
export const secretBytesMin = 64;

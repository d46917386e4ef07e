/**
 * Names that must not be mixed up. A brand costs nothing at run time and makes the compiler refuse
 * a service name where a node name belongs. Names are validated once, in the configuration room.
 */

declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & {readonly [brand]: Name};

/**
 * A node, as `uname -n` prints it: 1 to 64 characters of `[A-Za-z0-9._-]`, first one alphanumeric.
 */
export type NodeName = Branded<string, 'NodeName'>;
/** A service, 1 to 64 characters of the same alphabet. */
export type ServiceName = Branded<string, 'ServiceName'>;
/** A heartbeat link over a network, as `hb#1`. */
export type LinkId = Branded<string, 'LinkId'>;
/** A heartbeat over a shared disk, as `hb#2`. */
export type DiskId = Branded<string, 'DiskId'>;
/** A resource inside its service, as `app#1` or `script`. */
export type ResourceId = Branded<string, 'ResourceId'>;

/**
 * Longest node or service name. Long enough for a fully qualified name, short enough for a frame.
 */
export const nameCharsMax = 64;

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * True where text may be used as a node or service name: no path separators, no control characters.
 */
export function isName(text: string): boolean {
  return namePattern.test(text) && !text.includes('..');
}

/** Order of names as a person counts: `web2` before `web10`, and `web2` before `web02`. */
export function compareNames(left: string, right: string): number {
  const parts = /\d+|\D+/g;
  const [ours, theirs] = [left.match(parts) ?? [], right.match(parts) ?? []];
  for (const [index, part] of ours.entries()) {
    const other = theirs[index];
    if (other === undefined) return 1;
    const byNumber = Number(part) - Number(other);
    if (byNumber !== 0 && !Number.isNaN(byNumber)) return byNumber;
    if (Number.isNaN(byNumber) && part !== other) return part < other ? -1 : 1;
  }
  if (ours.length < theirs.length) return -1;
  return left === right ? 0 : left < right ? 1 : -1;
}

export const nodeName = (text: string): NodeName => text as NodeName;
export const serviceName = (text: string): ServiceName => text as ServiceName;
export const linkId = (text: string): LinkId => text as LinkId;
export const diskId = (text: string): DiskId => text as DiskId;
export const resourceId = (text: string): ResourceId => text as ResourceId;

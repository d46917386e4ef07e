/** Which names stand for values that are shown nowhere: not in a log, a journal or a digest. */

const pattern = /pass|secret|token|key|community/;

export function isSecretName(name: string): boolean {
  return pattern.test(name.toLowerCase());
}

/** What an operator is told to type where the daemon cannot be asked. */

import {describe, expect, it} from 'vitest';
import {unreachableText} from '../../src/cli/unreachable.ts';

const fromRun = (run: string): {text: string; exit: number} =>
  unreachableText({
    paths: {conf: '/etc/ha', state: '/var/lib/ha', run, nodeName: null},
    platform: 'linux',
    error: {code: 'HA_DAEMON_DENIED', message: 'EACCES'},
  });

describe('a socket of root', () => {
  it('asked by somebody else is refused with the line to type', () => {
    const {text, exit} = fromRun('/run/ha');
    expect(exit).toBe(77);
    expect(text).toMatch(/only root may speak to \/run\/ha\/.*\n {3}-> sudo ha status\n$/);
  });

  it('elsewhere is named in that line, because sudo keeps no HA_RUN', () => {
    expect(fromRun('/tmp/a/run').text).toContain('-> sudo ha status --run /tmp/a/run\n');
  });
});

/** What an operator is told to type where the daemon cannot be asked. */

import {describe, expect, it} from 'vitest';
import {unreachableText} from '../../src/cli/unreachable.ts';

const denied = (run: string, args: readonly string[]): {text: string; exit: number} =>
  unreachableText({
    paths: {conf: '/etc/ha', state: '/var/lib/ha', run, nodeName: null},
    world: {platform: 'linux', programName: 'ha', args},
    error: {code: 'HA_DAEMON_DENIED', message: 'EACCES'},
  });

describe('a socket of root', () => {
  it('asked by somebody else is refused with the line to type', () => {
    const {text, exit} = denied('/run/ha', ['freeze', 'web', '--why', "it's late"]);
    expect(exit).toBe(77);
    expect(text).toContain('only root may speak to /run/ha/');
    expect(text).toMatch(/\n {3}-> sudo ha freeze web --why 'it'\\''s late'\n$/);
  });

  it('elsewhere is named in that line once, because sudo keeps no HA_RUN', () => {
    expect(denied('/tmp/a/run', ['status']).text).toContain('-> sudo ha status --run /tmp/a/run\n');
    const said = ['--run', '/tmp/a/run', 'status'];
    expect(denied('/tmp/a/run', said).text).toContain('-> sudo ha --run /tmp/a/run status\n');
  });
});

/** What is written is what is read: generated configurations come back value by value. */

import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {formatDuration} from '../../src/kernel/duration.ts';
import {accept, type Texts} from './support.ts';

const quiet = {numRuns: 150};
const nodes = fc.integer({min: 2, max: 8}).map((count) => {
  return Array.from({length: count}, (_, index) => `node${index + 1}`);
});
const beats = fc.integer({min: 50, max: 2_000});

describe('a generated configuration', () => {
  it('keeps the timing that was written', () => {
    fc.assert(
      fc.property(nodes, beats, fc.boolean(), (names, beatMs, manual) => {
        const deadMs = 5 * beatMs + 200;
        const text = `[cluster]
name = c${beatMs}
nodes = ${names.join('   ')}
takeover = ${manual ? 'MANUAL' : 'proven'}
beat = ${formatDuration(beatMs)}
dead = ${deadMs}ms
delay = 10ms
[hb#7]
type = multicast
[hb#9]
type = multicast
port = 9
`;
        const config = accept({'cluster.conf': text});
        expect(config.nodes).toEqual(names);
        expect(config.takeover).toBe(manual ? 'manual' : 'proven');
        expect(config.timing).toMatchObject({beatMs, deadMs, delayMs: 10, stallMs: beatMs});
        expect(config.timing.graceMs).toBe(3 * beatMs + 10);
        expect(config.links.map(({id, deadMs: own}) => [id, own])).toEqual([
          ['hb#7', deadMs],
          ['hb#9', deadMs],
        ]);
        expect(config.links[0]!.ends.get(config.nodes[0]!)!.sendTo).toEqual([
          {address: '239.192.71.7', port: 10_006},
        ]);
      }),
      quiet,
    );
  });

  it('keeps the slots of a disk, and what lies between them', () => {
    const gaps = fc.array(fc.integer({min: 1, max: 200}), {minLength: 2, maxLength: 8});
    fc.assert(
      fc.property(gaps, fc.integer({min: 50, max: 3_000}), (distances, ioMs) => {
        const names = distances.map((_, index) => `node${index + 1}`);
        const slots = distances.map((_, index) =>
          distances.slice(0, index + 1).reduce((sum, gap) => sum + gap, 0),
        );
        const text = `[cluster]
nodes = ${names.join(' ')}
[hb#1]
type = disk
device = /dev/shared
device@node2 = /dev/other
io = ${ioMs}ms
${names.map((name, index) => `slot@${name} = ${slots[index]!}`).join('\n')}
`;
        const [disk] = accept({'cluster.conf': text}).disks;
        expect([...disk!.slotBlock.values()]).toEqual(slots);
        expect(disk!.slotBlocks).toBe(Math.min(64, ...distances.slice(1)));
        expect([...disk!.device.values()].slice(0, 2)).toEqual(['/dev/shared', '/dev/other']);
        expect(disk).toMatchObject({ioMs, renewMs: 2 * ioMs, leaseMs: 8 * ioMs, deadMs: 8 * ioMs});
        expect(disk!.waitMs * 0.9995).toBeGreaterThanOrEqual(disk!.leaseMs * 1.0005 + 1_000);
      }),
      quiet,
    );
  });

  it('keeps what OpenHA wrote', () => {
    const links = fc.array(fc.integer({min: 2, max: 60}), {minLength: 1, maxLength: 4});
    fc.assert(
      fc.property(links, fc.integer({min: 1, max: 500}), (timeouts, gap) => {
        const lines = timeouts.flatMap((timeout, index) => [
          `node1 net eth${index} 239.1.1.${index} 1000 ${timeout}`,
          `node2\tnet\teth${index}\t239.1.1.${index}\t2000\t${timeout + 1}`,
        ]);
        lines.push('node1 dio /dev/sdb 7 30', `node2 disk /dev/sdb ${7 + gap} 30`);
        const texts: Texts = {nodes: 'node1\nnode2\n', monitor: lines.join('\n')};
        const config = accept(texts);
        expect(config.links.map(({deadMs}) => deadMs)).toEqual(
          timeouts.map((timeout) => (timeout + 1) * 1_000),
        );
        expect(config.disks[0]!.slotBlocks).toBe(Math.min(64, gap));
        const shortestMs = Math.min(5_000, ...config.links.map(({deadMs}) => deadMs));
        expect(config.timing.beatMs * 5).toBeLessThanOrEqual(shortestMs);
      }),
      quiet,
    );
  });

  it('keeps the words of a command, however they are quoted', () => {
    const word = fc.string({
      unit: fc.constantFrom('a', ' ', '"', '$', '|', '#', ';', '\\'),
      maxLength: 6,
    });
    const single = (text: string): string => `'${text}'`;
    const double = (text: string): string => `"${text.replaceAll(/["\\$]/g, String.raw`\$&`)}"`;
    const written = fc.array(fc.tuple(word, fc.constantFrom(single, double)), {maxLength: 5});
    fc.assert(
      fc.property(written, (words) => {
        const line = words.map(([text, quote]) => quote(text)).join(' ');
        const config = accept({
          'cluster.conf': '[cluster]\nnodes = node1 node2\n[hb#1]\ntype = multicast\n',
          'web.conf': `[DEFAULT]\nnodes = node1 node2\n[app#1]\nstart = /opt/x ${line} # end\n`,
        });
        const [resource] = config.services[0]!.resources;
        const start = resource!.type === 'app' ? resource.start : null;
        expect(start).toEqual(['/opt/x', ...words.map(([text]) => text)]);
      }),
      quiet,
    );
  });

  it('is frozen, so that no room can change it under another', () => {
    const config = accept({
      'cluster.conf': '[cluster]\nnodes = node1 node2\n[hb#1]\ntype = multicast\n',
    });
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config.timing)).toBe(true);
    expect(Object.isFrozen(config.links[0]!.ends.get(config.nodes[0]!)!.listen)).toBe(true);
  });
});

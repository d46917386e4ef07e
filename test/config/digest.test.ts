import {describe, expect, it} from 'vitest';
import {accept, openhaFiles, webService, withDisk, type Texts} from './support.ts';

const base: Texts = {'cluster.conf': withDisk, 'web.conf': webService};

function digest(texts: Texts): string {
  return accept(texts).digest;
}

/** The base with one replacement in the file that holds it. */
function changed(from: string, to: string): Texts {
  const entries = Object.entries(base).map(([file, text]) => [file, text.replace(from, to)]);
  const texts = Object.fromEntries(entries) as Texts;
  expect(texts).not.toEqual(base);
  return texts;
}

describe('the digest', () => {
  it.each([
    ['name', 'name = blue', 'name = red'],
    ['takeover', 'name = blue', 'name = blue\ntakeover = manual'],
    ['beat', 'name = blue', 'name = blue\nbeat = 900ms'],
    ['dead', 'name = blue', 'name = blue\ndead = 6s'],
    ['grace', 'name = blue', 'name = blue\ngrace = 10s'],
    ['group', 'type = multicast', 'type = multicast\ngroup = 239.9.9.9'],
    ['address', '10.0.0.1', '10.0.0.9'],
    ['device', '/dev/shared', '/dev/other'],
    ['slots', '/dev/shared', '/dev/shared\nslot_blocks = 8'],
    ['lease', '/dev/shared', '/dev/shared\nlease = 9s'],
    ['order of a service', '[DEFAULT]\nnodes = node1 node2', '[DEFAULT]\nnodes = node2 node1'],
    ['class', '[app#1]', 'class = none\n[app#1]'],
    ['orchestrate', '[app#1]', 'orchestrate = no\n[app#1]'],
    ['stop_timeout', 'check = yes', 'check = yes\nstop_timeout = 3s'],
    ['resource', '[app#1]', '[app#2]'],
  ])('changes with %s', (_, from, to) => {
    expect(digest(changed(from, to))).not.toBe(digest(base));
  });

  it.each([
    ['comments', '[cluster]', '# hello\n[cluster]'],
    ['order of the nodes of the cluster', 'nodes = node1 node2\n[hb', 'nodes = node2 node1\n[hb'],
    ['interface names', 'type = multicast', 'type = multicast\niface = eth7'],
    ['paths of commands', '/opt/web/ctl', '/srv/web/ctl'],
    ['peer port', 'name = blue', 'name = blue\npeer_port = 9999'],
    ['monitor', '[app#1]', 'monitor = 1m\n[app#1]'],
    ['words for one value', 'check = yes', 'check = true\nstart_timeout = 300s'],
  ])('does not change with %s', (_, from, to) => {
    const texts = changed(from, to);
    // Slots are given by position where none is written: an order that has a meaning.
    const fixed = (one: Texts): Texts => ({
      ...one,
      'cluster.conf': `${one['cluster.conf']!}slot@node1 = 0\nslot@node2 = 64\n`,
    });
    expect(digest(fixed(texts))).toBe(digest(fixed(base)));
  });

  it('does not change with the order of sections, lines and files', () => {
    const one = `${openhaFiles['services']!}b /opt/b node1 node2 /bin/true\n`;
    const two = `b /opt/b node1 node2 /bin/true\n${openhaFiles['services']!}`;
    expect(digest({...openhaFiles, services: two})).toBe(digest({...openhaFiles, services: one}));
  });
});

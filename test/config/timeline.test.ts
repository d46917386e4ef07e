import {describe, expect, it} from 'vitest';
import {takeoverOf} from '../../src/config/takeover.ts';
import {timeline, type Timeline} from '../../src/config/timeline.ts';
import {accept, openhaFiles, twoLinks, webService, withDisk, wrap, type Texts} from './support.ts';

function read(texts: Texts): Timeline {
  return timeline(accept(texts));
}

function table(texts: Texts): readonly string[] {
  return read(texts).inequalities.map(
    ({id, subject, formula, leftMs, rightMs, slackMs, holds}) =>
      `${holds ? 'ok' : 'no'} ${id} ${subject}: ${formula}: ${leftMs} ${rightMs} ${slackMs}`,
  );
}

function worst(texts: Texts): Record<string, number | null> {
  const {takeovers} = read(texts);
  return Object.fromEntries(takeovers.map((one) => [one.serviceClass, one.worstMs]));
}

describe('the timeline', () => {
  it("of OpenHA's files prints each inequality with its slack", () => {
    expect(table(openhaFiles)).toMatchInlineSnapshot(`
      [
        "ok I1 hb#net1: dead >= 3h + d + S: 10000 4050 5950",
        "ok I2 hb#disk1: dead >= 3R + 2D: 10000 8000 2000",
        "ok I3 hb#disk1: L >= R + 6D: 8000 8000 0",
        "ok I4 hb#disk1 and p26.opensvc.com: L - T_stop >= R + 2D: 4000 4000 0",
        "ok I5 hb#disk1: W (1 - r) >= (L + 2T) (1 + r) + 1s: 9004.4955 9004 0.496",
        "ok I7 cluster: G >= 2h + d + S: 3050 3050 0",
        "ok I13 hb#net1: dead >= 3h + 2d + S: 10000 4100 5900",
      ]
    `);
  });

  it('writes each rule in the numbers of the configuration, and says whether it holds', () => {
    const shown = read({'cluster.conf': withDisk, 'web.conf': webService}).inequalities.map(
      ({id, subject, numbers, status}) => `${status} ${id} ${subject}: ${numbers}`,
    );
    expect(shown).toMatchInlineSnapshot(`
      [
        "OK I1 hb#1: 5s >= 3 x 1s + 50ms + 1s",
        "OK I1 hb#2: 5s >= 3 x 1s + 50ms + 1s",
        "OK I2 hb#3: 8s >= 3 x 2s + 2 x 1s",
        "OK I3 hb#3: 8s >= 2s + 6 x 1s",
        "OK I4 hb#3 and web: 8s - 4s >= 2s + 2 x 1s",
        "OK I5 hb#3: 9.009s x 0.9995 >= 8s x 1.0005 + 1s",
        "OK I7 cluster: 3.05s >= 2 x 1s + 50ms + 1s",
        "OK I13 hb#1: 5s >= 3 x 1s + 2 x 50ms + 1s",
        "OK I13 hb#2: 5s >= 3 x 1s + 2 x 50ms + 1s",
      ]
    `);
  });

  it('grades each service by the nodes that it has', () => {
    const text = `${withDisk.replace('node1 node2', 'node1 node2 node3')}
[watchdog]
mode = required
mode@node3 = off
`.replace('address@node2', 'address@node3 = 10.0.0.3\naddress@node2');
    const data = webService.replace('[app#1]', 'class = data\n[app#1]');
    const three = data.replace('node1 node2', 'node1 node2 node3');
    const {grade, services} = read({'cluster.conf': text, 'two.conf': data, 'three.conf': three});
    expect(grade).toBe('C');
    expect(services.map((one) => `${one.service} ${one.grade} ${one.possible}`)).toEqual([
      'three C false',
      'two B true',
    ]);
  });

  it('counts a watchdog for less where its host says that it may be paused', () => {
    const text = `${withDisk}[watchdog]\nmode = required\n`;
    const config = accept({'cluster.conf': text});
    const weak = new Set([config.nodes[0]!]);
    expect([timeline(config).grade, timeline(config, weak).grade]).toEqual(['B', 'C']);
    const data = timeline(config, weak).takeovers.find((one) => one.serviceClass === 'data');
    expect(data).toMatchObject({possible: false, proof: 'P2', source: 'none'});
  });

  it('asks for a lease in which a slow write and half of it for stopping find room', () => {
    const broken = (lease: string): readonly string[] => {
      const text = `${withDisk}renew = 5s\nlease = ${lease}\ndead = 17s\n`;
      const {inequalities} = read({'cluster.conf': text, 'web.conf': webService});
      return inequalities.filter((one) => !one.holds).map(({id, remedy}) => `${id} ${remedy}`);
    };
    expect(broken('11s')).toEqual([
      'I4 A single slow write would stop it where no peer answers. Write lease = 14s.',
    ]);
    expect(broken('14s')).toEqual([]);
  });

  it('binds by I4 only what runs by the lease', () => {
    const address = webService.replace('[app#1]', 'class = address\n[app#1]');
    const ids = (service: string): readonly string[] =>
      read({'cluster.conf': withDisk, 'web.conf': service}).inequalities.map(({id}) => id);
    expect(ids(webService)).toContain('I4');
    expect(ids(address)).not.toContain('I4');
  });

  it('of the fast profile holds everywhere', () => {
    const text = withDisk.replace('name = blue', 'profile = fast');
    expect(table({'cluster.conf': text})).toMatchInlineSnapshot(`
      [
        "ok I1 hb#1: dead >= 3h + d + S: 1000 850 150",
        "ok I1 hb#2: dead >= 3h + d + S: 1000 850 150",
        "ok I2 hb#3: dead >= 3R + 2D: 2000 2000 0",
        "ok I3 hb#3: L >= R + 6D: 2000 2000 0",
        "ok I5 hb#3: W (1 - r) >= (L + 2T) (1 + r) + 1s: 3001.4985 3001 0.499",
        "ok I7 cluster: G >= 2h + d + S: 650 650 0",
        "ok I13 hb#1: dead >= 3h + 2d + S: 1000 900 100",
        "ok I13 hb#2: dead >= 3h + 2d + S: 1000 900 100",
      ]
    `);
  });

  it('adds up the worst case by class', () => {
    expect(worst({'cluster.conf': twoLinks})).toEqual({
      none: 5_050 + 1_000,
      address: 5_050 + 1_000,
      exclusive: null,
      data: null,
    });
    // The look that sees the last write, the lease waited out, one more look, own turns.
    expect(worst({'cluster.conf': withDisk})).toEqual({
      none: 11_000 + 1_000,
      address: 11_000 + 1_000,
      exclusive: 3_000 + 9_009 + 3_000 + 1_000,
      data: null,
    });
    const fast = withDisk.replace('name = blue', 'profile = fast');
    expect(worst({'cluster.conf': fast})['exclusive']).toBe(750 + 3_003 + 750 + 200);
  });

  it('adds the grace where a third node could be better placed', () => {
    const three = twoLinks
      .replace('nodes = node1 node2', 'nodes = node1 node2 node3')
      .concat('address@node3 = 10.0.0.3\n');
    const takeover = takeoverOf(accept({'cluster.conf': three}), 'address');
    expect(takeover.parts.map(({durationMs}) => durationMs)).toEqual([5_050, 3_050, 1_000]);
    expect(takeover.worstMs).toBe(9_100);
  });

  it('grades C with a disk lease and D without, and names the bad day of each class', () => {
    const classes = ['none', 'address', 'exclusive', 'data'];
    const services = Object.fromEntries(
      classes.map((name) => [
        `${name}.conf`,
        webService.replace('[app#1]', `class = ${name}\n[app#1]`),
      ]),
    );
    const seen = [twoLinks, withDisk].map((text) => {
      const {grade, scenarios} = read({'cluster.conf': text, ...services});
      return [grade, ...scenarios.flatMap(({kind, text: words}) => wrap(words, `${kind}: `))];
    });
    expect(seen).toMatchInlineSnapshot(`
      [
        [
          "D",
          "split: All links are cut while both nodes live: services of class none start a",
          "       second time within 6.05s; when the links heal, one of them stops.",
          "split: All links are cut while both nodes live: services of class address start a",
          "       second time within 6.05s; when the links heal, one of them stops.",
          "down: A node falls silent: services of class exclusive stay down until an operator",
          "      types "ha confirm-dead": they need P2, and P1 is the best.",
          "down: A node falls silent: services of class data stay down until an operator types",
          "      "ha confirm-dead": they need P3, and P1 is the best.",
        ],
        [
          "C",
          "split: All links and the disk are cut while both nodes live: services of class none",
          "       start a second time within 12s; when the links heal, one of them stops.",
          "split: All links and the disk are cut while both nodes live: services of class",
          "       address start a second time within 12s; when the links heal, one of them",
          "       stops.",
          "split: A node loses its links and its disk, and a stop takes longer than 4s, half",
          "       its lease (a slow or hung script, a paused machine): the other node starts it",
          "       9.009s after the last renewal. For a service that needs longer to stop, write",
          "       a lease of twice that; the rest only a watchdog or fencing closes.",
          "down: A node falls silent: services of class data stay down until an operator types",
          "      "ha confirm-dead": they need P3, and P2 is the best.",
        ],
      ]
    `);
  });

  it('promises nothing with takeover = manual or with one node', () => {
    const manual = withDisk.replace('name = blue', 'takeover = manual');
    expect(worst({'cluster.conf': manual})).toEqual({
      none: null,
      address: null,
      exclusive: null,
      data: null,
    });
    expect(wrap(read({'cluster.conf': manual}).scenarios[0]!.text, '')).toMatchInlineSnapshot(`
      [
        "A node dies: with takeover = manual its services stay down until an operator types",
        ""ha confirm-dead".",
      ]
    `);
    const alone = read({'cluster.conf': '[cluster]\nnodes = node1\n'});
    expect(alone.scenarios).toEqual([{kind: 'down', text: 'There is no second node.'}]);
  });

  it('names every inequality once, as checked or as absent', () => {
    const {inequalities, absent} = read(openhaFiles);
    const ids = new Set([...inequalities.map(({id}) => id), ...absent.map(({id}) => id)]);
    expect([...ids].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)))).toEqual(
      Array.from({length: 16}, (_, index) => `I${index + 1}`),
    );
  });
});

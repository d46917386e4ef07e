import {readFileSync} from 'node:fs';
import {describe, expect, it} from 'vitest';
import {initialClusterConf} from '../../src/config/initial.ts';
import {parse, render, withDisk} from './support.ts';

const conf = new URL('../../conf/', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, conf), 'utf8');

describe('the configuration that ha init writes', () => {
  it('is accepted as it is, and asks for a second heartbeat', () => {
    const {config, findings} = parse({'cluster.conf': initialClusterConf(['node1', 'node2'])});
    expect(config?.nodes).toEqual(['node1', 'node2']);
    expect(findings.map(({code}) => code)).toEqual(['HA_CONF_SINGLE_LINK']);
  });

  it('is complete where its comments are taken for lines', () => {
    const text = initialClusterConf(['node1', 'node2', 'node3']);
    const open = text.replaceAll(/^# (?=\[|\w+(?:@\w+)? = )/gm, '');
    const {config, findings} = parse({'cluster.conf': open});
    expect(render(findings)).toBe('');
    expect(config?.links.map(({id, kind}) => `${id} ${kind}`)).toEqual([
      'hb#1 multicast',
      'hb#2 unicast',
    ]);
    expect([...config!.disks[0]!.slotBlock.values()]).toEqual([0, 64, 128]);
    expect(config!.fences.map(({node}) => node)).toEqual(config!.nodes);
    expect(config!.arbiter?.endpoints).toHaveLength(3);
    expect(config!.watchdogs.size).toBe(3);
    expect(config!.pings.size).toBe(3);
  });

  it('is the example that is shipped', () => {
    expect(read('cluster.conf.example')).toBe(initialClusterConf(['node1', 'node2']));
  });
});

describe('the examples that are shipped', () => {
  it('hold a service file without a finding of its own', () => {
    const {config, findings} = parse({
      'cluster.conf': withDisk,
      'web.conf': read('SERVICE.conf.example'),
    });
    expect(config?.services[0]?.resources.length).toBeGreaterThan(1);
    expect(render(findings.filter(({file}) => file === 'web.conf'))).toBe('');
  });

  it("hold OpenHA's three files without a finding", () => {
    const names = ['nodes', 'monitor', 'services'];
    const texts = Object.fromEntries(names.map((name) => [name, read(`openha/${name}`)]));
    const {config, findings} = parse(texts);
    expect(render(findings)).toBe('');
    expect(config?.services).toHaveLength(1);
  });
});

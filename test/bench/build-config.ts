/** A cluster of two nodes with `count` services, through the real parser. */

import {parseConfig} from '../../src/config/parse.ts';
import {unknownHost} from '../../src/config/host-facts.ts';
import type {ClusterConfig} from '../../src/config/types.ts';

const clusterConf = `[cluster]
name = bench
nodes = node1 node2
[hb#1]
type = multicast
[hb#2]
type = unicast
address@node1 = 10.0.0.1
address@node2 = 10.0.0.2
[hb#3]
type = disk
device = /dev/sdb
`;

const serviceConf = `[DEFAULT]
nodes = node1 node2
class = exclusive
[app#0]
script = /bin/true
start = yes
stop = yes
check = yes
`;

export function buildConfig(count: number): ClusterConfig {
  const texts = new Map([['cluster.conf', clusterConf]]);
  for (let index = 0; index < count; index += 1) texts.set(`s${index}.conf`, serviceConf);
  const {config, findings} = parseConfig({
    texts,
    facts: unknownHost('node1'),
    directory: '/etc/ha',
  });
  if (config === null) throw new Error(JSON.stringify(findings.slice(0, 3)));
  return config;
}

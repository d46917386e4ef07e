/** Configurations as tests write them: texts by file name, and a host on which nothing is wrong. */

import {unknownHost} from '../../src/config/host-facts.ts';
import {parseConfig} from '../../src/config/parse.ts';
import type {
  ClusterConfig,
  ConfigFiles,
  ConfigOutcome,
  Finding,
  HostFacts,
} from '../../src/config/types.ts';

export type Texts = Readonly<Record<string, string>>;

export function filesOf(texts: Texts, facts: Partial<HostFacts> = {}): ConfigFiles {
  return {
    texts: new Map(Object.entries(texts)),
    directory: '/etc/ha',
    facts: {...unknownHost('node1'), ...facts},
  };
}

export function parse(texts: Texts, facts: Partial<HostFacts> = {}): ConfigOutcome {
  return parseConfig(filesOf(texts, facts));
}

/** The configuration of texts that have no error. */
export function accept(texts: Texts, facts: Partial<HostFacts> = {}): ClusterConfig {
  const outcome = parse(texts, facts);
  if (outcome.config === null) throw new Error(`refused:\n${render(outcome.findings)}`);
  return outcome.config;
}

/** Place, severity and code, then message and hint, each indented and wrapped. */
export function render(findings: readonly Finding[]): string {
  return findings
    .flatMap(({file, line, severity, code, message, hint}) => [
      `${file}:${line}: ${severity} ${code}`,
      ...wrap(message, '  '),
      ...wrap(hint, '  -> '),
    ])
    .join('\n');
}

/** Words of a sentence, 84 columns wide. */
export function wrap(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length > 84 && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = ' '.repeat(indent.length);
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}

/** A cluster of two nodes with two links, to which tests add what they are about. */
export const twoLinks = `[cluster]
name = blue
nodes = node1 node2
[hb#1]
type = multicast
[hb#2]
type = unicast
address@node1 = 10.0.0.1
address@node2 = 10.0.0.2
`;

/** The same with a shared disk. */
export const withDisk = `${twoLinks}[hb#3]
type = disk
device = /dev/shared
`;

/** A service file that has nothing to complain about. */
export const webService = `[DEFAULT]
nodes = node1 node2
[app#1]
script = /opt/web/ctl
start = yes
stop = yes
check = yes
`;

/** OpenHA's own files of the getting started guide: two nodes, multicast, one shared LUN. */
const lun = '/dev/mapper/14f504e46494c45526967724d32682d553243692d4f336a4c';
export const openhaFiles: Texts = {
  nodes: 'node1\nnode2\n',
  monitor: [
    'node1 net eth0 239.131.50.10 1234 10',
    `node1 dio ${lun} 0 10`,
    'node2 net eth0 239.131.50.10 4321 10',
    `node2 dio ${lun} 2 10`,
    '',
  ].join('\n'),
  services: 'p26.opensvc.com\t/etc/opensvc/p26.opensvc.com.cluster\tnode1\tnode2\t/bin/true\n',
};

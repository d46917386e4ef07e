/**
 * Runs inside of a node: reads a service file, and carries out `probe RID`, `start RID`, `stop RID`
 * by the drivers of the product, one after the other. The argument and the answer are JSON.
 */

import {unknownHost} from '../../../src/config/host-facts.ts';
import {parseConfig} from '../../../src/config/parse.ts';
import type {ServiceConfig} from '../../../src/config/types.ts';
import {createRegistry} from '../../../src/drivers/registry.ts';
import type {DriverContext} from '../../../src/failover/types.ts';
import {nodeName} from '../../../src/kernel/ids.ts';

const [text = ''] = process.argv.slice(2);
const {node, conf, steps, deadlineMs} = JSON.parse(text) as {
  node: string;
  conf: string;
  steps: readonly string[];
  deadlineMs: number;
};

function serviceOf(): ServiceConfig {
  const outcome = parseConfig({
    texts: new Map([
      ['cluster.conf', '[cluster]\nnodes = node1 node2\n[hb#1]\ntype = multicast\niface = eth0\n'],
      ['web.conf', `[DEFAULT]\nnodes = node1 node2\nclass = none\n${conf}`],
    ]),
    directory: '/etc/ha',
    facts: unknownHost(node),
  });
  const [service] = outcome.config?.services ?? [];
  if (service === undefined) throw new Error(JSON.stringify(outcome.findings, null, 1));
  return service;
}

const service = serviceOf();
const {driverFor} = createRegistry({node: nodeName(node)});
const answers: unknown[] = [];
for (const step of steps) {
  const [action = '', rid] = step.split(' ');
  const resource = service.resources.find((one) => one.rid === rid);
  if (resource === undefined) throw new Error(`no resource ${rid} in the service`);
  const lines: string[] = [];
  const {signal} = new AbortController();
  const log = (line: string): void => void lines.push(line);
  const context: DriverContext = {service, epoch: 1, deadlineMs, signal, log};
  const driver = driverFor(resource);
  const answer =
    action === 'probe'
      ? await driver.probe(resource, context)
      : await driver[action as 'start' | 'stop'](resource, context);
  answers.push({...answer, lines});
}
console.log(JSON.stringify(answers));

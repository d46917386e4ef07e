/** Texts that produce each finding about resource agents and units. */

import {readOcfMetadata} from '../../src/config/ocf/metadata.ts';
import type {UnitFact} from '../../src/config/units.ts';
import {twoLinks, type Texts} from './support.ts';

const service = (text: string): Texts => ({
  'cluster.conf': twoLinks,
  'web.conf': `[DEFAULT]\nnodes = node1 node2\n${text}`,
});

const ocf = (lines: string) => service(`[ocf#1]\ntype = own:web\nport = 80\n${lines}`);
const unit = (lines = '') => service(`[systemd#1]\nunit = web\n${lines}`);
const at = 'web.conf:3';

const read = readOcfMetadata(`<resource-agent name="web">
<parameters>
<parameter name="port" required="1"><content type="integer"/></parameter>
<parameter name="old"><deprecated/><content type="string"/></parameter>
</parameters>
<actions>
<action name="start" timeout="90s"/><action name="stop"/><action name="monitor"/>
</actions>
</resource-agent>`);
const metadata = read.ok ? read.value : null;
const promotable = metadata && {
  ...metadata,
  actions: [...metadata.actions, {...metadata.actions[0]!, name: 'promote'}],
};

const agent = (fault = '', said: typeof metadata = metadata, metadataFault = '') => ({
  agents: new Map([['own/web', {fault, metadata: said, metadataFault}]]),
});

const units = (change: Partial<UnitFact>) => {
  const sound = {
    load: 'loaded',
    file: 'disabled',
    type: 'simple',
    remains: false,
    startMs: 90_000,
    stopMs: 90_000,
  };
  return {units: new Map([['web.service', {...sound, ...change}]])};
};

export const agentRows = [
  {
    code: 'HA_CONF_OCF_AGENT',
    texts: ocf(''),
    facts: agent('/usr/lib/ocf/resource.d/own/web: no such file', null),
    at,
  },
  {
    code: 'HA_CONF_OCF_METADATA',
    texts: ocf(''),
    facts: agent('', null, 'expected <resource-agent>, found none'),
    at,
  },
  {code: 'HA_CONF_OCF_PARAMETER', texts: ocf('pot = 80\n'), facts: agent(), at},
  {
    code: 'HA_CONF_OCF_REQUIRED',
    texts: service('[ocf#1]\ntype = own:web\n'),
    facts: agent(),
    at,
  },
  {
    code: 'HA_CONF_OCF_VALUE',
    texts: service('[ocf#1]\ntype = own:web\nport = http\n'),
    facts: agent(),
    at,
  },
  {code: 'HA_CONF_OCF_DEPRECATED', texts: ocf('old = 1\n'), facts: agent(), at},
  {code: 'HA_CONF_OCF_TIMEOUT', texts: ocf('start_timeout = 20s\n'), facts: agent(), at},
  {code: 'HA_CONF_OCF_PROMOTABLE', texts: ocf(''), facts: agent('', promotable), at},
  {code: 'HA_CONF_UNIT_MISSING', texts: unit(), facts: units({load: 'not-found'}), at},
  {code: 'HA_CONF_UNIT_MASKED', texts: unit(), facts: units({load: 'masked'}), at},
  {code: 'HA_CONF_UNIT_ENABLED', texts: unit(), facts: units({file: 'enabled'}), at},
  {code: 'HA_CONF_UNIT_ONESHOT', texts: unit(), facts: units({type: 'oneshot'}), at},
  {
    code: 'HA_CONF_UNIT_TIMEOUT',
    texts: unit('stop_timeout = 90s\n'),
    facts: units({}),
    at,
  },
] as const;

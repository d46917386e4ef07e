/** Findings about resource agents and units of systemd: a part of `configCodes`. */

import type {CodeEntry} from './codes.ts';

export const agentCodes = {
  HA_CONF_OCF_AGENT: {
    severity: 'warning',
    sentence: 'An agent of a section [ocf#N] can not be run on this host.',
    remedy: 'Install it (Debian: resource-agents), or correct "type".',
  },
  HA_CONF_OCF_METADATA: {
    severity: 'warning',
    sentence: 'An agent says nothing about itself, so that its parameters can not be checked.',
    remedy: 'Run it with "meta-data" by hand; a sound agent prints XML and ends with 0.',
  },
  HA_CONF_OCF_PARAMETER: {
    severity: 'warning',
    sentence: 'A key of a section [ocf#N] is neither ours nor a parameter of its agent.',
    remedy: 'Correct the name; the agent lists its parameters with "meta-data".',
  },
  HA_CONF_OCF_REQUIRED: {
    severity: 'error',
    sentence: 'A parameter that the agent requires is missing.',
    remedy: 'Write it as a key of the section.',
  },
  HA_CONF_OCF_VALUE: {
    severity: 'warning',
    sentence: 'A parameter of an agent is not of the kind that the agent wants.',
    remedy: 'Correct the value.',
  },
  HA_CONF_OCF_DEPRECATED: {
    severity: 'note',
    sentence: 'A parameter is one that its agent means to give up.',
    remedy: 'The metadata of the agent name what takes its place.',
  },
  HA_CONF_OCF_TIMEOUT: {
    severity: 'warning',
    sentence: 'A deadline is shorter than the one that the agent advises.',
    remedy: 'Write a longer one: a good action would be ended.',
  },
  HA_CONF_OCF_PROMOTABLE: {
    severity: 'error',
    sentence: 'An agent can be promoted, and nobody here would: its start alone may not be enough.',
    remedy: 'Where its plain start is what you want (pgsql, mysql), write unpromoted = yes.',
  },
  HA_CONF_UNIT_MISSING: {
    severity: 'warning',
    sentence: 'A unit of a section [systemd#N] is unknown to the systemd of this host, or wrong.',
    remedy: 'Install it; after a change of its file type "systemctl daemon-reload".',
  },
  HA_CONF_UNIT_MASKED: {
    severity: 'warning',
    sentence: 'A unit is masked, so that it can not be started.',
    remedy: 'Type "systemctl unmask" with its name.',
  },
  HA_CONF_UNIT_ENABLED: {
    severity: 'warning',
    sentence: 'A unit is enabled: after a boot it would start beside us, on every node.',
    remedy: 'Type "systemctl disable" with its name.',
  },
  HA_CONF_UNIT_ONESHOT: {
    severity: 'warning',
    sentence: 'A unit of Type=oneshot is inactive when its command has ended: it is never up.',
    remedy: 'Write RemainAfterExit=yes into the unit.',
  },
  HA_CONF_UNIT_TIMEOUT: {
    severity: 'warning',
    sentence: 'A deadline ends before that of the unit, so that a failed action is never told.',
    remedy: 'Write a longer deadline than TimeoutStartSec= and TimeoutStopSec= of the unit.',
  },
} as const satisfies Record<string, CodeEntry>;

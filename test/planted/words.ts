/** Slips in what is believed: frames and slots, probes, outcomes of scripts, memory of the node. */

import type {Defect} from './defect.ts';

export const words: readonly Defect[] = [
  {
    name: 'a failed stop is taken for a stop',
    file: 'engine/plan-results.ts',
    find: "if (outcome.kind === 'done') {\n    return {type: 'plan.done',",
    replace: "if (outcome.kind === 'done' || kind === 'stop') {\n    return {type: 'plan.done',",
    by: {scenario: 'stop-failure'},
  },
  {
    name: 'a start that could not be undone is taken for clean',
    file: 'engine/plan-results.ts',
    find: 'const clean = start && outcome.clean;',
    replace: 'const clean = start;',
    by: {scenario: 'undo-fails'},
  },
  {
    name: 'a probe without an answer is taken for down',
    file: 'failover/merge-probes.ts',
    find: "probes.length > 0 && probes.every((probe) => probe.verifiable && isIn(probe, 'down'));",
    replace: "probes.length > 0 && probes.every((probe) => !isIn(probe, 'up'));",
    by: {scenario: 'probe-without-answer'},
  },
  {
    name: 'what cannot be asked is stopped after a restart of the daemon',
    file: 'engine/probes.ts',
    find: 'if (service.bootId !== engine.bootId) {',
    replace: 'if (service.bootId !== null) {',
    by: {scenario: 'daemon-restart-unprobeable'},
  },
  {
    name: 'a freeze does not survive a restart',
    file: 'engine/emit.ts',
    find: "if (service.state === 'FROZEN_START') return 'start';",
    replace: "if (service.state === 'FROZEN_START') return null;",
    by: {scenario: 'unfreeze-probes'},
  },
  {
    name: 'clear believes without a confirmation',
    file: 'fsm/service-machine.ts',
    find: "'clear': {guard: 'confirmed', target: 'FOUND_STOPPED', actions: 'thenRest'},",
    replace: "'clear': {target: 'FOUND_STOPPED', actions: 'thenRest'},",
    by: {scenario: 'stop-failed-then-silent'},
  },
  {
    name: 'unfreeze believes without a probe',
    file: 'fsm/service-machine.ts',
    find:
      "    FROZEN_START: {\n      on: {\n        'unfreeze': [\n" +
      "          {guard: 'probedUp', target: 'STARTED', actions: 'rest'},\n",
    replace:
      "    FROZEN_START: {\n      on: {\n        'unfreeze': [\n" +
      "          {target: 'STOPPED', actions: 'rest'},\n",
    by: {scenario: 'unfreeze-probes'},
  },
];

/** Slips in epochs, records and claims: what must be known, and written down, before a start. */

import type {Defect} from './defect.ts';

export const memory: readonly Defect[] = [
  {
    name: 'the epoch does not grow with a start',
    file: 'engine/services.ts',
    find: 'service.epoch + (unheard ? 2 : 1)',
    replace: 'service.epoch + (unheard ? 1 : 0)',
    by: {scenario: 'clean-leave'},
    fast: true,
  },
  {
    name: 'the epoch of the others is ignored',
    file: 'engine/peers.ts',
    find: 'if (epoch > service.epoch) {',
    replace: 'if (epoch > service.epoch + 1_000_000) {',
    by: {scenario: 'clean-leave'},
  },
  {
    name: 'a claim with a higher epoch is ignored',
    file: 'engine/conflict.ts',
    find: 'if (outranks(engine, service, rival)) {',
    replace: 'if (outranks(engine, service, rival) || rival.claim.epoch >= 0) {',
    by: {scenario: 'three-claim-at-once'},
  },
  {
    name: 'the start comes before its record',
    file: 'engine/plans.ts',
    find: '  persistChanged(engine, service);\n  record(engine, {\n',
    replace: "  engine.out.push({type: 'run-plan', plan});\n  record(engine, {\n",
    by: {scenario: 'clean-leave'},
    fast: true,
  },
  {
    name: 'the verdict is not written down',
    file: 'engine/services.ts',
    find: "    record(engine, {\n      kind: 'verdict',",
    replace: "    if (engine.out === null) record(engine, {\n      kind: 'verdict',",
    by: {scenario: 'kill-with-disk-lease'},
  },
  {
    name: 'a failed stop elsewhere is no obstacle',
    file: 'engine/may-start.ts',
    find: "return no('peer-stop-failed', `STOP_FAILED on ${name}: it may still run there`);",
    replace: 'return {ok: true, judged: null};',
    by: {scenario: 'stop-failure'},
    fast: true,
  },
  {
    name: 'a failed stop is forgotten when its node falls silent',
    file: 'engine/may-start.ts',
    find: "if (last === 'STOP_FAILED' && (verdict.proof !== 'P4' || peer.left)) {",
    replace: "if (last === 'STOP_FAILED' && verdict.proof === 'P0') {",
    by: {scenario: 'stop-failed-then-silent'},
  },
  {
    name: 'a promise survives too long',
    file: 'engine/rights.ts',
    find: 'this.#promisesMs.set(name, echoMs + this.#linkDeadMs);',
    replace: 'this.#promisesMs.set(name, echoMs + 3 * this.#linkDeadMs);',
    by: {scenario: 'total-partition'},
  },
  {
    name: 'damping is ignored',
    file: 'engine/may-start.ts',
    find: 'if (agoMs >= windowMs) return null;',
    replace: 'if (agoMs >= 0) return null;',
    by: {scenario: 'damping'},
  },
];

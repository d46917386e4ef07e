/** Slips in the verdict on a node that is not heard (src/arbitration, src/engine/evidence.ts). */

import type {Defect} from './defect.ts';

export const verdicts: readonly Defect[] = [
  {
    name: 'silence passes for proof',
    file: 'arbitration/judge.ts',
    find: 'if (proofRank(proof) < proofRank(need)) {',
    replace: 'if (proof === null) {',
    by: {scenario: 'kill-without-proof'},
    fast: true,
  },
  {
    name: 'the disk lease needs no attested watchdog',
    file: 'arbitration/judge-disk.ts',
    find: 'usable.every((disk) => disk.watchdogMs > 0)',
    replace: 'usable.length > 0',
    by: {scenario: 'kill-with-disk-lease'},
  },
  {
    name: 'a promise by link is not waited out',
    file: 'arbitration/judge-disk.ts',
    find: '    ...usable.map((disk) => restOfPromise(peer, disk.stopMs)),\n',
    replace: '',
    by: {scenario: 'promise-then-silence'},
    fast: true,
  },
  {
    name: 'who loses the promise is taken to stop at once',
    file: 'arbitration/promise-rest.ts',
    find: 'link.deadMs + stopMs - silent(link)',
    replace: 'link.deadMs - silent(link)',
    by: {scenario: 'promise-then-silence'},
  },
  {
    name: 'the slot counts as unchanged since the last look',
    file: 'arbitration/judge-disk.ts',
    find: 'return unchangedMs(disk) - (disk.readAgeMs ?? Infinity);',
    replace: 'return unchangedMs(disk);',
    by: {scenario: 'partition-then-disk'},
  },
  {
    name: 'the wait of a contender is half of what it must be',
    file: 'engine/evidence.ts',
    find: 'waitMs: contenderWaitMs(owner, disk?.waitMs ?? 0),',
    replace: 'waitMs: contenderWaitMs(owner, disk?.waitMs ?? 0) / 2,',
    by: {scenario: 'partition-then-disk'},
  },
  {
    name: 'the wait forgets the watchdog of the other node',
    file: 'config/inequalities.ts',
    find: 'return leaseWaitMs(leaseMs + 2 * watchdogMs, clockErrorRatio);',
    replace: 'return leaseWaitMs(leaseMs + 0 * watchdogMs, clockErrorRatio);',
    by: {scenario: 'watchdog-stop-hangs'},
  },
  {
    name: 'the verdict for one class serves for another',
    file: 'engine/evidence.ts',
    find: 'const key = `${peer.name}/${serviceClass}`;',
    replace: 'const key = peer.name;',
    by: {seeds: 60},
  },
  {
    name: 'silence counts from before we listened',
    file: 'arbitration/judge.ts',
    find: 'link.deadMs - Math.min(link.ageMs ?? Infinity, link.watchedMs)',
    replace: 'link.deadMs - (link.ageMs ?? Infinity)',
    by: {scenario: 'reboot-unprobeable'},
  },
  {
    name: 'a node that is cut off itself accuses the others',
    file: 'arbitration/judge.ts',
    find: "if (own.isolated && !(leased && lease?.decision === 'wait')) {",
    replace: "if (own.isolated && leased && lease?.decision === 'wait') {",
    by: {scenario: 'isolated-class-none'},
  },
  {
    name: 'an announced maintenance is not waited out',
    file: 'arbitration/judge.ts',
    find: 'if (peer.keepingMs !== null && peer.keepingMs > 0) {',
    replace: 'if (peer.keepingMs !== null && peer.keepingMs > Infinity) {',
    by: {scenario: 'kept-services'},
  },
  {
    name: 'takeover = manual is ignored',
    file: 'arbitration/judge.ts',
    find: "if (question.takeover === 'manual') {",
    replace: "if (question.takeover !== 'manual' && question.takeover !== 'proven') {",
    by: {scenario: 'manual-takeover'},
  },
];

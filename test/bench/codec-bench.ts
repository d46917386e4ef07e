/** What a frame weighs and costs, by the number of services it speaks of. */

import {randomBytes} from 'node:crypto';
import {decodeFrame} from '../../src/heartbeat/decode-frame.ts';
import {encodeFrame} from '../../src/heartbeat/encode-frame.ts';
import {HmacAuthenticator} from '../../src/heartbeat/io/hmac-auth.ts';
import type {Authenticator, Frame} from '../../src/heartbeat/types.ts';
import {hashName} from '../../src/kernel/hash.ts';
import {frameBytesMax} from '../../src/kernel/limits.ts';
import {medianOf, row, samplesUs, spreadOf, type Row} from './measure.ts';

const counts = [1, 100, 1_000];
const samples = 5_000;
const media = ['hb#1', 'hb#2', 'hb#3'];

export function codecBench(): readonly Row[] {
  const auth = new HmacAuthenticator('bench', [{id: 1, secret: randomBytes(32)}]);
  return counts.flatMap((count) => rowsOf(count, auth));
}

function rowsOf(count: number, auth: Authenticator): readonly Row[] {
  const at = `${count} services`;
  const frame = makeFrame(count);
  const options = {budgetBytes: frameBytesMax, auth};
  const {bytes, claimsWritten} = encodeFrame(frame, options);
  const asJson = JSON.stringify(frame);
  const encode = spreadOf(samplesUs(samples, () => encodeFrame(frame, options)));
  const decode = spreadOf(samplesUs(samples, () => decodeFrame(bytes, auth)));
  const json = medianOf(samplesUs(samples / 10, () => JSON.parse(JSON.stringify(frame))));
  const frames = Math.ceil(count / claimsWritten);
  const smaller = (asJson.length * claimsWritten) / count / bytes.length;
  return [
    row({
      what: 'frame: bytes on the wire',
      at,
      value: bytes.length,
      unit: 'bytes',
      beside: `${smaller.toFixed(1)} x smaller than as JSON`,
    }),
    row({what: 'frame: how many tell of all services', at, value: frames, unit: 'frames'}),
    row({
      what: 'frame: encode and sign, p50',
      at,
      value: encode.p50,
      unit: 'us',
      beside: `with decode ${((encode.p50 + decode.p50) / json).toFixed(2)} x JSON there and back`,
    }),
    row({what: 'frame: encode and sign, p99', at, value: encode.p99, unit: 'us'}),
    row({what: 'frame: verify and decode, p50', at, value: decode.p50, unit: 'us'}),
    row({what: 'frame: verify and decode, p99', at, value: decode.p99, unit: 'us'}),
  ];
}

function makeFrame(count: number): Frame {
  const claims = Array.from({length: count}, (_, index) => ({
    service: hashName(`s${index}`),
    state: 'STARTED' as const,
    epoch: 3,
    owner: true,
    handTo: 0,
  }));
  return {
    sender: hashName('node1'),
    medium: hashName('hb#1'),
    incarnation: 1_795_226_902,
    nonce: 7,
    sequence: 123_456,
    flags: {
      leaving: false,
      keeping: false,
      frozen: false,
      drained: false,
      wantAll: false,
      unfit: false,
    },
    decisionAgeMs: 0,
    configDigest: '9cda497d63bc8daf',
    claimsDigest: 1,
    claimsTotal: count,
    leaseMs: 8_000,
    watchdogMs: 0,
    peerPort: 7_717,
    heard: media.map((id) => ({
      peer: hashName('node2'),
      medium: hashName(id),
      incarnation: 1_795_226_903,
      sequence: 123_450,
    })),
    claims,
  };
}

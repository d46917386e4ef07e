/** What an attacker on the wire can make: of nothing, or of packets that it recorded. */

import {peekHeader} from '../heartbeat/decode-frame.ts';
import {keyedChecksum} from '../heartbeat/keyed-checksum.ts';
import {tagBytes} from '../heartbeat/layout.ts';
import type {Chance} from '../kernel/chance.ts';
import type {ForgeryKind} from './actions.ts';
import {simClusterName} from './shape.ts';

const wrongKey = keyedChecksum(simClusterName, [{id: 1, seed: 666}]);
const otherCluster = keyedChecksum('other', [{id: 1, seed: 1}]);
const noiseBytesMax = 1_300;

/** Bytes that must change nothing. `recorded`: a genuine packet, or null where none was heard. */
export function forge(kind: ForgeryKind, recorded: Uint8Array | null, chance: Chance): Uint8Array {
  if (kind === 'noise' || recorded === null) return noise(chance);
  const bytes = Uint8Array.from(recorded);
  switch (kind) {
    case 'bit-flip': {
      const index = chance.between(0, bytes.length - 1);
      bytes[index] = bytes[index]! ^ (1 << chance.between(0, 7));
      return bytes;
    }
    case 'truncated':
      return bytes.subarray(0, chance.between(0, bytes.length - 1));
    case 'wrong-key':
      return resigned(bytes, wrongKey);
    case 'other-cluster':
      return resigned(withCluster(bytes), otherCluster);
    default:
      return bytes;
  }
}

function noise(chance: Chance): Uint8Array {
  const bytes = new Uint8Array(chance.between(0, noiseBytesMax));
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = chance.between(0, 255);
  return bytes;
}

/** Raises the sequence, so that only the tag can tell it from the next genuine frame. */
function resigned(bytes: Uint8Array, auth: typeof wrongKey): Uint8Array {
  const header = peekHeader(bytes);
  if (typeof header === 'string') return bytes;
  const sequenceEnd = 43;
  bytes[sequenceEnd] = (bytes[sequenceEnd]! + 9) & 0xff;
  auth.sign(header, bytes, header.frameBytes - tagBytes);
  return bytes;
}

function withCluster(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer);
  view.setUint32(8, otherCluster.cluster[0]);
  view.setUint32(12, otherCluster.cluster[1]);
  return bytes;
}

/** The UDP ports of heartbeats: none meets another where nothing was written. */

import {describe, expect, it} from 'vitest';
import {accept, parse, twoLinks} from './support.ts';

const onPort = (multicast: string, unicast: string): readonly string[] =>
  parse({
    'cluster.conf': twoLinks
      .replace('multicast\n', `multicast\nport = 7000\n${multicast}`)
      .replace('unicast\n', `unicast\nport = 7000\n${unicast}`),
  }).findings.map(({code}) => code);
const clash = 'HA_CONF_DUPLICATE_ENDPOINT';

describe('the port of a heartbeat', () => {
  it('is 10000 for the first and one more for each that follows', () => {
    const {links} = accept({'cluster.conf': twoLinks});
    const ports = links.map(({ends}) => [...ends.values()][0]!.listen[0]!.port);
    expect(ports).toEqual([10_000, 10_001]);
  });

  it('is refused where multicast and unicast may meet on one address', () => {
    expect(onPort('iface = eth0\n', '')).toContain(clash);
    expect(onPort('iface = eth0\n', 'iface = eth0\n')).toContain(clash);
    expect(onPort('address@node2 = 10.0.0.2\n', '')).toContain(clash);
  });

  it('may be shared where interface or address keep them apart', () => {
    expect(onPort('iface = eth0\n', 'iface = eth1\n')).not.toContain(clash);
    expect(
      onPort('iface = eth0\naddress@node1 = 10.9.0.1\naddress@node2 = 10.9.0.2\n', ''),
    ).not.toContain(clash);
    expect(onPort('', '')).not.toContain(clash);
    expect(onPort('iface = lo\n', '')).not.toContain(clash);
  });
});

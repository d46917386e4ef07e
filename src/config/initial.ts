/** What `ha init` writes: a configuration that works as it is, with its choices beside it. */

/**
 * Text of a commented cluster.conf. `nodes`: names that `isName` accepts, in order of preference.
 * conf/cluster.conf.example is this text for node1 and node2.
 */
export function initialClusterConf(nodes: readonly string[]): string {
  const disks = nodes.map((node, rank) => `# slot@${node} = ${rank * 64}`);
  return `# Configuration of the cluster; the same file on every node.
# Each key, its range and what it changes: docs/configuration.md. After a change: ha check.

[cluster]
name = ha
# As "uname -n" prints them; the order is the order of preference where nothing else decides.
nodes = ${nodes.join(' ')}
# proven: a silent node is taken over from when its death is proved, as the class of each service
# demands. manual: never without an operator ("ha confirm-dead NODE").
takeover = proven
# default: beat 1s, dead 5s. fast: beat 200ms, dead 1s, for quiet machines and networks.
profile = default

# Heartbeats. Two at least, which must not share a cable, a switch or a power supply.
[hb#1]
type = multicast
group = 239.192.71.1
port = 10000
# Without it the routing table decides. For a node with another name of it: iface@node1 = bond0
# iface = eth0

# A second network. Unicast works where switches lose multicast.
# [hb#2]
# type = unicast
${nodes.map((node, rank) => `# address@${node} = 192.168.100.${rank + 1}`).join('\n')}

# Proofs. A node that is only silent is not taken over from, except for services of class address or
# none, unless one of the following says more. ha check grades what is there, and ha timeline plays
# each fault: docs/safety.md.

# A small shared disk: a node that can no longer write its slot must stop its services before the
# other one starts them.
# [hb#3]
# type = disk
# device = /dev/disk/by-id/SHARED-DISK
${disks.join('\n')}

# An etcd of three members, for three nodes and more, or where no disk is shared.
# [arbitrator#1]
# type = etcd
# endpoints = https://192.0.2.1:2379 https://192.0.2.2:2379 https://192.0.2.3:2379

# A watchdog resets a node that does not keep its promises: what class data needs beside a lease.
# [watchdog]
# mode = required

# How a node is switched off by the others: it proves the most, and needs no lease.
${nodes.map(fenceOf).join('\n')}
# Addresses outside of the cluster: a node that reaches none of them is itself the one cut off.
# [ping]
# targets = 192.0.2.254
`;
}

function fenceOf(node: string, rank: number): string {
  return `# [fence#${node}]
# agent = fence_ipmilan
# ip = 192.168.101.${rank + 1}
# username = ha
# password_file = /etc/ha/bmc.password
# lanplus = 1
`;
}

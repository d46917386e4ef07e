/**
 * Every finding that a read of the configuration can give. The code is stable: scripts match on it,
 * and docs/errors.md is checked against this table. The remedy is what a finding says where it has
 * nothing more precise to say.
 */

import {agentCodes} from './agent-codes.ts';
import type {Finding} from './types.ts';

/** One code: how grave it is, what it means, what to do. */
export interface CodeEntry {
  readonly severity: Finding['severity'];
  readonly sentence: string;
  readonly remedy: string;
}

const error = (sentence: string, remedy: string): CodeEntry => ({
  severity: 'error',
  sentence,
  remedy,
});
const warning = (sentence: string, remedy: string): CodeEntry => ({
  severity: 'warning',
  sentence,
  remedy,
});
const note = (sentence: string, remedy: string): CodeEntry => ({
  severity: 'note',
  sentence,
  remedy,
});

const fileCodes = {
  HA_CONF_EMPTY: error(
    'The directory holds neither cluster.conf nor the nodes file of OpenHA.',
    'Type "ha init --nodes node1,node2", or name another directory with --conf.',
  ),
  HA_CONF_DIRECTORY_WRITABLE: error(
    'The configuration directory can be written by others: they would act as us.',
    'Type "chmod o-w" with its path.',
  ),
  HA_CONF_FILE_UNREADABLE: error(
    'A file of the configuration cannot be read.',
    'Make it a regular file that the daemon may read.',
  ),
  HA_CONF_FILE_TOO_LARGE: error(
    'A file is larger than any configuration is.',
    'Look whether something else was written there.',
  ),
  HA_CONF_LINE_TOO_LONG: error('A line is too long.', 'Split it with a continuation line.'),
  HA_CONF_BAD_CHARACTER: error(
    'A line holds a control character.',
    'Remove the character; tabs and blanks are allowed.',
  ),
  HA_CONF_SYNTAX: error(
    'A line is neither a section, nor a key with its value, nor a comment.',
    'Write "key = value", "[section]" or "# comment".',
  ),
  HA_CONF_DUPLICATE_SECTION: error('A section stands twice in one file.', 'Keep one of them.'),
  HA_CONF_DUPLICATE_KEY: error('A key stands twice in one section.', 'Keep one of them.'),
  HA_CONF_UNKNOWN_SECTION: warning(
    'A section has a name that nothing reads.',
    'Correct the name or remove the section.',
  ),
  HA_CONF_UNKNOWN_KEY: warning(
    'A key has a name that nothing reads; it has no effect.',
    'Correct the name or remove the key.',
  ),
  HA_CONF_NOT_SCOPABLE: warning(
    'A key that is the same on all nodes was written for one node; it has no effect.',
    'Write the key without "@".',
  ),
  HA_CONF_NOT_USED: note(
    'A known key or section is not used by this version.',
    'Nothing has to be done; it changes nothing here.',
  ),
  HA_CONF_NOT_SUPPORTED: error(
    'A known key asks for something that this version does not do.',
    'Remove the key, or move what it does into the script.',
  ),
  HA_CONF_BAD_VALUE: error('A value is not of the kind that its key takes.', 'Correct it.'),
  HA_CONF_OUT_OF_RANGE: error('A value is outside the range of its key.', 'Correct it.'),
  HA_CONF_INTERVAL_NOT_POSITIVE: error(
    'An interval is zero or negative.',
    'Write a positive duration, as "1s".',
  ),
  HA_CONF_MISSING_KEY: error('A key without which nothing can be done is missing.', 'Write it.'),
  HA_CONF_REFERENCE: error(
    'A value holds a reference in braces that leads to nothing, or stands where there are none.',
    'Correct the name, or write the value itself.',
  ),
  HA_CONF_CIRCULAR: error(
    'A value refers to itself, over others or directly.',
    'Write one of the values of the circle itself.',
  ),
  HA_CONF_EXPRESSION: error(
    'An expression in $() has no value.',
    'Use numbers, references, quoted texts and the operators of docs/configuration.md.',
  ),
  HA_CONF_VALUE_TOO_LONG: error(
    'A value is too long, with its continuation lines or with what it refers to.',
    'Shorten it, or put it into a script.',
  ),
  HA_CONF_SHELL: error(
    'A command relies on a shell, and commands are called without one.',
    'Put it into a script, or write /bin/sh -c with the text in quotes.',
  ),
  HA_CONF_RELATIVE_PATH: error('A path is not absolute.', 'Write it from the root on.'),
  HA_CONF_TOO_MANY: error('There is more of something than a limit allows.', 'Use fewer.'),
  HA_CONF_NO_SUCH_KEY: error(
    'There is no such key, or no such service file.',
    'Look at the file with "ha config print SVC".',
  ),
  HA_CONF_MORE_FINDINGS: note(
    'There are more findings than are kept.',
    'Correct these first, then check again.',
  ),
} as const satisfies Record<string, CodeEntry>;

const nodeCodes = {
  HA_CONF_BAD_NAME: error(
    'A name of a cluster, node or service cannot be used.',
    'Use 1 to 64 letters, digits, ".", "_" or "-", the first one a letter or digit.',
  ),
  HA_CONF_NO_NODES: error('No nodes are named.', 'Write "nodes = node1 node2" in [cluster].'),
  HA_CONF_UNKNOWN_NODE: error(
    'A node is named that is not one of the cluster.',
    'Correct the name, or add it to the nodes of the cluster.',
  ),
  HA_CONF_DUPLICATE_NODE: error('A node is named twice in one list.', 'Name it once.'),
  HA_CONF_NODES_DIFFER: error(
    'cluster.conf and the nodes file of OpenHA name different nodes.',
    'Make them agree, or remove "nodes" from [cluster].',
  ),
  HA_CONF_NOT_MEMBER: error(
    'This node is not in the list of nodes.',
    'Add it, or start with --nodename and the name that is listed.',
  ),
  HA_CONF_SINGLE_NODE: warning(
    'The cluster has one node: nothing can be taken over.',
    'Add a second node.',
  ),
  HA_CONF_NAME_COLLISION: error(
    'Two names have the same 32-bit hash, by which frames tell them apart.',
    'Rename one of them.',
  ),
} as const satisfies Record<string, CodeEntry>;

const openhaCodes = {
  HA_CONF_NODES_LINE: error(
    'A line of the nodes file is not one node name.',
    'Write one node name, as "uname -n" prints it, per line.',
  ),
  HA_CONF_MONITOR_LINE: error(
    'A line of the monitor file has none of the known forms.',
    'Write "NODE net IFACE GROUP PORT TIMEOUT", "NODE unicast IFACE ADDR PORT TIMEOUT", ' +
      '"NODE dio DEVICE BLOCK TIMEOUT" or "NODE disk DEVICE BLOCK TIMEOUT".',
  ),
  HA_CONF_SERVICES_LINE: error(
    'A line of the services file does not have its five fields.',
    'Write "NAME SCRIPT PRIMARY SECONDARY CHECK_SCRIPT", separated by tabs.',
  ),
  HA_CONF_NO_SUCH_LINE: error(
    'There is no such line to remove.',
    'Look at the lines with "service -s" or "hb -s".',
  ),
  HA_CONF_NO_CHECK_SCRIPT: warning(
    'A line of the services file has no check script.',
    'Write /bin/true as its fifth field.',
  ),
} as const satisfies Record<string, CodeEntry>;

const mediaCodes = {
  HA_CONF_NO_LINK: error(
    'There is no heartbeat at all: the nodes could not see each other.',
    'Write a section [hb#1] in cluster.conf, or lines in the monitor file of OpenHA.',
  ),
  HA_CONF_SINGLE_LINK: warning(
    'There is a single heartbeat: its failure looks like the death of the other node.',
    'Add a second one over another network, or over a shared disk.',
  ),
  HA_CONF_LINK_INCOMPLETE: error(
    'A heartbeat does not name all nodes: it could prove nothing in one direction.',
    'Write the missing line.',
  ),
  HA_CONF_LINK_UNEVEN: warning(
    'The lines of a heartbeat name different interfaces.',
    'Each node uses the interface of its own line, for both directions.',
  ),
  HA_CONF_DUPLICATE_ENDPOINT: error(
    'Two heartbeats use the same group, or address, and port.',
    'Give one of them another group or port.',
  ),
  HA_CONF_SHARED_ENDPOINT: warning(
    'Two nodes send to the same group and port.',
    'This works here; OpenHA took its own packets for those of the other node.',
  ),
  HA_CONF_INTERFACE_MISSING: warning(
    'This host has no such interface; the link stays down until it has.',
    'Correct the name, or plug it in.',
  ),
  HA_CONF_SLOT_OVERLAP: error(
    'Two disk slots overlap: each node would destroy what the other one wrote.',
    'Move one of them.',
  ),
  HA_CONF_SLOT_UNALIGNED: error(
    'A disk slot is not aligned to the logical block of its device.',
    'Use a slot and a slot size that are multiples of the logical block.',
  ),
  HA_CONF_SLOT_BEYOND_END: error(
    'A disk slot ends beyond the end of its device.',
    'Use a lower slot or a larger device.',
  ),
  HA_CONF_DEVICE_MISSING: warning(
    'The device of a disk heartbeat cannot be opened on this host; the heartbeat stays down.',
    'Correct the path, or connect the device.',
  ),
} as const satisfies Record<string, CodeEntry>;

const secretCodes = {
  HA_CONF_SECRET_MISSING: error(
    'There is no secret.key: frames could not be signed.',
    'Type "ha init" on one node and copy secret.key to the others.',
  ),
  HA_CONF_SECRET_READABLE: error(
    'secret.key can be read by others: anyone of them could move services.',
    'Type "chmod 600 secret.key"; if it was exposed, make a new one.',
  ),
  HA_CONF_SECRET_SHORT: error(
    'secret.key is too short to hold a key of 256 bits.',
    'Move it away, type "ha init", and copy the new one to the other nodes.',
  ),
  HA_CONF_SECRET_LINK: error(
    'secret.key is a symbolic link or no regular file.',
    'Put the file itself there.',
  ),
  HA_CONF_SECRET_SAMPLE: error(
    'secret.key is a sample that others know, or has no chance in it.',
    'Move it away, type "ha init", and copy the new one to the other nodes.',
  ),
  HA_CONF_SECRET_FORMAT: error(
    'secret.key does not hold one or two keys, each a number and 64 hexadecimal digits.',
    'Copy it again from another node, or move it away and type "ha init".',
  ),
} as const satisfies Record<string, CodeEntry>;

const serviceCodes = {
  HA_CONF_DUPLICATE_SERVICE: error(
    'A service is defined twice.',
    'Keep its line in services or its own file, not both.',
  ),
  HA_CONF_UNKNOWN_SERVICE: warning(
    'A section [service#NAME] names no service of the services file.',
    'Correct the name; what has a file of its own is configured there.',
  ),
  HA_CONF_NO_RESOURCE: error(
    'A service has nothing to start.',
    'Write a section [app#1], or put launchers into SERVICE.d.',
  ),
  HA_CONF_RESOURCE_UNSUPPORTED: error(
    'This version cannot run a resource of this family.',
    'Let a script of an [app#N] section do it, or remove the section.',
  ),
  HA_CONF_NO_START: error(
    'A resource has neither a start nor a stop command.',
    'Write script and start = true, or a command.',
  ),
  HA_CONF_NO_CHECK: note(
    'A resource cannot be asked whether it runs: its state is what was last done.',
    'Write check = true, or a command, or a launcher C*.',
  ),
  HA_CONF_LAUNCHERS_TWICE: error(
    'Two resources of a service run the same folder of launchers.',
    'Keep one of them.',
  ),
  HA_CONF_REQUIRES: error(
    'A condition of a start can never hold.',
    'Correct the name of the resource, or the order.',
  ),
  HA_CONF_STOP_ORDER: warning(
    'The numbers of stop do not ask for the reverse of the start order.',
    'Resources stop in the reverse order of their start; renumber stop so that it says so.',
  ),
  HA_CONF_PRKEY_TWICE: error(
    'Two nodes would register the same key for their SCSI reservations.',
    'Write a prkey of its own for each of them, as prkey@NODE = 0x1234abcd.',
  ),
  HA_CONF_SCRIPT_MISSING: warning(
    'A script does not exist on this host.',
    'Put it there; if it lies on a file system of the service, nothing has to be done.',
  ),
  HA_CONF_PROGRAM_MISSING: warning(
    'A program that a resource calls is missing on this host, or can not be trusted.',
    'Install the package that has it; docs/resources.md names the programs of each type.',
  ),
  HA_CONF_SCRIPT_NOT_EXECUTABLE: warning(
    'A script is not executable.',
    'Type "chmod +x" with its path.',
  ),
  HA_CONF_SCRIPT_WRITABLE: error(
    'A script, or a folder on the way to it, can be written by others: they would act as us.',
    'Type "chmod o-w" with the path of the script or folder.',
  ),
} as const satisfies Record<string, CodeEntry>;

const safetyCodes = {
  HA_CONF_I1_DEAD: error(
    'A dead time is too short for three beats (I1): a live node would be called dead.',
    'Raise dead or lower beat.',
  ),
  HA_CONF_I2_DISK_DEAD: error(
    'The dead time of a disk heartbeat is too short for two renewals (I2).',
    'Raise dead or lower io.',
  ),
  HA_CONF_I3_LEASE: error(
    'A disk lease does not survive three slow writes (I3): a live node would stop itself.',
    'Raise lease or lower io and renew.',
  ),
  HA_CONF_I7_GRACE: error(
    'The grace is too short to hear a better placed node twice (I7).',
    'Remove grace: it is computed.',
  ),
  HA_CONF_I6_WATCHDOG: error(
    'The time-out of a watchdog is too short for the stalls that are allowed (I6).',
    'Raise timeout in [watchdog], or lower stall.',
  ),
  HA_CONF_I13_PROMISE: error(
    'A dead time is too short for a promise between live nodes to be renewed (I13).',
    'Raise dead or lower beat.',
  ),
  HA_CONF_I12_ARBITER: error(
    'The lease in etcd does not survive two slow answers (I12): a live node would stop itself.',
    'Raise ttl or lower timeout in [arbitrator#1].',
  ),
  HA_CONF_ARBITER_PLAIN: warning(
    'The arbiter is asked in plain text: who is on that network can take a node its lease.',
    'Write https:// endpoints with ca_file, cert_file and key_file, or keep that network apart.',
  ),
  HA_CONF_ARBITER_FEW: warning(
    'Fewer than three members of etcd are named: the loss of one is the loss of the arbiter.',
    'Name one endpoint of each of three members, on machines of their own.',
  ),
  HA_CONF_QUORUM: error(
    'Node majority cannot be used here: it needs three nodes, and no other lease beside it.',
    'Remove no_quorum, or the other lease.',
  ),
  HA_CONF_ARBITER_FILE: error(
    'A certificate, key or password file of the arbiter cannot be read on this host.',
    'Put it there, readable by the user of the daemon.',
  ),
  HA_CONF_ARBITER_SECRET: error(
    'A key or password of the arbiter can be read by others.',
    'Type "chmod 600" with its path.',
  ),
  HA_CONF_PROOF_MISSING: warning(
    'The class of a service needs a proof that this configuration cannot give.',
    'Add fencing, a disk heartbeat or an arbitrator (data: and a watchdog), or lower the class.',
  ),
  HA_CONF_PING_TARGETS: error(
    'The ping targets are missing, too many, or fewer than must answer.',
    'Correct targets and needed in [ping].',
  ),
  HA_CONF_PING_SLOW: error(
    'Ping targets are asked so seldom that a cut of our own is noticed too late.',
    'Lower interval in [ping], or remove it: it is computed.',
  ),
  HA_CONF_WATCHDOG_MISSING: warning(
    'This host has no watchdog where one is configured.',
    'Load its driver, correct device, or write mode = off.',
  ),
  HA_CONF_WATCHDOG_VIRTUAL: warning(
    'This is a virtual machine: its watchdog stops while it is paused, so P3 counts as P2.',
    'Write assume = no-vm-pause in [watchdog] if it is never paused, or use fencing.',
  ),
  HA_CONF_CLASS_NONE: warning(
    'A service is taken over on silence alone: cut links make it run twice.',
    'Write class = exclusive, unless that is what you want.',
  ),
} as const satisfies Record<string, CodeEntry>;

const fenceCodes = {
  HA_CONF_FENCE_METHOD: error(
    'A section [fence#NODE] mixes an agent and a command, or has neither.',
    'Write agent with its parameters, or command and status.',
  ),
  HA_CONF_FENCE_NO_STATUS: error(
    'A fence command cannot be verified: nothing says whether the node is off.',
    'Write status, a command that ends with 2 where the node is off and with 0 where it is on.',
  ),
  HA_CONF_FENCE_UNVERIFIED: warning(
    'The exit code of a fence command is believed: if it lies, a service runs twice.',
    'Write status and remove verify, if anything can tell whether the node is off.',
  ),
  HA_CONF_FENCE_PROGRAM: warning(
    'A fence agent or command cannot be run on this host: this level of fencing fails.',
    'Install the package fence-agents, or correct the path.',
  ),
  HA_CONF_FENCE_PARAMETER: warning(
    'A key of a section [fence#NODE] is neither ours nor a parameter of its agent.',
    'Correct the name; the agent lists its parameters with "-o metadata".',
  ),
  HA_CONF_FENCE_PASSWORD_MISSING: warning(
    'A password file does not exist on this host: this level of fencing fails.',
    'Put the password there, as its only line, with mode 0600.',
  ),
  HA_CONF_FENCE_SECRET_READABLE: error(
    'A file with a password of a fence device can be read by others.',
    'Type "chmod 600" with its path; if it was exposed, change the password.',
  ),
  HA_CONF_FENCE_PARTIAL: warning(
    'Some nodes can be fenced and others cannot: from those nothing is taken over by it.',
    'Write a section [fence#NODE] for each node.',
  ),
} as const satisfies Record<string, CodeEntry>;

export const configCodes = {
  ...fileCodes,
  ...nodeCodes,
  ...openhaCodes,
  ...mediaCodes,
  ...secretCodes,
  ...serviceCodes,
  ...agentCodes,
  ...safetyCodes,
  ...fenceCodes,
} as const satisfies Record<string, CodeEntry>;

export type ConfigCode = keyof typeof configCodes;

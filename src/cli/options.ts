/** Every option of every command: one spelling, one meaning, wherever it appears. */

interface OptionSpec {
  /** `maybe`: a value may follow after `=`, and may be left out; `values`: it may be repeated. */
  readonly takes: 'nothing' | 'value' | 'values' | 'maybe';
  readonly short?: string;
  /** Name of the value in the help, as DIR. */
  readonly value?: string;
  /** One line. */
  readonly help: string;
}

export const options = {
  'conf': {takes: 'value', value: 'DIR', help: 'configuration directory (HA_CONF)'},
  'state': {takes: 'value', value: 'DIR', help: 'directory of the durable state (HA_STATE)'},
  'run': {takes: 'value', value: 'DIR', help: 'directory of the control socket (HA_RUN)'},
  'nodename': {takes: 'value', value: 'NAME', help: 'own node name (HA_NODE); uname -n'},
  'help': {takes: 'nothing', short: 'h', help: 'this page'},
  'json': {takes: 'nothing', help: 'JSON for programs'},
  'node': {takes: 'value', short: 'n', value: 'NODE', help: 'on this node, by its own daemon'},
  'wait': {takes: 'maybe', value: 'TIME', help: 'wait at most so long; the default waits'},
  'no-wait': {takes: 'nothing', help: 'return as soon as the daemon has taken the order (75)'},
  'dry-run': {takes: 'nothing', help: 'say what would be done, and do nothing'},
  'yes': {takes: 'nothing', short: 'y', help: 'do not ask: needed where nobody can answer'},
  'to': {takes: 'value', value: 'NODE', help: 'the node that shall run it'},
  'all': {takes: 'nothing', help: 'all of them'},
  'for': {takes: 'value', value: 'TIME', help: 'ends by itself after this time, as 2h'},
  'why': {takes: 'value', value: 'TEXT', help: 'the reason, shown wherever it matters'},
  'check': {takes: 'nothing', help: 'one line and exit code for Nagios: 0 1 2 3'},
  'compact': {takes: 'nothing', short: 'c', help: 'one line per service'},
  'follow': {takes: 'nothing', short: 'f', help: 'go on as things happen'},
  'limit': {takes: 'value', value: 'N', help: 'at most so many, newest last'},
  'service': {takes: 'value', short: 's', value: 'SVC', help: 'only of this service'},
  'nodes': {takes: 'value', value: 'A,B', help: 'names of the nodes'},
  'keep': {takes: 'maybe', value: 'TIME', help: 'leave the services running for so long (10m)'},
  'confirm-stopped': {takes: 'nothing', help: 'you have checked that nothing of it runs'},
  'i-have-checked': {takes: 'nothing', help: 'you have checked that the node is off'},
  'log-level': {takes: 'value', value: 'LEVEL', help: 'of the daemon: error warn info debug'},
  'launcher': {takes: 'value', value: 'FILE', help: 'the launcher of the demo web server'},
  'seeds': {takes: 'value', value: 'N', help: 'how many runs; 100 where not given'},
  'from': {takes: 'value', value: 'SEED', help: 'the first seed; 1 where not given'},
  'dense': {takes: 'nothing', help: 'three times the faults in the same time'},
  'kill': {takes: 'values', value: 'NODE', help: 'fault: its daemon dies, its services go on'},
  'power-off': {takes: 'values', value: 'NODE', help: 'fault: it loses power'},
  'pause': {takes: 'values', value: 'NODE', help: 'fault: all of it stands still'},
  'cut': {takes: 'values', value: 'LINK', help: 'fault: a link, all, or one end: hb#1/node2'},
  'disk-fail': {takes: 'values', value: 'DISK', help: 'fault: a disk, or one path: hb#9/node1'},
  'arbiter-fail': {takes: 'values', value: 'NODE', help: 'fault: it does not reach the arbiter'},
  'stop-fail': {takes: 'values', value: 'SVC', help: 'fault: a stop fails; web/node1: only there'},
  'start-fail': {takes: 'values', value: 'SVC', help: 'fault: a start fails'},
  'during': {takes: 'value', value: 'TIME', help: 'how long to look on; 3m after the last fault'},
  'save': {takes: 'value', value: 'FILE', help: 'write the failing seed there, as a scenario'},
  'kw': {takes: 'values', value: 'KEY', help: 'section.key, or section.key=value; repeated'},
  'eval': {takes: 'nothing', help: 'with references and scopes evaluated'},
  'impersonate': {takes: 'value', value: 'NODE', help: 'evaluated as this node reads it'},
  'rid': {takes: 'value', value: 'A,B', help: 'only these resources, families or types'},
  'tags': {takes: 'value', value: 'A+B,C', help: 'only resources with all tags of one group'},
  'subset': {takes: 'value', value: 'A,B', help: 'only resources of these subsets'},
  'upto': {takes: 'value', value: 'RID', help: 'start as far as this resource or family'},
  'downto': {takes: 'value', value: 'RID', help: 'stop as far as this resource or family'},
  'once': {takes: 'nothing', help: 'play the story once and end'},
} as const satisfies Readonly<Record<string, OptionSpec>>;

export type OptionName = keyof typeof options;

/** Accepted by every command, before or after its name. */
export const globalOptions = ['conf', 'state', 'run', 'nodename', 'help'] as const;

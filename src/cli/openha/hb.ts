/** OpenHA's `hb`. */

import {unknownHost} from '../../config/host-facts.ts';
import {parseConfig} from '../../config/parse.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import {openhaLinks} from '../../status/openha.ts';
import {printable} from '../../status/text.ts';
import {ask, explainFailure, viewOf} from '../ask.ts';
import {loadConfiguration} from '../load-config.ts';
import {editFile} from './edit-file.ts';
import {monitorLines} from './monitor-lines.ts';
import type {OpenhaLine} from './openha-line.ts';
import {openhaUsage} from './usage.ts';

/** `hb -s`. Without the daemon every link is DOWN, as OpenHA had it. */
export async function showLinks(line: OpenhaLine): Promise<number> {
  const {world, paths} = line;
  const {files} = await loadConfiguration(paths);
  // A device or an interface that is missing here is what one wants to see, not a refusal.
  const {config} = parseConfig({...files, facts: unknownHost(files.facts.nodeName)});
  if (config === null) {
    world.stderr.write(`The configuration in ${printable(paths.conf)} has errors: ha check\n`);
    return exitCodes.configuration;
  }
  const answer = await ask(line, {op: 'view', node: null});
  const view = answer.ok ? viewOf(answer.value) : null;
  const lines = monitorLines(config, files.texts.get('monitor'));
  world.stdout.write(openhaLinks(view, lines, localDate));
  if (answer.ok) return view === null ? exitCodes.failed : exitCodes.done;
  return explainFailure(line, answer.error);
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** `Feb 19 20:59:57` in the time zone of this machine. */
export function localDate(instantMs: number): string {
  const date = new Date(instantMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
  return `${months[date.getMonth()]!} ${two(date.getDate())} ${time}`;
}

/** The options of `hb -a` and `hb -r` in the order of the fields of a line. */
const fieldOptions = ['-n', '-t', '-i', '-d', '-p', '-T'] as const;

/** `hb -a` adds a line to the monitor file, `hb -r` takes one out. */
export async function editLinks(
  line: OpenhaLine,
  option: '-a' | '-r',
  words: readonly string[],
): Promise<number> {
  const fields = fieldsOf(words);
  if (fields === null) {
    line.world.stderr.write(openhaUsage);
    return exitCodes.usage;
  }
  const {addMonitorLine, removeMonitorLine} = await import('../../config/edit-openha.ts');
  const adding = option === '-a';
  const verb = adding ? 'Add' : 'Remove';
  return editFile(line, {
    file: 'monitor',
    edit: (text) => (adding ? addMonitorLine(text, fields) : removeMonitorLine(text, fields)),
    done: `${verb} heartbeat done.\n`,
    failed: `${verb} heartbeat failed.\n`,
  });
}

/** Node, type, interface, address, port and time-out, as far as given; null: not understood. */
function fieldsOf(words: readonly string[]): readonly string[] | null {
  const values = new Map<string, string>();
  for (let at = 0; at < words.length; at += 2) {
    const option = fieldOptions.find((candidate) => candidate === words[at]);
    const value = words[at + 1];
    if (option === undefined || value === undefined) return null;
    values.set(option, value);
  }
  return fieldOptions.flatMap((option) => values.get(option) ?? []);
}

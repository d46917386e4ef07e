/** The picture of the demo as lines of at most 80 characters: pure, from what was seen. */

import type {MediumPeerView} from '../../engine/view.ts';
import {formatAge} from '../../kernel/duration.ts';
import {demoNodes, type DemoNodeName} from './layout.ts';
import {instanceOf, peerOf, type NodeSight, type Sight} from './sight.ts';
import type {Step} from './steps.ts';

export interface Scene {
  readonly sight: Sight;
  readonly url: string;
  readonly elapsedMs: number;
  readonly steps: readonly Step[];
  /** Durations of the steps that came true, ms. */
  readonly doneMs: readonly number[];
  /** Height of the terminal. */
  readonly rows: number;
}

const columnsMax = 80;
const labelWidth = 18;
const nodeWidth = 30;
/** Everything above the steps, and the line that the cursor rests in. */
const rowsAbove = 14;

export function picture(scene: Scene): readonly string[] {
  const {sight} = scene;
  return [
    `understudy demo: two nodes, one service`.padEnd(62) + formatAge(scene.elapsedMs).padStart(12),
    '',
    row('', demoNodes),
    row('daemon', perNode(sight, daemonText)),
    row('the other node is', perNode(sight, peerText)),
    ...mediaRows(sight),
    row('service web', perNode(sight, serviceText)),
    row('', perNode(sight, waitText)),
    `  ${'who answers'.padEnd(labelWidth)}${scene.url}  ${answerText(sight)}`,
    '',
    ...stepLines(scene),
  ].map((line) => line.trimEnd().slice(0, columnsMax));
}

function row(label: string, cells: readonly string[]): string {
  const padded = cells.map((cell) => cell.slice(0, nodeWidth - 1).padEnd(nodeWidth));
  return `  ${label.padEnd(labelWidth)}${padded.join('')}`;
}

function perNode(sight: Sight, text: (node: NodeSight) => string): readonly string[] {
  return demoNodes.map((name) => text(sight.nodes[name]));
}

function daemonText({daemonPids, view}: NodeSight): string {
  if (daemonPids.length === 0) return '- (no process)';
  return view === null ? `pid ${daemonPids[0]}, starting` : `pid ${daemonPids[0]}`;
}

function peerText(node: NodeSight): string {
  const peer = peerOf(node);
  if (peer === null) return '-';
  return peer.state === 'alive' ? 'alive' : `${peer.state} for ${formatAge(peer.stateAgeMs)}`;
}

/** One row per medium: what each node hears of the other on it. */
function mediaRows(sight: Sight): readonly string[] {
  const media = demoNodes.flatMap((name) => sight.nodes[name].view?.media ?? []);
  const ids = [...new Set(media.map(({id}) => id))];
  return ids.map((id) => {
    const kind = media.find((medium) => medium.id === id)?.kind ?? '';
    return row(
      `${id} ${kind}`,
      perNode(sight, ({view}) => {
        const peer = view?.media.find((medium) => medium.id === id)?.peers[0];
        return peer === undefined ? '-' : mediumText(peer, kind);
      }),
    );
  });
}

function mediumText({rx, ageMs}: MediumPeerView, kind: string): string {
  if (ageMs === null) return 'nothing heard yet';
  if (rx === 'up') return kind === 'disk' ? 'slot changes' : 'hears it';
  return `${kind === 'disk' ? 'unchanged' : 'silent'} for ${formatAge(ageMs)}`;
}

function serviceText(node: NodeSight): string {
  return instanceOf(node)?.state ?? '-';
}

function waitText(node: NodeSight): string {
  const local = instanceOf(node)?.local;
  if (local?.waiting?.reason !== 'disk-wait') return '';
  return local.waitMs === null ? 'waits for proof' : `proof in ${formatAge(local.waitMs)}`;
}

function answerText({http}: Sight): string {
  return http.node === null ? `nobody, for ${formatAge(http.ageMs)}` : `${http.node} answers`;
}

/** The step that is played with its why, and as many before and behind it as there is room for. */
function stepLines({steps, doneMs, rows}: Scene): readonly string[] {
  const done = steps.slice(0, doneMs.length).map((step, index) => {
    const title = `${index + 1}. ${step.title}`;
    return `  ok  ${title.padEnd(62)}${formatAge(doneMs[index] ?? 0).padStart(8)}`;
  });
  const now = steps[doneMs.length];
  if (now === undefined) return [`  ok  all ${steps.length} steps were seen from outside`];
  const told = [`  ->  ${doneMs.length + 1}. ${now.title}`, ...wrap(now.why, 70, '         ')];
  const coming = steps
    .slice(doneMs.length + 1)
    .map((step, index) => `      ${doneMs.length + index + 2}. ${step.title}`);
  const room = Math.max(0, rows - rowsAbove - told.length);
  const before = Math.min(done.length, Math.max(Math.floor(room / 2), room - coming.length));
  return [...done.slice(done.length - before), ...told, ...coming.slice(0, room - before)];
}

/** Words in lines of at most `width` characters behind `indent`. */
export function wrap(text: string, width: number, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(indent + line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, indent + line];
}

/** What of a node is worth a line of its own where no picture is drawn. */
export function summary(sight: Sight, name: DemoNodeName): string {
  const node = sight.nodes[name];
  return [daemonText(node), serviceText(node), waitText(node) === '' ? '' : 'waits for proof']
    .filter((text) => text !== '')
    .join(', ');
}

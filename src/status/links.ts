/** `ha hb`: every heartbeat medium, both directions, per peer, with the age of the last beat. */

import type {Direction, MediumPeerView, MediumView} from '../engine/view.ts';
import {formatAge} from '../kernel/duration.ts';
import type {Line, Piece, Tone} from './lines.ts';
import {bad, blank, dim, strong, warn} from './lines.ts';
import {formatSpan} from './model.ts';
import type {StatusView} from './model.ts';
import {table} from './table.ts';

const directionTones: Readonly<Record<Direction, Tone>> = {
  up: 'good',
  down: 'bad',
  unknown: 'warn',
};

export const peerTones: Readonly<Record<MediumPeerView['state'], Tone>> = {
  'up': 'good',
  'degraded': 'warn',
  'down': 'bad',
  'unknown': 'warn',
  'auth': 'bad',
  'held-down': 'warn',
};

/** What a state of a link means, for those that are not plain words. */
export const peerStateNotes: Readonly<Partial<Record<MediumPeerView['state'], string>>> = {
  'degraded': 'one way only, or it does not confirm what it hears',
  'auth': 'signatures fail: compare secret.key on both nodes',
  'held-down': 'it flapped; it counts again once it has been steady',
  'unknown': 'not judged yet',
};

/** The block in the overview: one line per medium and peer. */
export function linkTable(view: StatusView): readonly Line[] {
  const header = ['link', '', 'peer', 'receive', 'send', 'last beat'].map(dim);
  const rows = view.media.flatMap((medium) =>
    medium.peers.map((peer): readonly Piece[] => [
      medium.id as string,
      `${medium.kind} ${medium.label}`,
      peer.node as string,
      directionCell(peer.rx),
      directionCell(peer.tx),
      beatCell(peer),
    ]),
  );
  return table([header, ...rows], {elastic: 1});
}

function directionCell(direction: Direction): Piece {
  return {text: direction, tone: directionTones[direction]};
}

function beatCell(peer: MediumPeerView): Piece {
  if (peer.ageMs === null) return warn('never');
  const note = peer.state === 'auth' || peer.state === 'held-down' ? ` ${peer.state}` : '';
  const tone = peer.ageMs > peer.deadMs ? 'bad' : peerTones[peer.state];
  return {text: `${formatAge(peer.ageMs)}${note}`, tone: tone === 'good' ? 'plain' : tone};
}

/** The page of `ha hb`: paths in full, since this is where one looks for the wrong cable. */
export function links(view: StatusView): readonly Line[] {
  if (view.media.length === 0) return [['no heartbeat links are configured']];
  const media = view.media.flatMap((medium, index) => [
    ...(index > 0 ? [blank] : []),
    ...mediumLines(medium, view.node),
  ]);
  return [...media, ...pingLines(view)];
}

function mediumLines(medium: MediumView, node: string): readonly Line[] {
  const sent =
    medium.sentAgeMs === null ? 'nothing sent yet' : `sent ${formatAge(medium.sentAgeMs)} ago`;
  const here: readonly Piece[] = [
    node,
    medium.fault === null ? dim('here') : bad('fault'),
    '',
    '',
    sent,
  ];
  const fault: readonly Line[] =
    medium.fault === null ? [] : [['  ', bad(`${node}: ${medium.fault}`)]];
  const rows = medium.peers.map((peer): readonly Piece[] => [
    peer.node as string,
    {text: peer.state, tone: peerTones[peer.state]},
    {text: `receive ${peer.rx}`, tone: directionTones[peer.rx]},
    {text: `send ${peer.tx}`, tone: directionTones[peer.tx]},
    peer.ageMs === null ? 'never heard' : `heard ${formatAge(peer.ageMs)} ago`,
    dim(`dead after ${formatSpan(peer.deadMs)}`),
  ]);
  const notes = medium.peers.flatMap((peer): readonly Line[] => {
    const note = peerStateNotes[peer.state];
    return note === undefined ? [] : [[`  ${peer.node}: ${note}`]];
  });
  return [
    [strong(medium.id), ` ${medium.kind} ${medium.label}`],
    ...table([here, ...rows], {indent: 2}),
    ...fault,
    ...notes,
  ];
}

/** Whom this node asks whether it is itself that is cut off. */
function pingLines({ping, node}: StatusView): readonly Line[] {
  if (ping === undefined || ping === null) return [];
  const rows = ping.targets.map(({address, answers, ageMs}): readonly Piece[] => [
    address,
    {text: answers ? 'answers' : 'silent', tone: answers ? 'good' : 'bad'},
    ageMs === null ? 'never answered' : `asked ${formatAge(ageMs)} ago`,
  ]);
  const meaning = ping.reachable
    ? `${node} is not cut off`
    : `${node} may be cut off: it takes over nothing of class address`;
  const count = ping.targets.filter(({answers}) => answers).length;
  return [
    blank,
    [
      strong('ping'),
      ` ${count} of ${ping.targets.length} answer, needed ${ping.needed}: ${meaning}`,
    ],
    ...table(rows, {indent: 2}),
    ...(ping.fault === null ? [] : [['  ', bad(ping.fault)]]),
  ];
}

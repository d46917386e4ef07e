/** What is out of the ordinary with nodes, links and the cluster as a whole. */

import type {MediumPeerView, MediumView, NodeState, NodeView} from '../engine/view.ts';
import {formatAge} from '../kernel/duration.ts';
import {freezeSentence} from './freeze.ts';
import {isProtected} from './headline.ts';
import type {Item} from './item.ts';
import {peerStateNotes} from './links.ts';
import {isPresent} from './model.ts';
import type {StatusView} from './model.ts';

export function nodeItems(view: StatusView): readonly Item[] {
  const living = new Set<string>(
    view.nodes.filter((node) => !node.local && isPresent(node)).map((node) => node.name),
  );
  return [
    ...clusterItems(view),
    ...view.nodes.flatMap((node) => [
      ...stateItem(node),
      ...skewItem(node),
      ...modeItems(view, node),
    ]),
    ...view.media.flatMap((medium) => mediumItems(medium, view.node, living)),
  ];
}

function clusterItems(view: StatusView): readonly Item[] {
  const items: Item[] = [];
  if (view.clusterFrozen !== null) {
    items.push({
      ...base('CLUSTER_FROZEN', '', 'warning'),
      title: 'the whole cluster is frozen: nothing is started, stopped or taken over',
      sentences: [freezeSentence(view.clusterFrozen)],
      commands: ['ha unfreeze --all'],
    });
  }
  if (view.nodeFrozen !== null) {
    items.push({
      ...base('NODE_FROZEN', view.node, 'warning'),
      title: `node ${view.node} is frozen: it starts nothing and stops nothing`,
      sentences: [freezeSentence(view.nodeFrozen)],
      commands: [`ha unfreeze --node ${view.node}`],
    });
  }
  if (isUnprotected(view)) {
    items.push({
      ...base('UNPROTECTED', '', 'warning'),
      title: 'no service would be taken over by itself if its node died now',
      sentences: ['The proof that a takeover needs is not at hand: it waits for an operator.'],
      commands: ['ha check', 'ha timeline'],
    });
  }
  if (view.joining) {
    items.push({
      ...base('JOINING', view.node, 'note'),
      title: `${view.node} has just started and listens for the others before it acts`,
      sentences: [],
      commands: [],
    });
  }
  return items;
}

/** Where a freeze, a drain or the absence of the others is the cause, that is said already. */
function isUnprotected(view: StatusView): boolean {
  const own = view.nodes.find((node) => node.local);
  const others = view.nodes.some((node) => !node.local && isPresent(node));
  const held = view.clusterFrozen !== null || view.nodeFrozen !== null || own?.drained === true;
  return others && !held && !view.joining && !isProtected(view);
}

function base(
  kind: string,
  subject: string,
  severity: Item['severity'],
): Pick<Item, 'kind' | 'subject' | 'severity' | 'ageMs'> {
  return {kind, subject, severity, ageMs: null};
}

function stateItem(node: NodeView): readonly Item[] {
  if (node.local) return [];
  const heard =
    node.heardAgeMs === null
      ? 'This daemon starts nothing before it has heard it, or has proof.'
      : `Last sign of life ${formatAge(node.heardAgeMs)} ago.`;
  const said = stateTexts[node.state];
  if (said === null) return [];
  return [
    {
      ...base(`PEER_${node.state.toUpperCase()}`, node.name, 'warning'),
      title: `node ${node.name} ${said.title}`,
      ageMs: node.stateAgeMs,
      sentences: [heard],
      commands: said.commands,
    },
  ];
}

/** What is wrong with a degraded node is said link by link. */
const stateTexts: Readonly<
  Record<NodeState, {readonly title: string; readonly commands: readonly string[]} | null>
> = {
  alive: null,
  degraded: null,
  silent: {title: 'is silent', commands: ['ha hb', 'ha events']},
  dead: {title: 'counts as dead', commands: ['ha events']},
  left: {title: 'has left: its daemon was stopped in order', commands: []},
  joining: {title: 'was not heard yet', commands: []},
};

function skewItem(node: NodeView): readonly Item[] {
  if (!node.configSkew) return [];
  return [
    {
      ...base('CONFIG_SKEW', node.name, 'warning'),
      title: `the configuration of ${node.name} differs from ours`,
      sentences: [
        'Nothing is started or taken over while safety keys differ. Compare on both nodes, copy ' +
          'the right file, and reload:',
      ],
      commands: ['ha config print', 'ha daemon reload'],
    },
  ];
}

function modeItems(view: StatusView, node: NodeView): readonly Item[] {
  const items: Item[] = [];
  if (node.frozen && !node.local && view.clusterFrozen === null) {
    items.push({
      ...base('NODE_FROZEN', node.name, 'warning'),
      title: `node ${node.name} is frozen: it starts nothing and stops nothing`,
      sentences: [],
      commands: [`ha unfreeze --node ${node.name}`],
    });
  }
  if (node.drained) {
    items.push({
      ...base('NODE_DRAINED', node.name, 'warning'),
      title: `node ${node.name} is drained: it takes no service`,
      sentences: [],
      commands: [`ha undrain ${node.name}`],
    });
  }
  if (node.keeping) {
    items.push({
      ...base('NODE_MAINTENANCE', node.name, 'note'),
      title: `node ${node.name} announced maintenance and left its services running`,
      sentences: ['Nobody watches them until its daemon runs again.'],
      commands: [],
    });
  }
  return items;
}

function mediumItems(
  medium: MediumView,
  node: string,
  living: ReadonlySet<string>,
): readonly Item[] {
  if (medium.fault !== null) {
    return [
      {
        ...base('LINK_FAULT', medium.id, 'warning'),
        title: `${medium.id} is out of order on ${node}: ${medium.fault}`,
        sentences: [`${medium.kind} ${medium.label}`],
        commands: ['ha hb'],
      },
    ];
  }
  return medium.peers
    .filter((peer) => living.has(peer.node) && peer.state !== 'up')
    .map((peer) => ({
      ...base('LINK_DOWN', medium.id, 'warning'),
      title: `${medium.id} to ${peer.node} is ${peer.state}: ${linkTrouble(peer)}`,
      sentences: [`${medium.kind} ${medium.label}`],
      commands: ['ha hb'],
    }));
}

function linkTrouble(peer: MediumPeerView): string {
  const heard = peer.ageMs === null ? 'never heard' : `heard ${formatAge(peer.ageMs)} ago`;
  return peerStateNotes[peer.state] ?? `receive ${peer.rx}, send ${peer.tx}, ${heard}`;
}

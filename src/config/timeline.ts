/**
 * What a configuration is worth on a bad day: the inequalities with their slack, the grade of
 * SAFETY.md section 2, how long a takeover takes at worst, and in which scenario the cluster would
 * split or stay down. `ha check` and `ha timeline` are made of it.
 */

import type {NodeName, ServiceName} from '../kernel/ids.ts';
import type {Inequality} from './inequalities.ts';
import {absentRules, inequalities} from './rules.ts';
import type {AbsentRule} from './rules.ts';
import {scenariosOf} from './scenarios.ts';
import type {Scenario} from './scenarios.ts';
import {gradeOf, takeoverOf} from './takeover.ts';
import type {Grade, Takeover} from './takeover.ts';
import {serviceClasses} from './types.ts';
import type {ClusterConfig} from './types.ts';

/** What the configuration is worth for one service, between the nodes that it has. */
export interface ServiceGrade extends Takeover {
  readonly service: ServiceName;
  readonly nodes: readonly NodeName[];
  readonly grade: Grade;
}

export interface Timeline {
  readonly grade: Grade;
  readonly services: readonly ServiceGrade[];
  readonly inequalities: readonly Inequality[];
  /** Inequalities of SAFETY.md that have nothing to apply to, with the reason. */
  readonly absent: readonly AbsentRule[];
  /** For every class, weakest demand first. */
  readonly takeovers: readonly Takeover[];
  readonly scenarios: readonly Scenario[];
}

/** `weak`: nodes whose watchdog is worth less than it is configured for. */
export function timeline(config: ClusterConfig, weak: ReadonlySet<NodeName> = new Set()): Timeline {
  const timed = {...config, place: {file: 'cluster.conf', line: 0}};
  return {
    grade: gradeOf(config, {weak}),
    services: config.services.map(({name: service, nodes, serviceClass}) => ({
      service,
      nodes,
      grade: gradeOf(config, {nodes, weak}),
      ...takeoverOf(config, serviceClass, {nodes, weak}),
    })),
    inequalities: inequalities(timed),
    absent: absentRules(timed),
    takeovers: serviceClasses.map((entry) => takeoverOf(config, entry, {weak})),
    scenarios: scenariosOf(config, weak),
  };
}

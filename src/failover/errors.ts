/** Why no plan can be made for a service: code and meaning, for docs/errors.md. */
export const planErrors = {
  HA_PLAN_EMPTY: 'the service has no enabled resource, so there is nothing to start',
  HA_PLAN_STEPS: 'the service has more enabled resources than a plan may have steps',
  HA_PLAN_DEADLINE: 'a deadline of a resource is not between 1 ms and 24 h',
  HA_PLAN_SELECTION: 'what was asked for names no part of the service',
  HA_PLAN_DUPLICATE: 'two resources of the service have the same id',
} as const;

export type PlanErrorCode = keyof typeof planErrors;

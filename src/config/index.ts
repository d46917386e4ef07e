/** The public surface of the configuration room. The `ha` client imports from the files instead. */
export {configCodes, type CodeEntry, type ConfigCode} from './codes.ts';
export {
  addMonitorLine,
  addService,
  removeMonitorLine,
  removeService,
  type ServiceFields,
} from './edit-openha.ts';
export {unknownHost} from './host-facts.ts';
export {initialClusterConf} from './initial.ts';
export type {Inequality} from './inequalities.ts';
export {namedPaths, parseConfig, type NamedPaths} from './parse.ts';
export {
  gradeOf,
  takeoverOf,
  timeline,
  type Grade,
  type Scenario,
  type Takeover,
  type TakeoverPart,
  type Timeline,
} from './timeline.ts';
export * from './types.ts';

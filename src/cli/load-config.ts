/** The configuration directory as the daemon would read it here. */

import {hostname} from 'node:os';
import {resolve} from 'node:path';
import {loadConfig} from '../config/io/read-directory.ts';
import type {LoadedConfig} from '../config/io/read-directory.ts';
import type {Paths} from './paths.ts';

/** `asksAgents`: fence agents are asked for their parameters, which takes a moment each. */
export function loadConfiguration(
  paths: Paths,
  {asksAgents = false}: {readonly asksAgents?: boolean} = {},
): Promise<LoadedConfig> {
  const nodeName = paths.nodeName ?? hostname();
  return loadConfig({directory: resolve(paths.conf), nodeName, asksAgents});
}

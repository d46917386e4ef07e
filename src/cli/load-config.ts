/** The configuration directory as the daemon would read it here. */

import {hostname} from 'node:os';
import {resolve} from 'node:path';
import {loadConfig} from '../config/io/read-directory.ts';
import type {LoadedConfig} from '../config/io/read-directory.ts';
import type {Paths} from './paths.ts';

export function loadConfiguration(paths: Paths): Promise<LoadedConfig> {
  return loadConfig({directory: resolve(paths.conf), nodeName: paths.nodeName ?? hostname()});
}

/** The file of the service that a command names. */

import {nearest} from '../../config/nearest.ts';
import {serviceFileName, serviceFileNames} from '../../config/service-values.ts';
import type {ConfigFiles} from '../../config/types.ts';
import {exitCodes} from '../../kernel/exit-codes.ts';
import {printable} from '../../status/text.ts';
import type {Invocation} from '../invocation.ts';
import {loadConfiguration} from '../load-config.ts';
import type {LoadedConfig} from '../../config/io/read-directory.ts';

export interface ServiceFile {
  readonly service: string;
  /** `NAME.conf` or `NAME.env`. */
  readonly file: string;
  readonly path: string;
  readonly text: string;
  readonly loaded: LoadedConfig;
}

/** The file, or an exit code after it was said that there is none. */
export async function openServiceFile(invocation: Invocation): Promise<ServiceFile | number> {
  const {paths, operands, world} = invocation;
  const service = operands[1]!;
  const loaded = await loadConfiguration(paths);
  const file = serviceFileName(loaded.files, service);
  const text = file === null ? undefined : loaded.files.texts.get(file);
  if (file === null || text === undefined) {
    world.stderr.write(`ha: ${printable(noFile(loaded.files, service, paths.conf))}\n`);
    return exitCodes.noSuch;
  }
  return {service, file, path: `${paths.conf}/${file}`, text, loaded};
}

function noFile(files: ConfigFiles, service: string, directory: string): string {
  const names = serviceFileNames(files);
  const near = nearest(service, names);
  const known = names.length === 0 ? 'There is none.' : `There are: ${names.join(' ')}`;
  const hint = near === null ? known : `Did you mean "${near}"?`;
  return `expected ${service}.conf or ${service}.env in ${directory}, found neither. ${hint}`;
}

/**
 * A kind of resource, as far as the configuration knows it: which sections make one, with which
 * keys, what it needs of its host, and what of it must agree on all nodes. A new kind is a file
 * with one of these and a row in `table.ts`, and a driver with a row in `drivers/registry.ts`.
 */

import {resourceId} from '../../kernel/ids.ts';
import type {ResourceTypeName} from '../../kernel/families.ts';
import type {Deadlines} from '../deadlines.ts';
import type {Report} from '../findings.ts';
import type {IniSection} from '../ini.ts';
import type {KeyTable} from '../key-spec.ts';
import type {LauncherFolder} from '../launcher-folder.ts';
import {readSection, type SectionContext} from '../section.ts';
import type {ConfigFiles} from '../types.ts';
import {readBase, type ResourceBase} from './base.ts';
import {commonKeys, sharedKeys} from './common-keys.ts';
import {valuesOn, type Values} from './values.ts';

/** Any resource, before its type tells what else it has. */
export interface AnyResource extends ResourceBase {
  readonly type: ResourceTypeName;
}

/** What reading a section needs beside the section. */
export interface ReadOptions {
  /** Node that evaluates scoped keys. */
  readonly node: string;
  readonly service: string;
  /** Name of the cluster. */
  readonly cluster: string;
  /** All nodes of the service. */
  readonly nodes: readonly string[];
  readonly deadlines: Deadlines;
  /** null: there is no `SERVICE.d`. */
  readonly folder: LauncherFolder | null;
  /** Path that `SERVICE.d` has or would have. */
  readonly folderPath: string;
  readonly report: Report;
}

export interface ResourceDraft<Config extends AnyResource = AnyResource> {
  readonly resource: Config;
  /** Within its family: numbers before texts before null, which keep the order of the file. */
  readonly startOrder: number | string | null;
  /** Number that was written for the stop, which must be the reverse of the start. */
  readonly stopOrder: number | null;
  /** Comes with it and starts before all others of its own family. */
  readonly implied?: AnyResource;
}

/** What a host must have for a resource to be acted on there. */
export interface HostNeeds {
  /** Absolute paths of scripts and folders of the site. */
  readonly scripts?: readonly string[];
  /** Programs by their bare name, of the operating system. */
  readonly programs?: readonly string[];
  /** Resource agents, as `PROVIDER/NAME`. */
  readonly agents?: readonly string[];
  /** Units of systemd. */
  readonly units?: readonly string[];
}

/** Sections by their name before the `#`, and the words of `type` in them; '' is no `type`. */
export interface SectionMatch {
  readonly section: string;
  /** `any`: every word, which its reader judges. */
  readonly types: readonly string[] | 'any';
}

export interface ResourceKind<Config extends AnyResource = AnyResource> {
  readonly type: Config['type'];
  /** Empty where it comes from elsewhere. */
  readonly sections: readonly SectionMatch[];
  /** A service with one of these is of class `data` where nothing else was written. */
  readonly holdsData: boolean | ((section: IniSection) => boolean);
  /** Keys beside the common ones: a table of docs/configuration.md. */
  readonly keys: KeyTable;
  /** Reads and reports the section once; the result is evaluated for each node. */
  open(section: IniSection, context: SectionContext): OpenSection<Config>;
  /** Programs and files that must exist: `ha check` looks for them. */
  needs(resource: Config, files: ConfigFiles): HostNeeds;
  /** What must agree on all nodes, beside what is common. */
  digest(resource: Config): readonly (string | number | boolean)[];
}

/** null where it was reported as useless. */
export type OpenSection<Config extends AnyResource = AnyResource> = (
  options: ReadOptions,
) => ResourceDraft<Config> | null;

/** What a kind gives; the rest is the same for all of them. */
export interface KindParts<Config extends AnyResource, Keys extends KeyTable> {
  readonly type: Config['type'];
  readonly sections: readonly SectionMatch[];
  readonly holdsData: boolean;
  readonly keys: Keys;
  /** One node's reading. */
  read(
    values: Values<Keys & typeof commonKeys>,
    base: ResourceBase,
    options: ReadOptions,
  ): ResourceDraft<Config> | null;
  needs(resource: Config, files: ConfigFiles): HostNeeds;
  digest?(resource: Config): readonly (string | number | boolean)[];
}

export function defineKind<Config extends AnyResource, const Keys extends KeyTable>(
  parts: KindParts<Config, Keys>,
): ResourceKind<Config> {
  // Its own first, where keys are listed; its own too where it has one of the same name.
  const keys = {...parts.keys, ...sharedKeys, ...parts.keys};
  return {
    type: parts.type,
    sections: parts.sections,
    holdsData: parts.holdsData,
    keys: parts.keys,
    open(section, context) {
      const read = readSection<typeof keys>(section, keys, context);
      return (options) => {
        const values = valuesOn<typeof keys>(section.name, read, options.node);
        const base = readBase(resourceId(section.name), values, options);
        return parts.read(values, base, options);
      };
    },
    needs: (resource, files) => parts.needs(resource, files),
    digest: (resource) => parts.digest?.(resource) ?? [],
  };
}

const inherited = new Map<KeyTable, readonly string[]>();

/** Keys of its sections that may stand in [DEFAULT] instead. */
export function inheritedKeys({keys}: ResourceKind): readonly string[] {
  const known = inherited.get(keys);
  if (known !== undefined) return known;
  const all: KeyTable = {...commonKeys, ...keys};
  const names = Object.keys(all).filter((key) => key !== 'type' && all[key]!.ownOnly !== true);
  inherited.set(keys, names);
  return names;
}

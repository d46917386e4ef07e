/** A service file as one node reads it, for people: `ha config get` and `print --eval`. */

import {draftCluster} from './draft.ts';
import {silent} from './findings.ts';
import {readIni, unquote, type IniEntry} from './ini.ts';
import type {KeyPath} from './edit-ini.ts';
import type {LanguageFailure} from './language/language.ts';
import {inForce, scopesOn} from './language/members.ts';
import {readServiceText, type ServiceText} from './service-language.ts';
import type {ConfigFiles, ConfigOutcome, Finding} from './types.ts';

export interface EvaluatedKey {
  readonly key: string;
  readonly value: string;
  /** Why there is no value; `value` is then as it was written. */
  readonly failure: LanguageFailure | null;
}

export interface EvaluatedSection {
  readonly name: string;
  readonly keys: readonly EvaluatedKey[];
}

/** `NAME.conf` or `NAME.env`, whichever is there. */
export function serviceFileName(files: ConfigFiles, service: string): string | null {
  return [`${service}.conf`, `${service}.env`].find((name) => files.texts.has(name)) ?? null;
}

/** Names of all services that have a file. */
export function serviceFileNames(files: ConfigFiles): readonly string[] {
  const names = [...files.texts.keys()].map((name) => /^([^./][^/]*)\.(?:conf|env)$/.exec(name));
  const services = names.flatMap((match) => match?.[1] ?? []);
  return services.filter((name) => !['cluster', 'node', 'auth'].includes(name)).sort();
}

/** Every key that is in force on `node`, by section, in the order of the file. */
export function evaluateService(
  files: ConfigFiles,
  service: string,
  node: string,
): readonly EvaluatedSection[] {
  const text = serviceText(files, service);
  return text.document.sections.map(({name, entries}) => {
    const keys = [...new Set(entries.map(({key}) => key))];
    return {
      name,
      keys: keys.flatMap(
        (key) => evaluatedKey(text, {section: name, key, scope: null}, node) ?? [],
      ),
    };
  });
}

/** One key as `node` reads it, from its section or from [DEFAULT]; null: in neither. */
export function evaluateKey(
  files: ConfigFiles,
  service: string,
  {path, node}: {readonly path: KeyPath; readonly node: string},
): EvaluatedKey | null {
  const text = serviceText(files, service);
  return evaluatedKey(text, path, node) ?? evaluatedKey(text, path, node, 'DEFAULT');
}

/** Nodes that can be read as: those of the cluster and of the service. */
export function readers(files: ConfigFiles, service: string): readonly string[] {
  const {nodes, drpnodes, encapnodes} = serviceText(files, service).language.members;
  const cluster = draftCluster(files, silent).config.nodes;
  return [...new Set([...cluster, ...nodes, ...drpnodes, ...encapnodes])];
}

function serviceText(files: ConfigFiles, service: string): ServiceText {
  const {config} = draftCluster(files, silent);
  const file = serviceFileName(files, service) ?? '';
  const around = {
    service,
    cluster: config.name,
    clusterNodes: config.nodes,
    directory: files.directory,
  };
  return readServiceText(readIni(file, files.texts.get(file) ?? '', silent), around, silent);
}

function evaluatedKey(
  {document, language}: ServiceText,
  {section, key, scope}: KeyPath,
  node: string,
  place = section,
): EvaluatedKey | null {
  const entries = document.sections.find(({name}) => name === place)?.entries ?? [];
  const own = entries.filter((entry) => entry.key === key);
  const scopes = scope === null ? scopesOn(node, language.members) : [scope.toLowerCase()];
  const entry: IniEntry | undefined = inForce(own, scopes);
  if (entry === undefined) return null;
  const value = language.evaluate(entry, {section, node});
  return value.ok
    ? {key, value: unquote(value.value), failure: null}
    : {key, value: unquote(entry.raw), failure: value.error};
}

/** Errors that were not there before: what makes a change worse than leaving it. */
export function newErrors(before: ConfigOutcome, after: ConfigOutcome): readonly Finding[] {
  return newFindings(before, after).filter(({severity}) => severity === 'error');
}

/** Findings of a change. A finding whose line moved is the same one. */
export function newFindings(before: ConfigOutcome, after: ConfigOutcome): readonly Finding[] {
  const name = ({code, file, message}: Finding): string =>
    `${code}\n${file}\n${message.replaceAll(/\bline \d+/g, 'line')}`;
  const known = new Set(before.findings.map(name));
  return after.findings.filter((finding) => !known.has(name(finding)));
}

/** The configuration against the facts of this host. What is not known is not judged. */

import type {NodeName} from '../kernel/ids.ts';
import {checkArbiterHost} from './arbitrator.ts';
import type {ConfigCode} from './codes.ts';
import type {ClusterDraft} from './draft.ts';
import type {DiskDraft} from './drafts.ts';
import {checkFenceHost, fencesOn} from './fence-host.ts';
import {quote, type Report} from './findings.ts';
import {secretBytesMin} from './limits.ts';
import {nearest} from './nearest.ts';
import {checkOcfHost} from './ocf/check-host.ts';
import {needsOf} from './resources/table.ts';
import {checkUnits} from './units.ts';
import {checkWatchdogHost} from './watchdog.ts';
import type {ConfigFiles, HostFacts, Place, ResourceConfig} from './types.ts';

const blockBytes = 512;

export function checkHost(draft: ClusterDraft, files: ConfigFiles, report: Report): void {
  checkSecret(files.facts.secret, report);
  checkDirectory(files, report);
  const own = draft.config.nodes.find((node) => node === files.facts.nodeName);
  if (own === undefined) return;
  for (const disk of draft.media.disks) checkDevice(disk, own, {facts: files.facts, report});
  checkFenceHost(fencesOn(draft.config, own), files.facts, report);
  checkWatchdogHost(draft.config.watchdogs.get(own), files.facts, report);
  checkArbiterHost(draft.config.arbiter, own, {facts: files.facts, report});
  checkInterfaces(draft, own, {facts: files.facts, report});
  checkNeeds(resourcesOn(draft, own), files, report);
}

function resourcesOn(draft: ClusterDraft, node: NodeName): readonly ResourceConfig[] {
  return draft.config.services
    .filter((service) => service.nodes.includes(node))
    .flatMap((service) => service.resources);
}

interface Judged {
  readonly facts: HostFacts;
  readonly report: Report;
}

export function checkSecret(secret: HostFacts['secret'], report: Report): void {
  const place: Place = {file: 'secret.key', line: 0};
  if (secret === null) {
    report('HA_CONF_SECRET_MISSING', place, 'expected secret.key, found no such file');
    return;
  }
  if (secret.isLink) {
    report('HA_CONF_SECRET_LINK', place, 'expected a regular file, found a link or something else');
  }
  if ((secret.mode & 0o077) !== 0) {
    const found = (secret.mode & 0o777).toString(8).padStart(4, '0');
    report('HA_CONF_SECRET_READABLE', place, `expected mode 0600, found ${found}`);
  }
  if (secret.bytes < secretBytesMin) {
    const message = `expected at least ${secretBytesMin} bytes, found ${secret.bytes}`;
    report('HA_CONF_SECRET_SHORT', place, message);
  } else if (secret.isSample === true) {
    report('HA_CONF_SECRET_SAMPLE', place, 'expected a key made by chance, found a sample');
  } else if (secret.isMalformed === true) {
    const message = 'expected one or two lines of a key id and 64 hexadecimal digits, found others';
    report('HA_CONF_SECRET_FORMAT', place, message);
  }
}

/** Who may write there may put a script into a service, and it would run as us. */
function checkDirectory({facts, directory}: ConfigFiles, report: Report): void {
  const {directoryMode: mode} = facts;
  if (mode === undefined || (mode & 0o002) === 0) return;
  const found = (mode & 0o777).toString(8).padStart(4, '0');
  const message = `expected nobody else to be able to write there, found mode ${found}`;
  const hint = `Type "chmod o-w ${directory}".`;
  report('HA_CONF_DIRECTORY_WRITABLE', {file: directory, line: 0}, message, hint);
}

function checkDevice(disk: DiskDraft, own: NodeName, {facts, report}: Judged): void {
  const path = disk.config.device.get(own);
  const device = path === undefined ? undefined : facts.devices.get(path);
  if (path === undefined || device === undefined) return;
  const {id, slotBlocks, place} = disk.config;
  if (device === null) {
    const message = `${id} expected a device that can be read and written, found none at ${path}`;
    report('HA_CONF_DEVICE_MISSING', disk.places.get(own) ?? place, message);
    return;
  }
  const blocks = Math.max(1, device.blockBytes / blockBytes);
  const why = `the device has logical blocks of ${device.blockBytes} bytes`;
  if (slotBlocks % blocks !== 0) {
    const message = `${id} expected slots of a multiple of ${blocks} blocks, found ${slotBlocks}`;
    const hint = `Keep the slots a multiple of ${blocks} blocks apart: ${why}.`;
    report('HA_CONF_SLOT_UNALIGNED', place, message, hint);
  }
  for (const [node, slot] of disk.config.slotBlock) {
    const slotPlace = disk.places.get(node) ?? place;
    if (slot % blocks !== 0) {
      const message = `slot of ${node} expected a multiple of ${blocks}, found ${slot}`;
      const hint = `Write ${Math.ceil(slot / blocks) * blocks}: ${why}.`;
      report('HA_CONF_SLOT_UNALIGNED', slotPlace, message, hint);
    }
    const endBytes = (slot + slotBlocks) * blockBytes;
    if (endBytes <= device.bytes) continue;
    const message = `slot of ${node} expected to end at byte ${device.bytes}, found ${endBytes}`;
    const hint = `${path} ends there: write a lower slot, or use a larger device.`;
    report('HA_CONF_SLOT_BEYOND_END', slotPlace, message, hint);
  }
}

function checkInterfaces(draft: ClusterDraft, own: NodeName, {facts, report}: Judged): void {
  const {interfaces} = facts;
  if (interfaces === null) return;
  for (const link of draft.media.links) {
    const iface = link.config.ends.get(own)?.iface ?? null;
    if (iface === null || interfaces.includes(iface)) continue;
    const near = nearest(iface, interfaces);
    const hint =
      near === null ? `This host has: ${interfaces.join(' ')}.` : `Did you mean "${near}"?`;
    const message = `${link.config.id} expected an interface of this host, found ${quote(iface)}`;
    report('HA_CONF_INTERFACE_MISSING', link.places.get(own) ?? link.config.place, message, hint);
  }
}

/** Each script and program once, at the last resource that needs it. */
function checkNeeds(
  resources: readonly ResourceConfig[],
  files: ConfigFiles,
  report: Report,
): void {
  const paths = new Map<string, Place>();
  const programs = new Map<string, ResourceConfig>();
  for (const resource of resources) {
    const needs = needsOf(resource, files);
    for (const path of needs.scripts) paths.set(path, resource.place);
    for (const program of needs.programs) programs.set(program, resource);
  }
  for (const [path, place] of paths) checkScript({path, place}, files.facts, report);
  for (const [program, {rid, place}] of programs) {
    const fault = files.facts.programs?.get(program) ?? '';
    if (fault === '') continue;
    const message = `${rid} expected the program ${program}: ${fault}`;
    report('HA_CONF_PROGRAM_MISSING', place, message);
  }
  checkOcfHost(resources, files.facts, report);
  checkUnits(resources, files.facts, report);
}

function checkScript(
  script: {readonly path: string; readonly place: Place},
  facts: HostFacts,
  report: Report,
): void {
  const {path, place} = script;
  const problem = facts.scripts.get(path) ?? '';
  if (problem === '') return;
  const codes: Readonly<Record<string, ConfigCode>> = {
    'not executable': 'HA_CONF_SCRIPT_NOT_EXECUTABLE',
    'writable by others': 'HA_CONF_SCRIPT_WRITABLE',
  };
  const code = codes[problem] ?? 'HA_CONF_SCRIPT_MISSING';
  const hints: Readonly<Partial<Record<ConfigCode, string>>> = {
    HA_CONF_SCRIPT_NOT_EXECUTABLE: `Type "chmod +x ${path}".`,
    HA_CONF_SCRIPT_WRITABLE: `Type "chmod o-w ${path}", and the same for the folders above it.`,
  };
  const message = `expected ${path} to be an executable file of ours, found it ${problem}`;
  report(code, place, message, hints[code]);
}

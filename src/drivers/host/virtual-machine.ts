/**
 * Is this host a virtual machine? What the kernel says in files; nothing is started. A hypervisor
 * may pause such a machine together with its watchdog, so the answer weakens a proof.
 */

import {readFile} from 'node:fs/promises';

/** The texts of the files; null where one can not be read. */
export interface MachineTexts {
  /** /proc/cpuinfo */
  readonly cpu: string | null;
  /** Vendor and product of /sys/class/dmi/id, one per line. */
  readonly dmi: string | null;
  /** /sys/hypervisor/type, or the `hypervisor` node of a device tree. */
  readonly hypervisor: string | null;
}

const virtualProducts =
  /\b(?:qemu|kvm|vmware|virtualbox|bochs|xen|bhyve|parallels|virtual machine|hvm domu)\b/i;

/** null: nothing here says either way, which is not the same as no. */
export function isVirtual({cpu, dmi, hypervisor}: MachineTexts): boolean | null {
  if (hypervisor !== null && hypervisor.trim() !== '') return true;
  const flags = cpu === null ? null : /^flags\s*:(.*)$/m.exec(cpu)?.[1];
  if (flags !== undefined && flags !== null && /\bhypervisor\b/.test(flags)) return true;
  if (dmi !== null && virtualProducts.test(dmi)) return true;
  // Only x86 has the flag, and only with it does its absence mean anything.
  return typeof flags === 'string' ? false : null;
}

/** Linux; null elsewhere. */
export async function detectVirtualMachine(): Promise<boolean | null> {
  if (process.platform !== 'linux') return null;
  const dmi = '/sys/class/dmi/id';
  const [cpu, vendor, product, type, tree] = await Promise.all(
    [
      '/proc/cpuinfo',
      `${dmi}/sys_vendor`,
      `${dmi}/product_name`,
      '/sys/hypervisor/type',
      '/sys/firmware/devicetree/base/hypervisor/compatible',
    ].map(textOf),
  );
  const known = [vendor, product].filter((text) => typeof text === 'string');
  return isVirtual({
    cpu: cpu ?? null,
    dmi: known.length === 0 ? null : known.join('\n'),
    hypervisor: type ?? tree ?? null,
  });
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return null; // Not on this machine.
  }
}

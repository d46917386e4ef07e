/** A volume group of an emulated LVM that two nodes share: tags, activation, what is in the way. */

import {readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {describe, expect} from 'vitest';
import type {Cluster} from './harness/cluster.ts';
import {clusterTest} from './harness/cluster-test.ts';
import {drive, driven} from './kit/drive.ts';

const conf = '[vg#0]\nvgname = vg-svc1\n';
const programs = ['vgs', 'vgchange', 'pvscan'];

interface Group {
  readonly tags: readonly string[];
  readonly volumes: readonly string[];
  readonly hidden?: boolean;
  readonly busyOn?: Readonly<Record<string, readonly string[]>>;
}

class Lvm {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** The programs in the first folder of PATH of each node, and a device-mapper of its own. */
  static async install(cluster: Cluster): Promise<Lvm> {
    const file = join(cluster.shared, 'lvm.json');
    const emulator = fileURLToPath(new URL('../emulators/lvm.ts', import.meta.url));
    for (const node of cluster.nodes) {
      await node.must(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'none', '/sys/block']);
      await node.must(['mount', '-t', 'tmpfs', '-o', 'mode=755', 'none', '/usr/local/sbin']);
      for (const program of programs) {
        const text = `#!/bin/sh\nexec ${process.execPath} ${emulator} ${file} ${program} "$@"\n`;
        const path = `/usr/local/sbin/${program}`;
        await node.must(['sh', '-c', `cat > ${path} && chmod 755 ${path}`], {input: text});
      }
    }
    return new Lvm(file);
  }

  set(group: Group): void {
    writeFileSync(this.#file, JSON.stringify({'vg-svc1': group}));
  }

  get tags(): readonly string[] {
    return (JSON.parse(readFileSync(this.#file, 'utf8')) as Record<string, Group>)['vg-svc1']!.tags;
  }
}

describe('a volume group', () => {
  clusterTest(
    'is activated under the tag of its node',
    {disk: 'none', links: 1},
    async (cluster) => {
      const [node1, node2] = [cluster.node('node1'), cluster.node('node2')];
      const lvm = await Lvm.install(cluster);
      lvm.set({tags: ['local', '@node2'], volumes: ['data', 'app-log'], hidden: true});
      expect(await driven(node1, conf, 'probe vg#0', 'start vg#0', 'probe vg#0')).toEqual([
        'probe vg#0: down',
        'start vg#0: done',
        'probe vg#0: up',
      ]);
      // The tag of the peer is gone, the word of the site is not.
      expect(lvm.tags).toEqual(['local', '@node1']);
      const [seen] = await drive(node1, conf, 'probe vg#0');
      expect(seen?.detail).toMatch(/^vg-svc1: (?:data, app-log|app-log, data) active$/);
      expect(await driven(node2, conf, 'probe vg#0')).toEqual(['probe vg#0: down']);
      expect(await driven(node1, conf, 'stop vg#0', 'probe vg#0')).toEqual([
        'stop vg#0: done',
        'probe vg#0: down',
      ]);
      expect(lvm.tags).toEqual(['local']);

      // Tagged by somebody who is no node of the service.
      lvm.set({tags: ['@other'], volumes: ['data']});
      const [refused] = await drive(node1, conf, 'start vg#0');
      expect(refused).toMatchObject({kind: 'failed', untouched: true});
      expect(refused?.detail).toBe(
        'vg-svc1 is tagged @other: no node of this service is called so',
      );

      // A volume that is open stays active, keeps its tag, and is named.
      lvm.set({tags: [], volumes: ['data', 'log'], busyOn: {node1: ['log']}});
      await driven(node1, conf, 'start vg#0');
      const [busy, still] = await drive(node1, conf, 'stop vg#0', 'probe vg#0');
      expect(busy?.kind).toBe('failed');
      expect(busy?.detail).toContain('deactivation failed to release all logical volumes');
      expect(busy?.detail).toContain(`Can't deactivate volume group "vg-svc1" with 1 open`);
      expect(still).toMatchObject({state: 'up', detail: 'vg-svc1: log active'});
      expect(lvm.tags).toEqual(['@node1']);

      // A group without volumes is where its tag is; one that is not there can not be started.
      lvm.set({tags: [], volumes: []});
      expect(await driven(node2, conf, 'probe vg#0', 'start vg#0', 'probe vg#0')).toEqual([
        'probe vg#0: down',
        'start vg#0: done',
        'probe vg#0: up',
      ]);
      const [missing] = await drive(node2, '[disk#1]\nname = none\n', 'start disk#1');
      expect(missing?.detail).toMatch(/^vg none not found: .*Cannot process volume group none/);
    },
  );
});

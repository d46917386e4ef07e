/** The client against a real etcd: what the engine relies on, and each way in which it can fail. */

import {execFileSync} from 'node:child_process';
import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import type {AddressInfo, Server} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {performance} from 'node:perf_hooks';
import {afterAll, beforeAll, describe, expect, it} from 'vitest';
import type {ArbiterOutcome, ArbiterQuestion} from '../../../src/arbitration/arbiter.ts';
import {EtcdArbiter} from '../../../src/arbitration/io/etcd.ts';
import {createSeal} from '../../../src/arbitration/io/seal.ts';
import type {ArbiterFiles} from '../../../src/config/types.ts';
import {nodeName} from '../../../src/kernel/ids.ts';
import {hasEtcd, post, startEtcd, untilHealthy, type Member} from './members.ts';

const node1 = nodeName('node1');
const node2 = nodeName('node2');
const keys = [{id: 1, secret: new Uint8Array(32).fill(7)}];
const noFiles = {ca: null, cert: null, key: null, user: null, password: null};
const member = {life: 1, ttlMs: 3_000, watchdogMs: 0, keeping: false, held: []};

interface Change {
  readonly self?: typeof node1;
  readonly cluster?: string;
  readonly timeoutMs?: number;
  readonly files?: Partial<ArbiterFiles>;
  readonly keys?: typeof keys;
}

const open: EtcdArbiter[] = [];

function client(endpoints: readonly string[], change: Change = {}): EtcdArbiter {
  const arbiter = new EtcdArbiter({
    config: {endpoints, prefix: '/understudy', timeoutMs: change.timeoutMs ?? 5_000},
    files: {...noFiles, ...change.files},
    cluster: change.cluster ?? 'blue',
    self: change.self ?? node1,
    nodes: [node1, node2],
    seal: createSeal(() => change.keys ?? keys),
    nowMs: () => performance.now(),
  });
  open.push(arbiter);
  return arbiter;
}

type Good = ArbiterOutcome & {readonly ok: true};

async function ask(arbiter: EtcdArbiter, question: ArbiterQuestion): Promise<ArbiterOutcome> {
  return (await arbiter.ask(1, question)).outcome;
}

async function good(arbiter: EtcdArbiter, question: ArbiterQuestion): Promise<Good> {
  const outcome = await ask(arbiter, question);
  if (!outcome.ok) throw new Error(`${outcome.fault}: ${outcome.detail}`);
  return outcome;
}

function acquire(leaseId: string, change: object = {}): ArbiterQuestion {
  const revisions = {nodeRevision: 0, markRevision: 0};
  return {
    kind: 'acquire',
    leaseId,
    ttlMs: 3_000,
    entry: {life: 1, nonce: 5},
    member,
    ...revisions,
    ...change,
  };
}

const mark = (leaseId: string): ArbiterQuestion => ({
  kind: 'mark',
  peer: node1,
  leaseId,
  entry: {by: node2, life: 1},
});

const rowOf = (outcome: Good, node: string): Good['rows'][number] =>
  outcome.rows.find((row) => row.node === node)!;

async function untilTrue(look: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (!(await look())) {
    if (performance.now() > endMs) throw new Error('it did not come about in 30 s');
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
}

afterAll(() => {
  for (const arbiter of open) arbiter.close();
});

describe.skipIf(!hasEtcd)('etcd with one member', () => {
  let members: readonly Member[] = [];
  let close = async (): Promise<void> => undefined;
  let count = 0;
  const fresh = (change: Change = {}): EtcdArbiter =>
    client([members[0]!.url], {cluster: `c${count}`, ...change});

  beforeAll(async () => {
    ({members, close} = await startEtcd({count: 1}));
  }, 60_000);
  afterAll(async () => close());

  it('gives a lease to the first that asks, and shows it to all', async () => {
    count += 1;
    const got = await good(fresh(), acquire('101'));
    expect(got.done).toBe(true);
    expect(got.grantedMs).toBe(3_000);
    const seen = rowOf(await good(fresh({self: node2}), {kind: 'read'}), 'node1');
    expect(seen.present).toMatchObject({life: 1, nonce: 5, leaseId: '101'});
    expect(seen.member).toMatchObject(member);
    expect(seen.mark).toBeNull();
  });

  it('refuses a lease where the entry has changed since it was read', async () => {
    count += 1;
    await good(fresh(), acquire('111'));
    const late = await good(fresh(), acquire('112', {entry: {life: 2, nonce: 6}}));
    expect(late.done).toBe(false);
    const nodeRevision = rowOf(late, 'node1').present!.revision;
    const next = await good(fresh(), acquire('113', {nodeRevision, entry: {life: 2, nonce: 6}}));
    expect(next.done).toBe(true);
  });

  it('marks nobody out who holds a lease, or was never a member', async () => {
    count += 1;
    const other = fresh({self: node2});
    await good(other, acquire('121'));
    expect((await good(other, mark('121'))).done).toBe(false);
    await good(fresh(), acquire('122'));
    expect((await good(other, mark('121'))).done).toBe(false);
  });

  it('gives a lease up at once when its holder gives it back, also twice', async () => {
    count += 1;
    const other = fresh({self: node2});
    await good(other, acquire('191'));
    await good(fresh(), acquire('192', {ttlMs: 600_000}));
    expect((await good(other, mark('191'))).done).toBe(false);
    const release = {kind: 'release', leaseId: '192'} as const;
    expect((await good(fresh(), release)).done).toBe(true);
    expect((await good(fresh(), release)).done).toBe(true);
    expect((await good(other, mark('191'))).done).toBe(true);
  });

  it('marks a member out once its lease is over, and gives it none against the mark', async () => {
    count += 1;
    const own = fresh();
    const other = fresh({self: node2});
    await good(own, acquire('131'));
    await good(other, acquire('132'));
    let marked = await good(other, mark('132'));
    await untilTrue(async () => {
      await good(other, {kind: 'renew', leaseId: '132', member: null});
      marked = await good(other, mark('132'));
      return marked.done;
    });
    const {mark: entry} = rowOf(marked, 'node1');
    expect(entry).toMatchObject({by: 'node2', life: 1});
    expect(marked.revision).toBe(entry!.revision);
    expect((await good(own, {kind: 'renew', leaseId: '131', member: null})).done).toBe(false);
    expect((await good(own, acquire('133'))).done).toBe(false);
    const lifted = await good(own, acquire('134', {markRevision: entry!.revision}));
    expect(lifted.done).toBe(true);
    expect(rowOf(lifted, 'node1').mark).toBeNull();
  });

  it('marks nobody out for a node whose own lease is gone', async () => {
    count += 1;
    const other = fresh({self: node2});
    await good(other, acquire('141'));
    await good(fresh(), acquire('142'));
    await post(members[0]!.url, '/v3/lease/revoke', {ID: '141'});
    await post(members[0]!.url, '/v3/lease/revoke', {ID: '142'});
    expect((await good(other, mark('141'))).done).toBe(false);
  });

  it('renews, and writes what has changed of the member with it', async () => {
    count += 1;
    const own = fresh();
    await good(own, acquire('151'));
    const change = {...member, keeping: true};
    const kept = await good(own, {kind: 'renew', leaseId: '151', member: change});
    expect(kept.done).toBe(true);
    expect(rowOf(kept, 'node1').member).toMatchObject({keeping: true});
    await post(members[0]!.url, '/v3/lease/revoke', {ID: '151'});
    expect((await good(own, {kind: 'renew', leaseId: '151', member})).done).toBe(false);
  });

  it('does not believe a lease that another cluster holds under its name', async () => {
    count += 1;
    await good(fresh({keys: [{id: 1, secret: new Uint8Array(32).fill(9)}]}), acquire('161'));
    expect(await ask(fresh(), {kind: 'read'})).toMatchObject({ok: false, fault: 'foreign'});
  });

  it('takes a node of a key that is no longer held for one that never was a member', async () => {
    count += 1;
    const former = [{id: 2, secret: new Uint8Array(32).fill(9)}];
    await good(fresh({keys: former}), acquire('171'));
    await post(members[0]!.url, '/v3/lease/revoke', {ID: '171'});
    const seen = await good(fresh({self: node2}), {kind: 'read'});
    expect(rowOf(seen, 'node1')).toMatchObject({present: null, member: null});
  });

  it('refuses plain text that a member with TLS does not speak', async () => {
    const url = members[0]!.url.replace('http:', 'https:');
    expect(await ask(client([url]), {kind: 'read'})).toMatchObject({ok: false});
  });
});

describe.skipIf(!hasEtcd)('etcd with three members', () => {
  let members: readonly Member[] = [];
  let close = async (): Promise<void> => undefined;

  beforeAll(async () => {
    ({members, close} = await startEtcd({count: 3}));
  }, 60_000);
  afterAll(async () => close());

  it(
    'renews through the loss of any one member, and through a new leader',
    {timeout: 90_000},
    async () => {
      const own = client(members.map(({url}) => url));
      expect((await good(own, acquire('301', {ttlMs: 60_000}))).done).toBe(true);
      const renew: ArbiterQuestion = {kind: 'renew', leaseId: '301', member: null};
      // One of the three is the leader.
      for (const lost of members) {
        lost.stop('SIGSTOP');
        await untilTrue(async () => {
          const outcome = await ask(own, renew);
          return outcome.ok && outcome.done;
        });
        lost.stop('SIGCONT');
        await untilHealthy(lost.url);
      }
    },
  );

  it(
    'answers nothing without a majority, and gives the lease back after it',
    {timeout: 90_000},
    async () => {
      const urls = members.map(({url}) => url);
      const own = client(urls, {cluster: 'green', timeoutMs: 1_000});
      await untilTrue(async () => (await ask(own, acquire('311', {ttlMs: 60_000}))).ok);
      members[0]!.stop('SIGSTOP');
      members[1]!.stop('SIGSTOP');
      const renew: ArbiterQuestion = {kind: 'renew', leaseId: '311', member: null};
      expect(await ask(own, {kind: 'read'})).toMatchObject({ok: false, fault: 'unreachable'});
      expect(await ask(own, renew)).toMatchObject({ok: false, fault: 'unreachable'});
      members[0]!.stop('SIGCONT');
      members[1]!.stop('SIGCONT');
      await untilTrue(async () => {
        const outcome = await ask(own, renew);
        return outcome.ok && outcome.done;
      });
    },
  );
});

describe.skipIf(!hasEtcd)('etcd that asks who is there', () => {
  let members: readonly Member[] = [];
  let close = async (): Promise<void> => undefined;
  const folder = mkdtempSync(join(tmpdir(), 'understudy-etcd-auth-'));
  const password = (text: string): string => {
    const path = join(folder, text);
    writeFileSync(path, `${text}\n`, {mode: 0o600});
    return path;
  };

  beforeAll(async () => {
    ({members, close} = await startEtcd({count: 1}));
    const {url} = members[0]!;
    await post(url, '/v3/auth/user/add', {name: 'root', password: 'right'});
    await post(url, '/v3/auth/role/add', {name: 'root'});
    await post(url, '/v3/auth/user/grant', {user: 'root', role: 'root'});
    await post(url, '/v3/auth/enable', {});
  }, 60_000);
  afterAll(async () => {
    await close();
    rmSync(folder, {recursive: true, force: true});
  });

  it.each([
    ['no name', null, null],
    ['a wrong password', 'root', 'wrong'],
    ['an unknown name', 'nobody', 'right'],
  ])('is told as a fault of the credentials: %s', async (_title, user, text) => {
    const files = {user, password: text === null ? null : password(text)};
    const outcome = await ask(client([members[0]!.url], {files}), {kind: 'read'});
    expect(outcome).toMatchObject({ok: false, fault: 'credentials'});
  });

  it('answers who has the right password', async () => {
    const files = {user: 'root', password: password('right')};
    expect((await good(client([members[0]!.url], {files}), acquire('401'))).done).toBe(true);
  });
});

describe.skipIf(!hasEtcd)('etcd over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'understudy-etcd-tls-'));
  const at = (name: string): string => join(folder, name);
  let members: readonly Member[] = [];
  let close = async (): Promise<void> => undefined;
  const openssl = (...words: readonly string[]): void => {
    execFileSync('openssl', words, {cwd: folder, stdio: 'ignore'});
  };
  const make = (name: string, issuer: string): void => {
    openssl(
      'req',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
      '-subj',
      `/CN=${name}`,
    );
    writeFileSync(at('ext'), 'subjectAltName=IP:127.0.0.1');
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      `${issuer}.crt`,
      '-CAkey',
      `${issuer}.key`,
      '-CAcreateserial',
      '-days',
      '9',
      '-extfile',
      'ext',
      '-out',
      `${name}.crt`,
    );
    chmodSync(at(`${name}.key`), 0o600);
  };

  beforeAll(async () => {
    for (const ca of ['ca', 'other']) {
      openssl(
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        `${ca}.key`,
        '-out',
        `${ca}.crt`,
        '-days',
        '9',
        '-subj',
        `/CN=${ca}`,
      );
    }
    make('server', 'ca');
    make('node1', 'ca');
    make('stranger', 'other');
    const extra = [
      '--cert-file',
      at('server.crt'),
      '--key-file',
      at('server.key'),
      '--client-cert-auth',
      '--trusted-ca-file',
      at('ca.crt'),
    ];
    ({members, close} = await startEtcd({count: 1, extra}));
  }, 60_000);
  afterAll(async () => {
    await close();
    rmSync(folder, {recursive: true, force: true});
  });

  const with_ = (ca: string, name: string): EtcdArbiter =>
    client([members[0]!.url], {
      files: {ca: at(`${ca}.crt`), cert: at(`${name}.crt`), key: at(`${name}.key`)},
    });

  it('answers a node with a certificate', {timeout: 60_000}, async () => {
    const own = with_('ca', 'node1');
    await untilTrue(async () => (await ask(own, {kind: 'read'})).ok);
    expect((await good(own, acquire('501'))).done).toBe(true);
  });

  it('is told as a fault of TLS: a server that another authority vouches for', async () => {
    const outcome = await ask(with_('other', 'node1'), {kind: 'read'});
    expect(outcome).toMatchObject({ok: false, fault: 'tls'});
  });

  it('gives no answer to a stranger', async () => {
    expect(await ask(with_('ca', 'stranger'), {kind: 'read'})).toMatchObject({ok: false});
  });

  it('is told as a fault of TLS: a certificate that cannot be read', async () => {
    const outcome = await ask(with_('absent', 'node1'), {kind: 'read'});
    expect(outcome).toMatchObject({ok: false, fault: 'tls'});
  });
});

describe('no etcd', () => {
  let silent: Server | null = null;
  afterAll(() => silent?.close());

  it('is out of reach: refused, silent, or something else, within the deadline', async () => {
    silent = createServer();
    await new Promise<void>((resolve) => {
      silent!.listen(0, '127.0.0.1', () => resolve());
    });
    const {port} = silent.address() as AddressInfo;
    const mute = `http://127.0.0.1:${port}`;
    const outcome = await ask(client(['http://127.0.0.1:9', mute], {timeoutMs: 400}), {
      kind: 'read',
    });
    expect(outcome).toMatchObject({ok: false, fault: 'unreachable'});
  });
});

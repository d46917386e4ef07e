/**
 * etcd as the arbiter: one question at a time, within one deadline, at one member after the other
 * until one answers. Asked over its JSON gateway, with Node's own http client.
 */

import type {ArbiterConfig, ArbiterFiles} from '../../config/types.ts';
import type {NodeName} from '../../kernel/ids.ts';
import type {ArbiterAnswer, ArbiterFault, ArbiterOutcome, ArbiterQuestion} from '../arbiter.ts';
import {
  numberIn,
  rangeBody,
  readAnswer,
  readKeepAlive,
  textIn,
  txnBody,
  type Seal,
  type WireContext,
} from '../etcd-wire.ts';
import {HttpClient, type HttpOutcome} from './etcd-request.ts';

export interface EtcdOptions {
  readonly config: Pick<ArbiterConfig, 'endpoints' | 'prefix' | 'timeoutMs'>;
  readonly files: ArbiterFiles;
  readonly cluster: string;
  readonly self: NodeName;
  readonly nodes: readonly NodeName[];
  readonly seal: Seal;
  /** Monotonic ms, the clock of the engine. */
  readonly nowMs: () => number;
}

interface Fault {
  readonly ok: false;
  readonly fault: ArbiterFault;
  readonly detail: string;
}
type Asked = {readonly ok: true; readonly body: unknown} | Fault;

/** gRPC's codes, as the gateway passes them on. */
const codes = {denied: 7, unauthenticated: 16} as const;

export class EtcdArbiter {
  readonly #options: EtcdOptions;
  readonly #context: WireContext;
  readonly #http: HttpClient;
  /** The member that answered last comes first. */
  #favourite = 0;
  #token: string | null = null;

  constructor(options: EtcdOptions) {
    const {config, cluster, self, nodes, seal} = options;
    this.#options = options;
    this.#http = new HttpClient(options.files);
    this.#context = {
      root: `${config.prefix}/${cluster}`,
      self,
      nodes,
      seal,
      toBase64: (text) => Buffer.from(text, 'utf8').toString('base64'),
      fromBase64: (text) => Buffer.from(text, 'base64').toString('utf8'),
    };
  }

  /** Always answers, within the deadline of the configuration. */
  async ask(id: number, question: ArbiterQuestion): Promise<ArbiterAnswer> {
    const issuedMs = this.#options.nowMs();
    const untilMs = issuedMs + this.#options.config.timeoutMs;
    const outcome = await this.#carryOut(question, untilMs);
    return {id, issuedMs, outcome};
  }

  close(): void {
    this.#http.close();
  }

  async #carryOut(question: ArbiterQuestion, untilMs: number): Promise<ArbiterOutcome> {
    switch (question.kind) {
      case 'acquire':
        return this.#acquire(question, untilMs);
      case 'renew':
        return this.#renew(question, untilMs);
      case 'release':
        return this.#release(question, untilMs);
      case 'read':
      case 'mark':
        return this.#read(question, untilMs);
    }
  }

  /** A grant that was carried out though its answer got lost "exists already" the second time. */
  async #acquire(
    question: ArbiterQuestion & {readonly kind: 'acquire'},
    untilMs: number,
  ): Promise<ArbiterOutcome> {
    const {leaseId, ttlMs} = question;
    const seconds = Math.ceil(ttlMs / 1_000);
    const granted = await this.#post('/v3/lease/grant', {ID: leaseId, TTL: seconds}, untilMs);
    if (!granted.ok) return granted;
    const grantedMs = (numberIn(granted.body, 'TTL') ?? seconds) * 1_000;
    const read = await this.#read(question, untilMs);
    if (!read.ok) return read;
    return {...read, grantedMs, done: this.#holds(read, leaseId)};
  }

  /**
   * A leader that has lost its majority may not know it yet, and would prolong a lease that its
   * successor has ended. So a renewal counts only where the term of the answer is the one that a
   * majority confirms after it.
   */
  async #renew(
    question: ArbiterQuestion & {readonly kind: 'renew'},
    untilMs: number,
  ): Promise<ArbiterOutcome> {
    const {leaseId} = question;
    const kept = await this.#post('/v3/lease/keepalive', {ID: leaseId}, untilMs);
    if (!kept.ok) return kept;
    const alive = readKeepAlive(kept.body);
    if (alive === null) return lost('the answer to a keep-alive is not that of etcd');
    const read = await this.#reading(question, untilMs);
    if (!read.ok) return read;
    const {term, outcome} = read;
    if (alive.ttlMs > 0 && alive.term !== term) {
      return lost(`the leader changed during a renewal (term ${alive.term}, then ${term})`);
    }
    const done = alive.ttlMs > 0 && this.#holds(outcome, leaseId);
    return {...outcome, grantedMs: alive.ttlMs, done};
  }

  /** `done` where it is gone, by this or by itself. */
  async #release(
    question: ArbiterQuestion & {readonly kind: 'release'},
    untilMs: number,
  ): Promise<ArbiterOutcome> {
    const {leaseId} = question;
    const revoked = await this.#post('/v3/lease/revoke', {ID: leaseId}, untilMs);
    if (!revoked.ok) return revoked;
    const read = await this.#read(question, untilMs);
    return read.ok ? {...read, done: !this.#holds(read, leaseId)} : read;
  }

  #holds(outcome: ArbiterOutcome & {readonly ok: true}, leaseId: string): boolean {
    const {self} = this.#context;
    return outcome.rows.find(({node}) => node === self)?.present?.leaseId === leaseId;
  }

  async #read(question: ArbiterQuestion, untilMs: number): Promise<ArbiterOutcome> {
    const read = await this.#reading(question, untilMs);
    return read.ok ? read.outcome : read;
  }

  async #reading(
    question: ArbiterQuestion,
    untilMs: number,
  ): Promise<
    | {readonly ok: true; readonly term: string; readonly outcome: ArbiterOutcome & {ok: true}}
    | Fault
  > {
    const txn = txnBody(this.#context, question);
    const asked =
      txn === null
        ? await this.#post('/v3/kv/range', rangeBody(this.#context), untilMs)
        : await this.#post('/v3/kv/txn', txn, untilMs);
    if (!asked.ok) return asked;
    const result = readAnswer(this.#context, asked.body);
    if (!result.ok) return result;
    const {clusterId, revision, term, succeeded, rows} = result.reading;
    const done = txn === null || succeeded;
    return {ok: true, term, outcome: {ok: true, done, clusterId, revision, grantedMs: null, rows}};
  }

  /** One member after the other; each gets its share of the time that is left. */
  async #post(path: string, body: object, untilMs: number): Promise<Asked> {
    const {endpoints} = this.#options.config;
    let worst: Fault = lost('no endpoint');
    for (let tried = 0; tried < endpoints.length; tried += 1) {
      const index = (this.#favourite + tried) % endpoints.length;
      const leftMs = untilMs - this.#options.nowMs();
      if (leftMs <= 0) break;
      const shareMs = Math.ceil(leftMs / (endpoints.length - tried));
      const asked = await this.#askOne(endpoints[index]!, {path, body}, shareMs);
      if (asked.ok) {
        this.#favourite = index;
        return asked;
      }
      // What an operator must mend is told rather than what may mend itself.
      if (worst.fault === 'unreachable') worst = asked;
    }
    this.#favourite = (this.#favourite + 1) % Math.max(1, endpoints.length);
    return worst;
  }

  async #askOne(
    endpoint: string,
    {path, body}: {readonly path: string; readonly body: object},
    timeoutMs: number,
  ): Promise<Asked> {
    const endMs = this.#options.nowMs() + timeoutMs;
    const ask = async (): Promise<HttpOutcome> =>
      this.#http.ask({
        endpoint,
        path,
        body,
        token: this.#token,
        timeoutMs: Math.max(1, Math.ceil(endMs - this.#options.nowMs())),
      });
    if (this.#options.files.user !== null && this.#token === null) {
      const entered = await this.#logIn(endpoint, endMs);
      if (!entered.ok) return entered;
    }
    const first = judgeStatus(await ask(), path);
    // A token has its own time to live, and a member that was started anew knows none.
    if (first.ok || first.fault !== 'credentials' || this.#token === null)
      return this.#noted(first);
    const entered = await this.#logIn(endpoint, endMs);
    return entered.ok ? this.#noted(judgeStatus(await ask(), path)) : entered;
  }

  /** New certificates are read after a fault that they may mend. */
  #noted(asked: Asked): Asked {
    if (!asked.ok && asked.fault === 'tls') this.#http.close();
    return asked;
  }

  async #logIn(endpoint: string, endMs: number): Promise<Asked> {
    const {user} = this.#options.files;
    const password = await this.#http.password();
    this.#token = null;
    if (user === null || password === null || !password.ok) {
      const detail = password?.ok === false ? password.fault : 'no password file is configured';
      return {ok: false, fault: 'credentials', detail};
    }
    const outcome = await this.#http.ask({
      endpoint,
      path: '/v3/auth/authenticate',
      body: {name: user, password: password.text},
      token: null,
      timeoutMs: Math.max(1, Math.ceil(endMs - this.#options.nowMs())),
    });
    const asked = judgeStatus(outcome, '/v3/auth/authenticate');
    if (!asked.ok) return asked;
    this.#token = textIn(asked.body, 'token');
    if (this.#token !== null) return asked;
    return {ok: false, fault: 'credentials', detail: `${endpoint}: gave no token to ${user}`};
  }
}

function lost(detail: string): Fault {
  return {ok: false, fault: 'unreachable', detail};
}

/** An error of the gateway: its code tells whether somebody must mend it, or time may. */
function judgeStatus(outcome: HttpOutcome, path: string): Asked {
  if (!outcome.ok) return outcome;
  const {status, body} = outcome;
  if (status === 200) return {ok: true, body};
  const detail = textIn(body, 'message') ?? textIn(body, 'error') ?? `HTTP ${status}`;
  const code = numberIn(body, 'code');
  // The lease of an earlier try whose answer was lost: what is wanted is so.
  if (path === '/v3/lease/grant' && detail.includes('already exists')) return {ok: true, body: {}};
  // It had run out: what is wanted is so.
  if (path === '/v3/lease/revoke' && detail.includes('not found')) return {ok: true, body: {}};
  const isRefused =
    code === codes.denied ||
    code === codes.unauthenticated ||
    status === 401 ||
    status === 403 ||
    /user name is empty|invalid auth token|authentication/.test(detail);
  return {ok: false, fault: isRefused ? 'credentials' : 'unreachable', detail};
}

/**
 * One request to one member of etcd, over Node's own http and https. Every request has a deadline,
 * and an answer a size; what goes wrong is a value, never a throw.
 */

import {readFile} from 'node:fs/promises';
import {Agent as PlainAgent, request as plainRequest} from 'node:http';
import type {ClientRequest} from 'node:http';
import {Agent as TlsAgent, request as tlsRequest} from 'node:https';
import type {ArbiterFiles} from '../../config/types.ts';
import {readSecret, type Secret} from '../../drivers/host/secret-file.ts';
import type {ArbiterFault} from '../arbiter.ts';
import {textIn} from '../etcd-wire.ts';

export type HttpOutcome =
  | {readonly ok: true; readonly status: number; readonly body: unknown}
  | {readonly ok: false; readonly fault: ArbiterFault; readonly detail: string};

export interface HttpQuestion {
  /** Origin, as `https://192.0.2.1:2379`. */
  readonly endpoint: string;
  /** `/v3/kv/range` ... */
  readonly path: string;
  readonly body: object;
  readonly token: string | null;
  readonly timeoutMs: number;
}

/** 64 entries of at most a few hundred bytes each, with room. */
const answerBytesMax = 256 * 1_024;

/** Codes of Node and OpenSSL for a partner that is not the one named, or that refuses us. */
const tlsPattern = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_|SELF_SIGNED|UNABLE_TO|HOSTNAME_|EPROTO)/;

interface Agents {
  readonly plain: PlainAgent;
  readonly tls: TlsAgent;
}

export class HttpClient {
  readonly #files: ArbiterFiles;
  #agents: Agents | null = null;

  constructor(files: ArbiterFiles) {
    this.#files = files;
  }

  async ask(question: HttpQuestion): Promise<HttpOutcome> {
    const agents = await this.#connect();
    if (agents === null) {
      const detail = `cannot read ${[this.#files.ca, this.#files.cert, this.#files.key]
        .filter((path) => path !== null)
        .join(', ')}`;
      return {ok: false, fault: 'tls', detail};
    }
    return exchange(question, agents);
  }

  /** The password, read anew for each log-in; null: none is configured. */
  async password(): Promise<Secret | null> {
    const {password} = this.#files;
    return password === null ? null : readSecret(password);
  }

  close(): void {
    this.#agents?.plain.destroy();
    this.#agents?.tls.destroy();
    this.#agents = null;
  }

  /** Connections are kept between questions; new certificates are read when a TLS fault says so. */
  async #connect(): Promise<Agents | null> {
    if (this.#agents !== null) return this.#agents;
    const {ca, cert, key} = this.#files;
    try {
      const [authority, own, secret] = await Promise.all([ca, cert, key].map(contentOf));
      const shared = {keepAlive: true, maxSockets: 4, maxFreeSockets: 1};
      const tls = new TlsAgent({
        ...shared,
        ...(authority === undefined ? {} : {ca: authority}),
        ...(own === undefined ? {} : {cert: own}),
        ...(secret === undefined ? {} : {key: secret}),
      });
      this.#agents = {plain: new PlainAgent(shared), tls};
    } catch {
      // Told as a fault of TLS: the file is named there.
      return null;
    }
    return this.#agents;
  }
}

async function contentOf(path: string | null): Promise<Buffer | undefined> {
  return path === null ? undefined : readFile(path);
}

async function exchange(question: HttpQuestion, agents: Agents): Promise<HttpOutcome> {
  return new Promise((resolve) => {
    const {endpoint, timeoutMs} = question;
    let request: ClientRequest | null = null;
    const timer = setTimeout(() => {
      end({ok: false, fault: 'unreachable', detail: `no answer within ${timeoutMs} ms`});
    }, timeoutMs);
    const end = (outcome: HttpOutcome): void => {
      clearTimeout(timer);
      request?.destroy();
      resolve(outcome.ok ? outcome : {...outcome, detail: `${endpoint}: ${outcome.detail}`});
    };
    try {
      request = open(question, agents, end);
    } catch (error) {
      end(faultOf(error));
    }
  });
}

function open(
  {endpoint, path, body, token}: HttpQuestion,
  agents: Agents,
  end: (outcome: HttpOutcome) => void,
): ClientRequest {
  const text = JSON.stringify(body);
  const isTls = endpoint.startsWith('https:');
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...(token === null ? {} : {authorization: token}),
  };
  const options = {method: 'POST', headers, agent: isTls ? agents.tls : agents.plain};
  const request = (isTls ? tlsRequest : plainRequest)(`${endpoint}${path}`, options);
  request.on('error', (error) => end(faultOf(error)));
  request.on('response', (response) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    response.on('data', (part: Buffer) => {
      bytes += part.length;
      parts.push(part);
      if (bytes > answerBytesMax) end(unusable(`an answer of more than ${answerBytesMax} bytes`));
    });
    response.on('error', (error) => end(faultOf(error)));
    response.on('end', () => end(parsed(response.statusCode ?? 0, Buffer.concat(parts))));
  });
  request.end(text);
  return request;
}

function parsed(status: number, bytes: Buffer): HttpOutcome {
  try {
    const body: unknown = JSON.parse(bytes.toString('utf8'));
    return {ok: true, status, body};
  } catch {
    return unusable(`an answer that is no JSON (HTTP ${status})`);
  }
}

function unusable(detail: string): HttpOutcome & {readonly ok: false} {
  return {ok: false, fault: 'unreachable', detail};
}

function faultOf(error: unknown): HttpOutcome & {readonly ok: false} {
  const code = textIn(error, 'code') ?? '';
  const text = error instanceof Error ? error.message : String(error);
  const fault = tlsPattern.test(code) ? 'tls' : 'unreachable';
  return {ok: false, fault, detail: text === '' ? code : text};
}

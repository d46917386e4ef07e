import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, mkdtempSync, readdirSync, rmSync, statSync} from 'node:fs';
import {connect} from 'node:net';
import type {Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {call} from '../../../src/control/io/client.ts';
import {clientsMax, listenUnix} from '../../../src/control/io/unix-server.ts';
import type {RequestHandler, SessionLimits} from '../../../src/control/io/session.ts';
import type {UnixServer} from '../../../src/control/io/unix-server.ts';
import type {Request} from '../../../src/control/types.ts';
import {eventually} from '../../eventually.ts';

let directory = '';
let path = '';
const servers: UnixServer[] = [];
const sockets: Socket[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ha-control-'));
  path = join(directory, 'ha.sock');
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) await server.close();
  rmSync(directory, {recursive: true, force: true});
});

const hello: Request = {v: 1, id: 3, node: null, actor: 'test', op: 'hello'};
const echo: RequestHandler = (request, exchange) => {
  exchange.reply({kind: 'progress', text: `asked by ${request.actor}`});
  exchange.reply({kind: 'end', exit: 0, text: request.op, data: {ok: true}});
};

async function serve(handler = echo, limits: Partial<SessionLimits> = {}): Promise<UnixServer> {
  const result = await listenUnix(path, handler, limits);
  if (!result.ok) throw new Error(result.error.message);
  servers.push(result.value);
  return result.value;
}

/** A raw client: everything it received, and whether the server ended the connection. */
function raw() {
  const socket = connect(path);
  sockets.push(socket);
  const seen = {text: '', closed: false, socket};
  socket.on('data', (bytes) => {
    seen.text += bytes.toString();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    seen.closed = true;
  });
  return seen;
}

describe('the control socket', () => {
  test('answers a request with its lines and its end, and is private', async () => {
    await serve();
    const progress: string[] = [];
    const end = await call({
      socketPath: path,
      request: hello,
      silenceMs: 5_000,
      onProgress: (text) => progress.push(text),
    });
    expect(end).toEqual({ok: true, value: {exit: 0, text: 'hello', data: {ok: true}}});
    expect(progress).toEqual(['asked by test']);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('answers a client that closed its sending half', async () => {
    await serve();
    const client = raw();
    client.socket.end(`${JSON.stringify(hello)}\n`);
    await eventually(() => expect(client.closed).toBe(true));
    expect(client.text).toContain('"kind":"end"');
  });

  test.each([
    ['garbage', '\0\u0001 rubbish\n', 'expected one JSON object per line'],
    ['a web browser', 'GET / HTTP/1.1\r\n', 'expected one JSON object per line'],
    ['a request without its fields', '{"v":1,"id":9}\n', 'node: expected a name'],
  ])('answers %s with a sentence and stays', async (_name, text, expected) => {
    await serve();
    const client = raw();
    client.socket.write(text);
    await eventually(() => expect(client.text).toContain(expected));
    client.socket.write(`${JSON.stringify(hello)}\n`);
    await eventually(() => expect(client.text).toContain('asked by test'));
    expect(client.closed).toBe(false);
  });

  test('names the request that was refused', async () => {
    await serve();
    const client = raw();
    client.socket.write('{"v":1,"id":9}\n');
    await eventually(() => expect(client.text).toContain('"id":9'));
  });

  test('ends a line of 2 MB with a sentence', async () => {
    await serve();
    const client = raw();
    client.socket.write(Buffer.alloc(2 * 1_024 * 1_024, 'x'));
    await eventually(() => expect(client.closed).toBe(true));
    expect(client.text).toContain('expected a request of at most 65536 bytes, found a longer line');
  });

  test('ends a line that comes byte by byte and never ends', async () => {
    await serve(echo, {lineMs: 60});
    const client = raw();
    const drip = setInterval(() => client.socket.write('{'), 5);
    await eventually(() => expect(client.closed).toBe(true));
    clearInterval(drip);
    expect(client.text).toContain('expected a whole line within 60 ms');
  });

  test('closes a connection that asks nothing, but not one that waits for its answer', async () => {
    let finish: (() => void) | undefined;
    await serve(
      (_request, exchange) => {
        finish = () => exchange.reply({kind: 'end', exit: 0, text: 'late', data: null});
      },
      {idleMs: 50},
    );
    const waiting = raw();
    waiting.socket.write(`${JSON.stringify(hello)}\n`);
    await eventually(() => expect(finish).toBeDefined());
    const idle = raw();
    await eventually(() => expect(idle.closed).toBe(true));
    expect(waiting.closed).toBe(false);
    finish!();
    await eventually(() => expect(waiting.text).toContain('late'));
  });

  test('drops a client that does not read, and tells the handler', async () => {
    let gone = false;
    await serve(
      (_request, exchange) => {
        exchange.onGone(() => {
          gone = true;
        });
        const flood = (): void => {
          if (gone) return;
          exchange.reply({kind: 'progress', text: 'x'.repeat(50_000)});
          setImmediate(flood);
        };
        flood();
      },
      {queueBytesMax: 500_000},
    );
    const client = connect(path);
    sockets.push(client);
    client.on('error', () => undefined);
    client.write(`${JSON.stringify(hello)}\n`);
    client.pause();
    await eventually(() => expect(gone).toBe(true));
  });

  test('refuses a second request with the same id and too many at once', async () => {
    await serve(() => undefined, {requestsMax: 2});
    const client = raw();
    for (const id of [1, 1, 2, 3]) client.socket.write(`${JSON.stringify({...hello, id})}\n`);
    await eventually(() => expect(client.text.trim().split('\n')).toHaveLength(2));
    const lines = client.text.trim().split('\n');
    expect(lines[0]).toContain('request 1 is under way already');
    expect(lines[1]).toContain('2 requests are under way on this connection');
  });

  test('says so where an answer is longer than a line may be', async () => {
    await serve((_request, exchange) => {
      exchange.reply({kind: 'end', exit: 0, text: '', data: 'x'.repeat(2_200_000)});
    });
    const end = await call({socketPath: path, request: hello, silenceMs: 5_000});
    expect(end).toMatchObject({ok: true, value: {exit: 1, data: null}});
  });

  test('serves some of 500 clients, refuses the others with a sentence, and lives on', async () => {
    await serve();
    const clients = Array.from({length: 500}, raw);
    for (const {socket} of clients) socket.write(`${JSON.stringify(hello)}\n`);
    await eventually(() =>
      expect(clients.every((one) => one.text !== '' || one.closed)).toBe(true),
    );
    const served = clients.filter((one) => one.text.includes('asked by test'));
    const refused = clients.filter((one) => one.text.includes('64 clients are connected'));
    expect(served).toHaveLength(clientsMax);
    expect(refused.length).toBeGreaterThan(0);
    for (const {socket} of clients) socket.destroy();
    await eventually(async () => {
      const end = await call({socketPath: path, request: hello, silenceMs: 5_000});
      expect(end).toMatchObject({ok: true, value: {exit: 0}});
    });
  });
});

describe('the path of the control socket', () => {
  test('is taken over from a daemon that died', async () => {
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)})`;
    const dead = spawn(process.execPath, ['-e', script], {stdio: 'ignore'});
    await eventually(() => expect(existsSync(path)).toBe(true));
    dead.kill('SIGKILL');
    await once(dead, 'exit');
    expect(readdirSync(directory)).toEqual(['ha.sock']);
    await serve();
    expect(readdirSync(directory)).toEqual(['ha.sock']);
    expect(await call({socketPath: path, request: hello, silenceMs: 5_000})).toMatchObject({
      ok: true,
    });
  });

  test('is not taken from a daemon that lives', async () => {
    await serve();
    const second = await listenUnix(path, echo);
    expect(second).toMatchObject({ok: false, error: {code: 'HA_SOCKET_BUSY'}});
    const end = await call({socketPath: path, request: hello, silenceMs: 5_000});
    expect(end.ok).toBe(true);
  });

  test('that is too long for a socket is said to be', async () => {
    const long = join(directory, 'x'.repeat(120));
    expect(await listenUnix(long, echo)).toMatchObject({
      ok: false,
      error: {code: 'HA_SOCKET_PATH'},
    });
  });
});

describe('a client', () => {
  test.each([
    ['finds nobody', 'HA_DAEMON_UNREACHABLE', null],
    ['hears nothing in time', 'HA_DAEMON_SILENT', (): void => undefined],
  ])('that %s gets %s', async (_name, code, handler) => {
    if (handler !== null) await serve(handler);
    const end = await call({socketPath: path, request: hello, silenceMs: 50});
    expect(end).toMatchObject({ok: false, error: {code}});
  });

  test('detaches when it is told to, and hears of a daemon that ends', async () => {
    const one = await serve(() => undefined);
    const abort = new AbortController();
    const detached = call({
      socketPath: path,
      request: hello,
      silenceMs: null,
      signal: abort.signal,
    });
    abort.abort();
    expect(await detached).toMatchObject({ok: false, error: {code: 'HA_DETACHED'}});
    const waiting = call({socketPath: path, request: hello, silenceMs: null});
    await eventually(() => expect(one.clientCount).toBe(1));
    await servers.splice(0)[0]!.close();
    expect(await waiting).toMatchObject({ok: false, error: {code: 'HA_DAEMON_GONE'}});
  });
});

import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {parseRequest} from '../../src/control/parse-request.ts';

const base = {v: 1, id: 7, node: null, actor: 'root@pts/1'};
const freeze = {by: '', why: 'disk swap', since: '', untilMs: 7_200_000, until: null};

const run = {begunMs: 5, endedMs: null, ok: null, detail: 'begun'};

const parse = (value: unknown) => parseRequest(JSON.stringify(value));
const message = (value: unknown): string => {
  const parsed = parse(value);
  return parsed.ok ? 'no error' : parsed.error.message;
};

describe('a request', () => {
  test.each<[string, object]>([
    ['view', {...base, op: 'view'}],
    ['of another node', {...base, op: 'view', node: 'node2'}],
    ['hello', {...base, op: 'hello'}],
    ['reload', {...base, op: 'reload'}],
    ['run-task', {...base, op: 'run-task', service: 'web', rid: 'task#1'}],
    ['task-ran', {...base, op: 'task-ran', service: 'web', rid: 'task#1', run}],
    ['events', {...base, op: 'events', service: 'web', sinceSeq: 4, limit: 10, follow: true}],
    ['plan', {...base, op: 'plan', command: {verb: 'start', service: 'web'}}],
    [
      'plan of a part',
      {
        ...base,
        op: 'plan',
        command: {verb: 'start', service: 'web'},
        select: {rid: 'fs#1', tags: null, subset: null, upto: 'app', downto: null},
      },
    ],
    ...[
      {verb: 'stop', service: 'web'},
      {verb: 'restart', service: 'p26.opensvc.com'},
      {verb: 'switch', service: 'web', to: null},
      {verb: 'switch', service: 'web', to: 'node2'},
      {verb: 'takeover', service: 'web'},
      {verb: 'freeze', scope: {kind: 'service', service: 'web'}, freeze},
      {verb: 'freeze', scope: {kind: 'cluster'}, freeze: {...freeze, untilMs: null}},
      {verb: 'unfreeze', scope: {kind: 'node'}},
      {verb: 'freeze-stop', service: 'web', freeze},
      {verb: 'freeze-start', service: 'web', freeze},
      {verb: 'clear', service: 'web', confirmStopped: true},
      {verb: 'declare', service: 'web', running: false},
      {verb: 'drain', freeze},
      {verb: 'undrain'},
      {verb: 'confirm-dead', node: 'node2'},
      {verb: 'probe', service: 'web'},
      {verb: 'shutdown', keep: true, keepMs: 600_000},
    ].map((command): [string, object] => [
      `${command.verb} ${JSON.stringify(command)}`,
      {...base, op: 'command', command, wait: true},
    ]),
  ])('%s is taken as it is', (_name, request) => {
    expect(parse(request)).toEqual({ok: true, value: request});
  });

  test.each<[string, unknown, string]>([
    ['a number', 5, 'request: expected an object, found 5'],
    ['a list', [], 'request: expected an object, found a list'],
    ['another version', {...base, v: 2, op: 'view'}, 'expected protocol version 1, found 2'],
    ['no version', {op: 'view'}, 'expected protocol version 1, found none'],
    [
      'an unknown operation',
      {...base, op: 'reboot'},
      'request: op: expected one of view, plan, command, events, run-task, task-ran, ' +
        'reload, hello, found "reboot"',
    ],
    ['an unknown field', {...base, op: 'view', x: 1}, 'request: "x" is not a known field'],
    [
      'a path as a node',
      {...base, op: 'view', node: '../etc'},
      'request: node: expected a name, found "../etc"',
    ],
    [
      'no node',
      {v: 1, id: 1, actor: '', op: 'view'},
      'request: node: expected a name, found nothing',
    ],
    [
      'an escape sequence as the actor',
      {...base, actor: '\u001b[2J', op: 'view'},
      'request: actor: expected a text of at most 200 characters without control characters, ' +
        'found "\\u001b[2J"',
    ],
    [
      'a broken id',
      {...base, id: 1.5, op: 'view'},
      'request: id: expected a whole number from 0 to 9007199254740991, found 1.5',
    ],
    [
      'an unknown verb',
      {...base, op: 'plan', command: {verb: 'explode'}},
      'request.command: verb: expected one of start, stop, restart, switch, takeover, freeze, ' +
        'unfreeze, freeze-stop, freeze-start, clear, declare, drain, undrain, confirm-dead, ' +
        'fence, probe, shutdown, found "explode"',
    ],
    [
      'a field of another verb',
      {...base, op: 'plan', command: {verb: 'start', service: 'web', to: 'node2'}},
      'request.command: "to" is not a known field',
    ],
    [
      'a freeze of a year of years',
      {
        ...base,
        op: 'command',
        wait: true,
        command: {verb: 'drain', freeze: {...freeze, untilMs: 1e15}},
      },
      'request.command.freeze: untilMs: expected a whole number from 0 to 315360000000, ' +
        'found 1000000000000000',
    ],
    [
      'a scope without its service',
      {...base, op: 'plan', command: {verb: 'unfreeze', scope: {kind: 'service'}}},
      'request.command.scope: service: expected a name, found nothing',
    ],
  ])('with %s is refused with a sentence', (_name, request, expected) => {
    expect(message(request)).toBe(expected);
  });

  test('that is no JSON is refused with its beginning', () => {
    expect(parseRequest('GET / HTTP/1.1')).toMatchObject({
      ok: false,
      error: {message: 'expected one JSON object per line, found "GET / HTTP/1.1"'},
    });
  });

  test('cannot reach the prototype of anything', () => {
    const line = '{"v":1,"id":1,"node":null,"actor":"","op":"view","__proto__":{"op":"reload"}}';
    expect(parseRequest(line)).toMatchObject({
      ok: false,
      error: {message: 'request: "__proto__" is not a known field'},
    });
    expect(message({...base, op: 'constructor'})).toContain('op: expected one of');
    expect(message(JSON.parse('{"v":1,"__proto__":{"id":1,"op":"view"}}'))).toContain('expected');
  });

  test('of any shape never throws', () => {
    fc.assert(
      fc.property(fc.json(), (line) => {
        expect(typeof parseRequest(line).ok).toBe('boolean');
      }),
    );
    fc.assert(
      fc.property(
        fc.object({key: fc.constantFrom('v', 'op', 'command', 'verb', 'id')}),
        (value) => {
          expect(typeof parse({...base, ...value}).ok).toBe('boolean');
        },
      ),
    );
  });
});

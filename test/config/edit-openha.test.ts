import fc from 'fast-check';
import {describe, expect, it} from 'vitest';
import {
  addMonitorLine,
  addService,
  removeMonitorLine,
  removeService,
} from '../../src/config/edit-openha.ts';
import {openhaFiles} from './support.ts';

const services = openhaFiles['services']!;
const monitor = openhaFiles['monitor']!;
const web = {
  name: 'web',
  script: '/opt/web',
  primary: 'node1',
  secondary: 'node2',
  check: '/bin/true',
};

describe('service -a and -r', () => {
  it('add one line, tab separated', () => {
    expect(addService(services, web)).toEqual({
      ok: true,
      value: `${services}web\t/opt/web\tnode1\tnode2\t/bin/true\n`,
    });
  });

  it('end an unfinished last line first', () => {
    const line = 'web\t/opt/web\tnode1\tnode2\t/bin/true\n';
    expect(addService('# empty', web)).toEqual({ok: true, value: `# empty\n${line}`});
    expect(addService('', web)).toEqual({ok: true, value: line});
  });

  it('leave every other line byte for byte', () => {
    const text = '#  a\r\n\r\nx /opt/x  node1 node2 /bin/true\r\n  y\t/opt/y node1 node2 /bin/true';
    expect(removeService(text, 'x')).toEqual({
      ok: true,
      value: '#  a\r\n\r\n  y\t/opt/y node1 node2 /bin/true',
    });
    expect(removeService(text, 'y')).toEqual({
      ok: true,
      value: '#  a\r\n\r\nx /opt/x  node1 node2 /bin/true\r\n',
    });
  });

  it.each([
    ['a name twice', {...web, name: 'p26.opensvc.com'}, 'HA_CONF_DUPLICATE_SERVICE'],
    ['one node twice', {...web, secondary: 'node1'}, 'HA_CONF_DUPLICATE_NODE'],
    ['a relative script', {...web, script: 'web'}, 'HA_CONF_SERVICES_LINE'],
    ['a bad name', {...web, name: '../web'}, 'HA_CONF_SERVICES_LINE'],
    ['a blank in a path', {...web, script: '/opt/my web'}, 'HA_CONF_SERVICES_LINE'],
    ['a second line', {...web, check: '/bin/true\nx'}, 'HA_CONF_SERVICES_LINE'],
  ])('refuse %s', (_, fields, code) => {
    expect(addService(services, fields)).toMatchObject({ok: false, error: {code}});
  });

  it('refuse to remove what is not there', () => {
    expect(removeService(services, 'p26')).toEqual({
      ok: false,
      error: {code: 'HA_CONF_NO_SUCH_LINE', message: 'no service "p26"'},
    });
  });

  it('undo each other in any file', () => {
    const lines = fc.array(fc.constantFrom('# c', '', 'a /b node1 node2 /c', '\t x'), {
      maxLength: 9,
    });
    fc.assert(
      fc.property(lines, (list) => {
        const text = list.map((line) => `${line}\n`).join('');
        const added = addService(text, web);
        expect(added.ok && removeService(added.value, 'web')).toEqual({ok: true, value: text});
      }),
    );
  });
});

describe('hb -a and -r', () => {
  const words = ['node1', 'net', 'eth1', '239.131.50.11', '1234', '10'];

  it('add one line and take it away again, with or without its TIMEOUT', () => {
    const added = addMonitorLine(monitor, words);
    expect(added).toEqual({ok: true, value: `${monitor}${words.join(' ')}\n`});
    if (!added.ok) return;
    expect(removeMonitorLine(added.value, words)).toEqual({ok: true, value: monitor});
    expect(removeMonitorLine(added.value, words.slice(0, 5))).toEqual({ok: true, value: monitor});
  });

  it.each([
    ['a heartbeat that is there', ['node1', 'net', 'eth0', '239.131.50.10', '1234', '5']],
    ['an unknown type', ['node1', 'serial', '/dev/ttyS0', '10']],
    ['a block that is no number', ['node1', 'dio', '/dev/sdb', 'first', '10']],
    ['a blank in a device', ['node1', 'dio', '/dev/my disk', '0', '10']],
  ])('refuse %s', (_, line) => {
    expect(addMonitorLine(monitor, line).ok).toBe(false);
  });

  it('refuse to remove none, or one of several', () => {
    expect(removeMonitorLine(monitor, ['node3'])).toMatchObject({
      error: {code: 'HA_CONF_NO_SUCH_LINE'},
    });
    expect(removeMonitorLine(monitor, ['node1'])).toMatchObject({
      error: {code: 'HA_CONF_MONITOR_LINE', message: '2 lines begin with "node1"'},
    });
  });
});

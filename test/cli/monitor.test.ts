import {expect, test} from 'vitest';
import {healthy, jeopardy} from '../status/views.ts';
import {Place, serve} from './cli.ts';

test('the monitor draws on the alternate screen and leaves the terminal as it was', async () => {
  const place = new Place();
  await serve(place, healthy(), () => undefined);
  const {exit, stdout} = await place.ha(['monitor'], {
    terminal: true,
    env: {NO_COLOR: '1'},
    onStdout: (text, hands) => {
      if (text.includes('cluster blue')) hands.press('q');
    },
  });
  expect(exit).toBe(0);
  expect(stdout.startsWith('\u001b[?1049h')).toBe(true);
  expect(stdout).toContain('cluster blue: OK');
  expect(stdout).toContain('22:15:29 UTC, q ends');
  expect(stdout.endsWith('\u001b[?1049l')).toBe(true);
});

test('an event makes it look again at once', async () => {
  const place = new Place();
  let views = 0;
  let tell = (): void => undefined;
  const daemon = await serve(place, jeopardy(), (_request, exchange) => {
    tell = () => exchange.reply({kind: 'event', record: {}});
  });
  await place.ha(['monitor'], {
    terminal: true,
    onStdout: (text, hands) => {
      if (!text.includes('JEOPARDY')) return;
      views += 1;
      if (views === 4) hands.press('\u0003');
      else tell();
    },
  });
  const asked = daemon.requests.filter((request) => request.op === 'view');
  expect(asked.length).toBeGreaterThanOrEqual(4);
});

test('a screen that is too small says how much is below it', async () => {
  const place = new Place();
  const services = Array.from({length: 40}, (_, at) => healthy().services[at % 2]!);
  await serve(place, healthy({services}), () => undefined);
  const {stdout} = await place.ha(['mon'], {
    terminal: true,
    onStdout: (text, hands) => {
      if (text.includes('cluster blue')) hands.interrupt();
    },
  });
  expect(stdout).toMatch(/\d+ more lines: ha status/);
});

test('without the daemon it goes on and says so', async () => {
  const place = new Place();
  const {exit, stdout} = await place.ha(['monitor'], {
    terminal: true,
    onStdout: (text, hands) => {
      if (text.includes('no daemon')) hands.press('q');
    },
  });
  expect(exit).toBe(0);
  expect(stdout).toContain('ha: no daemon listens on /tmp/ha/ha.sock');
});

test('a pipe is refused with what to type', async () => {
  const {exit, stderr} = await new Place().ha(['monitor']);
  expect(exit).toBe(2);
  expect(stderr).toContain('for a pipe there is "ha status"');
});

/** The command table against everything that is made from it, and against the documents. */

import {spawnSync} from 'node:child_process';
import {readFileSync, readdirSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {describe, expect, test} from 'vitest';
import {commands, findCommand} from '../../src/cli/commands.ts';
import {commandHelp, optionUsage, overviewHelp, suggestion, usage} from '../../src/cli/help.ts';
import {options} from '../../src/cli/options.ts';
import type {OptionName} from '../../src/cli/options.ts';
import {commandIndex, parseLine} from '../../src/cli/parse.ts';
import {exitCodes} from '../../src/kernel/exit-codes.ts';
import {reasons} from '../../src/kernel/reasons.ts';
import type {ReasonCode} from '../../src/kernel/reasons.ts';
import {serviceStates} from '../../src/kernel/words.ts';
import {levels} from '../../src/status/headline.ts';
import {treeStates} from '../../src/status/merge.ts';
import {remediesFor} from '../../src/status/remedies.ts';
import {Place} from './cli.ts';

const page = (name: string): string =>
  readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');

describe('help', () => {
  test('of everything is one calm page', () => {
    expect(overviewHelp()).toMatchInlineSnapshot(`
      "  ha status               may I go home?
        ha explain web          why is it where it is?
        ha switch web           move it to the other node
        ha freeze web --for 2h  hands off for two hours

      Look
        status [SVC]            the cluster at a glance; with SVC, its tree
        monitor                 the same, live; q ends it
        hb                      heartbeat links, both directions, per peer
        explain SVC             why a service is where it is, and what would change it
        events                  the journal, newest last
        history SVC             what happened to a service
        schedule [SVC]          tasks: when they ran last, when they are due
        metrics                 the view as Prometheus text

      Act
        start SVC               unfreeze on all its nodes, start on the best one
        stop SVC                stop, and freeze on all its nodes so that it stays so
        restart SVC             stop and start where it runs
        switch SVC              planned move: stop here, confirmed, start there
        run SVC TASK            run a task now, where its service runs
        takeover SVC            unplanned: start here on the proof there is
        clear SVC               forget a failure, once its cause is mended

      Maintain
        freeze [SVC]            hands off: SVC, a node or everything stays as it is
        unfreeze [SVC]          lift a freeze
        freeze-stop SVC         stop on one node and freeze it there
        freeze-start SVC        start on one node and freeze it there
        drain [NODE]            move all services off a node; it takes no more
        undrain [NODE]          let the node take services again
        confirm-dead NODE       you are the proof that a silent node is off
        fence NODE              switch another node off, verified, now
        daemon [ACTION]         run it in the foreground; daemon stop ends it

      Set up
        init                    make secret.key and a commented cluster.conf
        check                   validate and grade the configuration
        timeline [SVC]          the worst case of this configuration, in seconds
        config ACTION [SVC]     look into service files, and change them safely
        demo                    a cluster of two nodes on this machine
        completion SHELL        completion script for bash, zsh or fish
        help [COMMAND]          this page, or the page of a command
        simulate [FILE]         faults in memory: on this configuration, or by chance
        replay [FILE]           recorded verdicts, decided again by this version
        version                 versions of the client and of the daemon

      As OpenHA
        service, hb, openha     OpenHA's own commands and output

      More about one of them: ha help COMMAND
      "
    `);
  });

  test('of a command begins with its examples', () => {
    expect(commandHelp(findCommand('freeze')!)).toMatchInlineSnapshot(`
      "ha freeze: hands off: SVC, a node or everything stays as it is

        ha freeze web --for 2h --why "new disk"  on all nodes of web
        ha freeze --node node2                   the node and all on it
        ha freeze --all                          the whole cluster

      Usage: ha freeze [SVC] [options]

        --json                JSON for programs
        -n, --node NODE       on this node, by its own daemon
        --wait[=TIME]         wait at most so long; the default waits
        --no-wait             return as soon as the daemon has taken the order (75)
        --dry-run             say what would be done, and do nothing
        --for TIME            ends by itself after this time, as 2h
        --why TEXT            the reason, shown wherever it matters
        --all                 all of them
        -y, --yes             do not ask: needed where nobody can answer

        --conf DIR            configuration directory (HA_CONF)
        --state DIR           directory of the durable state (HA_STATE)
        --run DIR             directory of the control socket (HA_RUN)
        --nodename NAME       own node name (HA_NODE); uname -n
        -h, --help            this page

      Exit codes: docs/exit-codes.md
      "
    `);
  });

  test('fits 80 columns everywhere', () => {
    for (const text of [overviewHelp(), ...commands.map(commandHelp)]) {
      for (const line of text.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    }
  });

  test.each([
    [['help'], 0],
    [['--help'], 0],
    [['-h'], 0],
    [['help', 'switch'], 0],
    [['switch', '--help'], 0],
    [['relocate', '-h'], 0],
    [['help', 'swich'], 2],
    [[], 2],
    [['swich'], 2],
    [['status', '--frobnicate'], 2],
    [['status', 'a', 'b'], 2],
    [['stop'], 2],
  ])('%j ends with %i', async (line, exit) => {
    const outcome = await new Place().ha(line);
    expect(outcome.exit).toBe(exit);
    expect(exit === 0 ? outcome.stderr : outcome.stdout).toBe('');
  });

  test.each([
    [['swich'], 'ha: no command is called "swich". Did you mean "switch"?\nAll of them: ha help\n'],
    [
      ['stop'],
      'ha stop: expected SVC, found nothing\nWrite, for example: ha stop web\nMore: ha help stop\n',
    ],
    [['status', '--frobnicate'], "ha status: Unknown option '--frobnicate'\n"],
    [['status', 'a', 'b'], 'ha status: expected SVC, found "b" as well\n'],
    [['\u001b[2J'], 'ha: no command is called "\\x1b[2J"\n'],
  ])('%j says what to type', async (line, expected) => {
    expect((await new Place().ha(line)).stderr).toContain(expected);
  });

  test('suggests only what is near', () => {
    expect(suggestion('stats')).toBe('. Did you mean "status"?');
    expect(suggestion('frobnicate')).toBe('');
  });

  test('suggests what was begun rather than what is one letter away', () => {
    expect(suggestion('stat')).toBe('. Did you mean "status"?');
    expect(suggestion('expl')).toBe('. Did you mean "explain"?');
    expect(suggestion('')).toBe('');
  });
});

describe('parsing', () => {
  test.each<readonly [readonly string[], number]>([
    [['status'], 0],
    [['--conf', '/x', 'status'], 2],
    [['--conf=/x', 'status'], 1],
    [['-n', 'node2', 'status'], 2],
    [['--json', 'status'], 1],
    [['--help'], -1],
  ])('of %j finds the command at %i', (line, at) => {
    expect(commandIndex(line)).toBe(at);
  });

  test.each<readonly [string, readonly string[], object]>([
    ['stop', ['web', '--wait', '-n', 'b'], {flags: {wait: '', node: 'b'}, operands: ['web']}],
    ['stop', ['--wait=2s', 'web'], {flags: {wait: '2s'}, operands: ['web']}],
    ['daemon', ['stop', '--keep'], {flags: {keep: ''}, operands: ['stop']}],
    ['status', ['-c', 'web'], {flags: {compact: true}, operands: ['web']}],
    ['events', ['-fs', 'web'], {flags: {follow: true, service: 'web'}, operands: []}],
    ['stop', ['--', '-web'], {flags: {}, operands: ['-web']}],
  ])('of "ha %s" %j', (name, line, expected) => {
    expect(parseLine(findCommand(name)!, line)).toEqual(expected);
  });

  test.each<readonly [string, readonly string[], string]>([
    ['stop', ['--frobnicate'], "Unknown option '--frobnicate'"],
    ['status', ['--json=yes'], "Option '--json' does not take an argument"],
    ['switch', ['--to'], "Option '--to <value>' argument missing"],
    ['status', ['--yes'], "Unknown option '--yes'"],
  ])('of "ha %s" %j refuses: %s', (name, line, sentence) => {
    expect(parseLine(findCommand(name)!, line)).toBe(sentence);
  });
});

describe('the table', () => {
  test('has no name twice', () => {
    const names = commands.flatMap((command) => [command.name, ...(command.aliases ?? [])]);
    expect(new Set(names).size).toBe(names.length);
  });

  test('has no option that no command takes, and no letter twice in a command', () => {
    const used = new Set(commands.flatMap((command) => command.options));
    expect(Object.keys(options).filter((name) => !used.has(name as OptionName))).toEqual([]);
    for (const command of commands) {
      const letters = command.options.flatMap((name) => {
        const spec: {takes: string; short?: string} = options[name];
        return spec.short ?? [];
      });
      expect(new Set(letters).size, command.name).toBe(letters.length);
    }
  });

  test('has examples that are lines of their command and parse', () => {
    for (const command of commands) {
      expect(command.summary.length, command.name).toBeLessThanOrEqual(54);
      for (const [line] of command.examples) {
        if (line.startsWith('source')) continue;
        const words = line.match(/"[^"]*"|\S+/g)!.slice(1);
        expect(words[0], line).toBe(command.name);
        // "ha hb -s" is OpenHA's line and has its own parser.
        if (line !== 'ha hb -s')
          expect(typeof parseLine(command, words.slice(1)), line).toBe('object');
      }
    }
  });

  test('loads a command for every name', async () => {
    for (const command of commands) {
      if (command.name === 'demo') continue;
      expect(typeof (await command.load()), command.name).toBe('function');
    }
  });

  test('knows every command that a remedy names', () => {
    for (const reason of Object.keys(reasons) as ReasonCode[]) {
      const context = {service: 'web', node: 'node1', peer: 'node2'};
      for (const line of remediesFor(reason, context)) {
        const [program, name, ...words] = line.split(' ');
        if (program !== 'ha') continue;
        const command = findCommand(name!);
        expect(command, line).toBeDefined();
        expect(typeof parseLine(command!, words), line).toBe('object');
      }
    }
  });
});

describe('completion', () => {
  test.each([
    ['bash', 'ha.bash'],
    ['zsh', '_ha'],
    ['fish', 'ha.fish'],
  ])('for %s is the file that packages install', async (shell, file) => {
    const {exit, stdout} = await new Place().ha(['completion', shell]);
    expect(exit).toBe(0);
    const path = new URL(`../../conf/completion/${file}`, import.meta.url);
    expect(readFileSync(path, 'utf8')).toBe(stdout);
    for (const {name} of commands) expect(stdout).toContain(name);
  });

  test.each([
    ['ha sta', 'start status'],
    ['ha switch --t', '--to'],
    ['ha config ', 'print get set unset edit validate'],
    ['ha --json dae', 'daemon'],
  ])('in bash of "%s" offers "%s"', (line, expected) => {
    const path = fileURLToPath(new URL('../../conf/completion/ha.bash', import.meta.url));
    const words = line.split(' ');
    const script = `source ${path}
      COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
      COMP_CWORD=${words.length - 1}
      _ha; printf '%s' "\${COMPREPLY[*]}"`;
    const {stdout} = spawnSync('bash', ['--norc', '-c', script], {encoding: 'utf8'});
    expect(stdout).toBe(expected);
  });

  test('asks for names quietly', async () => {
    const place = new Place();
    expect(await place.ha(['completion', 'services'])).toEqual({exit: 0, stdout: '', stderr: ''});
    expect((await place.ha(['completion', 'tcsh'])).exit).toBe(2);
  });
});

/** The first column of the table rows of a page, in order. */
const firstColumn = (text: string): readonly string[] =>
  [...text.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1]!);

describe('the documents', () => {
  test('list every command with its operands and an example with output', () => {
    const text = page('commands.md');
    const headings = [...text.matchAll(/^### ha (.+)$/gm)].map((match) => match[1]!);
    expect(headings).toEqual(commands.map(usage));
    for (const command of commands) {
      const section = text.split(`### ha ${usage(command)}\n`)[1]!.split('\n### ')[0]!;
      expect(section, command.name).toContain(`\n$ ha ${command.name}`);
    }
  });

  test('list every option', () => {
    const text = page('commands.md');
    for (const name of Object.keys(options) as OptionName[]) {
      expect(text).toContain(`| \`${optionUsage(name)}\` | ${options[name].help} |`);
    }
  });

  test('list every exit code', () => {
    const codes = firstColumn(page('exit-codes.md')).map(Number);
    expect(codes).toEqual(Object.values(exitCodes));
  });

  test('list every state', () => {
    expect(firstColumn(page('states.md')).filter((name) => /^[A-Z_]+$/.test(name))).toEqual([
      ...serviceStates,
    ]);
  });

  test('list every reason with its sentence', () => {
    const rows = [...page('reasons.md').matchAll(/^\| `([a-z-]+)` \| (.+?) \|/gm)];
    expect(Object.fromEntries(rows.map(([, code, sentence]) => [code, sentence]))).toEqual(reasons);
  });

  test('list every word of the first line, and every state of the tree', () => {
    const listed = firstColumn(page('status.md'));
    for (const level of levels) expect(listed).toContain(level);
    for (const state of treeStates) expect(listed).toContain(state);
  });

  test('name no option and no command that does not exist', () => {
    const known = new Set(Object.keys(options).map((name) => `--${name}`));
    const folder = new URL('../../docs/', import.meta.url);
    const own = ['commands.md', 'exit-codes.md', 'states.md', 'reasons.md', 'status.md'];
    for (const name of readdirSync(folder).filter((file) => own.includes(file))) {
      for (const [, line] of page(name).matchAll(/(?:^\$ |`)(ha [a-z][^`\n]*)/gm)) {
        const [, word, ...words] = line!.split(' ');
        expect(findCommand(word!) ?? ['service', 'openha'].includes(word!), line).toBeTruthy();
        for (const option of words.filter((candidate) => candidate.startsWith('--'))) {
          expect(known, line).toContain(option.split(/[=[]/)[0]);
        }
      }
    }
  });
});

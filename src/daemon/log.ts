/**
 * The log, for people: JSON lines for the service manager, one short line each on a terminal. The
 * truth is in the journal, not here.
 */

import {styleText} from 'node:util';
import {pino} from 'pino';
import type {DestinationStream, Logger} from 'pino';

/** Least to most talkative. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

export type Log = Logger;

export function createLog(options: {
  readonly level: LogLevel;
  readonly node: string;
  /** Where whole lines go. */
  readonly out: DestinationStream;
  /** For a terminal; else JSON. */
  readonly pretty: boolean;
}): Log {
  const settings = {
    level: options.level,
    base: {node: options.node},
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {level: (label: string) => ({level: label})},
  };
  const {out} = options;
  return pino(settings, options.pretty ? {write: (line) => out.write(pretty(line))} : out);
}

/** One step more or less talkative; returns the new level. */
export function stepLevel(log: Log, step: 1 | -1): LogLevel {
  const index = logLevels.findIndex((level) => level === log.level);
  const next = logLevels[Math.min(Math.max(index + step, 0), logLevels.length - 1)]!;
  log.level = next;
  return next;
}

const colours = {error: 'red', warn: 'yellow', info: 'reset', debug: 'dim'} as const;

/** `22:11:05.120 warn  web start-failed-clean: script exited with 1`. */
export function pretty(line: string): string {
  const fields = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const text = (key: string): string => (typeof fields[key] === 'string' ? fields[key] : '');
  const level = logLevels.find((one) => one === fields['level']) ?? 'error';
  const words = [text('service') || text('peer'), text('reason')].filter((word) => word !== '');
  const head = `${text('time').slice(11, 23)} ${level.padEnd(5)}`;
  const where = words.length > 0 ? `${words.join(' ')}: ` : '';
  return `${styleText(colours[level], `${head} ${where}${text('msg')}`)}\n`;
}

/**
 * `ha events` and `ha history`: what the journal keeps, then what it gets, without a gap between.
 */

import type {Exchange} from '../control/io/session.ts';
import type {Request} from '../control/types.ts';
import type {JournalFile} from '../journal/io/journal-file.ts';
import {readJournal} from '../journal/io/read-journal.ts';
import type {JournalRecord} from '../journal/types.ts';
import {exitCodes} from '../kernel/exit-codes.ts';

type EventsRequest = Extract<Request, {readonly op: 'events'}>;

/** Followers at once: half of the connections stay free for commands. */
const followersMax = 32;
/**
 * Live records that may come while the kept ones are read; beyond it the follower must ask again.
 */
const heldMax = 4_096;

export class EventFeed {
  readonly #journal: JournalFile;
  #followerCount = 0;

  constructor(journal: JournalFile) {
    this.#journal = journal;
  }

  /** Writes to the exchange until its end, or until its client goes away. */
  async answer(request: EventsRequest, exchange: Exchange): Promise<void> {
    if (request.follow && this.#followerCount >= followersMax) {
      const text = `${followersMax} clients follow the events already, which is the limit`;
      exchange.reply({kind: 'end', exit: exitCodes.busy, text, data: null});
      return;
    }
    const follower = request.follow ? this.#follow(request, exchange) : null;
    const tail = await readJournal(this.#journal.directory, request);
    if (!tail.ok) {
      const {message} = tail.error;
      follower?.stop(message);
      exchange.reply({kind: 'end', exit: exitCodes.failed, text: message, data: null});
      return;
    }
    for (const record of tail.value.records) exchange.reply({kind: 'event', record});
    if (follower !== null) {
      follower.goLive(tail.value.records.at(-1)?.seq ?? request.sinceSeq);
      return;
    }
    const {corruptCount} = tail.value;
    const text = corruptCount === 0 ? '' : `${corruptCount} lines of the journal are no records`;
    exchange.reply({kind: 'end', exit: exitCodes.done, text, data: null});
  }

  /** Holds live records back until the kept ones are out. */
  #follow(request: EventsRequest, exchange: Exchange): Follower {
    this.#followerCount += 1;
    const held: JournalRecord[] = [];
    let afterSeq: number | null = null;
    const show = (record: JournalRecord): void => {
      const wanted = request.service === null || record.service === request.service;
      if (wanted && record.seq > (afterSeq ?? 0)) exchange.reply({kind: 'event', record});
    };
    const leave = this.#journal.onAppend((records) => {
      if (afterSeq !== null) records.forEach(show);
      else if (held.length < heldMax) held.push(...records);
      else stop('too much happened at once: ask again');
    });
    let stopped = false;
    const stop = (text: string): void => {
      if (stopped) return;
      stopped = true;
      leave();
      this.#followerCount -= 1;
      exchange.reply({kind: 'end', exit: exitCodes.failed, text, data: null});
    };
    exchange.onGone(() => stop('gone'));
    return {
      stop,
      goLive: (seq) => {
        afterSeq = seq;
        held.splice(0).forEach(show);
      },
    };
  }
}

interface Follower {
  stop(text: string): void;
  /** From now on each record above this number goes out at once. */
  goLive(afterSeq: number): void;
}

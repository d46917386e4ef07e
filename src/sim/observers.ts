/** Many observers as one, each called in the order in which it came. */

import type {Observer} from './observer.ts';

/** Only those that listen to a kind of news are called for it. */
export function combine(observers: readonly Observer[]): Required<Observer> {
  const turns = observers.filter((one) => one.onTurn !== undefined);
  const heards = observers.filter((one) => one.onHeard !== undefined);
  return {
    onTurn: (turn) => {
      for (const one of turns) one.onTurn!(turn);
    },
    onHeard: (heard) => {
      for (const one of heards) one.onHeard!(heard);
    },
    onForgery: (...news) => {
      for (const one of observers) one.onForgery?.(...news);
    },
    onDurable: (...news) => {
      for (const one of observers) one.onDurable?.(...news);
    },
    onScript: (call) => {
      for (const one of observers) one.onScript?.(call);
    },
    onTruth: (...news) => {
      for (const one of observers) one.onTruth?.(...news);
    },
    onDaemon: (...news) => {
      for (const one of observers) one.onDaemon?.(...news);
    },
    onStorage: (...news) => {
      for (const one of observers) one.onStorage?.(...news);
    },
    onFenceBegin: (...news) => {
      for (const one of observers) one.onFenceBegin?.(...news);
    },
    onFenceEnd: (...news) => {
      for (const one of observers) one.onFenceEnd?.(...news);
    },
    onAsked: (...news) => {
      for (const one of observers) one.onAsked?.(...news);
    },
    onReply: (...news) => {
      for (const one of observers) one.onReply?.(...news);
    },
  };
}

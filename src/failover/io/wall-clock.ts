/** The wall clock of this node and its time zone, for schedules. */

import {civilDay, dayNumber} from '../../kernel/schedule/calendar.ts';
import type {WallClock} from '../../kernel/schedule/types.ts';

/** As TZ or /etc/localtime say. ECMA-262 ("LocalTime", "UTC") has the rules of the changes. */
export const localClock: WallClock = {
  dayOf(ms) {
    const date = new Date(ms);
    const [year, month, day] = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
    return dayNumber({year, month, day});
  },
  momentOf(number, secondOfDay) {
    const {year, month, day} = civilDay(number);
    // The seconds go in as hours and minutes: a day of a change has 23 or 25 hours.
    const [hours, rest] = [Math.floor(secondOfDay / 3_600), secondOfDay % 3_600];
    return new Date(year, month - 1, day, hours, Math.floor(rest / 60), rest % 60).getTime();
  },
};

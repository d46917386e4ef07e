/** Texts that produce each finding that have a page of their own. */

import {agentRows} from './agent-rows.ts';
import {fenceRows} from './fence-rows.ts';
import {languageRows} from './language-rows.ts';
import {pingRows} from './ping-rows.ts';
import {reservationRows} from './reservation-rows.ts';
import {resourceRows} from './resource-rows.ts';
import {watchdogRows} from './watchdog-rows.ts';

export const sectionRows = [
  ...watchdogRows,
  ...fenceRows,
  ...pingRows,
  ...languageRows,
  ...agentRows,
  ...reservationRows,
  ...resourceRows,
] as const;

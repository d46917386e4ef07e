/** All planted defects, by what they break. */

import type {Defect} from './defect.ts';
import {fencing} from './fencing.ts';
import {memory} from './memory.ts';
import {rights} from './rights.ts';
import {starts} from './starts.ts';
import {verdicts} from './verdicts.ts';
import {words} from './words.ts';

export const catalogue: readonly Defect[] = [
  ...verdicts,
  ...starts,
  ...memory,
  ...rights,
  ...words,
  ...fencing,
];

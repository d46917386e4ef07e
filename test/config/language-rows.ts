/** Texts that produce each finding about references and expressions of a service file. */

import {twoLinks, webService, type Texts} from './support.ts';

const withService = (text: string): Texts => ({'cluster.conf': twoLinks, 'web.conf': text});

export const languageRows = [
  {
    code: 'HA_CONF_CIRCULAR',
    texts: withService(`${webService}[env]\nb = {c}\nc = {b}\n`),
    at: 'web.conf:9',
  },
  {
    code: 'HA_CONF_EXPRESSION',
    texts: withService(`${webService}start_timeout = $(1 // 0)\n`),
    at: 'web.conf:8',
  },
  {
    code: 'HA_CONF_VALUE_TOO_LONG',
    texts: withService(`${webService}timeout = ${`1s\n  ${'x'.repeat(2_000)}`.repeat(5)}\n`),
    at: 'web.conf:8',
  },
  {
    code: 'HA_CONF_REQUIRES',
    texts: withService(`${webService}start_requires = fs#9\n`),
    at: 'web.conf:8',
  },
] as const;

/** Which driver acts on which type of resource. A type without a driver does not compile. */

import type {ResourceConfig} from '../config/types.ts';
import type {Driver} from '../failover/types.ts';
import {unreachable} from '../kernel/assert.ts';
import {createAppDriver} from './app.ts';
import type {DriverHost} from './call.ts';
import {createScriptDriver} from './script.ts';

export interface DriverRegistry {
  readonly driverFor: (resource: ResourceConfig) => Driver;
}

/** The drivers of one node. */
export function createRegistry(host: DriverHost): DriverRegistry {
  const script = createScriptDriver(host);
  const app = createAppDriver(host);
  return {
    driverFor(resource) {
      switch (resource.type) {
        case 'script':
          return script;
        case 'app':
          return app;
        default:
          return unreachable(resource);
      }
    },
  };
}

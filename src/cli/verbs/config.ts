/** `ha config ACTION [SVC]`: the configuration as a whole, or one service file. */

import {nearest} from '../../config/nearest.ts';
import type {Invocation} from '../invocation.ts';
import {misuse} from '../usage.ts';

/** Actions that need a service. */
const ofService = ['get', 'set', 'unset', 'edit'];
const actions = ['print', 'validate', ...ofService];

export async function config(invocation: Invocation): Promise<number> {
  const {world, operands, command, flags} = invocation;
  const [action = '', service] = operands;
  if (!actions.includes(action)) {
    const near = nearest(action, actions);
    const hint = near === null ? '' : `, which may mean ${near}`;
    return misuse(world, command, `expected ${actions.join(' ')}, found "${action}"${hint}`);
  }
  if (service === undefined && ofService.includes(action)) {
    return misuse(world, command, `expected SVC after ${action}, found nothing`);
  }
  const needsKeys = action === 'get' || action === 'set' || action === 'unset';
  if (needsKeys && flags['kw'] === undefined) {
    return misuse(world, command, `${action} expected --kw, found none`);
  }
  if (action === 'print' && service === undefined) {
    return (await import('../config/print-cluster.ts')).printCluster(invocation);
  }
  if (['print', 'get', 'validate'].includes(action)) {
    return (await import('../config/read-service.ts')).readService(invocation);
  }
  return (await import('../config/change-service.ts')).changeService(invocation);
}

/** What systemd says about the units that resources name. */

import {run} from '../../drivers/host/run.ts';
import {readUnitFacts, unitProperties, type UnitFact} from '../units.ts';

/** Undefined where systemd does not run here or does not answer: then nothing is judged. */
export async function unitFacts(
  units: readonly string[],
  {deadlineMs, systemctl = 'systemctl'}: {deadlineMs: number; systemctl?: string},
): Promise<ReadonlyMap<string, UnitFact> | undefined> {
  const property = `--property=${unitProperties.join(',')}`;
  const argv = [systemctl, 'show', '--no-pager', property, '--', ...units];
  const environment = {SYSTEMD_PAGER: '', SYSTEMD_COLORS: '0'};
  const result = await run({argv, deadlineMs, environment});
  if (result.kind !== 'exited' || result.code !== 0) return undefined;
  return readUnitFacts(units, result.stdout);
}

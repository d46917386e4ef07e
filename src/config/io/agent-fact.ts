/** What this host says about a resource agent: whether it can be run, and its metadata. */

import {checkProgram} from '../../drivers/host/check-program.ts';
import {ocfRoot} from '../../drivers/host/ocf-root.ts';
import {lastLine} from '../../drivers/host/output.ts';
import {run} from '../../drivers/host/run.ts';
import type {AgentFact} from '../ocf/check-host.ts';
import {readOcfMetadata} from '../ocf/metadata.ts';

/** What an agent may print about itself, bytes. */
const outputBytesMax = 512 * 1_024;

/** `name`: PROVIDER/NAME. `ask`: it is asked for its metadata, which starts it. */
export async function agentFact(
  name: string,
  {ask, deadlineMs, root = ocfRoot}: {ask: boolean; deadlineMs: number; root?: string},
): Promise<AgentFact> {
  const path = `${root}/resource.d/${name}`;
  const checked = await checkProgram(path);
  const none = {metadata: null, metadataFault: ''};
  if (!checked.ok) return {fault: checked.fault, ...none};
  if (!ask) return {fault: '', ...none};
  const environment = {
    OCF_ROOT: root,
    OCF_RA_VERSION_MAJOR: '1',
    OCF_RA_VERSION_MINOR: '1',
    OCF_RESOURCE_INSTANCE: 'check',
    OCF_RESOURCE_PROVIDER: name.split('/')[0] ?? '',
    OCF_RESOURCE_TYPE: name.split('/')[1] ?? '',
  };
  const result = await run({argv: [path, 'meta-data'], deadlineMs, environment, outputBytesMax});
  if (result.kind !== 'exited' || result.code !== 0) {
    const how = result.kind === 'exited' ? `exit code ${result.code}` : result.kind;
    const said = lastLine(result.stderr);
    const metadataFault = `"meta-data" ended with ${how}${said === '' ? '' : ` ("${said}")`}`;
    return {fault: '', metadata: null, metadataFault};
  }
  const read = readOcfMetadata(result.stdout);
  return read.ok
    ? {fault: '', metadata: read.value, metadataFault: ''}
    : {fault: '', metadata: null, metadataFault: read.error};
}

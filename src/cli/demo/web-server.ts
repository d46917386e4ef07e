/**
 * The service of `ha demo`: a web server that answers with the name of the node it runs on. Its
 * launcher starts it in a session of its own: it outlives the daemon, as a real service does.
 *
 * Arguments: PORT NODE PIDFILE. It says `listening` once it does, which ends the launcher's wait.
 */

import {renameSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';

const [port = '', node = '', pidFile = ''] = process.argv.slice(2);

const server = createServer((_request, response) => {
  // No kept connection: each question shall find out anew who answers.
  response.writeHead(200, {'content-type': 'text/plain', 'connection': 'close'});
  response.end(`${node}\n`);
});

server.on('error', (error) => {
  process.stderr.write(`web server of ${node}: ${error.message}\n`);
  process.exit(1);
});

server.listen(Number(port), '127.0.0.1', () => {
  // Where the launcher's child only passed us on (FreeBSD's daemon), its number is not ours.
  writeFileSync(`${pidFile}.new`, `${process.pid}\n`);
  renameSync(`${pidFile}.new`, pidFile);
  process.stdout.write('listening\n');
});

process.on('SIGTERM', () => process.exit(0));

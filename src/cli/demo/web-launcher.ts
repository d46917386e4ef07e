/** The launcher of the demo's service: what an operator would write for a server of theirs. */

import {singleQuoted as quoted} from '../../kernel/shell-word.ts';

export interface WebLauncher {
  /** Absolute path of the program that runs JavaScript. */
  readonly node: string;
  /** Absolute path of the web server. */
  readonly server: string;
  readonly port: number;
  /** Folder for `NODE.pid` and `NODE.web.log`. */
  readonly directory: string;
}

/**
 * `start` returns once the server listens, `stop` once it is gone, `status` says 0 up or 3 down:
 * what a daemon can rely on. `setsid`, or `daemon` on FreeBSD, takes the server out of the daemon's
 * hands.
 */
export function webLauncher({node, server, port, directory}: WebLauncher): string {
  return `#!/bin/sh
# start | stop | status of the demo's web server. The daemon sets HA_NODE.
dir=${quoted(directory)}
pidfile=$dir/$HA_NODE.pid
log=$dir/$HA_NODE.web.log

running() {
	[ -s "$pidfile" ] && pid=$(cat "$pidfile") || return 1
	# Linux shows whose number it is; a dead one that nobody has buried yet has no command line.
	if [ -d /proc/self ]; then grep -qF "$pidfile" "/proc/$pid/cmdline" 2>/dev/null
	else kill -0 "$pid" 2>/dev/null
	fi
}

case $1 in
start)
	running && exit 0
	: >"$log"
	detach=setsid
	command -v setsid >/dev/null 2>&1 || detach='daemon -f'
	$detach ${quoted(node)} ${quoted(server)} ${port} "$HA_NODE" "$pidfile" </dev/null >"$log" 2>&1 &
	# Written at once: a start that is cut short must leave a trace for the stop that follows.
	echo $! >"$pidfile"
	# Read once a round: what is said between two looks must not pass for a complaint.
	until said=$(cat "$log"); [ "$said" = listening ]; do
		[ -n "$said" ] && { echo "$said"; exit 1; }
		sleep 0.02
	done ;;
stop)
	running || { rm -f "$pidfile"; exit 0; }
	kill -TERM "$pid"
	while running; do sleep 0.02; done
	rm -f "$pidfile" ;;
status)
	running || exit 3 ;;
*)
	echo "expected start, stop or status, found $1"
	exit 2 ;;
esac
`;
}

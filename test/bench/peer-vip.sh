#!/bin/sh
# Launcher of an IPv4 address: peer-vip.sh start|stop|status ADDRESS/BITS INTERFACE
#
# A start announces the address at once and again after 0.1 s and 1 s: the first announcement may be
# lost, or be ignored by a neighbour that has just learned the other node's. Debian's arping takes
# some 45 ms to its first packet (it opens a capture), perl without modules 3.
set -u
verb=$1 address=${2%/*} net=$2 if=$3
announcer=/run/vip-$address.pid

announce() {
	perl -e '
		my ($if, $ip, $file) = @ARGV;
		socket(my $wire, 17, 3, 0x0608) or exit 0;      # AF_PACKET, SOCK_RAW, ETH_P_ARP
		my $request = pack("a16 x24", $if);
		ioctl($wire, 0x8933, $request) or exit 0;       # SIOCGIFINDEX
		my $index = unpack("x16 i", $request);
		ioctl($wire, 0x8927, $request) or exit 0;       # SIOCGIFHWADDR
		my $mac = unpack("x18 a6", $request);
		my $own = $mac . pack("C4", split(/\./, $ip));
		my $arp = "\xff" x 6 . $mac . pack("n n n C C n", 0x0806, 1, 0x0800, 6, 4, 1)
			. $own . "\0" x 6 . substr($own, 6);
		my $to = pack("S n i S C C a8", 17, 0x0806, $index, 1, 0, 6, "\xff" x 6);
		send($wire, $arp, 0, $to);
		exit 0 if fork;
		open(my $out, ">", $file) and print $out $$ and close $out;
		open(STDIN, "<", "/dev/null"); open(STDOUT, ">", "/dev/null"); open(STDERR, ">&STDOUT");
		my $uptime = sub { open(my $in, "<", "/proc/uptime") or return 0; (split(/ /, <$in>))[0] };
		for my $pause (0.1, 0.9) {
			my $due = $uptime->() + $pause;
			select(undef, undef, undef, $pause);
			last if $uptime->() - $due > 0.1;       # frozen meanwhile: it may be another node'"'"'s
			send($wire, $arp, 0, $to);
		}
		unlink $file;
	' "$if" "$address" "$announcer"
}

present() { ip -o -4 addr show dev "$if" to "$address/32" | grep -q .; }

case $verb in
start) ip addr add "$net" dev "$if" 2> /dev/null || present || exit 1; announce ;;
stop)
	ip addr del "$net" dev "$if" 2> /dev/null
	# Nobody may announce what is not here any more.
	[ -s "$announcer" ] && { kill "$(cat "$announcer")"; rm -f "$announcer"; } 2> /dev/null
	present && exit 1 || exit 0 ;;
status) present || exit 3 ;;
*) echo "expected start, stop or status, found $verb"; exit 2 ;;
esac

/*
 * Launcher of an IPv4 address: peer-vip start|stop|status ADDRESS/BITS INTERFACE
 *
 * Adds, removes and looks by netlink and without a shell, as keepalived does. A start announces the
 * address at once and again after 0.1 s and 1 s: the first announcement may be lost, or be ignored
 * by a neighbour that has just learned the other node's.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static struct in_addr address;
static int bits, ifindex;
static const char *interface;
static char pidfile[64];

static int present(void)
{
	struct ifaddrs *all, *one;
	int found = 0;

	if (getifaddrs(&all))
		exit(1);
	for (one = all; one; one = one->ifa_next)
		if (one->ifa_addr && one->ifa_addr->sa_family == AF_INET && !strcmp(one->ifa_name, interface) &&
		    ((struct sockaddr_in *)one->ifa_addr)->sin_addr.s_addr == address.s_addr)
			found = 1;
	freeifaddrs(all);
	return found;
}

/* 0, or the errno of the kernel's answer */
static int change(int type, int flags)
{
	struct {
		struct nlmsghdr head;
		struct ifaddrmsg body;
		struct { struct rtattr head; struct in_addr value; } attribute[2];
	} request = {
		.head = {.nlmsg_len = sizeof(request), .nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags},
		.body = {.ifa_family = AF_INET, .ifa_prefixlen = bits, .ifa_index = ifindex},
		.attribute = {{{8, IFA_LOCAL}, address}, {{8, IFA_ADDRESS}, address}},
	};
	struct { struct nlmsghdr head; struct nlmsgerr error; char rest[256]; } answer;
	int wire = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (wire < 0 || send(wire, &request, sizeof(request), 0) < 0 || recv(wire, &answer, sizeof(answer), 0) < 0)
		return errno;
	close(wire);
	return -answer.error.error;
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void announce(void)
{
	struct ifreq asked = {0};
	struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ARP), .sll_ifindex = ifindex,
				 .sll_halen = ETH_ALEN, .sll_addr = {255, 255, 255, 255, 255, 255}};
	struct ether_arp arp = {.ea_hdr = {htons(ARPHRD_ETHER), htons(ETH_P_IP), ETH_ALEN, 4, htons(ARPOP_REQUEST)}};
	int wire = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ARP)), file;
	const long pauses[] = {100, 900};

	strncpy(asked.ifr_name, interface, IFNAMSIZ - 1);
	if (wire < 0 || ioctl(wire, SIOCGIFHWADDR, &asked))
		return;
	memcpy(arp.arp_sha, asked.ifr_hwaddr.sa_data, ETH_ALEN);
	memcpy(arp.arp_spa, &address, 4);
	memcpy(arp.arp_tpa, &address, 4);
	sendto(wire, &arp, sizeof(arp), 0, (void *)&to, sizeof(to));
	if (fork())
		return;
	if ((file = open(pidfile, O_WRONLY | O_CREAT | O_TRUNC, 0644)) >= 0) {
		dprintf(file, "%d", getpid());
		close(file);
	}
	for (int i = 0; i < 3; i++)
		close(i);
	for (int i = 0; i < 2; i++) {
		long due = now_ms() + pauses[i];
		nanosleep(&(struct timespec){.tv_nsec = pauses[i] * 1000000}, NULL);
		/* Frozen meanwhile: by now the address may be another node's. */
		if (now_ms() - due > 100)
			break;
		sendto(wire, &arp, sizeof(arp), 0, (void *)&to, sizeof(to));
	}
	unlink(pidfile);
	_exit(0);
}

/* Nobody may announce what is not here any more. */
static void silence(void)
{
	FILE *file = fopen(pidfile, "r");
	int pid;

	if (!file)
		return;
	if (fscanf(file, "%d", &pid) == 1 && pid > 1)
		kill(pid, SIGTERM);
	fclose(file);
	unlink(pidfile);
}

int main(int count, char **words)
{
	char text[32];
	const char *verb = count == 4 ? words[1] : "";
	int fault;

	if (count != 4 || sscanf(words[2], "%31[^/]/%d", text, &bits) != 2 || !inet_aton(text, &address))
		return fprintf(stderr, "expected start|stop|status ADDRESS/BITS INTERFACE\n"), 2;
	interface = words[3];
	ifindex = if_nametoindex(interface);
	snprintf(pidfile, sizeof(pidfile), "/run/vip-%s.pid", text);
	if (!strcmp(verb, "status"))
		return present() ? 0 : 3;
	if (!strcmp(verb, "start")) {
		fault = change(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
		if (fault && fault != EEXIST)
			return fprintf(stderr, "%s: %s\n", words[2], strerror(fault)), 1;
		announce();
		return 0;
	}
	if (strcmp(verb, "stop"))
		return 2;
	fault = change(RTM_DELADDR, 0);
	silence();
	return present() ? fprintf(stderr, "%s: %s\n", words[2], strerror(fault)), 1 : 0;
}

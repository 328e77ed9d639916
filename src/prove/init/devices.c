// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The disk and the network device that are on trial. hv.disk=NONCE on the command line: one disk begins with that word;
 * the sector behind it gets "seen NONCE", which the host reads. hv.net=GUEST:GATEWAY: the gateway is there, and answers
 * whoever asks for its address.
 */
#include "probes.h"
#include "record.h"

#define NULL ((char *)0)
#define SECTOR 512
#define PATIENCE 40 /* times 200 ms: links and buses take their time */
#define PAUSE 200

/* --- below /sys -------------------------------------------------------------------------------- */

struct path {
	char text[512];
	unsigned length;
};

static void add(struct path *p, const char *text)
{
	while (*text && p->length < sizeof(p->text) - 1)
		p->text[p->length++] = *text++;
	p->text[p->length] = '\0';
}

/* The last part of what the link PATH/NAME points to; NULL: there is none. Static, for one call. */
static const char *link_base(const struct path *path, const char *name)
{
	static char target[512];
	struct path link = *path;
	const char *base = target;
	long n;

	add(&link, "/");
	add(&link, name);
	n = SYS(readlinkat, AT_FDCWD, link.text, target, sizeof(target) - 1, 0);
	if (n <= 0)
		return NULL;
	target[n] = '\0';
	for (const char *s = target; *s; s++)
		if (*s == '/')
			base = s + 1;
	return base;
}

/* Where /sys/class/CLASS/NAME leads to. */
static int device_path(const char *class, const char *name, struct path *ret)
{
	struct path link = {.length = 0};
	char target[512];
	const char *from = target;
	long n;

	add(&link, "/sys/class/");
	add(&link, class);
	add(&link, "/");
	add(&link, name);
	n = SYS(readlinkat, AT_FDCWD, link.text, target, sizeof(target) - 1, 0);
	if (n <= 0)
		return 0;
	target[n] = '\0';
	while (from[0] == '.' && from[1] == '.' && from[2] == '/')
		from += 3;
	ret->length = 0;
	add(ret, "/sys/");
	add(ret, from);
	return 1;
}

static int shorten(struct path *p)
{
	while (p->length > 0 && p->text[--p->length] != '/')
		;
	p->text[p->length] = '\0';
	return p->length > 4; /* not beyond /sys */
}

/* "scsi:sd<pci:ahci": each driver on the way up, with its bus. */
static void drivers_of(struct path at, struct path *ret)
{
	ret->length = 0;
	ret->text[0] = '\0';
	do {
		const char *driver;
		struct path bus = {.length = 0};

		if (!link_base(&at, "driver"))
			continue;
		driver = link_base(&at, "subsystem");
		add(&bus, driver ? driver : "?");
		driver = link_base(&at, "driver");
		if (ret->length > 0)
			add(ret, "<");
		add(ret, bus.text);
		add(ret, ":");
		add(ret, driver);
	} while (shorten(&at));
}

/* Of a virtio device on the way up: whether it was driven as version 1 says; bit 32 of its features. */
static void tell_virtio(const char *kind, struct path at)
{
	do {
		struct path features = at;
		const char *bus = link_base(&at, "subsystem"), *bits;

		add(&features, "/features");
		if (!bus || !same(bus, "virtio") || !(bits = first_line(features.text)))
			continue;
		for (unsigned i = 0; i < 32 && *bits; i++)
			bits++;
		record("virtio", kind, *bits == '1' ? "modern" : "legacy", NULL);
		return;
	} while (shorten(&at));
}

struct entry {
	unsigned long long inode, offset;
	unsigned short length;
	unsigned char type;
	char name[];
};

/* Tries each device of a class until one passes. `try` tells: passed, or not. */
static int each(const char *class, int (*try)(const char *name, const char *word), const char *word)
{
	static char bytes[8192] __attribute__((aligned(8)));
	struct path dir = {.length = 0};
	long fd, n;
	int found = 0;

	add(&dir, "/sys/class/");
	add(&dir, class);
	fd = sys_open(dir.text, 0);
	while (fd >= 0 && !found && (n = SYS(getdents64, fd, bytes, sizeof(bytes), 0, 0)) > 0)
		for (long at = 0; at < n && !found;) {
			struct entry *e = (struct entry *)(bytes + at);

			at += e->length;
			if (e->name[0] != '.')
				found = try(e->name, word);
		}
	if (fd >= 0)
		SYS(close, fd, 0, 0, 0, 0);
	return found;
}

static void tell(const char *kind, const char *class, const char *name, const char *state)
{
	struct path path, drivers = {.length = 0};

	if (device_path(class, name, &path)) {
		drivers_of(path, &drivers);
		tell_virtio(kind, path);
	}
	record(kind, name, drivers.length > 0 ? drivers.text : "-", state, NULL);
}

/* --- disk -------------------------------------------------------------------------------------- */

static const char *disk_state;

static int begins(const char *text, const char *word)
{
	while (*word)
		if (*text++ != *word++)
			return 0;
	return 1;
}

static int try_disk(const char *name, const char *nonce)
{
	static char sector[SECTOR] __attribute__((aligned(SECTOR)));
	struct path file = {.length = 0};
	struct path words = {.length = 0};
	long fd;
	int is = 0;

	add(&file, "/dev/");
	add(&file, name);
	fd = sys_open(file.text, O_RDWR);
	if (fd >= 0 && SYS(read, fd, sector, SECTOR, 0, 0) == SECTOR && begins(sector, nonce)) {
		is = 1;
		add(&words, "seen ");
		add(&words, nonce);
		memset(sector, 0, SECTOR);
		memcpy(sector, words.text, words.length);
		disk_state = SYS(write, fd, sector, SECTOR, 0, 0) == SECTOR && SYS(fsync, fd, 0, 0, 0, 0) == 0 ? "written" : "unwritten";
	}
	if (fd >= 0)
		SYS(close, fd, 0, 0, 0, 0);
	if (is)
		tell("disk", "block", name, disk_state);
	return is;
}

void probe_disk(const char *nonce)
{
	for (unsigned i = 0; i < PATIENCE && !each("block", try_disk, nonce); i++)
		sleep_ms(PAUSE);
	if (!disk_state)
		record("no-disk", "none", "of the disks begins as it should", NULL);
}

/* --- network ----------------------------------------------------------------------------------- */

#define AF_INET 2
#define SOCK_DGRAM 2
#define SIOCSIFFLAGS 0x8914
#define SIOCSIFADDR 0x8916
#define SIOCSIFNETMASK 0x891c
#define IFF_UP 1
#define ARP_COMPLETE "0x2"

struct address {
	unsigned short family, port;
	unsigned char bytes[4], zero[8];
};

struct request {
	char name[16];
	union {
		struct address address;
		short flags;
		char room[24];
	};
};

static struct address guest, gateway;
static char gateway_text[20];
static const char *net_last; /* a device that was tried, and got no answer */

static const char *read_address(const char *s, struct address *ret)
{
	*ret = (struct address){.family = AF_INET};
	for (unsigned i = 0; i < 4; i++) {
		unsigned value = 0;

		while (*s >= '0' && *s <= '9')
			value = value * 10 + (unsigned)(*s++ - '0');
		ret->bytes[i] = (unsigned char)value;
		if (*s == '.')
			s++;
	}
	return s;
}

static long set(long fd, const char *name, long what, const struct address *address, short flags)
{
	struct request r;

	memset(&r, 0, sizeof(r));
	for (unsigned i = 0; i < sizeof(r.name) - 1 && name[i]; i++)
		r.name[i] = name[i];
	if (address)
		r.address = *address;
	else
		r.flags = flags;
	return SYS(ioctl, fd, what, &r, 0, 0);
}

/* Whether the kernel has learned the gateway's address: a line "10.0.2.2 0x1 0x2 52:54:…". */
static int has_answered(void)
{
	static char table[4096];

	for (char *line = slurp("/proc/net/arp", table, sizeof(table)); line && *line;) {
		char *end = line;

		while (*end && *end != '\n')
			end++;
		if (begins(line, gateway_text)) {
			char last = *end;
			int complete;

			*end = '\0';
			complete = contains(line, " " ARP_COMPLETE " ");
			*end = last;
			return complete;
		}
		line = *end ? end + 1 : end;
	}
	return 0;
}

static int try_net(const char *name, const char *word)
{
	static char last[16];
	struct address mask = {.family = AF_INET, .bytes = {255, 255, 255, 0}}, to = gateway;
	struct path path;
	long fd;
	int answered = 0;

	(void)word;
	if (same(name, "lo") || !device_path("net", name, &path) || contains(path.text, "/virtual/"))
		return 0;
	for (unsigned i = 0; i < sizeof(last) - 1 && (last[i] = name[i]); i++)
		;
	net_last = last;
	to.port = 0x0900; /* "discard", in the order of the network */
	fd = SYS(socket, AF_INET, SOCK_DGRAM, 0, 0, 0);
	set(fd, name, SIOCSIFADDR, &guest, 0);
	set(fd, name, SIOCSIFNETMASK, &mask, 0);
	set(fd, name, SIOCSIFFLAGS, (const struct address *)0, IFF_UP);
	for (unsigned i = 0; i < PATIENCE && !answered; i++) {
		SYS6(sendto, fd, "?", 1, 0, &to, sizeof(to));
		sleep_ms(PAUSE);
		answered = has_answered();
	}
	if (answered)
		tell("net", "net", name, "answer");
	else
		set(fd, name, SIOCSIFFLAGS, (const struct address *)0, 0);
	SYS(close, fd, 0, 0, 0, 0);
	return answered;
}

void probe_net(const char *addresses)
{
	const char *rest = read_address(addresses, &guest);
	unsigned n = 0;

	if (*rest != ':')
		return;
	for (const char *s = rest + 1; *s && *s != ' ' && n < sizeof(gateway_text) - 2;)
		gateway_text[n++] = *s++;
	gateway_text[n] = ' ';
	read_address(rest + 1, &gateway);
	for (unsigned i = 0; i < PATIENCE && !net_last; i++) {
		if (each("net", try_net, gateway_text))
			return;
		if (!net_last)
			sleep_ms(PAUSE);
	}
	if (net_last)
		tell("net", "net", net_last, "silence");
	else
		record("no-net", "none", "is there", NULL);
}

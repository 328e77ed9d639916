// SPDX-License-Identifier: GPL-2.0-or-later
#include "probes.h"
#include "record.h"

#define NULL ((char *)0)
#define SYSLOG_READ_ALL 3

/* --- vDSO -------------------------------------------------------------------------------------- */

#define AT_SYSINFO 32
#define AT_SYSINFO_EHDR 33

/* An entry of 0 is the same as none: nothing is mapped. */
static void probe_auxv(const unsigned long *auxv, unsigned long type, const char *name)
{
	for (; auxv[0]; auxv += 2)
		if (auxv[0] == type && auxv[1]) {
			record("auxv", name, hex(auxv[1]), NULL);
			return;
		}
	record("auxv", name, "none", NULL);
}

void probe_vdso(const unsigned long *stack)
{
	static char maps[8192];
	const unsigned long *p = stack + 1 + stack[0] + 1;

	while (*p++)
		;
	probe_auxv(p, AT_SYSINFO, "AT_SYSINFO");
	probe_auxv(p, AT_SYSINFO_EHDR, "AT_SYSINFO_EHDR");
	if (slurp("/proc/self/maps", maps, sizeof(maps)))
		record("maps", "vdso", contains(maps, "[vdso]") ? "yes" : "no", NULL);
}

/* --- clocks ------------------------------------------------------------------------------------ */

#define SLEEP 2000
#define NAPS 20
#define READS 100000

static int before(struct moment a, struct moment b)
{
	return a.seconds < b.seconds || (a.seconds == b.seconds && a.nanoseconds < b.nanoseconds);
}

/* Times that the clock went back while it was read. */
static long steps_back(void)
{
	struct moment last = now(CLOCK_MONOTONIC), next;
	long steps = 0;

	for (long i = 0; i < READS; i++, last = next) {
		next = now(CLOCK_MONOTONIC);
		steps += before(next, last);
	}
	return steps;
}

void probe_clock(void)
{
	struct moment monotonic, realtime;

	record("clock", "epoch", number((long)now(CLOCK_REALTIME).seconds), NULL);
	monotonic = now(CLOCK_MONOTONIC);
	realtime = now(CLOCK_REALTIME);
	record("sleep", "start", NULL); /* whoever reads the console has a clock of their own */
	sleep_ms(SLEEP);
	record("sleep", "stop", NULL);
	record("clock", "realtime", number(ms_between(realtime, now(CLOCK_REALTIME))), NULL);
	record("clock", "monotonic", number(ms_between(monotonic, now(CLOCK_MONOTONIC))), NULL);
	monotonic = now(CLOCK_MONOTONIC);
	for (int i = 0; i < NAPS; i++)
		sleep_ms(10);
	record("clock", "naps", number(ms_between(monotonic, now(CLOCK_MONOTONIC))), NULL);
	record("clock", "back", number(steps_back()), NULL);
}

/* --- what the kernel uses ---------------------------------------------------------------------- */

static void tell(const char *name, const char *path)
{
	const char *line = first_line(path);

	record("uses", name, line ? line : "-", NULL);
}

/* Every line of the text that has one of the words, as a record. */
static void tell_lines(const char *key, char *text, const char *const *words)
{
	char *line = text;

	while (*line) {
		char *end = line;
		int wanted = 0, last;

		while (*end && *end != '\n')
			end++;
		last = !*end;
		*end = '\0';
		for (const char *const *w = words; *w; w++)
			wanted |= contains(line, *w);
		if (wanted)
			record(key, line, NULL);
		line = last ? end : end + 1;
	}
}

void probe_machine(void)
{
	static const char *const timers[] = {"timer", "LOC:", "CPU", NULL};
	static char interrupts[16384];

	tell("release", "/proc/sys/kernel/osrelease");
	tell("cpus", "/sys/devices/system/cpu/online");
	tell("clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource");
	tell("clocksources", "/sys/devices/system/clocksource/clocksource0/available_clocksource");
	tell("clockevent", "/sys/devices/system/clockevents/clockevent0/current_device");
	tell("clockevent1", "/sys/devices/system/clockevents/clockevent1/current_device");
	if (slurp("/proc/interrupts", interrupts, sizeof(interrupts)))
		tell_lines("interrupts", interrupts, timers);
}

/* Of a kernel that knows its hypervisor: "TYPE guest_type PV". */
static void tell_hypervisor(void)
{
	static char type[32], major[16];
	const char *line = first_line("/sys/hypervisor/type");
	unsigned n = 0;

	if (!line || !*line)
		return;
	for (; n < sizeof(type) - 1 && line[n]; n++)
		type[n] = line[n];
	record(type, "type", type, NULL);
	line = first_line("/sys/hypervisor/guest_type");
	if (line)
		record(type, "guest_type", line, NULL);
	line = first_line("/sys/hypervisor/version/major");
	for (n = 0; line && line[n] && n < sizeof(major) - 2; n++)
		major[n] = line[n];
	major[n] = '.';
	line = first_line("/sys/hypervisor/version/minor");
	if (n > 0 && line)
		record_joined(type, "version", major, line);
}

void probe_detected(void)
{
	static const char mark[] = "Hypervisor detected: ";
	static char log[1 << 18], consoles[512];
	long length = SYS(syslog, SYSLOG_READ_ALL, log, sizeof(log) - 1, 0, 0);
	const char *found = length > 0 ? line_behind(log, mark) : NULL;

	record("detected", found ? found : "none", NULL);
	tell_hypervisor();
	if (slurp("/proc/consoles", consoles, sizeof(consoles))) {
		for (char *s = consoles; *s; s++)
			if (*s == ' ' || *s == '\n')
				*s = '\0';
		record("console", consoles, NULL);
	}
}

/* --- memory ------------------------------------------------------------------------------------ */

#define PAGE 4096
#define PAGES 256
#define PROT_READ 1

/* After a fork both write: neither may see the other's bytes through a translation that is no longer true. */
static int copies_are_apart(volatile char *pages)
{
	int status = 0;
	long child;

	for (unsigned i = 0; i < PAGES; i++)
		pages[i * PAGE] = 1;
	child = sys_fork();
	if (!child)
		sleep_ms(20);
	for (unsigned i = 0; i < PAGES; i++)
		pages[i * PAGE] += child ? 1 : 2;
	for (unsigned i = 0; i < PAGES; i++)
		status |= pages[i * PAGE] != (child ? 2 : 3);
	if (!child)
		SYS(exit, status, 0, 0, 0, 0);
	{
		int other = 0;

		SYS(wait4, child, &other, 0, 0, 0);
		return !status && !other;
	}
}

/* Pages that were just written become read-only: then the kernel must not be able to write there for us. */
static int protection_holds(char *pages)
{
	long fd = sys_open("/proc/version", 0);
	int good = fd >= 0;

	for (unsigned i = 0; i < PAGES; i++) {
		pages[i * PAGE] = 4;
		SYS(mprotect, pages + i * PAGE, PAGE, PROT_READ, 0, 0);
		good &= SYS(read, fd, pages + i * PAGE, 1, 0, 0) < 0 && pages[i * PAGE] == 4;
	}
	SYS(close, fd, 0, 0, 0, 0);
	return good;
}

void probe_memory(void)
{
	char *pages = map_pages(PAGES * PAGE);

	if (!pages) {
		record("memory", "map", "failed", NULL);
		return;
	}
	record("memory", "copies", copies_are_apart(pages) ? "apart" : "mixed", NULL);
	record("memory", "protection", protection_holds(pages) ? "holds" : "leaks", NULL);
	record("memory", "unmap", outcome(SYS(munmap, pages, PAGES * PAGE, 0, 0, 0)), NULL);
}

/* --- the kernel's log -------------------------------------------------------------------------- */

void probe_log(void)
{
	static const char *const words[] = {
		"vmi", "hypervisor", "paravirt", "clocksource", "vdso", "BUG:", "WARNING:", "Oops", "Call Trace", "unchecked", NULL,
	};
	static char log[1 << 18];
	long length = SYS(syslog, SYSLOG_READ_ALL, log, sizeof(log) - 1, 0, 0);

	if (length < 0) {
		record("no-log", outcome(length), NULL);
		return;
	}
	log[length] = '\0';
	tell_lines("log", log, words);
}

/* --- old userspace ----------------------------------------------------------------------------- */

static void probe_controller(const char *name)
{
	long result = SYS(mount, "none", "/mnt", "cgroup", 0, name);

	record("cgroup", name, outcome(result), NULL);
	if (result >= 0)
		SYS(umount2, "/mnt", 0, 0, 0, 0);
}

void probe_cgroup(void)
{
	probe_controller("memory");
	probe_controller("cpuset");
}

#ifdef __x86_64__
/* In a child: the call may be the end of it. */
static void call_page(const char *name, unsigned long address, int is_time)
{
	int status = 0;
	long child = sys_fork();

	if (!child) {
		long long value[2] = {0, 0};
		long seconds = ((long (*)(void *, void *))address)(value, NULL);

		SYS(exit, (is_time ? seconds : value[0]) < 1000000000, 0, 0, 0, 0);
	}
	SYS(wait4, child, &status, 0, 0, 0);
	if (status & 0x7f)
		record("vsyscall", name, "signal", number(status & 0x7f), NULL);
	else
		record("vsyscall", name, status ? "wrong" : "works", NULL);
}

static void read_page(void)
{
	int status = 0;
	long child = sys_fork();

	if (!child) {
		volatile char byte = *(volatile char *)0xffffffffff600000;

		(void)byte;
		SYS(exit, 0, 0, 0, 0, 0);
	}
	SYS(wait4, child, &status, 0, 0, 0);
	if (status & 0x7f)
		record("vsyscall", "read", "signal", number(status & 0x7f), NULL);
	else
		record("vsyscall", "read", "works", NULL);
}

void probe_vsyscall(void)
{
	call_page("gettimeofday", 0xffffffffff600000, 0);
	call_page("time", 0xffffffffff600400, 1);
	read_page();
}

#define X32 0x40000000
#define NR_getpid 39

void probe_x32(void)
{
	record("x32", "getpid", outcome(sys6(X32 | NR_getpid, 0, 0, 0, 0, 0, 0)), NULL);
}
#else
void probe_vsyscall(void)
{
}

void probe_x32(void)
{
}
#endif

void probe_ldt(void)
{
#ifndef __aarch64__
	static char table[64];

	record("ldt", "read", outcome(SYS(modify_ldt, 0, table, sizeof(table), 0, 0)), NULL);
#endif
}

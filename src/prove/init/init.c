// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The only program of a guest that is booted to be looked at: says what it finds and powers off. Command line:
 * hv.probe=vdso,clock,… runs only these; hv.disk= and hv.net= (devices.c) put devices on trial; hv.end=reboot resets
 * instead; hv.end=exit, hang and loop end in the ways that a broken guest does.
 */
#include "probes.h"
#include "record.h"

#define NULL ((char *)0)

static char command_line[4096];

static int wanted(const char *probe)
{
	const char *list = parameter(command_line, "hv.probe=");

	return !list || contains(list, probe);
}

#define SYSLOG_CONSOLE_OFF 6
#define MAGIC1 0xfee1dead
#define MAGIC2 672274793
#define POWER_OFF 0x4321fedc
#define RESTART 0x01234567

/* /init32, if it is there, is this same program as 32-bit code, and tells what such code sees. */
static void run_32_bit(void)
{
	static const char *const argv[] = {"/init32", "ia32", NULL};
	long child, fd = sys_open("/init32", 0);

	if (fd < 0 || sizeof(long) == 4)
		return;
	SYS(close, fd, 0, 0, 0, 0);
	child = sys_fork();
	if (!child) {
		record("ia32", outcome(SYS(execve, "/init32", argv, argv + 2, 0, 0)), NULL);
		SYS(exit, 1, 0, 0, 0, 0);
	}
	SYS(wait4, child, NULL, 0, 0, 0);
}

static void finish(void)
{
	const char *end = parameter(command_line, "hv.end=");
	long how = end && (same(end, "reboot") || same(end, "loop")) ? RESTART : POWER_OFF;

	if (end && same(end, "exit"))
		SYS(exit, 7, 0, 0, 0, 0);
	while (end && same(end, "hang"))
		sleep_ms(1000);
	if (!end || !same(end, "loop"))
		record("end", NULL);
	SYS(reboot, MAGIC1, MAGIC2, how, NULL, 0);
	for (;;)
		sleep_ms(1000);
}

static void try_devices(void)
{
	const char *value = parameter(command_line, "hv.disk=");

	if (value)
		probe_disk(value);
	value = parameter(command_line, "hv.net=");
	if (value)
		probe_net(value);
}

static void __attribute__((used)) run(const unsigned long *stack)
{
	if (stack[0] == 2 && same(((const char *const *)stack)[2], "ia32")) {
		record_prefix = "ia32-";
		probe_vdso(stack);
		SYS(exit, 0, 0, 0, 0, 0);
	}
	SYS(mount, "devtmpfs", "/dev", "devtmpfs", 0, NULL);
	SYS(mount, "proc", "/proc", "proc", 0, NULL);
	SYS(mount, "sysfs", "/sys", "sysfs", 0, NULL);
	slurp("/proc/cmdline", command_line, sizeof(command_line));
	SYS(syslog, SYSLOG_CONSOLE_OFF, NULL, 0, 0, 0);
	record("begin", "1", NULL);
	if (wanted("detected"))
		probe_detected();
	if (wanted("drivers"))
		probe_drivers();
	try_devices();
	if (wanted("vdso")) {
		probe_vdso(stack);
		run_32_bit();
	}
	if (wanted("machine"))
		probe_machine();
	if (wanted("clock"))
		probe_clock();
	if (wanted("memory"))
		probe_memory();
	if (wanted("cgroup"))
		probe_cgroup();
	if (wanted("vsyscall"))
		probe_vsyscall();
	if (wanted("ldt"))
		probe_ldt();
	if (wanted("x32"))
		probe_x32();
	if (wanted("log"))
		probe_log();
	finish();
}

__asm__(".globl _start\n"
	"_start:\n"
#if defined(__aarch64__)
	"	mov x0, sp\n"
	"	bl run\n"
#else
#ifdef __x86_64__
	"	movq %rsp, %rdi\n"
	"	andq $-16, %rsp\n"
#else
	"	movl %esp, %eax\n"
	"	andl $-16, %esp\n"
	"	subl $12, %esp\n"
	"	pushl %eax\n"
#endif
	"	call run\n"
#endif
	".section .note.GNU-stack, \"\", %progbits\n"
	".text\n");

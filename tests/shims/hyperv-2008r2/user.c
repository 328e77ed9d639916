// SPDX-License-Identifier: GPL-2.0-only
/* The C library's side of the program: memory, output, signals, the per-CPU block that GS points at. */
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "user.h"

#define PAGE 4096UL
#define ENTRY __attribute__((force_align_arg_pointer))

static char gs_block[PAGE] __attribute__((aligned(64)));
static int memory_fd;
static char *memory;

ENTRY void user_printf(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
}

ENTRY void user_fail(const char *format, ...)
{
	va_list ap;

	printf("FAILED: ");
	va_start(ap, format);
	vprintf(format, ap);
	va_end(ap);
	printf("\n");
	exit(1);
}

/* What nobody supplies was called: stubs.S brings the name. */
ENTRY void user_missing(const char *name)
{
	user_fail("the kernel's objects called %s, which this machine has not", name);
}

ENTRY void *user_memory(unsigned long size)
{
	memory_fd = memfd_create("memory", MFD_CLOEXEC);
	if (memory_fd < 0 || ftruncate(memory_fd, (off_t)size) != 0)
		user_fail("no memory");
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, memory_fd, 0);
	if (memory == MAP_FAILED)
		user_fail("no memory");
	return memory;
}

ENTRY void *user_remap(void *const *pages, unsigned long n)
{
	char *at = mmap(NULL, n * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		return NULL;
	for (unsigned long i = 0; i < n; i++)
		if (mmap(at + i * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, memory_fd,
			 (off_t)((char *)pages[i] - memory)) == MAP_FAILED)
			return NULL;
	return at;
}

/* WARN and BUG are an ud2: one that warns is stepped over, as the kernel does. */
static void on_illegal(int signal, siginfo_t *info, void *context)
{
	ucontext_t *at = context;

	(void)signal;
	(void)info;
	if (!kernel_warned((unsigned long)at->uc_mcontext.gregs[REG_RIP])) {
		static const char message[] = "FAILED: BUG() or an invalid instruction\n";

		(void)!write(1, message, sizeof(message) - 1);
		_exit(1);
	}
	at->uc_mcontext.gregs[REG_RIP] += 2;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_sigaction = on_illegal, .sa_flags = SA_SIGINFO};

	setvbuf(stdout, NULL, _IONBF, 0);
	if (syscall(SYS_arch_prctl, ARCH_SET_GS, gs_block) != 0) {
		perror("arch_prctl");
		return 2;
	}
	sigaction(SIGILL, &action, NULL);
	alarm(20); /* a case takes milliseconds */
	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		kernel_list();
		return 0;
	}
	if (argc != 2) {
		fprintf(stderr, "usage: %s CASE | --list\n", argv[0]);
		return 2;
	}
	return kernel_case(argv[1]);
}

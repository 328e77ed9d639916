/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INIT_SYS_H
#define INIT_SYS_H

/*
 * System calls without any libc: numbers, and the call. 32-bit programs use int 0x80, never the vDSO, whose
 * being there or not is what they look for. A negative result is -errno.
 */

#ifdef __x86_64__
enum {
	SYS_read = 0, SYS_write = 1, SYS_open = 2, SYS_close = 3, SYS_mmap = 9, SYS_mprotect = 10,
	SYS_munmap = 11, SYS_fork = 57, SYS_execve = 59, SYS_exit = 60, SYS_wait4 = 61, SYS_syslog = 103,
	SYS_mount = 165, SYS_umount2 = 166, SYS_reboot = 169, SYS_clock_gettime = 228, SYS_getdents64 = 217, SYS_finit_module = 313, SYS_clock_nanosleep = 230,
};
#else
enum {
	SYS_exit = 1, SYS_fork = 2, SYS_read = 3, SYS_write = 4, SYS_open = 5, SYS_close = 6, SYS_execve = 11,
	SYS_mount = 21, SYS_umount2 = 52, SYS_reboot = 88, SYS_munmap = 91, SYS_syslog = 103, SYS_wait4 = 114,
	SYS_mprotect = 125, SYS_getdents64 = 220, SYS_finit_module = 350, SYS_mmap = 192 /* mmap2 */, SYS_clock_gettime = 403,
	SYS_clock_nanosleep = 407, /* both of them the ones with 64-bit time */
};
#endif

static inline long sys5(long number, long a, long b, long c, long d, long e)
{
	long result;

#ifdef __x86_64__
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;

	__asm__ volatile("syscall" : "=a"(result) : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
			 : "rcx", "r11", "memory");
#else
	__asm__ volatile("int $0x80" : "=a"(result) : "0"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory");
#endif
	return result;
}

/* Pages of zeroes, readable and writable; the sixth argument, which is all that mmap has more, would be 0. */
static inline void *map_pages(unsigned long size)
{
	long result;
	const long rw = 3, private_anonymous = 0x22;

#ifdef __x86_64__
	register long r10 __asm__("r10") = private_anonymous;
	register long r8 __asm__("r8") = -1;
	register long r9 __asm__("r9") = 0;

	__asm__ volatile("syscall" : "=a"(result)
			 : "0"(SYS_mmap), "D"(0), "S"(size), "d"(rw), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
#else
	__asm__ volatile("pushl %%ebp; xorl %%ebp, %%ebp; int $0x80; popl %%ebp" : "=a"(result)
			 : "0"(SYS_mmap), "b"(0), "c"(size), "d"(rw), "S"(private_anonymous), "D"(-1) : "memory");
#endif
	return result < 0 && result > -4096 ? (void *)0 : (void *)result;
}

#define SYS(name, a, b, c, d, e) sys5(SYS_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))

struct moment {
	long long seconds, nanoseconds;
};

#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_BOOTTIME 7

#endif

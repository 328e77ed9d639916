/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INIT_SYS_H
#define INIT_SYS_H

/*
 * System calls without any libc: numbers, and the call. 32-bit programs use int 0x80, never the vDSO, whose
 * being there or not is what they look for. A negative result is -errno.
 */

#if defined(__x86_64__)
enum {
	SYS_read = 0, SYS_write = 1, SYS_close = 3, SYS_lseek = 8, SYS_mmap = 9, SYS_mprotect = 10, SYS_munmap = 11,
	SYS_ioctl = 16, SYS_socket = 41, SYS_sendto = 44, SYS_clone = 56, SYS_execve = 59, SYS_exit = 60, SYS_wait4 = 61,
	SYS_fsync = 74, SYS_syslog = 103, SYS_modify_ldt = 154, SYS_mount = 165, SYS_umount2 = 166, SYS_reboot = 169,
	SYS_getdents64 = 217, SYS_clock_gettime = 228, SYS_clock_nanosleep = 230, SYS_openat = 257, SYS_readlinkat = 267,
	SYS_finit_module = 313,
};
#elif defined(__i386__)
enum {
	SYS_exit = 1, SYS_read = 3, SYS_write = 4, SYS_close = 6, SYS_execve = 11, SYS_lseek = 19, SYS_mount = 21,
	SYS_umount2 = 52, SYS_ioctl = 54, SYS_reboot = 88, SYS_munmap = 91, SYS_syslog = 103, SYS_wait4 = 114, SYS_fsync = 118,
	SYS_clone = 120, SYS_modify_ldt = 123, SYS_mprotect = 125, SYS_mmap = 192 /* mmap2 */, SYS_getdents64 = 220,
	SYS_openat = 295, SYS_readlinkat = 305, SYS_finit_module = 350, SYS_socket = 359, SYS_sendto = 369,
	SYS_clock_gettime = 403, SYS_clock_nanosleep = 407, /* both of them the ones with 64-bit time */
};
#elif defined(__aarch64__)
enum {
	SYS_ioctl = 29, SYS_umount2 = 39, SYS_mount = 40, SYS_openat = 56, SYS_close = 57, SYS_getdents64 = 61, SYS_lseek = 62,
	SYS_read = 63, SYS_write = 64, SYS_readlinkat = 78, SYS_fsync = 82, SYS_exit = 93, SYS_clock_gettime = 113,
	SYS_clock_nanosleep = 115, SYS_syslog = 116, SYS_reboot = 142, SYS_socket = 198, SYS_sendto = 206, SYS_munmap = 215,
	SYS_clone = 220, SYS_execve = 221, SYS_mmap = 222, SYS_mprotect = 226, SYS_wait4 = 260, SYS_finit_module = 273,
};
#else
#error "no system calls are known for this architecture"
#endif

static inline long sys6(long number, long a, long b, long c, long d, long e, long f)
{
#if defined(__x86_64__)
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall" : "=a"(result) : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
#elif defined(__i386__)
	/* The sixth goes into ebp, which the compiler may be using; the seventh slot is for the number. */
	long words[7] = {a, b, c, d, e, f, number}, result;

	__asm__ volatile("pushl %%ebp\n\t"
			 "movl (%%eax), %%ebx\n\t"
			 "movl 4(%%eax), %%ecx\n\t"
			 "movl 8(%%eax), %%edx\n\t"
			 "movl 12(%%eax), %%esi\n\t"
			 "movl 16(%%eax), %%edi\n\t"
			 "movl 20(%%eax), %%ebp\n\t"
			 "movl 24(%%eax), %%eax\n\t"
			 "int $0x80\n\t"
			 "popl %%ebp"
			 : "=a"(result) : "0"(words) : "ebx", "ecx", "edx", "esi", "edi", "memory");
	return result;
#else
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
#endif
}

#define SYS6(name, a, b, c, d, e, f) \
	sys6(SYS_##name, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define SYS(name, a, b, c, d, e) SYS6(name, a, b, c, d, e, 0)

#define AT_FDCWD (-100)
#define O_RDWR 2

static inline long sys_open(const char *path, long flags)
{
	return SYS(openat, AT_FDCWD, path, flags, 0, 0);
}

static inline long sys_fork(void)
{
	return SYS(clone, 17 /* SIGCHLD */, 0, 0, 0, 0);
}

/* Pages of zeroes, readable and writable. */
static inline void *map_pages(unsigned long size)
{
	long result = SYS6(mmap, 0, size, 3, 0x22 /* private, anonymous */, -1, 0);

	return result < 0 && result > -4096 ? (void *)0 : (void *)result;
}

struct moment {
	long long seconds, nanoseconds;
};

#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define CLOCK_BOOTTIME 7

#endif

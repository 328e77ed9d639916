/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

/* A kernel image may take 512 MiB, a block of xz 160 MiB on each of four threads, and the libraries are mapped too. */
#define ADDRESS_SPACE ((rlim_t)4 << 30)
/* A whole kernel is read in a second or two. */
#define PROCESSOR_SECONDS 300
/* A filter is made in some milliseconds. libseccomp 2.5 that runs out of memory over it can turn in a circle for ever. */
#define FILTER_SECONDS 2

/* AddressSanitizer maps terabytes, and writes what it has found. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static int landlock_version(void)
{
	long r = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return r < 0 ? 0 : (int)r;
}

unsigned confine_layers(void)
{
	unsigned layers = CONFINE_PRIVILEGES | CONFINE_LIMITS;

	/* The actions that it knows come with the file, also where /proc is not mounted. */
	if (seccomp_api_get() > 0)
		layers |= CONFINE_SECCOMP;
	if (landlock_version() > 0)
		layers |= CONFINE_LANDLOCK;
	return layers;
}

char *confine_text(unsigned layers)
{
	static const char *const names[] = { "no_new_privs", "resource limits", "seccomp", "landlock" };
	struct buf b = { 0 };

	buf_add(&b, "", 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (layers & 1u << i)
			buf_addf(&b, "%s%s", b.len ? ", " : "", names[i]);
	return b.text;
}

static int limit(int which, rlim_t most)
{
	struct rlimit l;

	if (getrlimit(which, &l) < 0)
		return -errno;
	/* What is lower already stays as it is. */
	l.rlim_max = l.rlim_max < most ? l.rlim_max : most;
	l.rlim_cur = l.rlim_cur < l.rlim_max ? l.rlim_cur : l.rlim_max;
	return setrlimit(which, &l) < 0 ? -errno : 0;
}

static int put_limits(void)
{
	int r = limit(RLIMIT_FSIZE, 0);

	if (r == 0)
		r = limit(RLIMIT_CORE, 0);
	if (r == 0)
		r = limit(RLIMIT_CPU, PROCESSOR_SECONDS);
	if (r == 0 && !SANITIZED)
		r = limit(RLIMIT_AS, ADDRESS_SPACE);
	return r;
}

/* --- landlock --------------------------------------------------------------------------------- */

#define LANDLOCK_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define LANDLOCK_LIBRARY (LANDLOCK_READ | LANDLOCK_ACCESS_FS_EXECUTE)
/* All of the first version of the interface, which every kernel that has it knows. */
#define LANDLOCK_FIRST (((__u64)LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)

static int landlock_allow(int rules, const char *path, __u64 access)
{
	_cleanup_(closep) int fd = open(path, O_PATH | O_CLOEXEC);
	struct landlock_path_beneath_attr attr = { .allowed_access = access, .parent_fd = fd };
	struct stat st;

	/* What is not there, or is not ours to read, cannot be read either. */
	if (fd < 0)
		return errno == EMFILE || errno == ENFILE || errno == ENOMEM ? -errno : 0;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISDIR(st.st_mode))
		attr.allowed_access &= LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE;
	if (syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &attr, 0) < 0)
		return errno == EBADFD || errno == EBADF ? 0 : -errno;
	return 0;
}

static int put_landlock(const char *const *paths)
{
	/* Where libraries, and what their constructors look at, lie. */
	static const char *const system[] = { "/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/sys/devices/system/cpu", NULL };
	struct landlock_ruleset_attr attr = { .handled_access_fs = LANDLOCK_FIRST };
	_cleanup_(closep) int rules = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	int r = rules < 0 ? -errno : 0;

	for (size_t i = 0; r == 0 && system[i]; i++)
		r = landlock_allow(rules, system[i], LANDLOCK_LIBRARY);
	for (size_t i = 0; r == 0 && paths[i]; i++)
		r = landlock_allow(rules, paths[i], LANDLOCK_READ);
	if (r == 0 && syscall(SYS_landlock_restrict_self, rules, 0) < 0)
		r = -errno;
	return r;
}

/* --- seccomp ---------------------------------------------------------------------------------- */

/* What reading, memory and threads take. Everything else fails with EPERM; names that an architecture lacks are passed
 * over. */
static const char *const allowed_calls[] = {
	"read", "pread64", "readv", "preadv", "lseek", "_llseek", "close", "fstat", "fstat64", "fstatat64", "newfstatat",
	"statx", "stat", "stat64", "lstat", "lstat64", "statfs", "fstatfs", "getdents64", "getdents", "readlink", "readlinkat",
	"access", "faccessat", "faccessat2", "getcwd", "dup", "dup3", "fcntl", "fcntl64", "poll", "ppoll", "write", "writev",
	"mmap", "mmap2", "munmap", "mremap", "mprotect", "madvise", "brk", "futex", "futex_time64", "set_robust_list",
	"rseq", "set_tid_address", "exit", "exit_group", "rt_sigreturn", "rt_sigprocmask", "rt_sigaction", "sigaltstack",
	"sched_yield", "sched_getaffinity", "getrandom", "clock_gettime", "clock_gettime64", "gettimeofday", "time",
	"getpid", "gettid", "getuid", "geteuid", "getgid", "getegid", "uname", "sysinfo", "getrlimit", "ugetrlimit",
	"membarrier", "restart_syscall", "arch_prctl", "set_thread_area", "get_thread_area", "pkey_alloc", "pkey_free",
	"pkey_mprotect", "cacheflush", "setitimer",
};

/* Sending signals is for oneself only: abort(). */
static int allow_signals_to_self(scmp_filter_ctx c)
{
	return seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
}

/* A thread, never a process. clone3 keeps its flags where no filter sees them: the C library falls back to clone. */
static int allow_threads(scmp_filter_ctx c)
{
	int r = seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
				 SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM));

	return r == 0 ? seccomp_rule_add(c, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) : r;
}

/* Files are opened for reading, and neither made nor cut. */
static int allow_open(scmp_filter_ctx c)
{
	static const unsigned no = O_ACCMODE | O_CREAT | O_TRUNC;
	int r = seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, no, O_RDONLY));

	return r == 0 ? seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(open), 1, SCMP_A1(SCMP_CMP_MASKED_EQ, no, O_RDONLY)) : r;
}

/* To ask for a limit, not to set one. */
static int allow_limits(scmp_filter_ctx c)
{
	return seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A2(SCMP_CMP_EQ, 0));
}

/* Names of threads are set by libraries. */
static int allow_prctl(scmp_filter_ctx c)
{
	int r = seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME));

	return r == 0 ? seccomp_rule_add(c, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_VMA)) : r;
}

/* So much processor time from now on, or the process ends; 0: as much as it takes. */
static int give_time(time_t seconds)
{
	struct itimerval t = { .it_value = { .tv_sec = seconds } };

	return setitimer(ITIMER_VIRTUAL, &t, NULL) < 0 ? -errno : 0;
}

static int put_seccomp(void)
{
	scmp_filter_ctx c = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r = c ? give_time(FILTER_SECONDS) : -ENOMEM;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(allowed_calls); i++) {
		int call = seccomp_syscall_resolve_name(allowed_calls[i]);

		if (call >= 0)
			r = seccomp_rule_add(c, SCMP_ACT_ALLOW, call, 0);
	}
	if (r == 0)
		r = allow_signals_to_self(c);
	if (r == 0)
		r = allow_threads(c);
	if (r == 0)
		r = allow_open(c);
	if (r == 0)
		r = allow_limits(c);
	if (r == 0)
		r = allow_prctl(c);
	if (r == 0)
		r = seccomp_load(c);
	seccomp_release(c);
	return r == 0 ? give_time(0) : r;
}

int confine(const char *const *paths, struct error *err)
{
	unsigned layers = confine_layers();
	int r = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : put_limits();

	if (r < 0)
		return error_set(err, r, "limits for reading: %s", strerror(-r));
	if (layers & CONFINE_LANDLOCK)
		r = put_landlock(paths);
	if (r < 0)
		return error_set(err, r, "landlock for reading: %s", strerror(-r));
	if (layers & CONFINE_SECCOMP)
		r = put_seccomp();
	if (r < 0)
		return error_set(err, r, "seccomp for reading: %s", strerror(-r));
	return (int)layers;
}

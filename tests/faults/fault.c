/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into hvcompat: makes the Nth call of a kind fail, in whichever of its processes it comes.
 *   FAULT=KIND:N:HOW   KIND as in `kinds` below; HOW: fail, short (half of it is done), intr (EINTR), kill (SIGKILL instead
 *                      of the call) or late (SIGKILL after it); note: none fails, and from where each was called is noted
 *   FAULT_PAGE=FILE    a struct page, shared by all of its processes: the count, and where the fault was
 *   FAULT_PROGRAM=NAME the program that is meant; helpers that it starts are left alone
 *                      absent: all of a machine without seccomp or landlock (confine, of N 1 or 2)
 * In a confined process nothing here makes a system call of its own.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <fts.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <seccomp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FRAMES 24
#define FRAME_TEXT 120

enum kind { MEMORY, OPEN, READ, WRITE, SYNC, RENAME, PROCESS, THREAD, MAP, SOCKET, MESSAGE, STAT, REMOVE, DIRECTORY, CLOSE,
	    LIBRARY, STDIO, CONFINE, LIST, STATE, KINDS };
static const struct {
	const char *name;
	int code;
} kinds[KINDS] = {
	[MEMORY] = { "memory", ENOMEM },  [OPEN] = { "open", EMFILE },	     [READ] = { "read", EIO },
	[WRITE] = { "write", ENOSPC },	  [SYNC] = { "sync", EIO },	     [RENAME] = { "rename", EIO },
	[PROCESS] = { "process", EAGAIN }, [THREAD] = { "thread", EAGAIN },  [MAP] = { "map", ENOMEM },
	[SOCKET] = { "socket", EMFILE },  [MESSAGE] = { "message", ECONNRESET }, [STAT] = { "stat", EIO },
	[REMOVE] = { "remove", EIO },	  [DIRECTORY] = { "directory", ENOSPC }, [CLOSE] = { "close", EIO },
	[LIBRARY] = { "library", ENOMEM }, [STDIO] = { "stdio", EIO },
	[CONFINE] = { "confine", EPERM },
	[LIST] = { "list", EIO },
	/* Whatever changes what is kept: writing, syncing, renaming, making, removing. To be killed at. */
	[STATE] = { "state", EIO },
};

struct page {
	_Atomic uint64_t count;
	_Atomic uint64_t hits;
	char frames[FRAMES][FRAME_TEXT];
};
/* Behind the page of the file: of each call, a number that tells from where it came. */
#define NOTES_AT 4096
#define NOTES ((size_t)1 << 20)
#define NOTED_FRAMES 6

static struct page *page;
static uint32_t *notes;
static enum kind wanted = KINDS;
static uint64_t at;
static char how[8];

/* --- the real ones ---------------------------------------------------------------------------- */

/* For what dlsym() itself takes. */
static char arena[65536];
static size_t arena_used;

static void *from_arena(size_t n)
{
	size_t start = (arena_used + 63) / 64 * 64;

	if (start + n > sizeof(arena))
		abort();
	arena_used = start + n;
	return arena + start;
}

static bool in_arena(const void *p)
{
	return (const char *)p >= arena && (const char *)p < arena + sizeof(arena);
}

static _Thread_local bool looking;

static void *look(const char *name)
{
	void *p;

	looking = true;
	p = dlsym(RTLD_NEXT, name);
	looking = false;
	return p;
}

#define REAL(name)                                            \
	static __typeof__(name) *real;                        \
	if (!real)                                            \
		real = (__typeof__(name) *)look(#name)

/* --- counting --------------------------------------------------------------------------------- */

static void remember(void)
{
	void *frames[FRAMES];
	int n = backtrace(frames, FRAMES);

	for (int i = 2; i < n; i++) {
		Dl_info info;
		const char *file = "?", *slash;
		uintptr_t base = 0;
		char *into = page->frames[i - 2];
		size_t used;

		if (dladdr(frames[i], &info) && info.dli_fname) {
			slash = strrchr(info.dli_fname, '/');
			file = slash ? slash + 1 : info.dli_fname;
			base = (uintptr_t)info.dli_fbase;
		}
		used = strnlen(file, FRAME_TEXT - 20);
		memcpy(into, file, used);
		into[used++] = '+';
		/* No printf(): it may take memory, and a lock that is held. */
		for (int shift = 28; shift >= 0; shift -= 4)
			into[used++] = "0123456789abcdef"[((uintptr_t)frames[i] - base - 1) >> shift & 15];
		into[used] = '\0';
	}
}

static bool is_how(const char *what)
{
	return strcmp(how, what) == 0;
}

static void killed(void)
{
	syscall(SYS_kill, getpid(), SIGKILL);
	__builtin_trap();
}

/* FNV-1a of the addresses that led here, behind ours. */
static __attribute__((noinline)) void note(uint64_t n)
{
	void *frames[NOTED_FRAMES + 4] = { 0 };
	uint32_t hash = 2166136261u;
	int count;

	if (n >= NOTES)
		return;
	looking = true;
	count = backtrace(frames, NOTED_FRAMES + 4);
	looking = false;
	for (int i = 4; i < count; i++)
		hash = (hash ^ (uint32_t)((uintptr_t)frames[i] >> 2)) * 16777619u;
	notes[n] = hash | 1;
}

/* Whether this call is the one. */
static __attribute__((noinline)) bool turn(enum kind kind)
{
	uint64_t n;

	if (kind != wanted || !page || looking)
		return false;
	n = atomic_fetch_add(&page->count, 1);
	if (notes)
		note(n);
	if (n + 1 != at)
		return false;
	atomic_fetch_add(&page->hits, 1);
	looking = true;
	remember();
	looking = false;
	if (is_how("kill"))
		killed();
	return true;
}

static __attribute__((noinline)) bool fails(enum kind kind)
{
	if (is_how("absent") || !turn(kind))
		return false;
	errno = is_how("intr") ? EINTR : kinds[kind].code;
	return true;
}

/* As `fails`, of what changes the state: it is counted twice, by its kind and as a change. */
static bool change_fails(enum kind kind, bool *late)
{
	*late = false;
	if (turn(STATE)) {
		*late = is_how("late");
		if (!*late) {
			errno = kinds[kind].code;
			return true;
		}
	}
	return fails(kind);
}

/* How much of `n` bytes is to be done: less than all where that is asked. 0: the call fails. */
static size_t part(enum kind kind, size_t n, bool *late)
{
	*late = false;
	if (kind == WRITE && turn(STATE)) {
		*late = is_how("late");
		if (!*late) {
			errno = kinds[kind].code;
			return 0;
		}
	}
	if (!turn(kind))
		return n;
	if (is_how("short") && n > 1)
		return n / 2;
	if (is_how("short"))
		return n;
	errno = is_how("intr") ? EINTR : kinds[kind].code;
	return 0;
}

static __attribute__((constructor)) void begin(void)
{
	const char *what = getenv("FAULT"), *file = getenv("FAULT_PAGE"), *program = getenv("FAULT_PROGRAM");
	char name[16];
	void *frames[4];
	int fd;

	backtrace(frames, 4); /* loads what it takes */
	if (!what || !file || sscanf(what, "%15[^:]:%lu:%7s", name, &at, how) != 3 ||
	    (program && strcmp(program, program_invocation_short_name) != 0))
		return;
	fd = open(file, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return;
	page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (is_how("note"))
		notes = mmap(NULL, NOTES * sizeof(*notes), PROT_READ | PROT_WRITE, MAP_SHARED, fd, NOTES_AT);
	close(fd);
	if (notes == MAP_FAILED)
		notes = NULL;
	if (page == MAP_FAILED)
		page = NULL;
	for (enum kind k = 0; k < KINDS; k++)
		if (strcmp(kinds[k].name, name) == 0)
			wanted = k;
	if (wanted == KINDS) {
		fprintf(stderr, "fault: there is no kind %s\n", name);
		_exit(99);
	}
}

/* --- memory ----------------------------------------------------------------------------------- */

void *malloc(size_t n)
{
	if (looking)
		return from_arena(n);
	REAL(malloc);
	return fails(MEMORY) ? NULL : real(n);
}

void *calloc(size_t count, size_t size)
{
	if (looking)
		return from_arena(count * size);
	REAL(calloc);
	return fails(MEMORY) ? NULL : real(count, size);
}

void *realloc(void *p, size_t n)
{
	REAL(realloc);
	if (in_arena(p)) {
		void *fresh = malloc(n);
		size_t there = (size_t)(arena + sizeof(arena) - (char *)p);

		return fresh ? memcpy(fresh, p, n < there ? n : there) : NULL;
	}
	return fails(MEMORY) ? NULL : real(p, n);
}

int posix_memalign(void **ret, size_t align, size_t n)
{
	REAL(posix_memalign);
	return fails(MEMORY) ? ENOMEM : real(ret, align, n);
}

void *aligned_alloc(size_t align, size_t n)
{
	REAL(aligned_alloc);
	return fails(MEMORY) ? NULL : real(align, n);
}

void free(void *p)
{
	if (in_arena(p))
		return;
	REAL(free);
	real(p);
}

/* --- files ------------------------------------------------------------------------------------ */

static mode_t mode_of(int flags, va_list args)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(args, mode_t) : 0;
}

#define OPEN_BODY(name, ...)                                                     \
	va_list args;                                                            \
	mode_t mode;                                                             \
	bool late = false;                                                       \
	int fd;                                                                  \
	REAL(name);                                                              \
	va_start(args, flags);                                                   \
	mode = mode_of(flags, args);                                             \
	va_end(args);                                                            \
	if (flags & (O_CREAT | O_TRUNC) ? change_fails(OPEN, &late) : fails(OPEN)) \
		return -1;                                                       \
	fd = real(__VA_ARGS__, flags, mode);                                     \
	if (late)                                                                \
		killed();                                                        \
	return fd

int open(const char *path, int flags, ...)
{
	OPEN_BODY(open, path);
}

int open64(const char *path, int flags, ...)
{
	OPEN_BODY(open64, path);
}

int openat(int dir, const char *path, int flags, ...)
{
	OPEN_BODY(openat, dir, path);
}

int openat64(int dir, const char *path, int flags, ...)
{
	OPEN_BODY(openat64, dir, path);
}

int __openat64_2(int dir, const char *path, int flags);
int __openat64_2(int dir, const char *path, int flags)
{
	REAL(__openat64_2);
	return fails(OPEN) ? -1 : real(dir, path, flags);
}

#define READ_BODY(kind, name, fd, into, n, ...)      \
	bool late;                                   \
	size_t some = part(kind, n, &late);          \
	ssize_t done;                                \
	REAL(name);                                  \
	if (some == 0 && (n) > 0)                    \
		return -1;                           \
	done = real(fd, into, some, ##__VA_ARGS__);  \
	if (late)                                    \
		killed();                            \
	return done

ssize_t read(int fd, void *into, size_t n)
{
	READ_BODY(READ, read, fd, into, n);
}

ssize_t pread64(int fd, void *into, size_t n, off64_t where)
{
	READ_BODY(READ, pread64, fd, into, n, where);
}

ssize_t pread(int fd, void *into, size_t n, off_t where)
{
	READ_BODY(READ, pread, fd, into, n, where);
}

ssize_t write(int fd, const void *from, size_t n)
{
	READ_BODY(WRITE, write, fd, from, n);
}

ssize_t pwrite64(int fd, const void *from, size_t n, off64_t where)
{
	READ_BODY(WRITE, pwrite64, fd, from, n, where);
}

ssize_t send(int fd, const void *from, size_t n, int flags)
{
	READ_BODY(MESSAGE, send, fd, from, n, flags);
}

ssize_t recv(int fd, void *into, size_t n, int flags)
{
	READ_BODY(MESSAGE, recv, fd, into, n, flags);
}

#define CHANGE_BODY(kind, name, ...)               \
	bool late;                                 \
	int r;                                     \
	REAL(name);                                \
	if (change_fails(kind, &late))             \
		return -1;                         \
	r = real(__VA_ARGS__);                     \
	if (late)                                  \
		killed();                          \
	return r

int fsync(int fd)
{
	CHANGE_BODY(SYNC, fsync, fd);
}

int fdatasync(int fd)
{
	CHANGE_BODY(SYNC, fdatasync, fd);
}

int rename(const char *from, const char *to)
{
	CHANGE_BODY(RENAME, rename, from, to);
}

int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	CHANGE_BODY(RENAME, renameat, from_dir, from, to_dir, to);
}

int renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	CHANGE_BODY(RENAME, renameat2, from_dir, from, to_dir, to, flags);
}

int link(const char *from, const char *to)
{
	CHANGE_BODY(RENAME, link, from, to);
}

int symlink(const char *from, const char *to)
{
	CHANGE_BODY(RENAME, symlink, from, to);
}

int unlink(const char *path)
{
	CHANGE_BODY(REMOVE, unlink, path);
}

int rmdir(const char *path)
{
	CHANGE_BODY(REMOVE, rmdir, path);
}

int remove(const char *path)
{
	CHANGE_BODY(REMOVE, remove, path);
}

int mkdir(const char *path, mode_t mode)
{
	CHANGE_BODY(DIRECTORY, mkdir, path, mode);
}

int fchmod(int fd, mode_t mode)
{
	CHANGE_BODY(SYNC, fchmod, fd, mode);
}

char *mkdtemp(char *template)
{
	bool late;
	char *made;

	REAL(mkdtemp);
	if (change_fails(DIRECTORY, &late))
		return NULL;
	made = real(template);
	if (late)
		killed();
	return made;
}

int mkostemp64(char *template, int flags)
{
	CHANGE_BODY(OPEN, mkostemp64, template, flags);
}

/* It is closed all the same, as Linux does it. */
int close(int fd)
{
	bool failed = fails(CLOSE);
	int code = errno, r;

	REAL(close);
	r = real(fd);
	if (failed)
		errno = code;
	return failed ? -1 : r;
}

#define PLAIN(kind, type, bad, name, params, args)       \
	type name params                                 \
	{                                                \
		REAL(name);                              \
		return fails(kind) ? (bad) : real args;  \
	}

PLAIN(STAT, int, -1, stat64, (const char *path, struct stat64 *st), (path, st))
PLAIN(STAT, int, -1, lstat64, (const char *path, struct stat64 *st), (path, st))
PLAIN(STAT, int, -1, fstat64, (int fd, struct stat64 *st), (fd, st))
PLAIN(STAT, int, -1, fstatat64, (int dir, const char *path, struct stat64 *st, int flags), (dir, path, st, flags))
PLAIN(STAT, int, -1, access, (const char *path, int mode), (path, mode))
PLAIN(STAT, ssize_t, -1, readlink, (const char *path, char *into, size_t n), (path, into, n))
PLAIN(STAT, ssize_t, -1, readlinkat, (int dir, const char *path, char *into, size_t n), (dir, path, into, n))
PLAIN(STAT, char *, NULL, realpath, (const char *path, char *into), (path, into))
PLAIN(DIRECTORY, DIR *, NULL, opendir, (const char *path), (path))
PLAIN(DIRECTORY, DIR *, NULL, fdopendir, (int fd), (fd))
PLAIN(LIST, struct dirent64 *, NULL, readdir64, (DIR *d), (d))
PLAIN(LIST, FTSENT64 *, NULL, fts64_read, (FTS64 *f), (f))
PLAIN(LIST, int, -1, scandir64, (const char *restrict dir, struct dirent64 ***restrict list,
      int (*want)(const struct dirent64 *), int (*order)(const struct dirent64 **, const struct dirent64 **)),
      (dir, list, want, order))
PLAIN(MAP, void *, MAP_FAILED, mmap64, (void *where, size_t n, int prot, int flags, int fd, off64_t o),
      (where, n, prot, flags, fd, o))

/* --- processes, threads, what they say to each other ------------------------------------------- */

PLAIN(PROCESS, pid_t, -1, fork, (void), ())
PLAIN(THREAD, int, EAGAIN, pthread_create,
      (pthread_t *restrict t, const pthread_attr_t *restrict a, void *(*run)(void *), void *restrict arg), (t, a, run, arg))
PLAIN(SOCKET, int, -1, socketpair, (int domain, int type, int protocol, int ends[2]), (domain, type, protocol, ends))
PLAIN(SOCKET, int, -1, pipe2, (int ends[2], int flags), (ends, flags))
PLAIN(SOCKET, int, -1, memfd_create, (const char *name, unsigned flags), (name, flags))
PLAIN(SOCKET, int, -1, dup2, (int from, int to), (from, to))
PLAIN(SOCKET, int, -1, flock, (int fd, int what), (fd, what))
PLAIN(MESSAGE, int, -1, poll, (struct pollfd *fds, nfds_t n, int timeout), (fds, n, timeout))

int fcntl64(int fd, int what, ...)
{
	va_list args;
	long arg;

	REAL(fcntl64);
	va_start(args, what);
	arg = va_arg(args, long);
	va_end(args);
	return fails(SOCKET) ? -1 : real(fd, what, arg);
}

int posix_spawnp(pid_t *restrict pid, const char *restrict file, const posix_spawn_file_actions_t *restrict files,
		 const posix_spawnattr_t *restrict attributes, char *const argv[restrict], char *const env[restrict])
{
	REAL(posix_spawnp);
	return fails(PROCESS) ? EAGAIN : real(pid, file, files, attributes, argv, env);
}

/* A child that is there can be waited for: only a signal comes between. */
pid_t waitpid(pid_t pid, int *status, int options)
{
	REAL(waitpid);
	return is_how("intr") && fails(PROCESS) ? -1 : real(pid, status, options);
}

int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	REAL(waitid);
	return is_how("intr") && fails(PROCESS) ? -1 : real(type, id, info, options);
}

/* --- giving up rights ------------------------------------------------------------------------- */

PLAIN(CONFINE, int, -1, setrlimit64, (__rlimit_resource_t which, const struct rlimit64 *l), (which, l))
PLAIN(CONFINE, int, -1, getrlimit64, (__rlimit_resource_t which, struct rlimit64 *l), (which, l))
PLAIN(CONFINE, int, -1, close_range, (unsigned first, unsigned last, int flags), (first, last, flags))

int prctl(int what, ...)
{
	unsigned long a[4];
	va_list args;

	REAL(prctl);
	va_start(args, what);
	for (size_t i = 0; i < 4; i++)
		a[i] = va_arg(args, unsigned long);
	va_end(args);
	return fails(CONFINE) ? -1 : real(what, a[0], a[1], a[2], a[3]);
}

/* Landlock has no other way in. */
long syscall(long number, ...)
{
	long a[6];
	va_list args;

	REAL(syscall);
	va_start(args, number);
	for (size_t i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (wanted == CONFINE && is_how("absent") && at == 2 && number >= SYS_landlock_create_ruleset &&
	    number <= SYS_landlock_restrict_self) {
		errno = ENOSYS;
		return -1;
	}
	return fails(CONFINE) ? -1 : real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

unsigned seccomp_api_get(void)
{
	REAL(seccomp_api_get);
	if (wanted == CONFINE && is_how("absent") && at == 1)
		return 0;
	return fails(CONFINE) ? 0 : real();
}

int seccomp_load(const scmp_filter_ctx filter)
{
	REAL(seccomp_load);
	return fails(CONFINE) ? -EIO : real(filter);
}

int seccomp_rule_add(scmp_filter_ctx filter, uint32_t action, int call, unsigned n, ...)
{
	static int (*real)(void *, uint32_t, int, unsigned, const struct scmp_arg_cmp *);
	struct scmp_arg_cmp list[6] = { 0 };
	va_list args;

	if (!real)
		real = (__typeof__(real))look("seccomp_rule_add_array");
	va_start(args, n);
	for (unsigned i = 0; i < n && i < 6; i++)
		list[i] = va_arg(args, struct scmp_arg_cmp);
	va_end(args);
	return fails(CONFINE) ? -ENOMEM : real(filter, action, call, n, list);
}

/* --- libraries -------------------------------------------------------------------------------- */

PLAIN(LIBRARY, void *, NULL, dlopen, (const char *name, int flags), (name, flags))

/* --- stdio ------------------------------------------------------------------------------------ */

#define STDIO_ERROR 0x20 /* what ferror() looks at */

static bool stream_fails(FILE *f)
{
	if (!fails(STDIO))
		return false;
	f->_flags |= STDIO_ERROR;
	return true;
}

PLAIN(STDIO, FILE *, NULL, fopen64, (const char *path, const char *mode), (path, mode))
PLAIN(STDIO, FILE *, NULL, fdopen, (int fd, const char *mode), (fd, mode))
PLAIN(STDIO, FILE *, NULL, open_memstream, (char **text, size_t *n), (text, n))

size_t fread(void *into, size_t size, size_t n, FILE *f)
{
	REAL(fread);
	return stream_fails(f) ? 0 : real(into, size, n, f);
}

char *fgets(char *into, int n, FILE *f)
{
	REAL(fgets);
	return stream_fails(f) ? NULL : real(into, n, f);
}

ssize_t __getdelim(char **into, size_t *n, int end, FILE *f)
{
	REAL(__getdelim);
	return stream_fails(f) ? -1 : real(into, n, end, f);
}

int fflush(FILE *f)
{
	REAL(fflush);
	if (f && stream_fails(f))
		return EOF;
	return real(f);
}

int fclose(FILE *f)
{
	bool failed = fails(STDIO);
	int code = errno, r;

	REAL(fclose);
	r = real(f);
	if (failed)
		errno = code;
	return failed ? EOF : r;
}

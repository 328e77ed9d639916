/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A reader that was taken over: confines itself as the real one does, then tries what an attacker would. TAP on
 * standard output; DIR holds a file "in" that may be read, and is the only thing named.
 */
#include "base/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <pthread.h>
#include <unistd.h>

static pid_t parent;    /* asked before it cannot be any more */
static unsigned layers; /* likewise */
static unsigned count;
static bool failed;

static void ok(const char *what, bool good)
{
	printf("%sok %u - %s (%s)\n", good ? "" : "not ", ++count, what, good ? strerror(errno) : "it worked");
	failed |= !good;
	errno = 0;
}

static void *idle(void *arg)
{
	return arg;
}

static void try_files(const char *dir)
{
	_cleanup_(freep) char *in = xasprintf("%s/in", dir), *out = xasprintf("%s/out", dir);

	ok("write to the file that may be read", open(in, O_WRONLY) < 0);
	ok("read and write", open(in, O_RDWR) < 0);
	ok("cut it", open(in, O_RDONLY | O_TRUNC) < 0);
	ok("make a file", open(out, O_WRONLY | O_CREAT, 0600) < 0);
	ok("creat", syscall(SYS_openat, AT_FDCWD, out, O_CREAT | O_RDONLY, 0600) < 0);
	ok("openat2, which a filter cannot look into", syscall(437, AT_FDCWD, in, NULL, 0) < 0);
	ok("rename", rename(in, out) < 0);
	ok("unlink", unlink(in) < 0);
	ok("link", link(in, out) < 0);
	ok("symlink", symlink("in", out) < 0);
	ok("mkdir", mkdir(out, 0700) < 0);
	ok("chmod", chmod(in, 0777) < 0);
	ok("chown", chown(in, 1, 1) < 0);
	ok("truncate", truncate(in, 0) < 0);
	ok("mknod", mknod(out, S_IFREG | 0600, 0) < 0);
	ok("memfd", syscall(SYS_memfd_create, "x", 0) < 0);
}

static int open_memory(pid_t pid)
{
	_cleanup_(freep) char *path = xasprintf("/proc/%d/mem", (int)pid);

	return open(path, O_RDONLY);
}

/* Whether one of so many forks came to something. */
static bool any_process(unsigned n)
{
	bool any = false;

	for (unsigned i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		any |= pid > 0;
	}
	return any;
}

static void try_processes(char *self)
{
	char *const argv[] = { self, NULL };
	pid_t pid;

	ok("execve", execve(self, argv, argv) < 0);
	pid = fork();
	if (pid == 0)
		_exit(0);
	ok("fork", pid < 0);
	ok("vfork", syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) < 0);
	ok("clone3 with nothing that could be looked at", syscall(435, NULL, 0) < 0);
	ok("a signal to the parent", kill(parent, 0) < 0);
	ok("a signal to init", kill(1, 0) < 0);
	ok("ptrace", ptrace(PTRACE_ATTACH, parent, 0, 0) < 0);
	ok("another's memory", syscall(SYS_process_vm_readv, parent, NULL, 0, NULL, 0, 0) < 0);
	ok("a descriptor of another", syscall(438, parent, 1, 0) < 0);
	ok("a handle of another", syscall(SYS_pidfd_open, parent, 0) < 0);
	ok("a signal by a handle", syscall(SYS_pidfd_send_signal, 0, 0, NULL, 0) < 0);
	ok("execveat", syscall(SYS_execveat, AT_FDCWD, self, argv, argv, 0) < 0);
	ok("its own memory, as a file to write to", open("/proc/self/mem", O_RDWR) < 0);
	ok("that of the parent, to read", open_memory(parent) < 0);
	ok("a thousand processes", !any_process(1000));
}

static void try_system(void)
{
	struct rlimit more = { RLIM_INFINITY, RLIM_INFINITY };

	ok("socket", socket(AF_INET, SOCK_STREAM, 0) < 0);
	ok("socket of the machine", socket(AF_UNIX, SOCK_STREAM, 0) < 0);
	ok("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){ 0 }) < 0);
	ok("a higher limit", setrlimit(RLIMIT_FSIZE, &more) < 0);
	ok("mount", syscall(SYS_mount, "none", "/", "tmpfs", 0, NULL) < 0);
	ok("chroot", chroot("/") < 0);
	ok("setuid", setuid(0) < 0);
	ok("unshare", syscall(SYS_unshare, 0x10000000) < 0);
	ok("setns", syscall(SYS_setns, 0, 0) < 0);
	ok("a module of the kernel", syscall(SYS_init_module, NULL, 0, "") < 0);
	ok("bpf", syscall(SYS_bpf, 0, NULL, 0) < 0);
	ok("io_uring, which would do it all unseen", syscall(425, 1, NULL) < 0);
	ok("keys", syscall(SYS_add_key, "user", "a", "b", 1, -2) < 0);
	ok("ioctl on the terminal", syscall(SYS_ioctl, 0, 0x5412, "x") < 0);
	ok("userfaultfd", syscall(SYS_userfaultfd, 0) < 0);
	ok("another kernel", syscall(SYS_kexec_load, 0, 0, NULL, 0) < 0);
	ok("reboot", syscall(SYS_reboot, 0, 0, 0, NULL) < 0);
	ok("a file by its handle", syscall(SYS_open_by_handle_at, 0, NULL, 0) < 0);
	ok("perf", syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0) < 0);
}

#ifndef __SANITIZE_ADDRESS__ /* which has mapped more than that already */
/* Whether memory that is taken in pieces, and kept, comes to an end before that. */
static bool takes_at_most(size_t most)
{
	size_t taken = 0;

	while (taken <= most && mmap(NULL, 64 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
		taken += 64 << 20;
	return taken <= most;
}
#endif

/* What it is for. */
static void limits_hold(void)
{
	struct rlimit l;

	ok("time to compute has an end", getrlimit(RLIMIT_CPU, &l) == 0 && l.rlim_max <= 300);
	ok("no file grows", getrlimit(RLIMIT_FSIZE, &l) == 0 && l.rlim_max == 0);
	ok("nothing is dumped", getrlimit(RLIMIT_CORE, &l) == 0 && l.rlim_max == 0);
}

static void try_work(const char *dir)
{
	_cleanup_(freep) char *in = xasprintf("%s/in", dir);
	_cleanup_(closep) int fd = open(in, O_RDONLY);
	pthread_t thread;
	char byte;

	errno = 0;
	ok("reads what it was given", fd >= 0 && read(fd, &byte, 1) == 1);
	ok("starts a thread", pthread_create(&thread, NULL, idle, NULL) == 0 && pthread_join(thread, NULL) == 0);
	free(xmalloc((size_t)64 << 20));
	ok("takes memory", true);
#ifndef __SANITIZE_ADDRESS__
	ok("but not all of it", sizeof(void *) == 4 || !malloc((size_t)8 << 30));
	ok("nor bit by bit", takes_at_most((size_t)4 << 30));
#endif
	limits_hold();
	if (layers & CONFINE_LANDLOCK)
		ok("a file that was not named", open("/etc/passwd", O_RDONLY) < 0);
}

int main(int argc, char **argv)
{
	const char *paths[] = { argc == 2 ? argv[1] : "/", NULL };
	_cleanup_(freep) char *names = confine_text(confine_layers());
	struct error err = { 0 };

	if (argc != 2) {
		fprintf(stderr, "usage: confined DIR\n");
		return 64;
	}
	parent = getppid();
	layers = confine_layers();
	/* Standard output must be a pipe: no file grows any more. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (confine(paths, &err) < 0) {
		printf("Bail out! %s\n", err.text);
		return 1;
	}
	printf("# layers: %s\n", names);
	errno = 0;
	if (!(layers & CONFINE_SECCOMP)) {
		printf("1..0 # SKIP this machine has no seccomp\n");
		return 0;
	}
	try_files(argv[1]);
	try_processes(argv[0]);
	try_system();
	try_work(argv[1]);
	printf("1..%u\n", count);
	return failed;
}

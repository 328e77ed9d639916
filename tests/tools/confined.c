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
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <pthread.h>
#include <unistd.h>

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
	ok("a signal to the parent", kill(getppid(), 0) < 0);
	ok("a signal to init", kill(1, 0) < 0);
	ok("ptrace", ptrace(PTRACE_ATTACH, getppid(), 0, 0) < 0);
	ok("another's memory", syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0) < 0);
	ok("a descriptor of another", syscall(438, getppid(), 1, 0) < 0);
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
	ok("perf", syscall(SYS_perf_event_open, NULL, 0, 0, 0, 0) < 0);
}

/* What it is for. */
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
#ifndef __SANITIZE_ADDRESS__ /* which has mapped more than that already */
	ok("but not all of it", sizeof(void *) == 4 || !malloc((size_t)8 << 30));
#endif
	if (confine_layers() & CONFINE_LANDLOCK)
		ok("a file that was not named", open("/etc/passwd", O_RDONLY) < 0);
}

int main(int argc, char **argv)
{
	const char *paths[] = { argc == 2 ? argv[1] : "/", NULL };
	_cleanup_(freep) char *layers = confine_text(confine_layers());
	struct error err = { 0 };

	if (argc != 2) {
		fprintf(stderr, "usage: confined DIR\n");
		return 64;
	}
	/* Standard output must be a pipe: no file grows any more. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (confine(paths, &err) < 0) {
		printf("Bail out! %s\n", err.text);
		return 1;
	}
	printf("# layers: %s\n", layers);
	errno = 0;
	if (!(confine_layers() & CONFINE_SECCOMP)) {
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Plugin of librpm: before a transaction changes anything, hands its kernels to `hvcompat host gate`. It links librpm and
 * libc only: rpm refuses every transaction when it cannot load a plugin, so nothing in here may be missing. All judging is
 * the program's, in a process of its own.
 *
 * Transactions without a kernel image go on whatever state hvcompat is in; one with a kernel goes on only with its consent.
 */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <rpm/rpmfi.h>
#include <rpm/rpmio.h>
#include <rpm/rpmlib.h>
#include <rpm/rpmlog.h>
#include <rpm/rpmte.h>
#include <rpm/rpmts.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * rpm/rpmplugin.h, which is public from rpm 4.20 on only. The order of the fields is that of every release from 4.12 on;
 * the last has one argument more since 4.18.
 */
typedef struct rpmPlugin_s *rpmPlugin;
struct rpmPluginHooks_s {
	rpmRC (*init)(rpmPlugin plugin, rpmts ts);
	void (*cleanup)(rpmPlugin plugin);
	rpmRC (*tsm_pre)(rpmPlugin plugin, rpmts ts);
	rpmRC (*tsm_post)(rpmPlugin plugin, rpmts ts, int res);
	rpmRC (*psm_pre)(rpmPlugin plugin, rpmte te);
	rpmRC (*psm_post)(rpmPlugin plugin, rpmte te, int res);
	void *scriptlet_pre, *scriptlet_fork_post, *scriptlet_post;
	void *fsm_file_pre, *fsm_file_post, *fsm_file_prepare;
};
const char *rpmPluginOpts(rpmPlugin plugin);
extern struct rpmPluginHooks_s hvcompat_hooks;

#define PACKAGES_MAX 64 /* parts of kernels in one transaction */
#define FIRST_FD 3      /* of the packages, in the program */
#define SECONDS_DEFAULT 300
#define SECONDS_MAX 86400
#define OUTPUT_MAX 16384
#define DEFAULT_HELPER "/usr/bin/hvcompat"

struct kernel_package {
	char name[256];
	int fd;
	unsigned long long device, inode, size; /* what was judged, for the second run of one transaction */
	long long changed;
};

struct gate {
	rpmts ts;
	struct kernel_package packages[PACKAGES_MAX];
	int count;
};

/* What was allowed last: dnf asks twice, for a test run and in earnest. */
static struct kernel_package judged[PACKAGES_MAX];
static int n_judged;

static int is_libdnf5(struct dl_phdr_info *info, size_t size, void *ctx)
{
	(void)size;
	(void)ctx;
	return info->dlpi_name && strstr(info->dlpi_name, "/libdnf5.so");
}

/*
 * dnf5 keeps what rpm logs in its own log, and tells of a refusal no more than that there was one: what it says is for the
 * terminal too, then.
 */
static void say(bool error, const char *line)
{
	rpmlog(error ? RPMLOG_ERR : RPMLOG_WARNING, "%s\n", line);
	if (dl_iterate_phdr(is_libdnf5, NULL))
		fprintf(stderr, "%s\n", line);
}

static void refuse(const char *what, const char *why)
{
	char line[1024];

	snprintf(line, sizeof(line), "hvcompat: %.300s: %.500s; it is not installed. Packages that are no kernels are not "
		 "affected; see hvcompat-rpm(8)", what, why);
	say(true, line);
}

/* Below lib/modules/RELEASE/ or boot/: the image itself, and not what is only made there later. */
static bool is_image(const char *path, bool ghost)
{
	static const char *const starts[] = { "vmlinuz", "vmlinux", "Image", "bzImage", "zImage", "image-" };
	const char *base = strrchr(path, '/');
	const char *modules = strstr(path, "/lib/modules/");

	if (ghost || !base)
		return false;
	if (strncmp(path, "/boot/", 6) != 0 && !modules)
		return false;
	/* Directly in the directory of the release. */
	if (modules && (!strchr(modules + 13, '/') || strchr(modules + 13, '/') != base))
		return false;
	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (strncmp(base + 1, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

/* 2: it holds an image; 1: some other part of a kernel; 0: neither. */
static int part_of(rpmte te)
{
	rpmfiles files = rpmteFiles(te);
	int count = rpmfilesFC(files), part = 0;

	for (int i = 0; i < count && part < 2; i++) {
		char *path = rpmfilesFN(files, i);

		if (path && is_image(path, rpmfilesFFlags(files, i) & RPMFILE_GHOST))
			part = 2;
		else if (path && (strncmp(path, "/lib/modules/", 13) == 0 || strncmp(path, "/usr/lib/modules/", 17) == 0))
			part = part > 1 ? part : 1;
		free(path);
	}
	rpmfilesFree(files);
	return part;
}

/* Whether some added package holds an image: else there is nothing to ask. */
static bool has_image(rpmts ts)
{
	rpmtsi it = rpmtsiInit(ts);
	bool found = false;
	rpmte te;

	while (!found && (te = rpmtsiNext(it, TR_ADDED)))
		found = part_of(te) == 2;
	rpmtsiFree(it);
	return found;
}

/* A descriptor of our own: the caller keeps one for all packages, and takes it back before it opens the next. */
static bool take_package(struct gate *g, rpmte te)
{
	struct kernel_package *p = &g->packages[g->count];
	FD_t fd = rpmtsNotify(g->ts, te, RPMCALLBACK_INST_OPEN_FILE, 0, 0);
	struct stat st;

	snprintf(p->name, sizeof(p->name), "%s", rpmteNEVRA(te));
	p->fd = fd && Fileno(fd) >= 0 ? fcntl(Fileno(fd), F_DUPFD_CLOEXEC, FIRST_FD + PACKAGES_MAX) : -1;
	if (fd)
		rpmtsNotify(g->ts, te, RPMCALLBACK_INST_CLOSE_FILE, 0, 0);
	if (p->fd < 0 || fstat(p->fd, &st) < 0) {
		refuse(p->name, "its package cannot be opened, so it cannot be judged");
		return false;
	}
	p->device = st.st_dev;
	p->inode = st.st_ino;
	p->size = (unsigned long long)st.st_size;
	p->changed = (long long)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec;
	g->count++;
	return true;
}

static bool take_packages(struct gate *g)
{
	rpmtsi it = rpmtsiInit(g->ts);
	bool good = true;
	rpmte te;

	while (good && (te = rpmtsiNext(it, TR_ADDED))) {
		if (part_of(te) == 0)
			continue;
		if (g->count == PACKAGES_MAX) {
			refuse(rpmteNEVRA(te), "there are more parts of kernels in one transaction than are judged at once");
			good = false;
		} else {
			good = take_package(g, te);
		}
	}
	rpmtsiFree(it);
	return good;
}

static bool same(const struct kernel_package *a, const struct kernel_package *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size && a->changed == b->changed;
}

static bool was_judged(const struct gate *g)
{
	for (int i = 0; i < g->count && g->count == n_judged; i++)
		if (!same(&g->packages[i], &judged[i]))
			return false;
	return g->count == n_judged;
}

/* --- the program ------------------------------------------------------------------------------ */

/* "helper=/usr/bin/hvcompat" among the words behind the path in the macro. */
static void find_helper(const char *options, char into[512])
{
	const char *at = options ? strstr(options, "helper=") : NULL;

	snprintf(into, 512, "%s", DEFAULT_HELPER);
	if (at)
		snprintf(into, 512, "%.*s", (int)strcspn(at + 7, " \t"), at + 7);
}

static int find_seconds(const char *options)
{
	const char *at = options ? strstr(options, "seconds=") : NULL;
	long n = at ? strtol(at + 8, NULL, 10) : 0;

	return n > 0 && n <= SECONDS_MAX ? (int)n : SECONDS_DEFAULT;
}

/* rpm blocks all signals and its children inherit that: the program must end by Ctrl-C. */
static int set_signals(posix_spawnattr_t *attr)
{
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	r = posix_spawnattr_setsigmask(attr, &none);
	if (r == 0)
		r = posix_spawnattr_setsigdefault(attr, &all);
	return r ? r : posix_spawnattr_setflags(attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

/* The packages from descriptor 3 on, its words into `out`, and nothing else of rpm's. */
static int set_files(posix_spawn_file_actions_t *actions, const struct gate *g, int out)
{
	int r = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);

	if (r == 0)
		r = posix_spawn_file_actions_adddup2(actions, out, 1);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(actions, out, 2);
	for (int i = 0; r == 0 && i < g->count; i++)
		r = posix_spawn_file_actions_adddup2(actions, g->packages[i].fd, FIRST_FD + i);
	return r ? r : posix_spawn_file_actions_addclosefrom_np(actions, FIRST_FD + g->count);
}

static int start(const struct gate *g, const char *helper, int out, pid_t *ret)
{
	char caller[32], paths[PACKAGES_MAX][32];
	const char *argv[8 + PACKAGES_MAX] = { helper, "host", "gate", "--from", "rpm", "--caller", caller };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int n = 7, r;

	snprintf(caller, sizeof(caller), "%ld", (long)getpid());
	for (int i = 0; i < g->count; i++) {
		snprintf(paths[i], sizeof(paths[i]), "/proc/self/fd/%d", FIRST_FD + i);
		argv[n++] = paths[i];
	}
	argv[n] = NULL;
	r = posix_spawn_file_actions_init(&actions);
	if (r)
		return r;
	r = posix_spawnattr_init(&attr);
	if (r == 0) {
		r = set_signals(&attr);
		if (r == 0)
			r = set_files(&actions, g, out);
		if (r == 0)
			r = posix_spawn(ret, helper, &actions, &attr, (char *const *)argv, environ);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

static long long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* What it says, up to its end; false when that is too late. What goes beyond the bound is read and dropped. */
static bool listen(int in, int seconds, char *text, size_t room)
{
	long long end = now() + seconds * 1000ll;
	size_t n = 0;

	for (;;) {
		struct pollfd p = { .fd = in, .events = POLLIN };
		long long left = end - now();
		char drop[512];
		ssize_t got;
		int ready = left > 0 ? poll(&p, 1, (int)left) : 0;

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			break;
		got = n + 1 < room ? read(in, text + n, room - 1 - n) : read(in, drop, sizeof(drop));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			text[n] = '\0';
			return got == 0;
		}
		if (n + 1 < room)
			n += (size_t)got;
	}
	text[n] = '\0';
	return false;
}

static void repeat(char *text, bool error)
{
	for (char *save = NULL, *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		say(error, line);
}

/* Who ignores that children end leaves nothing to wait for: it is heeded until then. */
static void heed_children(struct sigaction *before)
{
	const struct sigaction heed = { .sa_handler = SIG_DFL };

	if (sigaction(SIGCHLD, NULL, before) == 0 && (before->sa_handler == SIG_IGN || before->sa_flags & SA_NOCLDWAIT))
		sigaction(SIGCHLD, &heed, NULL);
}

/* How it ended; false: somebody else was told. */
static bool wait_for(pid_t pid, int *status)
{
	pid_t ended;

	while ((ended = waitpid(pid, status, 0)) < 0 && errno == EINTR)
		;
	return ended == pid;
}

static bool consents(const struct gate *g, const char *helper, int seconds)
{
	char text[OUTPUT_MAX], why[512];
	struct sigaction before = { 0 };
	bool in_time, told;
	int ends[2], status = 0, r;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0) {
		refuse(g->packages[0].name, strerror(errno));
		return false;
	}
	heed_children(&before);
	r = start(g, helper, ends[1], &pid);
	close(ends[1]);
	if (r) {
		sigaction(SIGCHLD, &before, NULL);
		close(ends[0]);
		snprintf(why, sizeof(why), "%.300s cannot be run (%s), so it cannot be judged", helper, strerror(r));
		refuse(g->packages[0].name, why);
		return false;
	}
	in_time = listen(ends[0], seconds, text, sizeof(text));
	close(ends[0]);
	if (!in_time)
		kill(-pid, SIGKILL);
	told = wait_for(pid, &status);
	sigaction(SIGCHLD, &before, NULL);
	repeat(text, !told || status != 0);
	if (told && status == 0 && in_time)
		return true;
	/* 1 and 3 have said why. */
	if (told && in_time && WIFEXITED(status) && (WEXITSTATUS(status) == 1 || WEXITSTATUS(status) == 3))
		return false;
	if (!told)
		snprintf(why, sizeof(why), "how %.300s ended was not told to rpm", helper);
	else if (!in_time)
		snprintf(why, sizeof(why), "%.300s gave no answer within %d seconds", helper, seconds);
	else if (WIFSIGNALED(status))
		snprintf(why, sizeof(why), "%.300s was ended by signal %d", helper, WTERMSIG(status));
	else
		snprintf(why, sizeof(why), "%.300s failed (status %d)", helper, WEXITSTATUS(status));
	refuse(g->packages[0].name, why);
	return false;
}

static rpmRC judge(struct gate *g, const char *options)
{
	char helper[512];

	if (!take_packages(g))
		return RPMRC_FAIL;
	if (was_judged(g))
		return RPMRC_OK;
	find_helper(options, helper);
	if (!consents(g, helper, find_seconds(options))) {
		n_judged = 0;
		return RPMRC_FAIL;
	}
	memcpy(judged, g->packages, sizeof(judged));
	n_judged = g->count;
	return RPMRC_OK;
}

/* Nothing boots by a change of the database alone; and another root is judged by its own administrator, unless asked. */
static bool concerns_us(rpmts ts, const char *options)
{
	const char *root = rpmtsRootDir(ts);

	if (rpmtsFlags(ts) & RPMTRANS_FLAG_JUSTDB)
		return false;
	return !root || !*root || strcmp(root, "/") == 0 || (options && strstr(options, "any-root"));
}

static rpmRC before_transaction(rpmPlugin plugin, rpmts ts)
{
	const char *options = rpmPluginOpts(plugin);
	struct gate g = { .ts = ts };
	rpmRC rc;

	if (!concerns_us(ts, options) || !has_image(ts))
		return RPMRC_OK;
	rc = judge(&g, options);
	for (int i = 0; i < g.count; i++)
		close(g.packages[i].fd);
	return rc;
}

struct rpmPluginHooks_s hvcompat_hooks = { .tsm_pre = before_transaction };

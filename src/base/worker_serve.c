/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The worker's own side: first it gives up its rights, then it looks at the first foreign byte. */
#include "base/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/confine.h"

#define DESCRIPTORS_MAX 1024

static bool write_all(int fd, const void *bytes, size_t n)
{
	for (const char *at = bytes; n > 0;) {
		ssize_t done = write(fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

static bool read_all(int fd, void *bytes, size_t n)
{
	for (char *at = bytes; n > 0;) {
		ssize_t done = read(fd, at, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		at += done;
		n -= (size_t)done;
	}
	return true;
}

/* The descriptor that a path names, itself or through one link, as hooks hand over files; else -1. */
static int descriptor_of(const char *path)
{
	static const char *const places[] = { "/proc/self/fd/", "/dev/fd/" };
	char target[64];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	const char *rest = NULL;

	for (size_t i = 0; !rest && i < ARRAY_SIZE(places); i++) {
		rest = startswith(path, places[i]);
		if (!rest && n > 0) {
			target[n] = '\0';
			rest = startswith(target, places[i]);
		}
	}
	return rest && *rest >= '0' && *rest <= '9' ? atoi(rest) : -1;
}

static void close_others(int fd, const char *const *paths)
{
	bool keep[DESCRIPTORS_MAX] = { [0] = true, [1] = true, [2] = true };

	if (fd < DESCRIPTORS_MAX)
		keep[fd] = true;
	for (size_t i = 0; paths[i]; i++) {
		int named = descriptor_of(paths[i]);

		if (named >= 0 && named < DESCRIPTORS_MAX)
			keep[named] = true;
	}
	for (int i = 0; i < DESCRIPTORS_MAX; i++)
		if (!keep[i])
			close(i);
	/* Higher ones are rare; a kernel before 5.9 has no way but to try each. */
	close_range(DESCRIPTORS_MAX > fd ? DESCRIPTORS_MAX : (unsigned)fd + 1, ~0u, 0);
}

static void silence(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int i = 0; null >= 0 && i < 3; i++)
		dup2(null, i);
	if (null > 2)
		close(null);
}

static void forget_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		signal(i, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Nobody waits for an answer then. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

int worker_confine(int fd, const char *const *paths, struct error *err)
{
	int r;

	forget_signals();
	silence();
	close_others(fd, paths);
	r = confine(paths, err);
	return r < 0 ? r : 0;
}

void worker_say(struct wire *answer, struct error *err)
{
	answer->out->len = 0;
	wire_error(answer, err);
}

void worker_reply(int fd, struct buf *said)
{
	uint64_t n = said->len;

	if (!write_all(fd, &n, sizeof(n)) || !write_all(fd, said->text, said->len))
		_exit(0);
	said->len = 0;
}

uint8_t *worker_next(int fd, struct wire *request)
{
	_cleanup_(freep) uint8_t *bytes = NULL;
	uint64_t n;

	if (!read_all(fd, &n, sizeof(n)) || n > WORKER_MESSAGE_MAX)
		return NULL;
	bytes = xmalloc((size_t)n);
	if (!read_all(fd, bytes, (size_t)n))
		return NULL;
	*request = (struct wire){ .in = bytes, .left = (size_t)n };
	return TAKE_PTR(bytes);
}

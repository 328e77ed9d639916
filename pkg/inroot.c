/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/inroot.h"
#include "pkg/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* The directories from the root down to where we are; [0] is the root. */
struct walk {
	int fds[PKG_TREE_DEPTH + 1];
	size_t depth;
	unsigned hops;
	char todo[PKG_PATH_MAX + 1]; /* what is left of the path */
};

static void walk_done(struct walk *w)
{
	while (w->depth > 0)
		close(w->fds[w->depth--]);
}

/* The next component, cut off `todo`. False: there is none. */
static bool walk_component(struct walk *w, char ret[PKG_PATH_MAX + 1], bool *ret_last)
{
	char *p = w->todo + strspn(w->todo, "/");
	size_t n = strcspn(p, "/");

	if (n == 0)
		return false;
	memcpy(ret, p, n);
	ret[n] = '\0';
	p += n + strspn(p + n, "/");
	*ret_last = *p == '\0';
	memmove(w->todo, p, strlen(p) + 1);
	return true;
}

/* Puts a link's target before what is left to walk. */
static int walk_link(struct walk *w, const char *name)
{
	char target[PKG_PATH_MAX + 1];
	ssize_t n = readlinkat(w->fds[w->depth], name, target, PKG_PATH_MAX);
	size_t rest = strlen(w->todo);

	if (n < 0)
		return -errno;
	target[n] = '\0';
	if (++w->hops > PKG_LINK_HOPS)
		return -ELOOP;
	if ((size_t)n + 1 + rest > PKG_PATH_MAX)
		return -ENAMETOOLONG;
	memmove(w->todo + n + 1, w->todo, rest + 1);
	memcpy(w->todo, target, (size_t)n);
	w->todo[n] = '/';
	if (target[0] == '/')
		walk_done(w);
	return 0;
}

static int walk_down(struct walk *w, const char *name)
{
	int fd = openat(w->fds[w->depth], name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP)) {
		/*
		 * Not a directory: a link to one, or an error that readlinkat() cannot tell from "not a
		 * link".
		 */
		int r = walk_link(w, name);

		return r == -EINVAL ? -ENOTDIR : r;
	}
	if (fd < 0)
		return -errno;
	if (w->depth == PKG_TREE_DEPTH) {
		close(fd);
		return -E2BIG;
	}
	w->fds[++w->depth] = fd;
	return 0;
}

/* To open a device or a fifo may already do something: rewind a tape, start a watchdog, wake a writer. */
static bool is_special(const struct walk *w, const char *name)
{
	struct stat st;

	return fstatat(w->fds[w->depth], name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode) &&
	       !S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode);
}

/* The last component: a descriptor, or 0 with a link's target put on `todo`. */
static int walk_last(struct walk *w, const char *name, int flags, int *ret_fd)
{
	int fd, code, r;

	if (is_special(w, name))
		return -EOPNOTSUPP;
	fd = openat(w->fds[w->depth], name, flags | O_NOFOLLOW);
	code = errno;
	if (fd >= 0) {
		*ret_fd = fd;
		return 0;
	}
	/* With O_DIRECTORY a link is ENOTDIR. */
	if (code != ELOOP && code != ENOTDIR)
		return -code;
	r = walk_link(w, name);
	return r == -EINVAL ? -code : r;
}

static int walk_step(struct walk *w, int flags, int *ret_fd)
{
	char name[PKG_PATH_MAX + 1];
	bool last;

	if (!walk_component(w, name, &last)) {
		/* A path that ends in a directory already walked into: "..", or a link to "/". */
		*ret_fd = openat(w->fds[w->depth], ".", flags);
		return *ret_fd < 0 ? -errno : 0;
	}
	if (streq(name, "."))
		return 0;
	if (streq(name, "..")) {
		if (w->depth > 0)
			close(w->fds[w->depth--]);
		return 0;
	}
	return last ? walk_last(w, name, flags, ret_fd) : walk_down(w, name);
}

int inroot_open(int root, const char *path, int flags)
{
	struct walk w = { .fds = { root } };
	int fd = -1, r = 0;

	if (strlen(path) > PKG_PATH_MAX)
		return -ENAMETOOLONG;
	snprintf(w.todo, sizeof(w.todo), "%s", path);
	while (r == 0 && fd < 0)
		r = walk_step(&w, flags | O_CLOEXEC, &fd);
	walk_done(&w);
	return r < 0 ? r : fd;
}

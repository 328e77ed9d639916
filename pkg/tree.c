/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/format.h"
#include "pkg/inroot.h"
#include "pkg/path.h"
#include "pkg/stream.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/fs.h"

/* A fifo in place of a file must not hang the open. */
#define OPEN_FILE (O_RDONLY | O_NONBLOCK | O_NOCTTY)
#define OPEN_DIR  (O_RDONLY | O_DIRECTORY)

static void closedirp(DIR **d)
{
	if (*d)
		closedir(*d);
}

static int tree_error(const char *path, int code, struct error *err)
{
	return error_set(err, code, "%s: %s", path[0] ? path : ".", strerror(code));
}

static int list_link(struct package *p, int dir, const char *name, struct member *m, struct error *err)
{
	struct body b = { .offset = MEMBER_SIZE_UNKNOWN };
	char target[PKG_PATH_MAX + 1];
	ssize_t n = readlinkat(dir, name, target, PKG_PATH_MAX);

	if (n < 0)
		return tree_error(m->path, errno, err);
	m->target = package_string(p, target, (size_t)n);
	return package_add(p, m, &b, err);
}

static int list_dir(struct package *p, int fd, const char *path, unsigned depth, struct error *err);

static int list_one(struct package *p, int dir, const char *path, const char *name, unsigned depth,
		    struct error *err)
{
	struct member m = { 0 };
	struct body b = { .offset = MEMBER_SIZE_UNKNOWN };
	char whole[PKG_PATH_MAX + 1];
	struct stat st;
	int n, fd;

	n = snprintf(whole, sizeof(whole), "%s%s%s", path, path[0] ? "/" : "", name);
	if (n < 0 || (size_t)n >= sizeof(whole))
		return tree_error(path, ENAMETOOLONG, err);
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return tree_error(whole, errno, err);
	if (S_ISDIR(st.st_mode)) {
		fd = openat(dir, name, OPEN_DIR | O_NOFOLLOW | O_CLOEXEC);
		return fd < 0 ? tree_error(whole, errno, err) : list_dir(p, fd, whole, depth + 1, err);
	}
	if (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))
		return 0;
	m.path = package_string(p, whole, (size_t)n);
	m.size = (uint64_t)st.st_size;
	return S_ISLNK(st.st_mode) ? list_link(p, dir, name, &m, err) : package_add(p, &m, &b, err);
}

/* Lists a directory and all below it; closes `fd`. */
static int list_dir(struct package *p, int fd, const char *path, unsigned depth, struct error *err)
{
	_cleanup_(closedirp) DIR *d = fdopendir(fd);
	struct dirent *e;
	int r = 0;

	if (!d) {
		close(fd);
		return tree_error(path, ENOMEM, err);
	}
	if (depth > PKG_TREE_DEPTH)
		return error_set(err, E2BIG, "%s: more than %d directories below each other", path,
				 PKG_TREE_DEPTH);
	while (r == 0 && (e = fs_next(d, path, &r, err)))
		if (!streq(e->d_name, ".") && !streq(e->d_name, ".."))
			r = list_one(p, dirfd(d), path, e->d_name, depth, err);
	return r;
}

/* The roots that were listed, by their identity: with merged /usr two names lead to one directory. */
struct roots {
	struct stat *seen;
	size_t n;
};

static bool root_new(struct roots *roots, int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return true;
	for (size_t i = 0; i < roots->n; i++)
		if (roots->seen[i].st_dev == st.st_dev && roots->seen[i].st_ino == st.st_ino)
			return false;
	ARRAY_GROW(roots->seen, roots->n);
	roots->seen[roots->n++] = st;
	return true;
}

static int list_root(struct package *p, const char *root, struct roots *roots, struct error *err)
{
	char path[PKG_PATH_MAX + 1];
	int fd;

	if (!path_clean(root, strlen(root), path))
		return tree_error(root, EINVAL, err);
	fd = inroot_open(p->fd, path, OPEN_DIR);
	if (fd == -ENOENT || fd == -ENOTDIR)
		return 0;
	if (fd < 0)
		return tree_error(path, -fd, err);
	if (!root_new(roots, fd)) {
		close(fd);
		return 0;
	}
	return list_dir(p, fd, path, 0, err);
}

static int list_roots(struct package *p, const char *const *root, bool *ret_any, struct error *err)
{
	struct roots roots = { 0 };
	int r = 0;

	for (; root && *root && r == 0; root++)
		r = list_root(p, *root, &roots, err);
	*ret_any = roots.n > 0;
	free(roots.seen);
	return r;
}

static int tree_open(struct package *p, const struct package_options *options, struct error *err)
{
	bool any;
	int r, fd;

	p->info.format = PACKAGE_TREE;
	r = list_roots(p, options->roots, &any, err);
	if (r < 0 || any)
		return r;
	fd = openat(p->fd, ".", OPEN_DIR | O_CLOEXEC);
	return fd < 0 ? tree_error("", errno, err) : list_dir(p, fd, "", 0, err);
}

struct tree_job {
	struct package *package;
	struct wants *wants;
	struct want **order;
};

static int tree_deliver(struct package *p, struct wants *w, struct want *want, struct error *err)
{
	_cleanup_(closep) int fd = inroot_open(p->fd, want->path, OPEN_FILE);
	struct region file = { .fd = fd, .what = want->path };
	struct stat st;

	if (fd == -EOPNOTSUPP)
		return error_set(err, EOPNOTSUPP, "it is not, or leads to no, file");
	if (fd < 0)
		return error_set(err, fd, "opening it inside the tree: %s", strerror(-fd));
	if (fstat(fd, &st) < 0)
		return error_set(err, errno, "%s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(err, S_ISDIR(st.st_mode) ? EISDIR : EOPNOTSUPP,
				 "it is not, or leads to no, file");
	file.size = (uint64_t)st.st_size;
	stream_deliver(&file, w, want);
	return 0;
}

static void tree_work(void *ctx, size_t i)
{
	struct tree_job *job = ctx;
	struct want *want = job->order[i];
	struct error err = { 0 };

	if (tree_deliver(job->package, job->wants, want, &err) < 0)
		want_finish(job->wants, want, &err);
}

static int size_compare(const void *a, const void *b)
{
	const struct want *const *x = a, *const *y = b;

	return (*x)->size > (*y)->size ? -1 : (*x)->size < (*y)->size;
}

/* The largest first: its sink has the most to do. */
static void tree_read(struct package *p, struct wants *w)
{
	struct tree_job job = { p, w, xcalloc(w->n, sizeof(*job.order)) };

	for (size_t i = 0; i < w->n; i++)
		job.order[i] = &w->items[i];
	qsort(job.order, w->n, sizeof(*job.order), size_compare);
	run_jobs(p->threads, w->n, tree_work, &job);
	free(job.order);
}

const struct format format_tree = {
	.name = "tree",
	.open = tree_open,
	.read = tree_read,
	.follows = true,
};

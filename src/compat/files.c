/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/fs.h"

#define FILES_MAX 2000
#define FILE_SIZE_MAX ((size_t)1 << 20)

static const char *const kind_dirs[SOURCE_KINDS] = {
	[SOURCE_INTERFACE] = "interfaces",
	[SOURCE_HYPERVISOR] = "hypervisors",
	[SOURCE_USERSPACE] = "userspace",
};

static void source_done(struct source *s)
{
	free(s->path);
	free(s->key);
	free(s->name);
	free(s->bytes);
}

void source_list_done(struct source_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		source_done(&list->sources[i]);
	free(list->sources);
	*list = (struct source_list){ 0 };
}

static void closedirp(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* One directory being listed. */
struct listing {
	struct source_list *list;
	enum source_kind kind;
	size_t dir;
	const char *top; /* the kind's directory */
};

static int add_file(const struct listing *l, const char *key, struct error *err)
{
	const char *base = path_base(key);
	struct source_list *list = l->list;

	if (list->count >= FILES_MAX)
		return error_set(err, E2BIG,
				 "%s: more than %d files of knowledge; is this the right directory?", l->top,
				 FILES_MAX);
	ARRAY_GROW(list->sources, list->count);
	list->sources[list->count++] = (struct source){
		.kind = l->kind,
		.dir = l->dir,
		.key = xstrdup(key),
		.path = xasprintf("%s/%s", l->top, key),
		.name = xstrndup(base, strlen(base) - strlen(".yaml")),
	};
	return 0;
}

static int list_dir(const struct listing *l, const char *below, struct error *err);

static int list_entry(const struct listing *l, const char *below, const char *name, struct error *err)
{
	_cleanup_(freep) char *key = below ? xasprintf("%s/%s", below, name) : xstrdup(name);

	if (name[0] == '.')
		return 0;
	if (endswith(name, ".yaml"))
		return add_file(l, key, err);
	if (!below && endswith(name, ".yaml.d"))
		return list_dir(l, key, err);
	return 0;
}

static int list_dir(const struct listing *l, const char *below, struct error *err)
{
	_cleanup_(freep) char *path = below ? xasprintf("%s/%s", l->top, below) : xstrdup(l->top);
	_cleanup_(closedirp) DIR *d = opendir(path);
	struct dirent *e;
	int r = 0;

	if (!d && errno == ENOENT)
		return 0;
	if (!d)
		return error_set(err, errno, "%s: cannot list: %s", path, strerror(errno));
	while (r == 0 && (e = fs_next(d, path, &r, err)))
		r = list_entry(l, below, e->d_name, err);
	return r;
}

static int list_kinds(const char *dir, size_t index, struct source_list *list, struct error *err)
{
	for (unsigned kind = 0; kind < SOURCE_KINDS; kind++) {
		_cleanup_(freep) char *top = xasprintf("%s/%s", dir, kind_dirs[kind]);
		struct listing l = { .list = list, .kind = kind, .dir = index, .top = top };
		int r = list_dir(&l, NULL, err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int by_kind_key_dir(const void *a, const void *b)
{
	const struct source *x = a, *y = b;
	int order;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	order = strcmp(x->key, y->key);
	if (order)
		return order;
	return x->dir < y->dir ? -1 : x->dir > y->dir;
}

/* Of files of one key, which sorting put side by side, keeps the one of the highest directory. */
static void drop_replaced(struct source_list *list)
{
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		struct source *s = &list->sources[i];
		const struct source *next = i + 1 < list->count ? s + 1 : NULL;

		if (next && next->kind == s->kind && streq(next->key, s->key))
			source_done(s);
		else
			list->sources[kept++] = *s;
	}
	list->count = kept;
}

int source_list_fill(const char *const *dirs, struct source_list *ret, struct error *err)
{
	_cleanup_(source_list_done) struct source_list list = { 0 };

	for (size_t i = 0; dirs[i]; i++) {
		int r = list_kinds(dirs[i], i, &list, err);

		if (r < 0)
			return r;
	}
	if (list.count > 0)
		qsort(list.sources, list.count, sizeof(*list.sources), by_kind_key_dir);
	drop_replaced(&list);
	*ret = list;
	list = (struct source_list){ 0 };
	return 0;
}

/* Reads what fstat() said there is; a file that shrinks or grows meanwhile is being written, and not to be
 * trusted. */
static int read_all(int fd, struct source *s, size_t size, struct error *err)
{
	s->bytes = xmalloc(size + 1);
	while (s->size < size + 1) {
		ssize_t n = read(fd, s->bytes + s->size, size + 1 - s->size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, errno, "%s: cannot read: %s", s->path, strerror(errno));
		if (n == 0)
			break;
		s->size += (size_t)n;
	}
	if (s->size != size)
		return error_set(err, EAGAIN, "%s: changed while it was read; try again", s->path);
	return 0;
}

static bool is_null_device(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
}

int source_read(struct source *s, struct error *err)
{
	/* Not to hang on a FIFO. */
	_cleanup_(closep) int fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(err, errno, "%s: cannot open: %s", s->path, strerror(errno));
	if (is_null_device(&st)) {
		s->masked = true;
		return 0;
	}
	if (!S_ISREG(st.st_mode))
		return error_set(err, ENODEV, "%s: is not a regular file", s->path);
	if (st.st_size > (off_t)FILE_SIZE_MAX)
		return error_set(err, E2BIG, "%s: larger than %zu bytes; no file of knowledge is", s->path,
				 FILE_SIZE_MAX);
	if (st.st_size == 0) {
		s->masked = true;
		return 0;
	}
	return read_all(fd, s, (size_t)st.st_size, err);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/format.h"
#include "pkg/path.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

#define AR_MAGIC  "!<arch>\n"
#define RPM_MAGIC "\xed\xab\xee\xdb"
#define MAGIC_MAX 8

struct package *package_free(struct package *p)
{
	if (!p)
		return NULL;
	if (p->format && p->format->free)
		p->format->free(p);
	package_forget(p);
	free(p->info.requires);
	free(p->info.provides);
	free(p->info.provides_versions);
	closep(&p->fd);
	package_free_strings(p);
	free(p);
	return NULL;
}

/* Whether the file begins like `magic`, as far as it goes: a stump of a package is no bare file. */
static bool begins(const uint8_t *head, size_t n, const char *magic)
{
	size_t m = strlen(magic);

	return memcmp(head, magic, n < m ? n : m) == 0;
}

static int format_of_file(struct package *p, const struct format **ret, struct error *err)
{
	uint8_t head[MAGIC_MAX];
	size_t n = p->file.size < sizeof(head) ? (size_t)p->file.size : sizeof(head);
	int r;

	if (n == 0)
		return error_set(err, EBADMSG, "is empty");
	r = region_read(&p->file, 0, head, n, err);
	if (r < 0)
		return r;
	*ret = begins(head, n, AR_MAGIC)    ? &format_deb
	       : begins(head, n, RPM_MAGIC) ? &format_rpm
					    : &format_file;
	return 0;
}

static int package_tell(struct package *p, struct error *err)
{
	struct stat st;

	/* O_NONBLOCK: a fifo must not hang. Files and directories do not heed it. */
	p->fd = open(p->info.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (p->fd < 0)
		return error_set(err, errno, "%s", strerror(errno));
	if (fstat(p->fd, &st) < 0)
		return error_set(err, errno, "%s", strerror(errno));
	p->file = (struct region){ .fd = p->fd, .size = (uint64_t)st.st_size, .what = "the file" };
	if (S_ISDIR(st.st_mode))
		p->format = &format_tree;
	else if (S_ISREG(st.st_mode))
		return format_of_file(p, &p->format, err);
	else
		return error_set(err, EOPNOTSUPP, "is neither a file nor a directory");
	return 0;
}

static unsigned threads_default(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n < (long)PKG_THREADS_DEFAULT_MAX ? (unsigned)n : PKG_THREADS_DEFAULT_MAX;
}

static int package_load(struct package *p, const struct package_options *options, struct error *err)
{
	static const struct package_options defaults;
	int r;

	if (!options)
		options = &defaults;
	p->threads = options->threads ? options->threads : threads_default();
	p->verify = options->verify;
	r = package_tell(p, err);
	if (r < 0)
		return r;
	r = p->format->open(p, options, err);
	if (r < 0)
		return r;
	if (!p->info.requires)
	p->info.requires = xcalloc(1, sizeof(char *));
	if (!p->info.provides)
		p->info.provides = xcalloc(1, sizeof(char *));
	if (!p->info.provides_versions)
		p->info.provides_versions = xcalloc(1, sizeof(char *));
	return package_sort(p, err);
}

int package_open(const char *path, const struct package_options *options, struct package **ret,
		 struct error *err)
{
	_cleanup_(package_freep) struct package *p = xcalloc(1, sizeof(*p));
	int r;

	p->fd = -1;
	p->info.path = package_string(p, path, strlen(path));
	r = package_load(p, options, err);
	if (r < 0) {
		error_prefix(err, "%s", path);
		return r;
	}
	*ret = TAKE_PTR(p);
	return 0;
}

const struct package_info *package_info(const struct package *p)
{
	return &p->info;
}

int package_list_all(struct package *p, struct error *err)
{
	int r;

	if (!p->format->list_all)
		return 0;
	r = p->format->list_all(p, err);
	if (r < 0)
		error_prefix(err, "%s", p->info.path);
	return r;
}

static int resolve_error(int code, const char *path, const char *why, struct error *err)
{
	return error_set(err, code, "as a symbolic link it leads to %s, %s", path, why);
}

/* Replaces the first directory of `path` that is itself a link of the list. False: there is none. */
static bool resolve_directory(const struct package *p, char path[PKG_PATH_MAX + 1], bool *ret_long)
{
	char joined[PKG_PATH_MAX + 1];
	size_t n, rest;
	ssize_t i;

	for (char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		i = package_find(p, path);
		*slash = '/';
		if (i < 0 || !p->members[i].target)
			continue;
		*ret_long = !path_join(p->members[i].path, p->members[i].target, joined);
		n = strlen(joined);
		slash += n == 0; /* a link to the root: no slash between */
		rest = strlen(slash);
		*ret_long |= n + rest > PKG_PATH_MAX;
		if (!*ret_long) {
			memmove(path + n, slash, rest + 1);
			memcpy(path, joined, n);
		}
		return true;
	}
	return false;
}

/* Follows links among the members until one is a file. */
static int package_resolve(const struct package *p, size_t member, size_t *ret, struct error *err)
{
	char path[PKG_PATH_MAX + 1];
	ssize_t i = (ssize_t)member;
	bool too_long = false;

	for (unsigned hops = 0; hops < PKG_LINK_HOPS; hops++) {
		if (i >= 0 && !p->members[i].target) {
			*ret = (size_t)i;
			return 0;
		}
		if (i >= 0)
			too_long = !path_join(p->members[i].path, p->members[i].target, path);
		else if (!resolve_directory(p, path, &too_long))
			return resolve_error(ENOENT, path, "which the package does not hold", err);
		if (too_long)
			return resolve_error(ENAMETOOLONG, path, "which is too long", err);
		i = package_find(p, path);
	}
	return resolve_error(ELOOP, p->members[member].target, "and so on in a circle", err);
}

static void want_fill(const struct package *p, size_t member, struct want *want)
{
	const struct body *b = &p->bodies[member];

	want->path = b->path ? b->path : p->members[member].path;
	want->size = p->members[member].size;
	want->digest = b->digest;
	want->hash = p->hash;
}

static void wants_fill(const struct package *p, struct member_read *reads, size_t n, struct wants *w)
{
	for (size_t i = 0; i < n; i++) {
		struct error err = { 0 };
		size_t member = reads[i].member;
		int r = 0;

		error_clear(&reads[i].error);
		reads[i].result = 0;
		if (member >= p->n)
			r = error_set(&err, EINVAL, "there is no member %zu, only %zu", member, p->n);
		else if (!p->format->follows)
			r = package_resolve(p, member, &member, &err);
		if (r < 0) {
			reads[i].result = r;
			reads[i].error = err;
			continue;
		}
		want_fill(p, member, &w->items[w->n]);
		w->items[w->n].read = &reads[i];
		w->items[w->n++].home = HOME_UNKNOWN;
	}
}

static void wants_done(struct wants *w)
{
	for (size_t i = 0; i < w->n; i++) {
		free(w->items[i].hard);
		free(w->items[i].linked);
	}
	free(w->items);
	pthread_mutex_destroy(&w->lock);
}

static int reads_result(const struct package *p, struct member_read *reads, size_t n, struct error *err)
{
	int r = 0;

	for (size_t i = 0; i < n; i++) {
		if (reads[i].result == 0)
			continue;
		/* A bare file is its own only member, and named once. */
		if (reads[i].member < p->n && p->format != &format_file)
			error_prefix(&reads[i].error, "%s", p->members[reads[i].member].path);
		error_prefix(&reads[i].error, "%s", p->info.path);
		if (r == 0)
			r = error_set(err, reads[i].result, "%s", reads[i].error.text);
	}
	return r;
}

int package_read(struct package *p, struct member_read *reads, size_t n, struct error *err)
{
	struct wants w = { .verify = p->verify, .lock = PTHREAD_MUTEX_INITIALIZER };

	w.items = xcalloc(n, sizeof(*w.items));
	wants_fill(p, reads, n, &w);
	wants_sort(&w);
	if (w.n > 0)
		p->format->read(p, &w);
	wants_done(&w);
	return reads_result(p, reads, n, err);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gate/apt_files.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>

#include "base/fs.h"
#include "pkg/inroot.h"

#define FILE_BYTES_MAX (1u << 20)
#define FILES_MAX 1000

struct reading {
	int root;
	const char *end;
	void (*take)(void *ctx, const char *path, const char *text);
	void *ctx;
};

/* What is not there, or no file, apt passes over. */
static int read_file(const struct reading *r, const char *path, struct error *err)
{
	_cleanup_(closep) int fd = inroot_open(r->root, path, O_RDONLY | O_CLOEXEC);
	_cleanup_(freep) char *by_number = xasprintf("/proc/self/fd/%d", fd), *text = NULL;
	struct error why = { 0 };
	int code = fd < 0 ? fd : fs_read(by_number, FILE_BYTES_MAX, &text, NULL, &why);

	if (fd == -ENOENT || fd == -EOPNOTSUPP || code == -EINVAL)
		return 0;
	if (code < 0)
		return error_set(err, code, "%s: %s", path, strerror(-code));
	r->take(r->ctx, path, text);
	return 0;
}

static bool name_counts(const char *name, const char *end)
{
	const char *dot = strrchr(name, '.');

	if (*name == '.' || (dot && !streq(dot + 1, end)))
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("-_.", *name))
			return false;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Closes `fd`. */
static int list(const struct reading *r, int fd, const char *path, struct strings *names, struct error *err)
{
	struct dirent *entry;
	DIR *dir = fdopendir(fd);
	int code = 0;

	if (!dir) {
		code = error_set(err, errno, "%s: %s", path, strerror(errno));
		close(fd);
		return code;
	}
	while (code == 0 && (entry = fs_next(dir, path, &code, err))) {
		if (!name_counts(entry->d_name, r->end))
			continue;
		if (names->n == FILES_MAX)
			code = error_set(err, E2BIG, "%s: more than %d files", path, FILES_MAX);
		else
			strings_add(names, xasprintf("%s/%s", path, entry->d_name));
	}
	closedir(dir);
	if (names->n)
		qsort(names->items, names->n, sizeof(*names->items), by_name);
	return code;
}

static int read_place(const struct reading *r, const char *path, struct error *err)
{
	_cleanup_(strings_done) struct strings names = { 0 };
	int fd = inroot_open(r->root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), code;

	if (fd == -ENOTDIR)
		return read_file(r, path, err);
	if (fd < 0)
		return fd == -ENOENT || fd == -EOPNOTSUPP ? 0 : error_set(err, fd, "%s: %s", path, strerror(-fd));
	code = list(r, fd, path, &names, err);
	for (size_t i = 0; code == 0 && i < names.n; i++)
		code = read_file(r, names.items[i], err);
	return code;
}

int apt_files_read(const char *root, const char *const *places, const char *end,
		   void (*take)(void *ctx, const char *path, const char *text), void *ctx, struct error *err)
{
	_cleanup_(closep) int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct reading r = { .root = dir, .end = end, .take = take, .ctx = ctx };
	int code = 0;

	if (dir < 0)
		return error_set(err, errno, "%s: %s", root, strerror(errno));
	for (; code == 0 && *places; places++) {
		_cleanup_(freep) char *path = xasprintf("etc/apt/%s", *places);

		code = read_place(&r, path, err);
	}
	if (code < 0)
		error_prefix(err, "%s", root);
	return code;
}

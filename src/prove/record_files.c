/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prove/record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "base/fs.h"

#define FILE_BYTES_MAX ((size_t)4 << 20)
#define FILES_MAX 100000
#define ATTEMPTS_MAX 9999
#define SHORT 16 /* digits of a digest in a file name */

int record_read(const char *path, bool console, struct record **ret, struct error *err)
{
	_cleanup_(freep) char *text = NULL;
	size_t n;
	int r = fs_read(path, FILE_BYTES_MAX, &text, &n, err);

	return r < 0 ? r : record_parse(path, text, n, console, ret, err);
}

static char *file_name(const struct record *r, unsigned attempt)
{
	return xasprintf("%.*s-%s-%s-%.*s-%u.json", SHORT, r->kernel, r->family, r->recipe, SHORT, r->recipe_digest, attempt);
}

char *record_path(const struct record *r, const char *dir)
{
	_cleanup_(freep) char *name = file_name(r, r->attempt);

	return xasprintf("%s/%s", dir, name);
}

int record_write(struct record *r, const char *dir, char **ret_path, struct error *err)
{
	_cleanup_(closep) int lock = -1;
	int q = fs_make_dir(dir, err);

	/* Whoever else proves this kernel at the same time must not take the same number. */
	if (q == 0) {
		lock = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (lock < 0 || flock(lock, LOCK_EX) < 0)
			return error_set(err, errno, "%s: cannot be locked: %m", dir);
	}
	for (unsigned attempt = 1; q == 0 && attempt <= ATTEMPTS_MAX; attempt++) {
		_cleanup_(freep) char *name = file_name(r, attempt), *path = xasprintf("%s/%s", dir, name), *text = NULL;

		if (fs_exists(path))
			continue;
		r->attempt = attempt;
		text = record_print(r);
		q = fs_write(path, text, strlen(text), err);
		if (q == 0 && ret_path)
			*ret_path = TAKE_PTR(path);
		return q;
	}
	return q < 0 ? q : error_set(err, E2BIG, "%s: holds %d records of recipe %s and this kernel: clear it out", dir, ATTEMPTS_MAX,
				     r->recipe);
}

void record_list_done(struct record_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		record_free(list->records[i]);
	free(list->records);
	*list = (struct record_list){ 0 };
}

static int by_number(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

static int list_names(const char *dir, const char *digest, struct strings *names, struct error *err)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int r = 0;

	if (!d)
		return error_set(err, errno, "%s: cannot list the records: %s", dir, strerror(errno));
	while (names->n <= FILES_MAX && (e = fs_next(d, dir, &r, err)))
		if (e->d_name[0] != '.' && endswith(e->d_name, ".json") &&
		    (!digest || strncmp(e->d_name, digest, SHORT) == 0))
			strings_add(names, xstrdup(e->d_name));
	closedir(d);
	if (r < 0)
		return r;
	if (names->n > FILES_MAX)
		return error_set(err, E2BIG, "%s: more than %d records; is this the right directory?", dir, FILES_MAX);
	/* The tenth attempt comes behind the ninth. */
	if (names->n > 0)
		qsort(names->items, names->n, sizeof(names->items[0]), by_number);
	return 0;
}

/* What a file is called must be what it holds, or a copy of it would count as a boot of something else. */
static int check_name(const struct record *r, const char *path, struct error *err)
{
	_cleanup_(freep) char *name = file_name(r, r->attempt);

	if (streq(path_base(path), name))
		return 0;
	return error_set(err, EBADMSG, "%s: holds the record that belongs in %s; remove it, or give it its name", path, name);
}

int record_load(const char *dir, const char *digest, struct record_list *ret, struct error *err)
{
	_cleanup_(record_list_done) struct record_list list = { 0 };
	_cleanup_(strings_done) struct strings names = { 0 };
	int r = list_names(dir, digest, &names, err);

	for (size_t i = 0; r == 0 && i < names.n; i++) {
		_cleanup_(freep) char *path = xasprintf("%s/%s", dir, names.items[i]);
		_cleanup_(record_freep) struct record *one = NULL;

		r = record_read(path, false, &one, err);
		if (r == 0)
			r = check_name(one, path, err);
		if (r < 0 || (digest && !streq(one->kernel, digest)))
			continue;
		ARRAY_GROW(list.records, list.count);
		list.records[list.count++] = TAKE_PTR(one);
	}
	if (r < 0)
		return r;
	*ret = list;
	list = (struct record_list){ 0 };
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/fs.h"
#include "compat/files.h"

#define PARTS_MAX 256

static void part_done(struct part *p)
{
	free(p->file);
	free(p->bytes);
	p->places = places_free(p->places);
}

void parts_done(struct parts *parts)
{
	for (size_t i = 0; i < parts->n_parts; i++)
		part_done(&parts->parts[i]);
	free(parts->parts);
	*parts = (struct parts){ 0 };
}

/* A drop-in of a name that is there already replaces that one: directories come lowest precedence first. */
static int parts_add(struct parts *parts, char *file, struct error *err)
{
	for (size_t i = 1; i < parts->n_parts; i++) {
		if (!streq(path_base(parts->parts[i].file), path_base(file)))
			continue;
		free(parts->parts[i].file);
		parts->parts[i].file = file;
		return 0;
	}
	if (parts->n_parts == PARTS_MAX) {
		error_set(err, E2BIG, "%s: a policy of more than %d files; put them together", file,
			  PARTS_MAX);
		free(file);
		return -E2BIG;
	}
	ARRAY_GROW(parts->parts, parts->n_parts);
	parts->parts[parts->n_parts++] = (struct part){ .file = file };
	return 0;
}

static int parts_add_dir(struct parts *parts, const char *dir, struct error *err)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	int r = 0;

	if (!d && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (!d)
		return error_set(err, errno, "%s: cannot be opened: %m", dir);
	while (r == 0 && (entry = fs_next(d, dir, &r, err)))
		if (entry->d_name[0] != '.' && endswith(entry->d_name, ".yaml"))
			r = parts_add(parts, xasprintf("%s/%s", dir, entry->d_name), err);
	closedir(d);
	return r;
}

static int part_compare(const void *a, const void *b)
{
	const struct part *x = a, *y = b;

	return strcmp(path_base(x->file), path_base(y->file));
}

/* Reads one file. Takes over nothing; a mask leaves `bytes` NULL. */
static int part_read(struct part *p, struct error *err)
{
	struct source source = { .path = p->file };
	int r = source_read(&source, err);

	if (r < 0) {
		free(source.bytes);
		return r;
	}
	p->bytes = source.bytes;
	p->n = source.size;
	return 0;
}

/* Reads all, and drops the masked ones. A main file that is masked is no policy. */
static int parts_read(struct parts *parts, struct error *err)
{
	size_t kept = 1;

	for (size_t i = 0; i < parts->n_parts; i++) {
		int r = part_read(&parts->parts[i], err);

		if (r < 0)
			return r;
	}
	if (!parts->parts[0].bytes)
		return error_set(err, ENOENT, "%s: this policy is masked; remove that file to have it back",
				 parts->parts[0].file);
	for (size_t i = 1; i < parts->n_parts; i++) {
		if (parts->parts[i].bytes)
			parts->parts[kept++] = parts->parts[i];
		else
			part_done(&parts->parts[i]);
	}
	parts->n_parts = kept;
	return 0;
}

static char *dirs_text(const char *const *dirs)
{
	struct buf b = { 0 };

	for (size_t i = 0; dirs && dirs[i]; i++)
		buf_addf(&b, "%s%s", i ? ", " : "", dirs[i]);
	return b.text ? b.text : xstrdup("no directory");
}

/* The main file, in the directory of highest precedence that has one. */
static char *main_in_dirs(const char *const *dirs, const char *name)
{
	char *found = NULL;

	for (size_t i = 0; dirs && dirs[i]; i++) {
		_cleanup_(freep) char *file = xasprintf("%s/%s.yaml", dirs[i], name);

		/* A link to nowhere is found too: to pass it over would be to fall back without a word. */
		if (faccessat(AT_FDCWD, file, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && (errno == ENOENT || errno == ENOTDIR))
			continue;
		free(found);
		found = TAKE_PTR(file);
	}
	return found;
}

static int parts_search(const char *const *dirs, const char *name, struct parts *parts, struct error *err)
{
	char *file = main_in_dirs(dirs, name);
	int r;

	if (!file) {
		_cleanup_(freep) char *where = dirs_text(dirs);

		return error_set(err, ENOENT, "there is no policy '%s': looked for %s.yaml in %s; hvcompat policy list names those that there are", name, name,
				 where);
	}
	r = parts_add(parts, file, err);
	for (size_t i = 0; r == 0 && dirs[i]; i++) {
		_cleanup_(freep) char *dir = xasprintf("%s/%s.yaml.d", dirs[i], name);

		r = parts_add_dir(parts, dir, err);
	}
	return r;
}

static int parts_beside(const char *path, struct parts *parts, struct error *err)
{
	_cleanup_(freep) char *dir = xasprintf("%s.d", path);
	int r;

	if (access(path, F_OK) < 0)
		return error_set(err, errno, "%s: cannot be read: %m", path);
	r = parts_add(parts, xstrdup(path), err);
	return r < 0 ? r : parts_add_dir(parts, dir, err);
}

int parts_find(const char *const *dirs, const char *name, struct parts *ret, struct error *err)
{
	bool path = strchr(name, '/') || endswith(name, ".yaml");
	struct parts parts = { 0 };
	int r = path ? parts_beside(name, &parts, err) : parts_search(dirs, name, &parts, err);

	if (r == 0) {
		qsort(parts.parts + 1, parts.n_parts - 1, sizeof(parts.parts[0]), part_compare);
		r = parts_read(&parts, err);
	}
	if (r < 0) {
		parts_done(&parts);
		return r;
	}
	*ret = parts;
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The side that reads: first it gives up its rights, then it opens the first package. */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>

#include "base/fs.h"
#include "base/status.h"
#include "base/worker.h"
#include "kernel/module_unpack.h"
#include "pkg/package.h"
#include "prove/needs.h"

#define FILE_MAX_BYTES ((size_t)64 << 20)
#define FILES_MAX 256
#define PACKAGES_MAX 1024

struct opened {
	struct package *package;
	bool listed; /* its links, too */
};

/* The packages of one directory. */
struct room {
	struct opened *packages;
	size_t count;
};

static void room_done(struct room *room)
{
	for (size_t i = 0; i < room->count; i++)
		package_free(room->packages[i].package);
	free(room->packages);
	*room = (struct room){ 0 };
}

/* Sorted, so that the same directory gives the same. */
static int list_dir(const char *dir, struct strings *ret, struct error *err)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int r = 0;

	if (!d)
		return error_set(err, errno, "%s: %s; --with takes directories of packages", dir, strerror(errno));
	while ((e = fs_next(d, dir, &r, err)))
		if (e->d_name[0] != '.')
			strings_add(ret, xasprintf("%s/%s", dir, e->d_name));
	closedir(d);
	strings_sort(ret);
	return r;
}

static int room_open(const char *dir, struct room *room, struct error *err)
{
	_cleanup_(strings_done) struct strings paths = { 0 };
	int r = list_dir(dir, &paths, err);

	for (size_t i = 0; i < paths.n && r == 0; i++) {
		if (!endswith(paths.items[i], ".deb") && !endswith(paths.items[i], ".rpm"))
			continue;
		if (room->count == PACKAGES_MAX)
			return error_set(err, E2BIG, "%s: has more than %d packages", dir, PACKAGES_MAX);
		ARRAY_GROW(room->packages, room->count);
		room->packages[room->count] = (struct opened){ 0 };
		r = package_open(paths.items[i], NULL, &room->packages[room->count].package, err);
		room->count += r == 0;
	}
	return r;
}

static int list_all(struct opened *o, struct error *err)
{
	int r = o->listed ? 0 : package_list_all(o->package, err);

	o->listed = true;
	return r;
}

/* Index of the member; -1: there is none; -EEXIST: several. */
static ssize_t find_member(const struct package *p, const char *pattern, struct error *err)
{
	const struct member *members;
	size_t n = package_members(p, &members);
	ssize_t found = -1;

	for (size_t i = 0; i < n; i++) {
		if (fnmatch(pattern, members[i].path, 0) != 0)
			continue;
		if (found >= 0)
			return error_set(err, EEXIST, "%s: both %s and %s match %s", package_info(p)->path, members[found].path,
					 members[i].path, pattern);
		found = (ssize_t)i;
	}
	return found;
}

static int take(struct opened *o, ssize_t member, bool packed, char *name, struct needed *to, struct error *err)
{
	const struct package_info *info = package_info(o->package);
	struct member_bytes bytes = { .limit = FILE_MAX_BYTES };
	struct member_read read = { .member = (size_t)member, .sink = member_bytes_sink(&bytes) };
	struct needed_file *f;
	int r;

	ARRAY_GROW(to->files, to->count);
	f = &to->files[to->count++];
	*f = (struct needed_file){ .name = name, .package = xstrdup(info->name ? info->name : ""),
				   .version = info->version ? xstrdup(info->version) : NULL };
	if (to->count > FILES_MAX)
		return error_set(err, E2BIG, "more than %d files are needed", FILES_MAX);
	r = package_read(o->package, &read, 1, err);
	if (r == 0 && packed) {
		r = unpack(bytes.data, bytes.size, FILE_MAX_BYTES, &f->bytes, &f->size, err);
		free(bytes.data);
		if (r < 0)
			error_prefix(err, "%s: %s", info->path, name);
		return r;
	}
	f->bytes = bytes.data;
	f->size = bytes.size;
	return r;
}

/* The package of a need: one, or several that are the same. */
static int find_package(const struct room *room, const struct wanted_file *n, struct opened **ret, struct error *err)
{
	*ret = NULL;
	for (size_t i = 0; i < room->count; i++) {
		const struct package_info *info = package_info(room->packages[i].package);

		if (!info->name || fnmatch(n->package, info->name, 0) != 0 ||
		    (n->version && fnmatch(n->version, info->version ? info->version : "", 0) != 0))
			continue;
		if (*ret)
			return error_set(err, EEXIST, "both %s and %s match %s; leave one in the directory",
					 package_info((*ret)->package)->path, info->path, n->package);
		*ret = &room->packages[i];
	}
	return *ret ? 0 : error_set(err, ENOENT, "no package %s%s%s", n->package, n->version ? " " : "", n->version ? n->version : "");
}

static int take_need(const struct room *room, const struct wanted_file *n, struct needed *to, struct error *err)
{
	struct opened *o;
	ssize_t member;
	int r = find_package(room, n, &o, err);

	if (r < 0)
		return r;
	member = find_member(o->package, n->member, err);
	if (member == -1) {
		r = list_all(o, err);
		member = r < 0 ? r : find_member(o->package, n->member, err);
	}
	if (member == -1)
		return error_set(err, ENOENT, "%s has no %s", package_info(o->package)->path, n->member);
	return member < 0 ? (int)member : take(o, member, n->unpack, xstrdup(n->name), to, err);
}

/* --- libraries --------------------------------------------------------------------------------- */

static ssize_t find_named(const struct package *p, const char *name)
{
	const struct member *members;
	size_t n = package_members(p, &members);

	for (size_t i = 0; i < n; i++)
		if (streq(path_base(members[i].path), name))
			return (ssize_t)i;
	return -1;
}

/* libxenctrl.so.4.17.0 or libc-2.31.so: the package may have the link that we look for. */
static bool may_have(const struct package *p, const char *name)
{
	const char *end = strstr(name, ".so");
	const struct member *members;
	size_t n = package_members(p, &members), stem = end ? (size_t)(end - name) : strlen(name);

	for (size_t i = 0; i < n; i++)
		if (strncmp(path_base(members[i].path), name, stem) == 0 && strstr(members[i].path, ".so"))
			return true;
	return false;
}

/* First where it costs nothing, then where it is likely, then everywhere. */
static int find_library(const struct room *room, const char *name, struct opened **ret, ssize_t *ret_member, struct error *err)
{
	enum { LISTED, LIKELY, ALL, ROUNDS };

	for (int round = LISTED; round < ROUNDS; round++)
		for (size_t i = 0; i < room->count; i++) {
			struct opened *o = &room->packages[i];
			bool list = round == ALL || (round == LIKELY && may_have(o->package, name));
			int r = list ? list_all(o, err) : 0;

			if (r < 0)
				return r;
			*ret = o;
			*ret_member = find_named(o->package, name);
			if (*ret_member >= 0)
				return 0;
		}
	return error_set(err, ENOENT, "no package has the library %s", name);
}

/* Where the loader finds it: at the path that the program names, or beside the others under the name that it asks for. */
static char *place_of(const char *name, const char *member)
{
	const char *slash = strrchr(member, '/');

	return *name == '/' ? xstrdup(name) : xasprintf("/%.*s/%s", slash ? (int)(slash - member) : 0, member, name);
}

static int take_library(const struct room *room, const char *name, struct needed *to, struct error *err)
{
	const struct member *members;
	struct opened *o = NULL;
	ssize_t member = -1;
	int r = find_library(room, path_base(name), &o, &member, err);

	if (r < 0)
		return r;
	package_members(o->package, &members);
	return take(o, member, false, place_of(name, members[member].path), to, err);
}

static int take_libraries(const struct room *room, const struct wanted_file *needs, size_t n, struct needed *to, struct error *err)
{
	_cleanup_(strings_done) struct strings had = { 0 };
	int r = 0;

	for (size_t i = 0; i < to->count && r == 0; i++) {
		_cleanup_(strings_done) struct strings names = { 0 };

		if (i < n && !needs[i].libraries)
			continue;
		r = elf_needed(to->files[i].bytes, to->files[i].size, &names, err);
		if (r < 0)
			error_prefix(err, "%s of package %s", to->files[i].name, to->files[i].package);
		for (size_t j = 0; j < names.n && r == 0; j++) {
			/* The C library asks for the interpreter as if it were a library, too. */
			if (strings_have(&had, path_base(names.items[j])))
				continue;
			strings_add(&had, xstrdup(path_base(names.items[j])));
			r = take_library(room, names.items[j], to, err);
		}
	}
	return r;
}

/* --- directories ------------------------------------------------------------------------------- */

static int take_all(const char *dir, const struct needs_task *task, struct needed *to, struct error *err)
{
	_cleanup_(room_done) struct room room = { 0 };
	size_t total = 0;
	int r = room_open(dir, &room, err);

	to->dir = xstrdup(dir);
	for (size_t i = 0; i < task->n && r == 0; i++)
		r = take_need(&room, &task->needs[i], to, err);
	if (r == 0)
		r = take_libraries(&room, task->needs, task->n, to, err);
	for (size_t i = 0; i < to->count; i++)
		total += to->files[i].size;
	if (r == 0 && total > NEEDED_MAX - (1u << 20))
		r = error_set(err, E2BIG, "what is needed has %zu bytes; no honest hypervisor comes near", total);
	if (r == -ENOENT)
		error_prefix(err, "%s", dir);
	return r;
}

static int list_rooms(const char *const *with, struct strings *ret, struct error *err)
{
	for (; *with; with++) {
		_cleanup_(strings_done) struct strings below = { 0 };
		int r = list_dir(*with, &below, err);

		if (r < 0)
			return r;
		strings_add(ret, xstrdup(*with));
		for (size_t i = 0; i < below.n; i++)
			if (fs_is_dir(below.items[i]))
				strings_add(ret, xstrdup(below.items[i]));
	}
	return 0;
}

/* The first directory that has all of it; where none has, what the one lacks that has the most. */
static int search(const struct needs_task *task, struct needed *ret, struct error *err)
{
	_cleanup_(strings_done) struct strings rooms = { 0 };
	struct error missing = { 0 };
	size_t most = 0;
	int r = list_rooms(task->with, &rooms, err);

	for (size_t i = 0; i < rooms.n && r == 0; i++) {
		_cleanup_(needed_done) struct needed found = { 0 };
		struct error here = { 0 };

		r = take_all(rooms.items[i], task, &found, &here);
		if (r == 0) {
			*ret = found;
			found = (struct needed){ 0 };
			return 0;
		}
		if (r == -ENOENT && (!missing.code || found.count > most)) {
			missing = here;
			most = found.count;
		}
		if (r == -ENOENT)
			r = 0;
		else
			error_set(err, here.code, "%s", here.text);
	}
	if (r == 0)
		r = error_set(err, ENOENT, "%s; give the directory that has it with --with", missing.text);
	return r;
}

void needs_serve(int fd, const void *ctx)
{
	const struct needs_task *task = ctx;
	_cleanup_(needed_done) struct needed found = { 0 };
	struct error err = { 0 };
	struct buf said = { 0 };
	struct wire out = { .out = &said };

	if (worker_confine(fd, task->with, &err) == 0)
		search(task, &found, &err);
	worker_say(&out, &err);
	if (!err.code)
		wire_needed(&out, &found);
	worker_reply(fd, &said);
	_exit(EXIT_OK);
}

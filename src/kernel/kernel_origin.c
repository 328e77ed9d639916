/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/kernel_set.h"
#include "kernel/config.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "base/fs.h"

/* Packages in one directory: a distro keeps some dozens of kernels of three to ten packages each. */
#define FOLDER_MAX 4096

/* Enough of a file to see a config's first settings behind its heading. */
#define HEAD_BYTES (64u << 10)

static const char *const kernel_roots[] = { "boot", "lib/modules", "usr/lib/modules", NULL };

struct origin *origin_ref(struct origin *s)
{
	s->refs++;
	return s;
}

struct origin *origin_unref(struct origin *s)
{
	if (s && --s->refs == 0) {
		package_free(s->package);
		free(s);
	}
	return NULL;
}

const char *origin_name(const struct origin *s)
{
	const struct package_info *info = package_info(s->package);

	return info->name ? info->name : info->path;
}

static void opened_done(struct opened *o)
{
	for (size_t i = 0; i < o->n_files; i++)
		kernel_files_done(&o->files[i]);
	free(o->files);
	origin_unref(o->origin);
	*o = (struct opened){ 0 };
}

void opened_list_done(struct opened_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		opened_done(&list->items[i]);
	free(list->items);
	*list = (struct opened_list){ 0 };
}

static void opened_add(struct opened_list *list, struct opened o)
{
	ARRAY_GROW(list->items, list->count);
	list->items[list->count++] = o;
}

struct head {
	uint8_t bytes[HEAD_BYTES];
	size_t n;
};

static int head_take(void *ctx, const uint8_t *bytes, size_t n, struct error *err)
{
	struct head *h = ctx;
	size_t room = sizeof(h->bytes) - h->n;

	(void)err;
	n = n < room ? n : room;
	memcpy(h->bytes + h->n, bytes, n);
	h->n += n;
	return h->n == sizeof(h->bytes);
}

/* A bare file is a config when it reads like one, else an image: its reader will say if it is none. */
static int bare_file(struct package *p, struct kernel_files *f, struct error *err)
{
	_cleanup_(freep) struct head *head = xcalloc(1, sizeof(*head));
	struct member_read read = { .member = 0, .sink = { .take = head_take, .ctx = head } };
	const char *release = locate_release_in_name(path_base(package_info(p)->path));
	int r = package_read(p, &read, 1, err);

	if (r < 0)
		return r;
	*f = (struct kernel_files){ .image = -1, .config = -1, .builtin = -1, .builtin_modinfo = -1 };
	f->release = release ? xstrdup(release) : NULL;
	if (config_looks_like(head->bytes, head->n))
		f->config = 0;
	else
		f->image = 0;
	return 0;
}

/* A package without any file but documentation. */
static bool is_meta(const struct package *p)
{
	const struct member *members;
	size_t n = package_members(p, &members);

	if (!package_info(p)->requires || !package_info(p)->requires[0])
		return false;
	for (size_t i = 0; i < n; i++)
		if (!startswith(members[i].path, "usr/share/"))
			return false;
	return true;
}

static int open_one(const char *path, const struct package_options *how, struct opened *ret,
		    struct error *err)
{
	struct package *p;
	int r = package_open(path, how, &p, err);

	if (r < 0)
		return r;
	ret->origin = xcalloc(1, sizeof(*ret->origin));
	*ret->origin = (struct origin){ .package = p, .refs = 1 };
	if (package_info(p)->format == PACKAGE_FILE) {
		ret->files = xcalloc(1, sizeof(*ret->files));
		ret->n_files = 1;
		return bare_file(p, ret->files, err);
	}
	locate_files(p, &ret->files, &ret->n_files);
	ret->meta = ret->n_files == 0 && package_info(p)->format != PACKAGE_TREE && is_meta(p);
	return 0;
}

/* The release that a directory is named after: lib/modules/R given as such. */
static char *release_of_directory(const char *path)
{
	_cleanup_(freep) char *copy = xstrdup(path);
	size_t n = strlen(copy);

	while (n > 1 && copy[n - 1] == '/')
		copy[--n] = '\0';
	return isdigit((unsigned char)*path_base(copy)) ? xstrdup(path_base(copy)) : NULL;
}

static bool has_modules_list(const struct kernel_files *f)
{
	return f->n_modules > 0 || f->builtin >= 0;
}

static struct package_options options_of(const struct kernel_options *options, const char *const *roots)
{
	return (struct package_options){ .roots = roots,
					 .threads = options->threads,
					 .verify = options->verify };
}

int origin_open_tree(const char *path, const char *const *roots, const char *release,
		     const struct kernel_options *options, struct opened_list *list, struct error *err)
{
	struct package_options how = options_of(options, roots ? roots : kernel_roots);
	struct opened o = { 0 };
	int r = open_one(path, &how, &o, err);

	if (r < 0) {
		opened_done(&o);
		return r;
	}
	for (size_t i = 0; i < o.n_files; i++) {
		struct kernel_files *f = &o.files[i];

		if (!f->release && release)
			f->release = xstrdup(release);
		else if (!f->release && has_modules_list(f))
			f->release = release_of_directory(path);
	}
	opened_add(list, o);
	return 0;
}

static bool is_package_name(const char *name)
{
	return name[0] != '.' && (endswith(name, ".deb") || endswith(name, ".rpm"));
}

static int by_string(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Opens each package of a directory. Those that have nothing to do with kernels are left out. */
static int open_folder(const char *dir, char **names, size_t n, const struct kernel_options *options,
		       struct opened_list *list, struct error *err)
{
	struct package_options how = options_of(options, NULL);

	if (n > 0)
		qsort(names, n, sizeof(*names), by_string);
	for (size_t i = 0; i < n; i++) {
		_cleanup_(freep) char *path = xasprintf("%s/%s", dir, names[i]);
		struct opened o = { 0 };
		int r = open_one(path, &how, &o, err);

		if (r < 0) {
			opened_done(&o);
			return r;
		}
		if (o.n_files > 0 || o.meta)
			opened_add(list, o);
		else
			opened_done(&o);
	}
	return 0;
}

static bool is_directory(const char *dir, const char *below)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", dir, below);
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The packages' names in a directory; none when it is a tree that has a kernel's directories. */
static int list_folder(const char *dir, char ***ret, size_t *ret_n, struct error *err)
{
	struct dirent *e;
	DIR *d;
	int r = 0;

	for (size_t i = 0; kernel_roots[i]; i++)
		if (is_directory(dir, kernel_roots[i]))
			return 0;
	d = opendir(dir);
	if (!d)
		return error_set(err, errno, "%s: %s", dir, strerror(errno));
	while (r == 0 && (e = fs_next(d, dir, &r, err))) {
		if (!is_package_name(e->d_name))
			continue;
		if (*ret_n == FOLDER_MAX) {
			r = error_set(err, E2BIG, "%s: more than %d packages; give a smaller directory", dir,
				      FOLDER_MAX);
			break;
		}
		ARRAY_GROW(*ret, *ret_n);
		(*ret)[(*ret_n)++] = xstrdup(e->d_name);
	}
	closedir(d);
	return r;
}

int origin_open(const char *path, const struct kernel_options *options, struct opened_list *list,
		struct error *err)
{
	char **names = NULL;
	size_t n = 0;
	int r = 0;

	if (is_directory(path, "."))
		r = list_folder(path, &names, &n, err);
	if (r == 0 && n > 0)
		r = open_folder(path, names, n, options, list, err);
	else if (r == 0)
		r = origin_open_tree(path, NULL, NULL, options, list, err);
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return r;
}

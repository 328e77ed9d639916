/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/kernel_set.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/utsname.h>

struct kernel *kernel_free(struct kernel *k)
{
	if (!k)
		return NULL;
	for (size_t i = 0; i < k->n_parts; i++) {
		kernel_files_done(&k->parts[i].files);
		origin_unref(k->parts[i].origin);
	}
	for (size_t i = 0; i < k->n_metas; i++)
		origin_unref(k->metas[i]);
	free(k->parts);
	free(k->metas);
	free(k->release);
	free(k->label);
	worker_unref(k->box);
	free(k);
	return NULL;
}

void kernel_list_done(struct kernel_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		kernel_free(list->kernels[i]);
	free(list->kernels);
	*list = (struct kernel_list){ 0 };
}

const char *kernel_release(const struct kernel *k)
{
	return k->release;
}

const char *kernel_label(const struct kernel *k)
{
	return k->label;
}

/* Opens every path of the argument. A path that has a comma in its own name is taken as such. */
static int open_paths(const char *arg, const struct kernel_options *options, struct opened_list *list,
		      struct error *err)
{
	struct stat st;
	int r;

	if (!strchr(arg, ',') || lstat(arg, &st) == 0)
		return origin_open(arg, options, list, err);
	for (const char *s = arg, *end; s; s = *end ? end + 1 : NULL) {
		_cleanup_(freep) char *path = NULL;

		end = strchrnul(s, ',');
		if (end == s)
			return error_set(err, EINVAL, "%s: an empty path in a set; expected PATH,PATH", arg);
		path = xstrndup(s, (size_t)(end - s));
		r = origin_open(path, options, list, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int no_kernel(const char *arg, const struct opened_list *opened, struct error *err)
{
	struct buf names = { 0 };
	int r;

	for (size_t i = 0; i < opened->count; i++) {
		char **requires = package_info(opened->items[i].origin->package)->requires;

		for (size_t j = 0; opened->items[i].meta && requires[j] && j < 8; j++)
			if (!strchr(requires[j], '(')) /* rpmlib(…) and the like are no packages */
				buf_addf(&names, "%s%s", names.len ? ", " : "", requires[j]);
	}
	if (names.len > 0)
		r = error_set(err, ENOENT,
			      "%s holds no kernel: no image, config or modules of any release. It is a "
			      "meta package: give the packages it depends on (%s)",
			      arg, names.text);
	else
		r = error_set(
			err, ENOENT,
			"%s holds no kernel: no image, config or modules of any release. Give a kernel's "
			"packages, image, config, or the root of a tree with boot/ or lib/modules/",
			arg);
	buf_done(&names);
	return r;
}

static const char *release_text(const struct kernel *k)
{
	return k->release ? k->release : "one without a release in its path";
}

/* A file, or a set, must be of one kernel. */
static int check_single(const struct kernel_list *found, struct error *err)
{
	const struct kernel *a, *b;

	if (found->count < 2)
		return 0;
	a = found->kernels[0];
	b = found->kernels[1];
	if (streq_null(a->release, b->release))
		return error_set(err, EINVAL,
				 "%s and %s are both of kernel %s, but not one kernel: the same package "
				 "twice, two architectures, or two of one kind",
				 part_info(&a->parts[0])->path, part_info(&b->parts[0])->path,
				 release_text(a));
	return error_set(err, EINVAL, "%s is of kernel %s, and %s of %s; a set must be of one kernel",
			 part_info(&a->parts[0])->path, release_text(a), part_info(&b->parts[0])->path,
			 release_text(b));
}

static bool is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static const struct part *image_part(const struct kernel *k)
{
	for (size_t i = 0; i < k->n_parts; i++)
		if (k->parts[i].files.image >= 0)
			return &k->parts[i];
	return NULL;
}

/* Two images of one release, which the same modules could go with: to choose one would be to pass over the other. */
static bool is_twin(const struct kernel *a, const struct kernel *b)
{
	const struct part *x = image_part(a), *y = image_part(b);

	return x && y && a->release && streq_null(a->release, b->release) &&
	       streq_null(part_info(x)->arch, part_info(y)->arch) &&
	       !streq_null(part_info(x)->name, part_info(y)->name) &&
	       streq_null(part_info(x)->version, part_info(y)->version);
}

/* Each in one package, with its modules: they are two kernels, as in a folder of Debian's signed and unsigned ones. */
static bool stand_alone(const struct kernel *a, const struct kernel *b)
{
	return a->n_parts == 1 && b->n_parts == 1;
}

static int check_twins(const char *arg, const struct kernel_list *found, struct error *err)
{
	bool folder = is_directory(arg);

	for (size_t j = 0; j < found->count; j++)
		for (size_t i = 0; i < j; i++)
			if (is_twin(found->kernels[i], found->kernels[j]) &&
			    !(folder && stand_alone(found->kernels[i], found->kernels[j])))
				return error_set(err, EINVAL,
						 "%s: %s and %s both hold an image of kernel %s; give the one that "
						 "is meant",
						 arg, part_info(image_part(found->kernels[i]))->path,
						 part_info(image_part(found->kernels[j]))->path,
						 found->kernels[i]->release);
	return 0;
}

static void append(struct kernel_list *list, struct kernel_list *more)
{
	for (size_t i = 0; i < more->count; i++) {
		ARRAY_GROW(list->kernels, list->count);
		list->kernels[list->count++] = more->kernels[i];
	}
	more->count = 0;
}

static int gather(const char *arg, struct opened_list *opened, const struct kernel_options *options,
		  struct kernel_list *found, struct error *err)
{
	int r = *arg ? open_paths(arg, options, opened, err)
		     : error_set(err, EINVAL, "an empty name, where a kernel's packages, image, config or tree is expected");

	if (r < 0)
		return r;
	kernels_group(opened, options, is_directory(arg), found);
	if (found->count == 0)
		return no_kernel(arg, opened, err);
	r = check_twins(arg, found, err);
	return r < 0 || is_directory(arg) ? r : check_single(found, err);
}

int kernel_open(const char *arg, const struct kernel_options *options, struct kernel_list *list,
		struct error *err)
{
	static const struct kernel_options defaults;
	struct opened_list opened = { 0 };
	struct kernel_list found = { 0 };
	int r;

	if (options && options->boxed)
		return box_open(arg, false, options, list, err);
	r = gather(arg, &opened, options ? options : &defaults, &found, err);
	if (r == 0)
		append(list, &found);
	kernel_list_done(&found);
	opened_list_done(&opened);
	return r;
}

struct kernel_opening {
	struct worker *box;
	struct kernel_options options;
};

struct kernel_opening *kernel_opening_free(struct kernel_opening *opening)
{
	if (!opening)
		return NULL;
	worker_unref(opening->box);
	free(opening);
	return NULL;
}

int kernel_open_begin(const char *arg, const struct kernel_options *options, struct kernel_opening **ret,
		      struct error *err)
{
	struct worker *box = NULL;
	int r = box_begin(arg, false, options, &box, err);

	if (r < 0)
		return r;
	*ret = xcalloc(1, sizeof(**ret));
	**ret = (struct kernel_opening){ .box = box, .options = *options };
	return 0;
}

int kernel_open_end(struct kernel_opening *opening, struct kernel_list *list, struct error *err)
{
	int r = box_end(TAKE_PTR(opening->box), &opening->options, list, err);

	kernel_opening_free(opening);
	return r;
}

/* This machine's own root, and not one that a test has set up. */
static bool is_own_root(const char *root)
{
	struct stat a, b;

	return stat(root, &a) == 0 && stat("/", &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static int open_proc_config(const char *root, const char *release, const struct kernel_options *options,
			    struct opened_list *opened, struct error *err)
{
	_cleanup_(freep) char *path = xasprintf("%s%sproc/config.gz", root, endswith(root, "/") ? "" : "/");

	/* Only kernels with CONFIG_IKCONFIG_PROC have it. */
	if (access(path, R_OK) < 0)
		return 0;
	return origin_open_tree(path, NULL, release, options, opened, err);
}

/* Whether a config was found of that release (NULL: of any). */
static bool has_config(const struct opened_list *opened, const char *release)
{
	for (size_t i = 0; i < opened->count; i++) {
		for (size_t j = 0; j < opened->items[i].n_files; j++) {
			const struct kernel_files *f = &opened->items[i].files[j];

			if (f->config >= 0 && (!release || streq_null(f->release, release)))
				return true;
		}
	}
	return false;
}

static int open_own(const char *root, const struct kernel_options *options, struct opened_list *opened,
		    struct error *err)
{
	_cleanup_(freep) char *lib = NULL;
	_cleanup_(freep) char *usr_lib = NULL;
	const char *roots[4] = { "boot" };
	struct utsname u;
	int r;

	if (uname(&u) < 0)
		return error_set(err, errno, "uname: %s", strerror(errno));
	roots[1] = lib = xasprintf("lib/modules/%s", u.release);
	roots[2] = usr_lib = xasprintf("usr/lib/modules/%s", u.release);
	r = origin_open_tree(root, roots, NULL, options, opened, err);
	if (r == 0 && !has_config(opened, u.release))
		r = open_proc_config(root, u.release, options, opened, err);
	return r;
}

/* Moves the kernel that runs (or, under a root of a test, the newest) to `list`. */
static int pick_running(const char *root, struct kernel_list *found, struct kernel_list *list,
			struct error *err)
{
	struct kernel_list one = { 0 };
	struct utsname u;
	size_t at = found->count ? found->count - 1 : 0;

	if (is_own_root(root)) {
		uname(&u);
		for (at = 0; at < found->count && !streq_null(found->kernels[at]->release, u.release); at++)
			;
		if (at == found->count)
			return error_set(err, ENOENT, "no files of the running kernel %s under /boot or "
					 "/lib/modules; in a container, name a kernel", u.release);
	}
	if (found->count == 0)
		return error_set(err, ENOENT, "%s holds no kernel under boot/ or lib/modules/", root);
	ARRAY_GROW(one.kernels, one.count);
	one.kernels[one.count++] = found->kernels[at];
	found->count--;
	memmove(&found->kernels[at], &found->kernels[at + 1], (found->count - at) * sizeof(*found->kernels));
	one.kernels[0]->running = true;
	append(list, &one);
	free(one.kernels);
	return 0;
}

int kernel_open_running(const char *root, const struct kernel_options *options, struct kernel_list *list,
			struct error *err)
{
	static const struct kernel_options defaults;
	struct opened_list opened = { 0 };
	struct kernel_list found = { 0 };
	int r;

	if (!options)
		options = &defaults;
	if (options->boxed)
		return box_open(root, true, options, list, err);
	if (is_own_root(root)) {
		r = open_own(root, options, &opened, err);
	} else {
		r = origin_open_tree(root, NULL, NULL, options, &opened, err);
		if (r == 0 && !has_config(&opened, NULL))
			r = open_proc_config(root, NULL, options, &opened, err);
	}
	if (r == 0)
		kernels_group(&opened, options, true, &found);
	if (r == 0)
		r = pick_running(root, &found, list, err);
	kernel_list_done(&found);
	opened_list_done(&opened);
	return r;
}

/* The opened path of an input that this kernel was read from. */
static const struct origin *origin_of(const struct kernel *k, const char *path)
{
	for (size_t i = 0; i < k->n_parts; i++)
		if (streq(part_info(&k->parts[i])->path, path))
			return k->parts[i].origin;
	for (size_t i = 0; i < k->n_metas; i++)
		if (streq(package_info(k->metas[i]->package)->path, path))
			return k->metas[i];
	return NULL;
}

int kernel_digest(struct kernel *k, struct facts *facts, struct error *err)
{
	if (k->box)
		return box_digest(k->box, k->id, facts, err);
	for (size_t i = 0; i < facts->n_inputs; i++) {
		struct input *in = &facts->inputs[i];
		const struct origin *s = origin_of(k, in->path);
		int r;

		/* A directory has no digest; its input keeps "". */
		if (!s || package_info(s->package)->format == PACKAGE_TREE)
			continue;
		r = package_sha256(s->package, in->sha256, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prove/nested.h"

#include <errno.h>
#include <glob.h>

#include "kernel/boot_files.h"
#include "prove/initrd.h"
#include "prove/needs.h"

void nested_done(struct nested_outer *o)
{
	free(o->kernel);
	buf_done(&o->initrd);
	free(o->append);
	*o = (struct nested_outer){ 0 };
}

/* The hypervisor's own files come first, so that they say which directory all is from. */
static int take_programs(const struct recipe *r, const char *const *with, struct needed *ret, struct error *err)
{
	size_t n = 0, all = r->files_count + r->nested->programs_count;
	_cleanup_(freep) struct wanted_file *needs = xcalloc(all + 1, sizeof(*needs));

	for (unsigned i = 0; i < r->files_count; i++)
		needs[n++] = (struct wanted_file){ .package = r->files[i].package, .version = r->files[i].version,
					    .member = r->files[i].member, .name = r->files[i].name };
	for (unsigned i = 0; i < r->nested->programs_count; i++)
		needs[n++] = (struct wanted_file){ .package = r->nested->programs[i].package, .member = r->nested->programs[i].member,
					    .name = r->nested->programs[i].path, .libraries = true };
	return needs_read(needs, n, with, ret, err);
}

/* The packages of a directory whose file names match, as one KERNEL. */
static char *kernel_packages(const char *dir, const char *pattern)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", dir, pattern);
	struct buf list = { 0 };
	glob_t found = { 0 };

	if (glob(path, 0, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			buf_addf(&list, "%s%s", i ? "," : "", found.gl_pathv[i]);
	globfree(&found);
	return list.text;
}

static int take_kernel(const struct recipe *r, const char *dir, struct boot_files **ret, struct error *err)
{
	const struct kernel_options options = { .boxed = true };
	_cleanup_(kernel_list_done) struct kernel_list list = { 0 };
	_cleanup_(strings_done) struct strings drivers = { 0 };
	_cleanup_(freep) char *packages = kernel_packages(dir, r->nested->kernel);
	int result;

	if (!packages)
		return error_set(err, ENOENT, "%s has no %s, whose kernel is to start the one on trial", dir, r->nested->kernel);
	for (unsigned i = 0; i < r->nested->drivers_count; i++)
		strings_add(&drivers, xstrdup(r->nested->drivers[i]));
	result = kernel_open(packages, &options, &list, err);
	if (result < 0)
		return result;
	if (list.count != 1)
		return error_set(err, EEXIST, "%s: %s are %zu kernels; leave one in the directory", dir, r->nested->kernel,
				 list.count);
	return kernel_boot_files(list.kernels[0], &drivers, false, ret, err);
}

/* A text with {append} in it. */
static void add_text(struct newc *a, const struct recipe_text *t, const char *append)
{
	static const char mark[] = "{append}";
	_cleanup_(buf_done) struct buf b = { 0 };
	const char *from = t->text;

	for (const char *at; (at = strstr(from, mark)); from = at + sizeof(mark) - 1) {
		buf_add(&b, from, (size_t)(at - from));
		buf_add(&b, append, strlen(append));
	}
	buf_add(&b, from, strlen(from));
	newc_file(a, t->path, true, b.text, b.len);
}

static void make_initrd(const struct recipe *r, const struct nested_inner *inner, const struct needed *programs,
			const struct boot_files *kernel, struct buf *into)
{
	struct newc a = { .into = into };

	initrd_begin(&a);
	for (size_t i = r->files_count; i < programs->count; i++)
		newc_file(&a, programs->files[i].name, true, programs->files[i].bytes, programs->files[i].size);
	for (unsigned i = 0; i < r->nested->texts_count; i++)
		add_text(&a, &r->nested->texts[i], inner->append);
	newc_file(&a, "guest/kernel", false, inner->kernel, inner->kernel_size);
	newc_file(&a, "guest/initrd", false, inner->initrd, inner->initrd_size);
	initrd_modules(&a, kernel);
	newc_end(&a);
}

int nested_make(const struct recipe *r, const char *const *with, const struct nested_inner *inner, struct nested_outer *ret,
		struct record *record, struct error *err)
{
	_cleanup_(needed_done) struct needed programs = { 0 };
	_cleanup_(boot_files_freep) struct boot_files *kernel = NULL;
	struct needed_file outer = { 0 };
	int result = take_programs(r, with, &programs, err);

	if (result == 0)
		result = take_kernel(r, programs.dir, &kernel, err);
	if (result < 0)
		return result;
	for (size_t i = r->files_count; i < programs.count && result == 0; i++)
		result = needs_record(record, &programs.files[i], err);
	outer = (struct needed_file){ .name = "outer-kernel", .bytes = kernel->image, .size = kernel->image_size };
	if (result == 0)
		result = needs_record(record, &outer, err);
	if (result < 0)
		return result;
	make_initrd(r, inner, &programs, kernel, &ret->initrd);
	ret->append = strings_join(r->nested->append, r->nested->append_count, " ");
	ret->kernel_size = kernel->image_size;
	ret->kernel = TAKE_PTR(kernel->image);
	return 0;
}

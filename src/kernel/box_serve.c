/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The side that reads: first it gives up its rights, then it looks at the first foreign byte. */
#include "kernel/box.h"

#include <dirent.h>
#include <errno.h>
#include <unistd.h>

#include "base/status.h"
#include "kernel/wire_facts.h"

/* The links of a folder lead to packages elsewhere, which it is meant to hold. */
static void add_links(struct strings *paths, const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *e;

	while (d && (e = readdir(d)))
		if (e->d_type == DT_LNK && (endswith(e->d_name, ".deb") || endswith(e->d_name, ".rpm")))
			strings_add(paths, xasprintf("%s/%s", folder, e->d_name));
	if (d)
		closedir(d);
}

/* The paths of an argument: all of it, and the parts between commas. */
static void add_paths(struct strings *paths, const char *arg)
{
	strings_add(paths, xstrdup(arg));
	for (const char *s = arg, *end; strchr(arg, ',') && s; s = *end ? end + 1 : NULL) {
		end = strchrnul(s, ',');
		strings_add(paths, xstrndup(s, (size_t)(end - s)));
	}
	for (size_t i = 0, n = paths->n; i < n; i++)
		add_links(paths, paths->items[i]);
}

static int give_up_rights(int fd, const char *arg, struct error *err)
{
	_cleanup_(strings_done) struct strings paths = { 0 };

	add_paths(&paths, arg);
	return worker_confine(fd, (const char *const *)paths.items, err);
}

/* --- answers ---------------------------------------------------------------------------------- */

static void say_kernels(struct wire *w, const struct kernel_list *list)
{
	size_t n = list->count;

	wire_count(w, &n, 16);
	for (size_t i = 0; i < n; i++) {
		char *release = (char *)kernel_release(list->kernels[i]), *label = (char *)kernel_label(list->kernels[i]);

		wire_text(w, &release);
		wire_text(w, &label);
	}
}

static void answer_read(struct wire *in, struct wire *out, struct kernel *k)
{
	struct want_list wants = { 0 };
	_cleanup_(facts_freep) struct facts *f = NULL;
	struct error err = { 0 };
	unsigned depth = 0;

	wire_enum(in, &depth, DEPTH_VERIFY);
	wire_wants(in, &wants);
	if (!in->bad)
		kernel_read(k, &wants, (enum depth)depth, &f, &err);
	worker_say(out, &err);
	if (f)
		wire_facts(out, f);
	want_list_done(&wants);
}

static void answer_digest(struct wire *in, struct wire *out, struct kernel *k)
{
	_cleanup_(facts_freep) struct facts *f = xcalloc(1, sizeof(*f));
	struct error err = { 0 };

	wire_inputs(in, &f->inputs, &f->n_inputs);
	if (!in->bad)
		kernel_digest(k, f, &err);
	worker_say(out, &err);
	if (!err.code)
		wire_inputs(out, &f->inputs, &f->n_inputs);
}

static void answer_boot_files(struct wire *in, struct wire *out, struct kernel *k)
{
	_cleanup_(boot_files_freep) struct boot_files *f = NULL;
	_cleanup_(strings_done) struct strings drivers = { 0 };
	struct error err = { 0 };
	bool bare = false;
	size_t n = 0;

	wire_bool(in, &bare);
	wire_count(in, &n, 8);
	for (size_t i = 0; i < n && !in->bad; i++) {
		char *name = NULL;

		wire_text(in, &name);
		if (name)
			strings_add(&drivers, name);
	}
	if (!in->bad)
		kernel_boot_files(k, &drivers, bare, &f, &err);
	worker_say(out, &err);
	if (f)
		wire_boot_files(out, f);
}

static void answer_one(struct wire *in, struct wire *out, const struct kernel_list *list)
{
	uint64_t what, id;

	wire_number(in, &what);
	wire_number(in, &id);
	if (in->bad || id >= list->count)
		_exit(EXIT_FAILED);
	if (what == BOX_READ)
		answer_read(in, out, list->kernels[id]);
	else if (what == BOX_DIGEST)
		answer_digest(in, out, list->kernels[id]);
	else if (what == BOX_BOOT_FILES)
		answer_boot_files(in, out, list->kernels[id]);
	if (in->bad || what >= BOX_REQUESTS)
		_exit(EXIT_FAILED);
}

void box_serve(int fd, const void *ctx)
{
	const struct box_task *task = ctx;
	struct kernel_options here = *task->options;
	struct kernel_list list = { 0 };
	struct error err = { 0 };
	struct buf said = { 0 };
	struct wire in, out = { .out = &said };
	uint8_t *bytes;

	here.boxed = false;
	if (give_up_rights(fd, task->arg, &err) == 0) {
		if (task->running)
			kernel_open_running(task->arg, &here, &list, &err);
		else
			kernel_open(task->arg, &here, &list, &err);
	}
	worker_say(&out, &err);
	if (!err.code)
		say_kernels(&out, &list);
	worker_reply(fd, &said);
	while ((bytes = worker_next(fd, &in))) {
		answer_one(&in, &out, &list);
		free(bytes);
		worker_reply(fd, &said);
	}
	_exit(0);
}

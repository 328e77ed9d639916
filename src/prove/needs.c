/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The side that asks. Nothing that comes from the reader is believed before it is checked. */
#include "prove/needs.h"

#include <errno.h>

#include "base/fs.h"
#include "base/worker.h"

#define ANSWER_SECONDS 600

void needed_done(struct needed *n)
{
	for (size_t i = 0; i < n->count; i++) {
		free(n->files[i].name);
		free(n->files[i].package);
		free(n->files[i].version);
		free(n->files[i].bytes);
	}
	free(n->files);
	free(n->dir);
	*n = (struct needed){ 0 };
}

/* A path in a guest: of words that a shell leaves alone, and never out of where it is put. */
static bool is_path(const char *s)
{
	if (!s || *s == '\0' || strstr(s, "..") || strlen(s) > 200)
		return false;
	for (; *s; s++)
		if (*s <= ' ' || *s > '~' || strchr("\\'\"$`*?[", *s))
			return false;
	return true;
}

void wire_needed(struct wire *w, struct needed *n)
{
	wire_text(w, &n->dir);
	wire_count(w, &n->count, 32);
	WIRE_ARRAY(w, n->files, n->count);
	for (size_t i = 0; i < n->count; i++) {
		struct needed_file *f = &n->files[i];

		wire_text(w, &f->name);
		wire_text(w, &f->package);
		wire_text(w, &f->version);
		wire_bytes(w, &f->bytes, &f->size);
		if (!w->out && (!is_path(f->name) || !f->package))
			w->bad = true;
	}
	if (!w->out && !n->dir)
		w->bad = true;
}

static bool fits(const struct needed *found, const struct wanted_file *needs, size_t n)
{
	if (found->count < n)
		return false;
	for (size_t i = 0; i < found->count; i++)
		if (i < n ? !streq(found->files[i].name, needs[i].name) : found->files[i].name[0] != '/')
			return false;
	return true;
}

int needs_read(const struct wanted_file *needs, size_t n, const char *const *with, struct needed *ret, struct error *err)
{
	static const char *const nowhere[] = { NULL };
	struct needs_task what = { .needs = needs, .n = n, .with = with ? with : nowhere };
	struct worker_task task = { .what = "packages of the hypervisor", .done = "read them", .seconds = ANSWER_SECONDS,
				    .serve = needs_serve, .ctx = &what };
	struct needed found = { 0 };
	_cleanup_(freep) uint8_t *bytes = NULL;
	struct worker *b = NULL;
	struct wire w;
	int r;

	if (!what.with[0])
		return error_set(err, ENOENT, "%s of a package %s is needed; give the directory that has it with --with",
				 needs[0].member, needs[0].package);
	r = worker_start(&task, &b, err);
	if (r < 0)
		return r;
	bytes = worker_answer_within(b, NEEDED_MAX, &w, err);
	r = bytes ? 0 : err->code;
	if (bytes) {
		wire_needed(&w, &found);
		if (w.bad || w.left || !fits(&found, needs, n))
			r = worker_nonsense(b, err);
	}
	worker_unref(b);
	if (r < 0)
		needed_done(&found);
	else
		*ret = found;
	return r;
}

int needs_record(struct record *record, const struct needed_file *f, struct error *err)
{
	struct record_file *to;

	ARRAY_GROW(record->files, record->n_files);
	to = &record->files[record->n_files++];
	*to = (struct record_file){ .name = xstrdup(f->name) };
	return fs_digest(f->bytes, f->size, to->sha256, err);
}

static void add_version(struct record *record, const struct needed_file *f)
{
	char *both = xasprintf("%s%s%s%s%s", record->version ? record->version : "", record->version ? "; " : "", f->package,
			       f->version ? " " : "", f->version ? f->version : "");

	free(record->version);
	record->version = both;
}

int needs_take(const struct recipe *r, const char *const *with, const char *into, struct record *record,
	       struct error *err)
{
	_cleanup_(freep) struct wanted_file *needs = xcalloc(r->files_count + 1, sizeof(*needs));
	_cleanup_(needed_done) struct needed found = { 0 };
	int result;

	if (r->files_count == 0)
		return 0;
	for (unsigned i = 0; i < r->files_count; i++) {
		const struct recipe_file *f = &r->files[i];

		needs[i] = (struct wanted_file){ .package = f->package, .version = f->version, .member = f->member, .name = f->name,
					  .unpack = f->unpack == UNPACK_YES };
	}
	result = needs_read(needs, r->files_count, with, &found, err);
	for (size_t i = 0; i < found.count && result == 0; i++) {
		_cleanup_(freep) char *path = xasprintf("%s/%s", into, found.files[i].name);

		result = fs_write(path, (const char *)found.files[i].bytes, found.files[i].size, err);
		if (result == 0)
			result = needs_record(record, &found.files[i], err);
	}
	if (result == 0)
		add_version(record, &found.files[0]);
	return result;
}

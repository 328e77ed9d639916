/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The side that asks. */
#include "pkg/update_private.h"

#include <errno.h>

#include "base/fs.h"
#include "base/scratch.h"

/* A solve takes tens of milliseconds, loading a whole archive a second. */
#define ANSWER_SECONDS 120

struct update {
	struct worker *worker;
	const struct index *const *indexes; /* borrowed */
	size_t n_indexes;
	char **installed;
};

void update_wire_place(struct wire *w, struct update_place *p)
{
	wire_number(w, &p->index);
	wire_number(w, &p->package);
}

static void free_steps(struct update_step *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(steps[i].replaces);
	free(steps);
}

void update_plan_done(struct update_plan *p)
{
	free_steps(p->steps, p->n_steps);
	free_steps(p->kept, p->n_kept);
	texts_free(p->removed);
	texts_free(p->problems);
	*p = (struct update_plan){ 0 };
}

struct update *update_free(struct update *u)
{
	if (!u)
		return NULL;
	worker_unref(u->worker);
	texts_free(u->installed);
	free(u);
	return NULL;
}

const char *const *update_installed(const struct update *u)
{
	return (const char *const *)u->installed;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void take_step(const struct index *const *indexes, size_t n_indexes, struct wire *w, struct update_step *s)
{
	struct update_place at = { 0 };
	unsigned how = 0;

	update_wire_place(w, &at);
	wire_enum(w, &how, UPDATE_REINSTALL);
	wire_text(w, &s->replaces);
	s->how = (enum update_how)how;
	if (w->bad || at.index >= n_indexes || at.package >= indexes[at.index]->n_packages) {
		w->bad = true;
		return;
	}
	s->index = indexes[at.index];
	s->package = &s->index->packages[at.package];
}

static void take_steps(const struct index *const *indexes, size_t n_indexes, struct wire *w, struct update_step **steps, size_t *n)
{
	wire_count(w, n, 32);
	*steps = xcalloc(*n, sizeof(**steps));
	for (size_t i = 0; i < *n; i++)
		take_step(indexes, n_indexes, w, &(*steps)[i]);
}

bool update_take_plan(const struct index *const *indexes, size_t n_indexes, struct wire *w, struct update_plan *ret)
{
	*ret = (struct update_plan){ 0 };
	take_steps(indexes, n_indexes, w, &ret->steps, &ret->n_steps);
	take_steps(indexes, n_indexes, w, &ret->kept, &ret->n_kept);
	wire_texts(w, &ret->removed);
	wire_texts(w, &ret->problems);
	if (!w->bad && !w->left)
		return true;
	update_plan_done(ret);
	return false;
}

static int take_plan(struct update *u, struct update_plan *ret, struct error *err)
{
	struct wire w;
	_cleanup_(freep) uint8_t *bytes = worker_answer(u->worker, &w, err);

	if (!bytes)
		return err->code;
	return update_take_plan(u->indexes, u->n_indexes, &w, ret) ? 0 : worker_nonsense(u->worker, err);
}

/* --- requests --------------------------------------------------------------------------------- */

static void begin(struct wire *w, struct buf *into, enum update_request what)
{
	uint64_t n = what;

	*w = (struct wire){ .out = into };
	wire_number(w, &n);
}

int update_solve(struct update *u, const char *const *only, struct update_plan *ret, struct error *err)
{
	_cleanup_(buf_done) struct buf b = { 0 };
	char **names = (char **)only; /* a wire that writes leaves it as it is */
	struct wire w;
	int r;

	*ret = (struct update_plan){ 0 };
	begin(&w, &b, UPDATE_SOLVE);
	wire_texts(&w, &names);
	r = worker_ask(u->worker, &b, err);
	return r < 0 ? r : take_plan(u, ret, err);
}

static void put_package(const struct update *u, struct wire *w, const struct index_package *package)
{
	struct update_place at = { .index = u->n_indexes };

	for (size_t i = 0; i < u->n_indexes; i++) {
		const struct index *x = u->indexes[i];

		if (package >= x->packages && package < x->packages + x->n_packages)
			at = (struct update_place){ i, (uint64_t)(package - x->packages) };
	}
	update_wire_place(w, &at);
}

int update_block(struct update *u, const struct index_package *package, struct error *err)
{
	_cleanup_(buf_done) struct buf b = { 0 };
	_cleanup_(freep) uint8_t *bytes = NULL;
	struct wire w;
	int r;

	begin(&w, &b, UPDATE_BLOCK);
	put_package(u, &w, package);
	r = worker_ask(u->worker, &b, err);
	if (r < 0)
		return r;
	bytes = worker_answer(u->worker, &w, err);
	return bytes ? 0 : err->code;
}

int update_try(struct update *u, const struct index_package *package, struct update_plan *ret, struct error *err)
{
	_cleanup_(buf_done) struct buf b = { 0 };
	struct wire w;
	int r;

	*ret = (struct update_plan){ 0 };
	begin(&w, &b, UPDATE_TRY);
	put_package(u, &w, package);
	r = worker_ask(u->worker, &b, err);
	return r < 0 ? r : take_plan(u, ret, err);
}

/* --- the start -------------------------------------------------------------------------------- */

static int start(struct update *u, const struct update_task *task, struct error *err)
{
	struct worker_task wt = { .what = task->indexes[0]->label, .done = "works out the update", .seconds = ANSWER_SECONDS,
				  .serve = update_serve, .ctx = task };
	struct wire w;
	_cleanup_(freep) uint8_t *bytes = NULL;
	int r = worker_start(&wt, &u->worker, err);

	if (r < 0)
		return r;
	bytes = worker_answer(u->worker, &w, err);
	if (!bytes)
		return err->code;
	wire_texts(&w, &u->installed);
	return w.bad || w.left ? worker_nonsense(u->worker, err) : 0;
}

int update_start(const struct index *const *indexes, size_t n_indexes, const struct update_host *host, const char *arch,
		 struct update **ret, struct error *err)
{
	_cleanup_(update_freep) struct update *u = xcalloc(1, sizeof(*u));
	struct update_task task = { .indexes = indexes, .n_indexes = n_indexes, .host = host, .arch = arch };
	char *copy = NULL;
	int r = update_library(indexes[0]->family, err);

	u->indexes = indexes;
	u->n_indexes = n_indexes;
	if (r == 0 && host->rpm_root)
		r = update_copy_rpmdb(host->rpm_root, &copy, err);
	task.rpm_copy = copy;
	if (r == 0)
		r = start(u, &task, err);
	/* It has been read, or never will be. */
	scratch_remove(copy);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(u);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In the worker: solves, and says what came of it. */
#include "pkg/update_pool.h"

#include <errno.h>

#include "base/status.h"

struct solv solv;
struct solv_deb solv_deb;
struct solv_rpm solv_rpm;
static struct library library = LIBRARY_INIT(LIBRARY_SOLV, SOLV_FUNCTIONS, solv);
static struct library deb_library = LIBRARY_INIT(LIBRARY_SOLV, SOLV_DEB_FUNCTIONS, solv_deb);
static struct library rpm_library = LIBRARY_INIT(LIBRARY_SOLV, SOLV_RPM_FUNCTIONS, solv_rpm);

int update_library(enum index_family family, struct error *err)
{
	bool rpm = family == INDEX_RPM;
	struct error why = { 0 };
	int r = library_load(&library, err);

	if (r == 0 && library_load(rpm ? &rpm_library : &deb_library, &why) < 0)
		r = error_set(err, ENOENT, "libsolv here is built without the format of %s: %s", rpm ? "rpm repositories" : "Debian archives",
			      why.text);
	return r;
}

/* queue_push2() as the header has it would need the library at link time. */
void update_job(Queue *jobs, Id how, Id what)
{
	const Id job[] = { how, what };

	solv.queue_insertn(jobs, jobs->count, 2, job);
}

/* --- what is said ----------------------------------------------------------------------------- */

static bool place_of(const struct update_pool *p, Id id, struct update_place *ret)
{
	for (size_t i = 0; i < p->n_repos; i++)
		if (p->pool->solvables[id].repo == p->repos[i]) {
			*ret = (struct update_place){ i, (uint64_t)(id - p->repos[i]->start) };
			return true;
		}
	return false;
}

/* 0: there is none. */
static Id solvable_at(const struct update_pool *p, const struct update_place *at)
{
	if (at->index >= p->n_repos || at->package >= (uint64_t)p->repos[at->index]->nsolvables)
		return 0;
	return p->repos[at->index]->start + (Id)at->package;
}

static const char *text_of(const struct update_pool *p, Id id)
{
	return solv.pool_id2str(p->pool, id);
}

/* Texts of an index go to a terminal. */
static char *harmless(const char *s)
{
	char *copy = xstrdup(s);

	for (char *c = copy; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	return copy;
}

struct said_steps {
	struct update_place *places;
	unsigned *hows;
	char **replaces;
	size_t n;
};

static void add_step(struct said_steps *s, struct update_place at, enum update_how how, const char *replaces)
{
	s->places = xreallocarray(s->places, s->n + 1, sizeof(*s->places));
	s->hows = xreallocarray(s->hows, s->n + 1, sizeof(*s->hows));
	s->replaces = xreallocarray(s->replaces, s->n + 1, sizeof(*s->replaces));
	s->places[s->n] = at;
	s->hows[s->n] = how;
	s->replaces[s->n++] = replaces ? xstrdup(replaces) : NULL;
}

static void say_steps(struct wire *w, struct said_steps *s)
{
	wire_count(w, &s->n, 32);
	for (size_t i = 0; i < s->n; i++) {
		update_wire_place(w, &s->places[i]);
		wire_enum(w, &s->hows[i], UPDATE_REINSTALL);
		wire_text(w, &s->replaces[i]);
		free(s->replaces[i]);
	}
	free(s->places);
	free(s->hows);
	free(s->replaces);
}

/* --- what came of it -------------------------------------------------------------------------- */

static enum update_how how_of(Id type)
{
	switch (type) {
	case SOLVER_TRANSACTION_UPGRADE:
	case SOLVER_TRANSACTION_CHANGE:
	case SOLVER_TRANSACTION_OBSOLETES:
		return UPDATE_UPGRADE;
	case SOLVER_TRANSACTION_DOWNGRADE:
		return UPDATE_DOWNGRADE;
	case SOLVER_TRANSACTION_REINSTALL:
	case SOLVER_TRANSACTION_MULTIREINSTALL:
		return UPDATE_REINSTALL;
	}
	return UPDATE_NEW;
}

static void read_transaction(const struct update_pool *p, Transaction *t, struct said_steps *steps, struct strings *removed)
{
	const int show = SOLVER_TRANSACTION_SHOW_ALL | SOLVER_TRANSACTION_SHOW_OBSOLETES | SOLVER_TRANSACTION_SHOW_MULTIINSTALL;

	for (int i = 0; i < t->steps.count; i++) {
		Id id = t->steps.elements[i];
		Id type = solv.transaction_type(t, id, show | SOLVER_TRANSACTION_SHOW_ACTIVE);
		const Solvable *s = p->pool->solvables + id;
		struct update_place at;
		Id old;

		if (place_of(p, id, &at)) {
			enum update_how how = how_of(type);

			old = how == UPDATE_NEW ? 0 : solv.transaction_obs_pkg(t, id);
			add_step(steps, at, how, old ? text_of(p, p->pool->solvables[old].evr) : NULL);
			continue;
		}
		type = solv.transaction_type(t, id, show);
		if (type == SOLVER_TRANSACTION_ERASE || type == SOLVER_TRANSACTION_OBSOLETED)
			strings_add(removed, xasprintf("%s %s", text_of(p, s->name), text_of(p, s->evr)));
	}
}

/* The newest package of a name that the indexes have for this host; 0: none. */
static Id newest_of(const struct update_pool *p, const Solvable *old)
{
	Id at = p->pool->whatprovides[old->name], best = 0;

	for (; at && p->pool->whatprovidesdata[at]; at++) {
		Id id = p->pool->whatprovidesdata[at];
		const Solvable *s = p->pool->solvables + id;

		if (s->name == old->name && s->repo != p->host && s->arch == old->arch && !p->blocked[id] && !p->passed_over[id] &&
		    (!best || solv.pool_evrcmp(p->pool, s->evr, p->pool->solvables[best].evr, EVRCMP_COMPARE) > 0))
			best = id;
	}
	return best;
}

/* Whether the plan has this name in that version or a later one. */
static bool planned(const struct update_pool *p, const struct said_steps *steps, const Solvable *newest)
{
	for (size_t i = 0; i < steps->n; i++) {
		const Solvable *s = p->pool->solvables + solvable_at(p, &steps->places[i]);

		if (s->name == newest->name && solv.pool_evrcmp(p->pool, s->evr, newest->evr, EVRCMP_COMPARE) >= 0)
			return true;
	}
	return false;
}

static bool asked_for(const struct update_pool *p, char **only, Id name)
{
	for (size_t i = 0; only && only[i]; i++)
		if (streq(only[i], text_of(p, name)))
			return true;
	return !only || !only[0];
}

static bool host_has_as_new(const struct update_pool *p, const Solvable *newest)
{
	for (Id id = p->host->start; id < p->host->end; id++) {
		const Solvable *s = p->pool->solvables + id;

		if (s->repo == p->host && s->name == newest->name && s->arch == newest->arch &&
		    solv.pool_evrcmp(p->pool, s->evr, newest->evr, EVRCMP_COMPARE) >= 0)
			return true;
	}
	return false;
}

static void read_kept(const struct update_pool *p, char **only, const struct said_steps *steps, struct said_steps *kept)
{
	for (Id id = p->host->start; id < p->host->end; id++) {
		const Solvable *s = p->pool->solvables + id;
		Id newest = s->repo == p->host && asked_for(p, only, s->name) ? newest_of(p, s) : 0;
		struct update_place at;

		/* Of what stands side by side only the newest counts. */
		if (newest && solv.pool_evrcmp(p->pool, p->pool->solvables[newest].evr, s->evr, EVRCMP_COMPARE) > 0 &&
		    !planned(p, steps, p->pool->solvables + newest) && !host_has_as_new(p, p->pool->solvables + newest) &&
		    place_of(p, newest, &at))
			add_step(kept, at, UPDATE_UPGRADE, text_of(p, s->evr));
	}
}

/* Reasons of one problem; more of them say no more. */
#define REASONS_MAX 8

static void add_reason(struct strings *list, const char *text)
{
	char *reason = harmless(text);

	if (strings_have(list, reason))
		free(reason);
	else
		strings_add(list, reason);
}

/* What solves best in libsolv's eyes first, then all that it rests on. Each text lives until the next one is asked for. */
static void read_problems(Solver *solver, struct strings *list)
{
	for (Id i = 1; i <= (Id)solv.solver_problem_count(solver); i++) {
		Queue rules;

		add_reason(list, solv.solver_problem2str(solver, i));
		solv.queue_init(&rules);
		solv.solver_findallproblemrules(solver, i, &rules);
		for (int j = 0; j < rules.count && j < REASONS_MAX; j++) {
			Id source, target, dep;
			SolverRuleinfo type = solv.solver_ruleinfo(solver, rules.elements[j], &source, &target, &dep);

			/* What was asked for is known. */
			if ((type & 0xff00) == SOLVER_RULE_PKG)
				add_reason(list, solv.solver_problemruleinfo2str(solver, type, source, target, dep));
		}
		solv.queue_free(&rules);
	}
}

/* Takes the jobs. */
static void solve(const struct update_pool *p, Queue *jobs, char **only, bool tell_kept, struct wire *w)
{
	struct said_steps steps = { 0 }, kept = { 0 };
	_cleanup_(strings_done) struct strings removed = { 0 }, problems = { 0 };
	bool rpm = p->pool->disttype == DISTTYPE_RPM;
	Solver *solver = solv.solver_create(p->pool);

	solv.queue_insertn(jobs, jobs->count, p->standing.count, p->standing.elements);
	solv.solver_set_flag(solver, SOLVER_FLAG_ALLOW_VENDORCHANGE, 1);
	solv.solver_set_flag(solver, SOLVER_FLAG_IGNORE_RECOMMENDED, !p->recommends);
	solv.solver_set_flag(solver, SOLVER_FLAG_YUM_OBSOLETES, rpm);
	if (solv.solver_solve(solver, jobs) == 0) {
		Transaction *t = solv.solver_create_transaction(solver);

		read_transaction(p, t, &steps, &removed);
		solv.transaction_free(t);
		if (tell_kept)
			read_kept(p, only, &steps, &kept);
	} else {
		read_problems(solver, &problems);
	}
	solv.solver_free(solver);
	solv.queue_free(jobs);
	say_steps(w, &steps);
	say_steps(w, &kept);
	wire_texts(w, &removed.items);
	wire_texts(w, &problems.items);
}

/* --- requests --------------------------------------------------------------------------------- */

static void answer_solve(struct update_pool *p, struct wire *in, struct wire *out)
{
	char **only = NULL;
	Queue jobs;

	wire_texts(in, &only);
	if (in->bad) {
		texts_free(only);
		return;
	}
	solv.queue_init(&jobs);
	for (size_t i = 0; only[i]; i++)
		update_job(&jobs, SOLVER_UPDATE | SOLVER_SOLVABLE_NAME, solv.pool_str2id(p->pool, only[i], 1));
	if (!only[0])
		update_job(&jobs, SOLVER_UPDATE | SOLVER_SOLVABLE_ALL, 0);
	update_candidates(p, &jobs);
	solve(p, &jobs, only, true, out);
	texts_free(only);
}

static void answer_package(struct update_pool *p, struct wire *in, struct wire *out, bool block)
{
	struct update_place at = { 0 };
	Queue jobs;
	Id id;

	update_wire_place(in, &at);
	id = in->bad ? 0 : solvable_at(p, &at);
	in->bad = id == 0;
	if (in->bad)
		return;
	if (block) {
		p->blocked[id] = true;
		update_job(&p->standing, SOLVER_BLACKLIST | SOLVER_SOLVABLE, id);
		return;
	}
	solv.queue_init(&jobs);
	update_job(&jobs, SOLVER_INSTALL | SOLVER_SOLVABLE, id);
	solve(p, &jobs, NULL, false, out);
}

bool update_answer(struct update_pool *p, struct wire *in, struct wire *out)
{
	struct error none = { 0 };
	uint64_t what;

	wire_number(in, &what);
	worker_say(out, &none);
	if (what == UPDATE_SOLVE)
		answer_solve(p, in, out);
	else if (what == UPDATE_BLOCK || what == UPDATE_TRY)
		answer_package(p, in, out, what == UPDATE_BLOCK);
	return !in->bad && !in->left && what < UPDATE_REQUESTS;
}

static void say_installed(const struct update_pool *p, struct wire *w)
{
	_cleanup_(strings_done) struct strings list = { 0 };

	for (Id id = p->host->start; id < p->host->end; id++) {
		const Solvable *s = p->pool->solvables + id;

		if (s->repo == p->host && id != p->assumed)
			strings_add(&list, xasprintf("%s %s %s", text_of(p, s->name), text_of(p, s->evr), text_of(p, s->arch)));
	}
	wire_texts(w, &list.items);
}

void update_serve(int fd, const void *ctx)
{
	const struct update_task *task = ctx;
	/* rpm reads its macros before it opens a database. */
	const char *const paths[] = { "/etc/rpm", task->rpm_copy, NULL };
	struct update_pool p = { 0 };
	struct error err = { 0 };
	struct buf said = { 0 };
	struct wire in, out = { .out = &said };
	uint8_t *bytes;

	if (worker_confine(fd, paths, &err) == 0)
		update_load(&p, task, &err);
	worker_say(&out, &err);
	if (!err.code)
		say_installed(&p, &out);
	worker_reply(fd, &said);
	while ((bytes = worker_next(fd, &in))) {
		if (!update_answer(&p, &in, &out))
			_exit(EXIT_FAILED);
		free(bytes);
		worker_reply(fd, &said);
	}
	_exit(0);
}

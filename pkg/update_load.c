/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In the worker: host and indexes into libsolv's pool. It takes what is damaged without a word, so all is compared. */
#include "pkg/update_pool.h"

#include <errno.h>

static const char *without_epoch_0(const char *version)
{
	return startswith(version, "0:") ? version + 2 : version;
}

static int check_same(const struct update_pool *p, const Repo *repo, const struct index *x, struct error *err)
{
	if (repo->nsolvables != (int)x->n_packages || repo->end - repo->start != repo->nsolvables)
		return error_set(err, EBADMSG, "%s: libsolv sees %d packages where we see %zu", x->label, repo->nsolvables,
				 x->n_packages);
	for (size_t i = 0; i < x->n_packages; i++) {
		const Solvable *s = p->pool->solvables + repo->start + (Id)i;
		const struct index_package *q = &x->packages[i];

		if (!streq(solv.pool_id2str(p->pool, s->name), q->name) || !streq(solv.pool_id2str(p->pool, s->arch), q->arch) ||
		    !streq(without_epoch_0(solv.pool_id2str(p->pool, s->evr)), without_epoch_0(q->version)))
			return error_set(err, EBADMSG, "%s: libsolv reads package %zu, %s %s, otherwise than we do", x->label,
					 i + 1, q->name, q->version);
	}
	return 0;
}

static int load_text(struct update_pool *p, Repo *repo, const struct index *x, struct error *err)
{
	FILE *f = solv.solv_fmemopen(x->text, x->text_size, "r");
	int r;

	if (!f)
		return error_set(err, errno, "%s: %s", x->label, strerror(errno));
	r = x->family == INDEX_DEB ? solv_deb.repo_add_debpackages(repo, f, 0) : solv_rpm.repo_add_rpmmd(repo, f, NULL, 0);
	if (r != 0 || ferror(f))
		r = error_set(err, EBADMSG, "%s: libsolv: %s", x->label, solv.pool_errstr(p->pool));
	fclose(f);
	return r < 0 ? r : check_same(p, repo, x, err);
}

/* --- the host --------------------------------------------------------------------------------- */

static void hold(struct update_pool *p, const struct index *status)
{
	for (size_t i = 0; i < status->n_packages; i++)
		if (status->packages[i].held)
			update_job(&p->standing, SOLVER_LOCK | SOLVER_SOLVABLE, p->host->start + (Id)i);
}

static void add_made_up(struct update_pool *p, const char *name, const char *version, const char *arch)
{
	Solvable *s = p->pool->solvables + solv.repo_add_solvable(p->host);
	Id self;

	s->name = solv.pool_str2id(p->pool, name, 1);
	s->evr = solv.pool_str2id(p->pool, version, 1);
	s->arch = solv.pool_str2id(p->pool, arch, 1);
	self = solv.pool_rel2id(p->pool, s->name, s->evr, REL_EQ, 1);
	/* The pool's solvables may have moved. */
	p->pool->solvables[p->host->end - 1].provides = solv.repo_addid_dep(p->host, 0, self, 0);
}

static int load_rpmdb(struct update_pool *p, const char *copy, struct error *err)
{
	solv.pool_set_rootdir(p->pool, copy);
	if (solv_rpm.repo_add_rpmdb(p->host, NULL, REPO_USE_ROOTDIR) != 0)
		return error_set(err, EBADMSG, "the host's database of rpm cannot be read: %s", solv.pool_errstr(p->pool));
	return 0;
}

static int load_host(struct update_pool *p, const struct update_task *t, struct error *err)
{
	int r = 0;

	if (t->host->status) {
		r = load_text(p, p->host, t->host->status, err);
		if (r == 0)
			hold(p, t->host->status);
	} else if (t->rpm_copy) {
		r = load_rpmdb(p, t->rpm_copy, err);
	} else {
		for (size_t i = 0; t->host->has[i]; i++)
			add_made_up(p, t->host->has[i]->name, t->host->has[i]->version, t->host->has[i]->arch);
		/* What is taken to be there is provided by this one. */
		add_made_up(p, "everything-else", "1", t->indexes[0]->family == INDEX_DEB ? "all" : "noarch");
		p->assumed = p->host->end - 1;
	}
	if (r == 0 && p->host->nsolvables == 0)
		r = error_set(err, ENODATA, "the host's database of packages is empty");
	return r;
}

/* Packages of one name that stand side by side. */
static void add_multiversion(struct update_pool *p, const char *const *installonly)
{
	for (size_t i = 0; installonly && installonly[i]; i++)
		update_job(&p->standing, SOLVER_MULTIVERSION | SOLVER_SOLVABLE_PROVIDES,
			   solv.pool_str2id(p->pool, installonly[i], 1));
}

/* --- what is taken to be on a made-up host ------------------------------------------------------ */

static bool provided(struct update_pool *p, Id dep)
{
	Pool *pool = p->pool;
	Id at = ISRELDEP(dep) ? pool->whatprovides_rel[GETRELID(dep)] : pool->whatprovides[dep];

	if (!at)
		at = solv.pool_addrelproviders(pool, dep);
	return pool->whatprovidesdata[at] != 0;
}

/* A version that is in the range, or 0. */
static Id fitting_version(struct update_pool *p, Id version, int flags)
{
	_cleanup_(freep) char *later = NULL;

	switch (flags) {
	case REL_LT:
		return solv.pool_str2id(p->pool, "0", 1);
	case REL_GT:
		later = xasprintf("%s.1", solv.pool_id2str(p->pool, version));
		return solv.pool_str2id(p->pool, later, 1);
	case REL_LT | REL_EQ:
	case REL_GT | REL_EQ:
		return version;
	}
	return 0;
}

/* What would satisfy a dependency that nothing in the indexes does; 0: nothing may be taken for granted. */
static Id satisfier(struct update_pool *p, Id dep)
{
	while (ISRELDEP(dep)) {
		const Reldep *rel = GETRELDEP(p->pool, dep);
		Id version;

		if (rel->flags == REL_OR || rel->flags == REL_MULTIARCH) {
			dep = rel->name;
			continue;
		}
		if (ISRELDEP(rel->name) || rel->flags > 7)
			return 0;
		version = fitting_version(p, rel->evr, rel->flags);
		return version ? solv.pool_rel2id(p->pool, rel->name, version, REL_EQ, 1) : 0;
	}
	return dep;
}

static void assume(struct update_pool *p)
{
	Queue found;

	solv.queue_init(&found);
	for (size_t i = 0; i < p->n_repos; i++)
		for (Id id = p->repos[i]->start; id < p->repos[i]->end; id++) {
			const Solvable *s = p->pool->solvables + id;
			const Id *dep = s->requires ? s->repo->idarraydata + s->requires : NULL;

			for (; dep && *dep; dep++)
				if (*dep != SOLVABLE_PREREQMARKER && !provided(p, *dep))
					solv.queue_insertn(&found, found.count, 1, dep);
		}
	for (int i = 0; i < found.count; i++) {
		Id dep = satisfier(p, found.elements[i]);

		if (dep)
			p->pool->solvables[p->assumed].provides =
				solv.repo_addid_dep(p->host, p->pool->solvables[p->assumed].provides, dep, 0);
	}
	if (found.count > 0)
		solv.pool_createwhatprovides(p->pool);
	solv.queue_free(&found);
}

/* --- all of it -------------------------------------------------------------------------------- */

static unsigned *priorities_of(const struct update_task *t)
{
	unsigned *list = xcalloc(t->n_indexes, sizeof(*list));

	for (size_t i = 0; i < t->n_indexes; i++)
		list[i] = t->indexes[i]->priority;
	return list;
}

int update_load(struct update_pool *p, const struct update_task *t, struct error *err)
{
	bool rpm = t->indexes[0]->family == INDEX_RPM;
	int r;

	p->pool = solv.pool_create();
	solv.queue_init(&p->standing);
	/* In this order: the architectures that go together depend on the type. */
	if (solv.pool_setdisttype(p->pool, rpm ? DISTTYPE_RPM : DISTTYPE_DEB) < 0)
		return error_set(err, ENOENT, "libsolv here is built without the rules of %s packages", rpm ? "rpm" : "Debian");
	solv.pool_setarch(p->pool, t->arch);
	p->recommends = rpm || t->host->recommends;
	p->host = solv.repo_create(p->pool, "host");
	r = load_host(p, t, err);
	solv.pool_set_installed(p->pool, p->host);
	p->repos = xcalloc(t->n_indexes, sizeof(*p->repos));
	p->priorities = priorities_of(t);
	for (; r == 0 && p->n_repos < t->n_indexes; p->n_repos++) {
		p->repos[p->n_repos] = solv.repo_create(p->pool, t->indexes[p->n_repos]->label);
		r = load_text(p, p->repos[p->n_repos], t->indexes[p->n_repos], err);
	}
	if (r < 0)
		return r;
	add_multiversion(p, t->host->installonly);
	if (rpm)
		solv.pool_addfileprovides(p->pool);
	solv.pool_createwhatprovides(p->pool);
	if (p->assumed)
		assume(p);
	p->blocked = xcalloc((size_t)p->pool->nsolvables, sizeof(bool));
	p->passed_over = xcalloc((size_t)p->pool->nsolvables, sizeof(bool));
	return 0;
}

void update_pool_done(struct update_pool *p)
{
	if (!p->pool)
		return;
	solv.queue_free(&p->standing);
	solv.pool_free(p->pool);
	free(p->repos);
	free(p->priorities);
	free(p->blocked);
	free(p->passed_over);
	*p = (struct update_pool){ 0 };
}

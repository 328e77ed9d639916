/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/update_pool.h"

/* What is installed counts for that much (apt_preferences(5)). */
#define PRIORITY_INSTALLED 100u

struct name {
	Id installed;      /* solvable; 0: none */
	unsigned priority; /* the highest of those that an update may take */
};

/* A downgrade takes a priority of 1000, which no index has by itself. */
static bool may_be(const struct update_pool *p, const struct name *n, Id id)
{
	const Solvable *all = p->pool->solvables;

	return !p->blocked[id] &&
	       (!n->installed || solv.pool_evrcmp(p->pool, all[id].evr, all[n->installed].evr, EVRCMP_COMPARE) >= 0);
}

/* By the name's number; owned. */
static struct name *find(const struct update_pool *p)
{
	struct name *list = xcalloc((size_t)p->pool->ss.nstrings, sizeof(*list));
	const Solvable *all = p->pool->solvables;

	for (Id id = p->host->start; id < p->host->end; id++)
		if (all[id].repo == p->host)
			list[all[id].name] = (struct name){ id, PRIORITY_INSTALLED };
	for (size_t i = 0; i < p->n_repos; i++)
		for (Id id = p->repos[i]->start; id < p->repos[i]->end; id++) {
			struct name *n = &list[all[id].name];

			if (p->priorities[i] > n->priority && may_be(p, n, id))
				n->priority = p->priorities[i];
		}
	return list;
}

static bool all_count_the_same(const struct update_pool *p)
{
	for (size_t i = 0; i < p->n_repos; i++)
		if (p->priorities[i] != INDEX_PRIORITY)
			return false;
	return true;
}

void update_candidates(struct update_pool *p, Queue *jobs)
{
	_cleanup_(freep) struct name *list = NULL;

	if (p->pool->disttype != DISTTYPE_DEB || all_count_the_same(p))
		return;
	list = find(p);
	for (size_t i = 0; i < p->n_repos; i++)
		for (Id id = p->repos[i]->start; id < p->repos[i]->end; id++) {
			p->passed_over[id] = p->priorities[i] < list[p->pool->solvables[id].name].priority;
			if (p->passed_over[id] && !p->blocked[id])
				update_job(jobs, SOLVER_BLACKLIST | SOLVER_SOLVABLE, id);
		}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/update_pool.h"

/* What is installed counts for that much (apt_preferences(5)). */
#define PRIORITY_INSTALLED 100u

struct candidate {
	Id installed, best; /* solvables; 0: none */
	unsigned priority;  /* of the best */
};

static int compare(const struct update_pool *p, Id a, Id b)
{
	return solv.pool_evrcmp(p->pool, p->pool->solvables[a].evr, p->pool->solvables[b].evr, EVRCMP_COMPARE);
}

static void consider(const struct update_pool *p, struct candidate *c, Id id, unsigned priority)
{
	/* A downgrade takes a priority of 1000, which no index has by itself. */
	if (c->installed && compare(p, id, c->installed) < 0)
		return;
	if (c->best && (priority < c->priority || (priority == c->priority && compare(p, id, c->best) <= 0)))
		return;
	c->best = id;
	c->priority = priority;
}

/* The candidates by name; owned. */
static struct candidate *find(const struct update_pool *p)
{
	struct candidate *list = xcalloc((size_t)p->pool->ss.nstrings, sizeof(*list));
	const Solvable *all = p->pool->solvables;

	for (Id id = p->host->start; id < p->host->end; id++)
		if (all[id].repo == p->host)
			list[all[id].name].installed = id;
	for (size_t i = 0; i < p->n_repos; i++)
		for (Id id = p->repos[i]->start; id < p->repos[i]->end; id++)
			if (!p->blocked[id])
				consider(p, &list[all[id].name], id, p->priorities[i]);
	for (Id id = p->host->start; id < p->host->end; id++)
		if (all[id].repo == p->host)
			consider(p, &list[all[id].name], id, PRIORITY_INSTALLED);
	return list;
}

void update_candidates(struct update_pool *p, Queue *jobs)
{
	_cleanup_(freep) struct candidate *list = NULL;

	if (p->pool->disttype != DISTTYPE_DEB)
		return;
	list = find(p);
	for (size_t i = 0; i < p->n_repos; i++)
		for (Id id = p->repos[i]->start; id < p->repos[i]->end; id++) {
			Id best = list[p->pool->solvables[id].name].best;

			/* The same version may be in two of them. */
			p->passed_over[id] = best && compare(p, id, best) != 0;
			if (p->passed_over[id] && !p->blocked[id])
				update_job(jobs, SOLVER_BLACKLIST | SOLVER_SOLVABLE, id);
		}
}

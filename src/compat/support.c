/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/judge.h"

const char *status_name(enum status s)
{
	static const char *const names[] = {
		[STATUS_UNSUPPORTED] = "unsupported",
		[STATUS_UNKNOWN] = "unknown",
		[STATUS_DEGRADED] = "degraded",
		[STATUS_SUPPORTED] = "supported",
	};

	return (size_t)s < ARRAY_SIZE(names) ? names[s] : "invalid";
}

static void judge_paths(const struct site *site, struct verdict *v)
{
	const struct host *h = site->host;
	const struct mode *m = &h->modes[site->mode];

	v->paths = xcalloc(h->offers_count, sizeof(*v->paths));
	for (unsigned c = 0; c < CLASS_COUNT; c++)
		for (unsigned i = 0; i < h->offers_count && m->needs[c] != NEED_NONE; i++)
			if (h->offers[i].iface->class_ == (enum iface_class)c &&
			    offer_active(&h->offers[i], site->version, m, site->support->facts->arch))
				path_judge(site, &h->offers[i], &v->paths[v->n_paths++]);
}

/* The best path of a class. -1: nothing of it is offered. */
static int best_of(const struct verdict *v, enum iface_class c)
{
	int best = -1;

	for (size_t i = 0; i < v->n_paths; i++)
		if (v->paths[i].spoken->iface->class_ == c && (int)v->paths[i].status > best)
			best = (int)v->paths[i].status;
	return best;
}

/* Whether only inference says what the best path of a class is. */
static bool best_inferred(const struct verdict *v, enum iface_class c, enum status best)
{
	bool inferred = false;

	for (size_t i = 0; i < v->n_paths; i++) {
		if (v->paths[i].spoken->iface->class_ != c || v->paths[i].status != best)
			continue;
		if (!v->paths[i].inferred)
			return false;
		inferred = true;
	}
	return inferred;
}

/* What one need makes of the whole: a guest does without what is optional. */
static enum status weigh(enum need need, enum status met)
{
	if (need == NEED_REQUIRED)
		return met;
	return met >= STATUS_DEGRADED ? STATUS_SUPPORTED : STATUS_DEGRADED;
}

static void judge_need(struct verdict *v, enum need need, enum iface_class c)
{
	int best = best_of(v, c);
	enum status weight;

	v->needs[c] = STATUS_SUPPORTED;
	if (need == NEED_NONE || (best < 0 && need == NEED_OPTIONAL))
		return;
	v->needs[c] = best < 0 ? STATUS_UNSUPPORTED : (enum status)best;
	v->inferred |= best_inferred(v, c, v->needs[c]);
	/* Statuses are in the order in which they count. */
	weight = weigh(need, v->needs[c]);
	v->status = weight < v->status ? weight : v->status;
}

static void judge_verdict(struct support *s, const struct host *h, unsigned version, unsigned mode)
{
	struct site site = { .support = s, .host = h, .version = version, .mode = mode };
	struct verdict v = { .host = h, .version = version, .mode = mode, .status = STATUS_SUPPORTED };

	judge_paths(&site, &v);
	for (unsigned c = 0; c < CLASS_COUNT; c++)
		judge_need(&v, h->modes[mode].needs[c], c);
	ARRAY_GROW(s->verdicts, s->n_verdicts);
	s->verdicts[s->n_verdicts++] = v;
}

static bool mode_exists(const struct mode *m, unsigned version, const char *arch)
{
	return version >= m->first && version <= m->last && arch_listed(m->arch, m->arch_count, arch);
}

static void judge_host(struct support *s, const struct host *h)
{
	for (unsigned v = 0; v < h->versions_count; v++)
		for (unsigned m = 0; m < h->modes_count; m++)
			if (mode_exists(&h->modes[m], v, s->facts->arch))
				judge_verdict(s, h, v, m);
}

static void copy_contradictions(struct support *s)
{
	for (size_t i = 0; i < s->facts->n_contradictions; i++) {
		ARRAY_GROW(s->contradictions, s->n_contradictions);
		s->contradictions[s->n_contradictions++] = xstrdup(s->facts->contradictions[i].what);
	}
}

struct support *support_judge(const struct knowledge *k, const struct facts *facts)
{
	struct support *s = xcalloc(1, sizeof(*s));
	struct bench b = { .k = k, .facts = facts };

	s->knowledge = k;
	s->facts = facts;
	s->spoken = xcalloc(k->n_ifaces, sizeof(*s->spoken));
	copy_contradictions(s);
	for (size_t i = 0; i < k->n_ifaces; i++) {
		spoken_judge(&b, k->ifaces[i], &s->spoken[i]);
		spoken_contradictions(&b, &s->spoken[i], s);
	}
	for (size_t i = 0; i < k->n_hosts; i++)
		judge_host(s, k->hosts[i]);
	return s;
}

static void verdict_done(struct verdict *v)
{
	for (size_t i = 0; i < v->n_paths; i++)
		path_done(&v->paths[i]);
	free(v->paths);
	free(v->boots);
}

struct support *support_free(struct support *s)
{
	if (!s)
		return NULL;
	for (size_t i = 0; i < s->knowledge->n_ifaces; i++)
		spoken_done(&s->spoken[i]);
	for (size_t i = 0; i < s->n_verdicts; i++)
		verdict_done(&s->verdicts[i]);
	for (size_t i = 0; i < s->n_contradictions; i++)
		free(s->contradictions[i]);
	free(s->spoken);
	free(s->verdicts);
	free(s->contradictions);
	free(s);
	return NULL;
}

const struct verdict *support_find(const struct support *s, const struct host *host, unsigned version,
				   unsigned mode)
{
	for (size_t i = 0; i < s->n_verdicts; i++) {
		const struct verdict *v = &s->verdicts[i];

		if (v->host == host && v->version == version && v->mode == mode)
			return v;
	}
	return NULL;
}

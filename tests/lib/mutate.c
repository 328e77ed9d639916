/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/mutate.h"
#include "compat/rule.h"

struct mutation {
	const struct knowledge *k;
	struct facts *facts;   /* being changed */
	enum fact_state state; /* what evidence becomes */
	struct mutation_count *count;
	void (*say)(void *ctx, const char *sentence);
	void *ctx;
};

/* What spoke for the rule is taken away: presence where it asked for it, absence below `none`. */
static void take_fact(struct mutation *m, size_t want, bool negated)
{
	struct fact *f = &m->facts->facts[want];

	if (f->state != (negated ? FACT_ABSENT : FACT_PRESENT))
		return;
	f->state = negated && m->state == FACT_ABSENT ? FACT_PRESENT : m->state;
	f->n_versions = 0;
	m->count->changed++;
}

static void take_rule(struct mutation *m, const struct rule *r, bool negated)
{
	struct branches b = rule_branches(r);

	if (!b.key)
		take_fact(m, r->want, negated);
	for (unsigned i = 0; i < b.count; i++)
		take_rule(m, &b.rules[i], negated ^ (r->none_count > 0));
}

static bool met(const struct path *p)
{
	return p->status >= STATUS_DEGRADED;
}

static const char *state_name(enum fact_state s)
{
	return s == FACT_ABSENT ? "absent" : s == FACT_UNKNOWN ? "unknown" : "unread";
}

static void fail(struct mutation *m, const struct verdict *v, const struct iface *i, const char *what)
{
	_cleanup_(freep) char *label = verdict_label(v->host, v->version, v->mode), *text = NULL;

	m->count->failures++;
	text = xasprintf("%s: %s although all evidence of %s is %s", label, what, i->name,
			 state_name(m->state));
	if (m->say)
		m->say(m->ctx, text);
}

/* Whether `i` alone meets the need of its class. */
static bool only_way(const struct verdict *v, const struct iface *i)
{
	for (size_t n = 0; n < v->n_paths; n++)
		if (v->paths[n].spoken->iface->class_ == i->class_ && v->paths[n].spoken->iface != i &&
		    met(&v->paths[n]))
			return false;
	return true;
}

static void compare_verdict(struct mutation *m, const struct verdict *old, const struct verdict *new,
			    const struct iface *i)
{
	bool required = old->host->modes[old->mode].needs[i->class_] == NEED_REQUIRED,
	     alone = only_way(old, i);

	/* What is known to be absent may open another way (a kernel unaware of its host); what is not known
	 * never may. */
	if (m->state == FACT_ABSENT)
		alone = alone && only_way(new, i);
	for (size_t n = 0; n < old->n_paths; n++) {
		if (old->paths[n].spoken->iface != i || !met(&old->paths[n]))
			continue;
		m->count->paths++;
		if (met(&new->paths[n]))
			fail(m, new, i, "a path is met");
		if (required && alone && new->status >= STATUS_DEGRADED)
			fail(m, new, i, status_name(new->status));
	}
}

static void mutate_iface(struct mutation *m, const struct support *old, const struct iface *i)
{
	_cleanup_(support_freep) struct support *new = NULL;

	for (unsigned n = 0; n < i->speaks_count; n++)
		take_rule(m, &i->speaks[n], false);
	m->count->mutations++;
	new = support_judge(m->k, m->facts);
	for (size_t n = 0; n < old->n_verdicts; n++)
		compare_verdict(m, &old->verdicts[n], &new->verdicts[n], i);
}

static bool meets_something(const struct support *s, const struct iface *i)
{
	for (size_t n = 0; n < s->n_verdicts; n++)
		for (size_t p = 0; p < s->verdicts[n].n_paths; p++)
			if (s->verdicts[n].paths[p].spoken->iface == i && met(&s->verdicts[n].paths[p]))
				return true;
	return false;
}

struct mutation_count mutate_all(const struct knowledge *k, const struct facts *facts,
				 void (*say)(void *ctx, const char *sentence), void *ctx)
{
	static const enum fact_state states[] = { FACT_ABSENT, FACT_UNKNOWN, FACT_UNREAD };
	_cleanup_(support_freep) struct support *old = support_judge(k, facts);
	struct mutation_count count = { 0 };

	for (size_t i = 0; i < k->n_ifaces; i++) {
		if (!meets_something(old, k->ifaces[i]))
			continue;
		for (size_t s = 0; s < ARRAY_SIZE(states); s++) {
			_cleanup_(facts_freep) struct facts *copy = facts_copy(facts);
			struct mutation m = { k, copy, states[s], &count, say, ctx };

			mutate_iface(&m, old, k->ifaces[i]);
		}
	}
	return count;
}

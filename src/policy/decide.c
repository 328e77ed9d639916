/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/decide.h"

static void decide_rows(struct deciding *w)
{
	const struct support *s = w->new_support;

	for (size_t i = 0; i < s->n_verdicts; i++) {
		const struct verdict *row = &s->verdicts[i], *old_row = NULL;

		if (w->old_support)
			old_row = support_find(w->old_support, row->host, row->version, row->mode);
		w->row_first = w->n_drafts;
		require_row(w, old_row, row);
		compare_row(w, old_row, row);
		proof_row(w, old_row, row);
	}
}

/* Whether `drops: block` speaks of it: what ran on the old kernel is gone, or may be gone. */
static bool is_drop(const struct draft *d)
{
	if (d->f.kind == FINDING_DROPPED)
		return d->f.state == STATE_NEW;
	return d->f.kind == FINDING_UNKNOWN &&
	       (d->doubtful || (stands(d->old_row) && d->new_row->status == STATUS_UNKNOWN));
}

/* Whether it blocks for something that is known: that something is lost, and that the policy wants it. */
static bool blocks_for_sure(const struct policy *p, const struct draft *d)
{
	if (d->f.kind != FINDING_DROPPED && d->f.kind != FINDING_NARROWED)
		return false;
	return (d->f.required && !d->maybe) || (p->drops == DROPS_BLOCK && is_drop(d));
}

static bool is_blocking(const struct policy *p, const struct draft *d)
{
	if (d->f.state == STATE_WAIVED || d->f.kind == FINDING_GAINED || d->f.kind == FINDING_WAIVER)
		return false;
	if (blocks_for_sure(p, d))
		return true;
	if (d->f.kind == FINDING_CONTRADICTION)
		return d->f.required;
	/* Who requires a boot means it, whatever else may stay unknown. */
	if (d->unproven)
		return true;
	return p->unknown == UNKNOWN_BLOCK && (d->f.required || (p->drops == DROPS_BLOCK && is_drop(d)));
}

static enum decision_result result_of(const struct deciding *w)
{
	enum decision_result result = DECISION_ALLOWED;

	for (size_t i = 0; i < w->n_drafts; i++) {
		if (!w->drafts[i].f.blocking)
			continue;
		if (blocks_for_sure(w->policy, &w->drafts[i]))
			return DECISION_BLOCKED;
		result = DECISION_UNDECIDED;
	}
	return result;
}

static void requirement_judge(const struct deciding *w, unsigned i, struct requirement_result *ret)
{
	bool unmet = false, unknown = false, waived = false;

	for (size_t j = 0; j < w->n_links; j++) {
		const struct draft *d = &w->drafts[w->links[j].draft];

		if (w->links[j].requirement != i)
			continue;
		if (d->f.state == STATE_WAIVED)
			waived = true;
		else if (d->f.kind == FINDING_UNKNOWN || d->maybe)
			unknown = true;
		else
			unmet = true;
	}
	ret->requirement = &w->policy->requires[i];
	if (unmet)
		ret->result = REQUIREMENT_UNMET;
	else if (unknown)
		ret->result = REQUIREMENT_UNKNOWN;
	else if (waived)
		ret->result = REQUIREMENT_WAIVED;
	else if (w->applies[i] == APPLIES_NO || w->rows[i] == 0)
		ret->result = REQUIREMENT_NOT_APPLICABLE;
	else
		ret->result = REQUIREMENT_MET;
}

/* Hosts come in the knowledge's order; what is about no host, last. */
static size_t host_rank(const struct knowledge *k, const struct host *h)
{
	size_t i = 0;

	while (i < k->n_hosts && k->hosts[i] != h)
		i++;
	return i;
}

static int number_compare(size_t a, size_t b)
{
	return a < b ? -1 : a > b;
}

static int finding_compare(const void *a, const void *b, void *ctx)
{
	const struct finding *x = a, *y = b;
	const struct knowledge *k = ctx;
	int c = number_compare(y->blocking, x->blocking);

	if (c == 0 && x->host != y->host)
		c = number_compare(host_rank(k, x->host), host_rank(k, y->host));
	if (c == 0)
		c = number_compare(x->version, y->version);
	if (c == 0)
		c = number_compare(x->mode, y->mode);
	if (c == 0 && x->through && y->through)
		c = number_compare(x->through->class_, y->through->class_);
	return c ? c : strcmp(x->id, y->id);
}

/* Moves what was worked out into a decision. */
static struct decision *decision_take(struct deciding *w)
{
	struct decision *d = xcalloc(1, sizeof(*d));

	d->policy = w->policy;
	d->result = result_of(w);
	d->n_requirements = w->policy ? w->policy->requires_count : 0;
	d->requirements = xcalloc(d->n_requirements, sizeof(d->requirements[0]));
	for (unsigned i = 0; i < d->n_requirements; i++)
		requirement_judge(w, i, &d->requirements[i]);
	d->n_findings = w->n_drafts;
	d->findings = xcalloc(d->n_findings, sizeof(d->findings[0]));
	for (size_t i = 0; i < w->n_drafts; i++)
		d->findings[i] = w->drafts[i].f;
	qsort_r(d->findings, d->n_findings, sizeof(d->findings[0]), finding_compare,
		(void *)w->new_support->knowledge);
	return d;
}

static void deciding_done(struct deciding *w)
{
	for (size_t i = 0; i < w->n_drafts; i++) {
		free(w->drafts[i].alternatives);
		free(w->drafts[i].sentence);
	}
	free(w->drafts);
	free(w->links);
	free(w->applies);
	free(w->rows);
}

struct decision *decide(const struct support *old_support, const struct support *new_support,
			const struct policy *policy, const char *today)
{
	struct deciding w = {
		.old_support = old_support,
		.new_support = new_support,
		.policy = policy,
		.today = today,
	};
	struct decision *d;

	require_prepare(&w);
	decide_rows(&w);
	require_rest(&w);
	w.row_first = w.n_drafts;
	doubt_add(&w);
	for (size_t i = 0; i < w.n_drafts; i++)
		draft_finish(&w, &w.drafts[i]);
	waive(&w);
	for (size_t i = 0; policy && i < w.n_drafts; i++)
		w.drafts[i].f.blocking = is_blocking(policy, &w.drafts[i]);
	d = decision_take(&w);
	deciding_done(&w);
	return d;
}

static void finding_done(struct finding *f)
{
	free(f->id);
	free(f->message);
	for (size_t i = 0; f->help && f->help[i]; i++)
		free(f->help[i]);
	free(f->help);
	for (size_t i = 0; i < f->n_evidence; i++) {
		free(f->evidence[i].expected);
		free(f->evidence[i].found);
	}
	free(f->evidence);
}

struct decision *decision_free(struct decision *d)
{
	if (!d)
		return NULL;
	for (size_t i = 0; i < d->n_findings; i++)
		finding_done(&d->findings[i]);
	free(d->findings);
	free(d->requirements);
	free(d);
	return NULL;
}

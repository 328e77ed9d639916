/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prove/agree.h"

const char *agreement_name(enum agreement a)
{
	return a == AGREEMENT_YES ? "agrees" : a == AGREEMENT_NO ? "contradicts" : "undecided";
}

static enum status worse(enum status a, enum status b)
{
	return a < b ? a : b;
}

static struct verdict *verdict_of(const struct record_claim *c, const struct support *s)
{
	const struct host *h = knowledge_host(s->knowledge, c->host);
	int version = h ? host_version_index(h, c->version) : -1, mode = h ? host_mode_index(h, c->mode) : -1;

	if (!h || h->userspace != c->userspace || version < 0 || mode < 0)
		return NULL;
	return (struct verdict *)support_find(s, h, (unsigned)version, (unsigned)mode);
}

/* The best of the ways through that interface. */
static enum status through(const struct verdict *v, const char *name)
{
	enum status best = STATUS_UNSUPPORTED;
	bool any = false;

	for (size_t i = 0; i < v->n_paths; i++)
		if (streq(v->paths[i].offer->interface, name)) {
			any = true;
			best = v->paths[i].status > best ? v->paths[i].status : best;
		}
	return any ? best : STATUS_UNKNOWN;
}

static enum status read_of(const struct record_claim *c, const struct verdict *v)
{
	static const enum iface_class always[] = { CLASS_BOOT, CLASS_LOADER };
	enum status status = STATUS_SUPPORTED;

	if (c->through.n == 0)
		return v->status;
	for (size_t i = 0; i < c->through.n; i++)
		status = worse(status, through(v, c->through.items[i]));
	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		if (v->host->modes[v->mode].needs[always[i]] == NEED_REQUIRED)
			status = worse(status, v->needs[always[i]]);
	return status;
}

enum agreement claim_agrees(const struct record_claim *c, const struct support *s, enum status *ret_read)
{
	const struct verdict *v = verdict_of(c, s);
	enum status read = v ? read_of(c, v) : STATUS_UNKNOWN;

	if (ret_read)
		*ret_read = read;
	if (read == STATUS_UNKNOWN || c->holds == HOLDS_UNKNOWN)
		return AGREEMENT_NONE;
	return (read == STATUS_UNSUPPORTED) == (c->holds == HOLDS_NO) ? AGREEMENT_YES : AGREEMENT_NO;
}

/* The same trial, whatever became of the recipe's text meanwhile. Another version of the hypervisor is another one. */
static bool same_trial(const struct record *a, const struct record *b)
{
	return streq(a->recipe, b->recipe) && streq(a->family, b->family) && streq(a->program, b->program) &&
	       streq_null(a->version, b->version);
}

static bool is_superseded(const struct record_list *l, size_t i)
{
	const struct record *r = l->records[i];

	for (size_t j = 0; j < l->count; j++) {
		const struct record *other = l->records[j];
		int later = strcmp(other->when, r->when);

		if ((later > 0 || (later == 0 && j > i)) && record_decides(other) && same_trial(r, other))
			return true;
	}
	return false;
}

static void attest(const struct record *r, const struct record_claim *c, bool superseded, struct support *s)
{
	static const enum truth truths[] = {
		[HOLDS_UNKNOWN] = TRUTH_UNKNOWN, [HOLDS_YES] = TRUTH_YES, [HOLDS_NO] = TRUTH_NO
	};
	struct verdict *v = verdict_of(c, s);
	struct boot boot = {
		.recipe = r->recipe,
		.outcome = outcome_name(r->outcome),
		.when = r->when,
		.why = r->why,
		.through = &c->through,
		.runs = truths[c->holds],
		.superseded = superseded,
	};

	if (!v)
		return;
	boot.contradicts = claim_agrees(c, s, &boot.read) == AGREEMENT_NO && !superseded;
	ARRAY_GROW(v->boots, v->n_boots);
	v->boots[v->n_boots++] = boot;
}

void records_attest(const struct record_list *records, struct support *s)
{
	for (size_t i = 0; i < records->count; i++) {
		const struct record *r = records->records[i];
		bool superseded = is_superseded(records, i);

		for (size_t j = 0; j < r->n_claims; j++)
			attest(r, &r->claims[j], superseded, s);
	}
}

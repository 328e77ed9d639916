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

static bool has_word(const char *line, const char *word)
{
	size_t n = strlen(word);

	for (const char *s = line; s && *s; s += strcspn(s, " ")) {
		s += strspn(s, " ");
		if (strcspn(s, " ") == n && strncmp(s, word, n) == 0)
			return true;
	}
	return false;
}

/* What was read of a way, where `append` is the command line of the kernel: without the parameter that it needs it is none. */
static enum status status_with(const struct path *p, const char *append)
{
	if (p->status == STATUS_DEGRADED && p->way_out)
		for (unsigned i = 0; i < p->way_out->boot_parameter_count; i++)
			if (!has_word(append, p->way_out->boot_parameter[i]))
				return STATUS_UNSUPPORTED;
	return p->status;
}

/* A reading: as such, or as it is of one boot. */
struct reading {
	const struct verdict *v;
	bool booted;
	const char *append; /* of that boot; may be NULL */
};

/* The best of the ways through that interface; NULL: of those of that class. */
static enum status best_way(const struct reading *r, const char *name, enum iface_class c)
{
	enum status best = STATUS_UNSUPPORTED;
	bool any = !name;

	for (size_t i = 0; i < r->v->n_paths; i++) {
		const struct path *p = &r->v->paths[i];
		enum status status = r->booted ? status_with(p, r->append) : p->status;

		if (name ? !streq(p->offer->interface, name) : p->spoken->iface->class_ != c)
			continue;
		any = true;
		best = status > best ? status : best;
	}
	return any ? best : STATUS_UNKNOWN;
}

/* Whether a class was on trial, whichever interfaces the claim names. */
static bool tried_always(const struct record_claim *claim, enum iface_class c)
{
	return claim->through.n == 0 || c == CLASS_BOOT || c == CLASS_LOADER;
}

static enum status read_of(const struct record_claim *c, const struct reading *r)
{
	enum status status = c->through.n == 0 && !r->booted ? r->v->status : STATUS_SUPPORTED;

	for (size_t i = 0; i < c->through.n; i++)
		status = worse(status, best_way(r, c->through.items[i], 0));
	for (unsigned i = 0; i < CLASS_COUNT; i++)
		if (tried_always(c, i) && r->v->host->modes[r->v->mode].needs[i] == NEED_REQUIRED)
			status = worse(status, best_way(r, NULL, i));
	return status;
}

enum agreement claim_agrees(const struct record *record, const struct record_claim *c, const struct support *s,
			    enum status *ret_read)
{
	struct reading reading = { .v = verdict_of(c, s), .append = record->append };
	enum status read = reading.v ? read_of(c, &reading) : STATUS_UNKNOWN, expected;

	if (ret_read)
		*ret_read = read;
	if (read == STATUS_UNKNOWN || c->holds == HOLDS_UNKNOWN)
		return AGREEMENT_NONE;
	reading.booted = true;
	expected = read_of(c, &reading);
	if (expected == STATUS_UNKNOWN)
		return AGREEMENT_NONE;
	return (expected == STATUS_UNSUPPORTED) == (c->holds == HOLDS_NO) ? AGREEMENT_YES : AGREEMENT_NO;
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
	boot.contradicts = claim_agrees(r, c, s, &boot.read) == AGREEMENT_NO && !superseded;
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

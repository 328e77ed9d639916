/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/judge.h"

void spoken_done(struct spoken *s)
{
	free(s->evidence);
	free(s->why);
}

static void take_evidence(struct spoken *s, struct evidence_list *list)
{
	free(s->evidence);
	s->evidence = TAKE_PTR(list->items);
	s->n_evidence = list->count;
	list->count = 0;
}

/* The rules before the one that decided, none of which could be: is it only that they lie deeper? */
static bool earlier_unread(const struct bench *b, const struct iface *i, unsigned upto)
{
	for (unsigned n = 0; n < upto; n++)
		if (!rule_unread(b, &i->speaks[n]))
			return false;
	return upto > 0;
}

static void find_versions(const struct bench *b, struct spoken *s, unsigned n)
{
	const struct rule *r = &s->iface->speaks[n];
	const struct fact *f = rule_versions(b, r);

	s->versions_known = true;
	if (r->given) {
		s->versions = r->given;
		s->n_versions = r->versions_count;
		s->parts = r->parts;
	} else if (f) {
		s->versions = f->versions;
		s->n_versions = f->n_versions;
		s->parts = f->parts;
	} else if (s->iface->versioned) {
		s->versions_known = false;
		s->unread = rule_versions_unread(b, r) || earlier_unread(b, s->iface, n);
	}
}

static void decide_by(const struct bench *b, struct spoken *s, unsigned n)
{
	struct evidence_list list = { 0 };
	const struct rule *r = &s->iface->speaks[n], *giver;

	s->rule = r;
	rule_evidence(b, r, &list);
	take_evidence(s, &list);
	if (s->present == TRUTH_NO)
		return;
	giver = rule_giver(b, r);
	s->grade = giver->way_out ? GRADE_DEGRADED : giver->grade;
	s->way_out = giver->way_out;
	find_versions(b, s, n);
}

/* No rule could be decided: all that was asked is what would make it known. */
static void leave_open(const struct bench *b, struct spoken *s)
{
	struct evidence_list list = { 0 };

	for (unsigned n = 0; n < s->iface->speaks_count; n++)
		rule_evidence(b, &s->iface->speaks[n], &list);
	s->unread = earlier_unread(b, s->iface, s->iface->speaks_count);
	s->why = say_unknown(b, &list);
	take_evidence(s, &list);
}

static void ask_rules(const struct bench *b, struct spoken *s)
{
	s->present = TRUTH_UNKNOWN;
	for (unsigned n = 0; n < s->iface->speaks_count; n++) {
		s->present = rule_truth(b, &s->iface->speaks[n]);
		if (s->present == TRUTH_UNKNOWN)
			continue;
		decide_by(b, s, n);
		return;
	}
	leave_open(b, s);
}

/* "the kernel is built to boot in VTL2 only (CONFIG_HYPERV_VTL_MODE=y)" */
static char *say_refusal(const struct bench *b, const struct refusal *refusal,
			 const struct evidence_list *list)
{
	struct buf text = { 0 };

	buf_addf(&text, "the kernel %s (", refusal->why ? refusal->why : "excludes it");
	say_facts(b, list, &text);
	buf_add(&text, ")", 1);
	return text.text;
}

static void refuse(const struct bench *b, struct spoken *s, const struct refusal *refusal, enum truth t)
{
	struct evidence_list list = { 0 };

	rule_evidence(b, refusal->when, &list);
	s->refusal = refusal;
	free(s->why);
	if (t == TRUTH_UNKNOWN) {
		s->unread = rule_unread(b, refusal->when) && (s->unread || s->present == TRUTH_YES);
		s->present = TRUTH_UNKNOWN;
		s->why = say_unknown(b, &list);
	} else if (refusal->way_out) {
		s->grade = GRADE_DEGRADED;
		s->way_out = refusal->way_out;
		s->why = say_refusal(b, refusal, &list);
	} else {
		s->present = TRUTH_NO;
		s->unread = false;
		s->why = say_refusal(b, refusal, &list);
	}
	for (size_t i = 0; i < s->n_evidence && s->present != TRUTH_NO; i++)
		evidence_add(&list, s->evidence[i]);
	take_evidence(s, &list);
}

/* The worst refusal counts: one that holds, then one that cannot be told, then one with a way out. */
static void ask_refusals(const struct bench *b, struct spoken *s)
{
	const struct refusal *worst = NULL;
	unsigned worst_rank = 0;

	for (unsigned n = 0; n < s->iface->refused_by_count; n++) {
		const struct refusal *refusal = &s->iface->refused_by[n];
		enum truth t = rule_truth(b, refusal->when);
		unsigned rank = t == TRUTH_NO ? 0 : t == TRUTH_UNKNOWN ? 2 : refusal->way_out ? 1 : 3;

		/* A way out of a refusal is no news where it is not known what is refused. */
		if (rank <= worst_rank || (rank == 1 && s->present == TRUTH_UNKNOWN))
			continue;
		worst = refusal;
		worst_rank = rank;
	}
	if (worst)
		refuse(b, s, worst, rule_truth(b, worst->when));
}

static void say_absent(const struct bench *b, struct spoken *s)
{
	struct evidence_list list = { .items = s->evidence, .count = s->n_evidence };
	struct buf text = { 0 };

	buf_addf(&text, "the kernel does not speak %s (", s->iface->name);
	say_facts(b, &list, &text);
	buf_add(&text, ")", 1);
	s->why = text.text;
}

void spoken_judge(const struct bench *b, const struct iface *i, struct spoken *ret)
{
	*ret = (struct spoken){ .iface = i };
	if (!arch_listed(i->arch, i->arch_count, b->facts->arch)) {
		ret->present = TRUTH_NO;
		ret->why = xasprintf("%s does not exist on %s", i->name, b->facts->arch);
		return;
	}
	ask_rules(b, ret);
	if (ret->present != TRUTH_NO)
		ask_refusals(b, ret);
	if (ret->present == TRUTH_NO && !ret->why)
		say_absent(b, ret);
}

/* "the image says no (note Xen/1 absent)" */
static void say_side(const struct bench *b, const struct rule *r, struct buf *into)
{
	struct evidence_list list = { 0 };

	rule_evidence(b, r, &list);
	say_source(b, list.items[0], into);
	buf_addf(into, " says %s (", rule_truth(b, r) == TRUTH_YES ? "yes" : "no");
	say_facts(b, &list, into);
	buf_add(into, ")", 1);
	evidence_done(&list);
}

static void contradict(const struct bench *b, const struct spoken *s, const struct rule *other,
		       struct support *into)
{
	struct buf text = { 0 };

	buf_addf(&text, "%s: ", s->iface->name);
	say_side(b, s->rule, &text);
	buf_addf(&text, " but ");
	say_side(b, other, &text);
	ARRAY_GROW(into->contradictions, into->n_contradictions);
	into->contradictions[into->n_contradictions++] = text.text;
}

void spoken_contradictions(const struct bench *b, const struct spoken *s, struct support *into)
{
	enum truth said;

	if (!s->rule)
		return;
	said = rule_truth(b, s->rule);
	for (const struct rule *r = s->rule + 1; r < s->iface->speaks + s->iface->speaks_count; r++)
		if (rule_truth(b, r) == TRUTH_YES - said)
			contradict(b, s, r, into);
}

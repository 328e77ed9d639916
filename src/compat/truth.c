/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/judge.h"

void evidence_add(struct evidence_list *list, size_t fact)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i] == fact)
			return;
	ARRAY_GROW(list->items, list->count);
	list->items[list->count++] = fact;
}

void evidence_done(struct evidence_list *list)
{
	free(list->items);
	*list = (struct evidence_list){ 0 };
}

enum truth fact_truth(const struct fact *f)
{
	if (f->state == FACT_ABSENT)
		return TRUTH_NO;
	if (f->state != FACT_PRESENT)
		return TRUTH_UNKNOWN;
	/* In a package that an installation would not bring along. */
	return f->placement == PLACEMENT_NOT_REQUIRED ? TRUTH_NO : TRUTH_YES;
}

enum truth rule_truth(const struct bench *b, const struct rule *r)
{
	struct branches branches = rule_branches(r);
	enum truth least = TRUTH_YES, most = TRUTH_NO;

	if (!branches.key)
		return fact_truth(&b->facts->facts[r->want]);
	for (unsigned i = 0; i < branches.count; i++) {
		enum truth t = rule_truth(b, &branches.rules[i]);

		least = t < least ? t : least;
		most = t > most ? t : most;
	}
	if (r->all_count)
		return least;
	return r->any_count ? most : TRUTH_YES - most;
}

/* What a branch says when it is one of those that made the whole say `whole`. */
static enum truth deciding(const struct rule *r, enum truth whole)
{
	return r->none_count ? TRUTH_YES - whole : whole;
}

void rule_evidence(const struct bench *b, const struct rule *r, struct evidence_list *into)
{
	struct branches branches = rule_branches(r);
	enum truth said = deciding(r, rule_truth(b, r));

	if (!branches.key)
		evidence_add(into, r->want);
	for (unsigned i = 0; i < branches.count; i++)
		if (rule_truth(b, &branches.rules[i]) == said)
			rule_evidence(b, &branches.rules[i], into);
}

bool rule_unread(const struct bench *b, const struct rule *r)
{
	struct branches branches = rule_branches(r);

	if (!branches.key)
		return b->facts->facts[r->want].state == FACT_UNREAD;
	for (unsigned i = 0; i < branches.count; i++)
		if (rule_truth(b, &branches.rules[i]) == TRUTH_UNKNOWN && !rule_unread(b, &branches.rules[i]))
			return false;
	return true;
}

const struct fact *rule_versions(const struct bench *b, const struct rule *r)
{
	struct branches branches = rule_branches(r);

	if (rule_truth(b, r) != TRUTH_YES || r->none_count)
		return NULL;
	if (!branches.key) {
		const struct fact *f = &b->facts->facts[r->want];

		/* A table without elements is a set too; a modinfo may hold what is no version. */
		return r->table || (r->modinfo && f->n_versions) ? f : NULL;
	}
	for (unsigned i = 0; i < branches.count; i++) {
		const struct fact *f = rule_versions(b, &branches.rules[i]);

		if (f)
			return f;
	}
	return NULL;
}

bool rule_versions_unread(const struct bench *b, const struct rule *r)
{
	struct branches branches = rule_branches(r);

	if (r->none_count)
		return false;
	if (!branches.key)
		return rule_tells_versions(r) && b->facts->facts[r->want].state == FACT_UNREAD;
	for (unsigned i = 0; i < branches.count; i++)
		if (rule_versions_unread(b, &branches.rules[i]))
			return true;
	return false;
}

static bool is_full(const struct rule *r)
{
	return r->grade == GRADE_FULL && !r->way_out;
}

const struct rule *rule_giver(const struct bench *b, const struct rule *r)
{
	const struct rule *best = NULL;

	if (!is_full(r) || !r->any_count)
		return r;
	for (unsigned i = 0; i < r->any_count; i++) {
		const struct rule *giver;

		if (rule_truth(b, &r->any[i]) != TRUTH_YES)
			continue;
		giver = rule_giver(b, &r->any[i]);
		if (is_full(giver))
			return giver;
		best = best ? best : giver;
	}
	return best ? best : r;
}

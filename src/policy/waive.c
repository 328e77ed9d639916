/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/decide.h"
#include "policy/range.h"

/* What became of one waiver. */
struct use {
	bool matched; /* there is such a finding */
	bool expired;
};

static bool can_be_waived(const struct finding *f)
{
	return f->kind != FINDING_GAINED && f->kind != FINDING_WAIVER;
}

static struct use waiver_apply(struct deciding *w, const struct waiver *v, size_t n_drafts)
{
	struct use use = { .expired = strcmp(v->until, w->today) < 0 };

	for (size_t i = 0; i < n_drafts; i++) {
		struct finding *f = &w->drafts[i].f;

		if (!can_be_waived(f) || !streq(f->id, v->finding))
			continue;
		use.matched = true;
		if (use.expired)
			continue;
		f->state = STATE_WAIVED;
		f->waiver = v;
	}
	return use;
}

static void waiver_report(struct deciding *w, const struct waiver *v, char *sentence)
{
	size_t at =
		draft_add_plain(w, FINDING_WAIVER, STATE_NEW, id_make(ID_WAIVER, v->finding), sentence);

	w->drafts[at].f.waiver = v;
	draft_finish(w, &w->drafts[at]);
}

/* A waiver for other kernels says nothing of this one; any other one that does not serve is a finding. */
void waive(struct deciding *w)
{
	size_t n_drafts = w->n_drafts;

	for (unsigned i = 0; w->policy && i < w->policy->waivers_count; i++) {
		const struct waiver *v = &w->policy->waivers[i];
		struct use use;

		if (!range_covers(v->kernels, w->new_support->facts->release))
			continue;
		use = waiver_apply(w, v, n_drafts);
		if (use.expired && use.matched)
			waiver_report(w, v,
				      xasprintf("the waiver of %s by %s expired after %s, and what it waived "
						"is still there",
						v->finding, v->by, v->until));
		else if (!use.matched)
			waiver_report(w, v,
				      xasprintf("the waiver of %s by %s is not used: there is no such "
						"finding; remove it",
						v->finding, v->by));
	}
}

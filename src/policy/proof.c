/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/decide.h"

/* Findings about what boots showed of a row, or of an interface there: "unproven-xen-4.17-pv". */
static struct draft *row_finding(struct deciding *w, enum finding_kind kind, enum finding_state state, enum id_kind id,
				 const struct verdict *row, const struct iface *through, char *sentence)
{
	_cleanup_(freep) char *place = id_of_row(row->host, row->version, row->mode, through);
	size_t at = draft_add_plain(w, kind, state, id_make(id, place), sentence);
	struct draft *d = &w->drafts[at];

	d->f.host = row->host;
	d->f.version = row->version;
	d->f.mode = row->mode;
	d->f.through = through;
	return d;
}

static void add_evidence(struct finding *f, const struct boot *b, bool old)
{
	finding_add_evidence(f, (struct evidence){
				.kind = "boot",
				.place = b->recipe,
				.expected = b->contradicts ? xstrdup(status_name(b->read)) : NULL,
				.found = xasprintf("%s%s%s", b->outcome, b->why ? ": " : "", b->why ? b->why : ""),
				.old = old,
			});
}

/* --- contradictions ---------------------------------------------------------------------------- */

static const struct boot *first_contradiction(const struct verdict *row)
{
	for (size_t i = 0; row && i < row->n_boots; i++)
		if (row->boots[i].contradicts)
			return &row->boots[i];
	return NULL;
}

static char *say_contradiction(const struct boot *b, const struct verdict *row)
{
	_cleanup_(freep) char *label = verdict_label(row->host, row->version, row->mode);
	_cleanup_(freep) char *names = strings_text(b->through->items, b->through->n);
	const char *way = b->through->n > 0 ? " through " : "", *what = b->through->n > 0 ? names : "";

	if (b->runs == TRUTH_YES)
		return xasprintf("reads as unsupported on %s%s%s, but booted there by %s", label, way, what, b->recipe);
	return xasprintf("reads as %s on %s%s%s, but the boot by %s ended as %s%s%s", status_name(b->read), label, way, what,
			 b->recipe, b->outcome, b->why ? ": " : "", b->why ? b->why : "");
}

/* One of both is wrong, and nothing here tells which: it is believed neither way. */
static void contradiction_add(struct deciding *w, const struct verdict *old_row, const struct verdict *row)
{
	const struct boot *b = first_contradiction(row);
	enum finding_state state =
		!w->old_support || first_contradiction(old_row) ? STATE_EXISTING : STATE_NEW;
	struct draft *d;
	size_t n_help = 0;

	if (!b)
		return;
	d = row_finding(w, FINDING_CONTRADICTION, state, ID_CONTRADICTION, row, NULL, say_contradiction(b, row));
	d->f.required = row_is_required(w, row);
	for (size_t i = 0; i < row->n_boots; i++)
		if (row->boots[i].contradicts)
			add_evidence(&d->f, &row->boots[i], false);
	finding_add_help(&d->f, &n_help, xasprintf("boot it again: hvcompat prove --on %s", b->recipe));
	finding_add_help(&d->f, &n_help, xstrdup("if it stays so, the knowledge or the recipe is wrong: tell who keeps them"));
}

/* --- proof: required --------------------------------------------------------------------------- */

static bool proven(const struct verdict *row, const char *through)
{
	return row && verdict_booted(row, through);
}

/* That no boot shows a row, or one interface that the requirement names. Another requirement may have said so already. */
static void unproven_add(struct deciding *w, unsigned requirement, const struct verdict *old_row, const struct verdict *row,
			 const struct iface *through)
{
	_cleanup_(freep) char *label = verdict_label(row->host, row->version, row->mode);
	const char *name = through ? through->name : NULL;
	char *sentence = xasprintf("the policy requires proof that it runs on %s%s%s, and no boot on record shows it", label,
				   name ? " through " : "", name ? name : "");
	struct draft *d = row_finding(w, FINDING_UNKNOWN, proven(old_row, name) ? STATE_NEW : STATE_EXISTING, ID_UNPROVEN, row,
				      through, sentence);
	size_t n_help = 0;

	draft_link(w, requirement, (size_t)(d - w->drafts));
	if (d->unproven)
		return;
	d->unproven = true;
	for (size_t i = 0; i < row->n_boots; i++)
		add_evidence(&d->f, &row->boots[i], false);
	finding_add_help(&d->f, &n_help, xasprintf("boot it there: hvcompat prove --on %s --records DIR, and give --records DIR here", label));
}

static void require_proof(struct deciding *w, unsigned requirement, const struct verdict *old_row, const struct verdict *row)
{
	const struct requirement *r = &w->policy->requires[requirement];

	for (unsigned i = 0; i < r->through_count; i++) {
		const struct iface *iface = knowledge_iface(w->new_support->knowledge, r->through[i]);

		/* As require_through() has it: what the host offers on other architectures only is not asked of this one. */
		if (!proven(row, r->through[i]) && (r->arch_count > 0 || row_path(row, iface)))
			unproven_add(w, requirement, old_row, row, iface);
	}
	if (r->through_count == 0 && !proven(row, NULL))
		unproven_add(w, requirement, old_row, row, NULL);
}

void proof_row(struct deciding *w, const struct verdict *old_row, const struct verdict *row)
{
	contradiction_add(w, old_row, row);
	for (unsigned i = 0; w->policy && i < w->policy->requires_count; i++)
		if (w->policy->requires[i].proof == PROOF_REQUIRED && requires_row(w, i, row))
			require_proof(w, i, old_row, row);
}

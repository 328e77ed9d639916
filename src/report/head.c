/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/parts.h"
#include "report/wording.h"

void text_head(const struct text *t, const struct report_kernel *k)
{
	const struct facts *f = k->support->facts;
	_cleanup_(freep) char *reach = reach_text(f);
	struct buf b = { 0 };

	text_put(t, INK_BOLD, k->label, 0);
	if (f->version) {
		fputs("  ", t->out);
		text_put(t, INK_PLAIN, f->version, 0);
	}
	fputc('\n', t->out);
	buf_addf(&b, "%s, %s; read %s: %s%s", f->release ? f->release : "release not known",
		 f->arch ? f->arch : "architecture not known", depth_word(f->depth), reach,
		 f->verified ? "; checksums verified" : "");
	text_line(t, 0, INK_DIM, "%s", b.text);
	buf_done(&b);
}

static void fact_line(const struct text *t, const struct want *w, const struct fact *f)
{
	_cleanup_(freep) char *what = want_text(w);
	struct buf b = { 0 };

	text_line(t, 2, INK_PLAIN, "%s: %s", what,
		  f->state == FACT_UNKNOWN && f->why ? f->why
		  : f->text                          ? f->text
						     : fact_state_word(f->state));
	if (f->state == FACT_UNKNOWN && f->why)
		buf_addf(&b, "unknown; ");
	if (f->placement != PLACEMENT_NONE)
		buf_addf(&b, "%s; ", placement_word(f->placement));
	if (f->package)
		buf_addf(&b, "%s ", f->package);
	if (f->member)
		buf_addf(&b, "%s ", f->member);
	if (f->place)
		buf_addf(&b, "%s", f->place);
	if (b.len > 0)
		text_line(t, 6, INK_DIM, "%s", b.text);
	buf_done(&b);
}

void text_facts(const struct text *t, const struct report_kernel *k)
{
	const struct want_list *wants = &k->support->knowledge->wants;
	const struct facts *f = k->support->facts;
	size_t unread = 0;

	text_line(t, 0, INK_PLAIN, "facts");
	for (size_t i = 0; i < f->count && i < wants->count; i++) {
		if (f->facts[i].state == FACT_UNREAD)
			unread++;
		else
			fact_line(t, &wants->wants[i], &f->facts[i]);
	}
	if (unread > 0)
		text_line(t, 2, INK_DIM, "and %zu more that were not read at this depth", unread);
	fputc('\n', t->out);
}

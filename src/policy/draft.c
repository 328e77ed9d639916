/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/decide.h"

/*
 * Two rooms of one house may have the same to say of one interface: the comparison that it was lost, the
 * policy that it is required. That is one finding, and the graver word stands.
 */
static unsigned gravity(enum finding_kind kind)
{
	static const unsigned gravities[] = {
		[FINDING_GAINED] = 0,	[FINDING_WAIVER] = 1,  [FINDING_UNKNOWN] = 2,
		[FINDING_NARROWED] = 3, [FINDING_DROPPED] = 4, [FINDING_CONTRADICTION] = 5,
	};

	return gravities[kind];
}

static struct draft *draft_same(struct deciding *w, const struct verdict *row, const struct iface *through)
{
	for (size_t i = w->row_first; i < w->n_drafts; i++)
		if (w->drafts[i].new_row == row && w->drafts[i].f.through == through)
			return &w->drafts[i];
	return NULL;
}

static struct draft *draft_new(struct deciding *w)
{
	ARRAY_GROW(w->drafts, w->n_drafts);
	w->drafts[w->n_drafts] = (struct draft){ 0 };
	return &w->drafts[w->n_drafts++];
}

/* A finding about a row of the new kernel. Returns its index; an equal one that is there already is made
 * graver. */
size_t draft_add(struct deciding *w, enum finding_kind kind, enum finding_state state,
		 const struct verdict *old_row, const struct verdict *new_row, const struct iface *through)
{
	struct draft *d = draft_same(w, new_row, through);

	if (d) {
		if (gravity(kind) > gravity(d->f.kind)) {
			d->f.kind = kind;
			d->f.state = state;
			d->doubtful = false;
		}
		return (size_t)(d - w->drafts);
	}
	d = draft_new(w);
	d->f.kind = kind;
	d->f.state = state;
	d->f.host = new_row->host;
	d->f.version = new_row->version;
	d->f.mode = new_row->mode;
	d->f.through = through;
	d->f.id = id_of_row(new_row->host, new_row->version, new_row->mode, through);
	d->old_row = old_row;
	d->new_row = new_row;
	d->old_path = through ? row_path(old_row, through) : NULL;
	d->new_path = through ? row_path(new_row, through) : NULL;
	return w->n_drafts - 1;
}

/* A finding that is not about a row. Takes over `id` and `sentence`; one of that id that is there already is
 * kept. */
size_t draft_add_plain(struct deciding *w, enum finding_kind kind, enum finding_state state, char *id,
		       char *sentence)
{
	struct draft *d;

	for (size_t i = 0; i < w->n_drafts; i++) {
		if (w->drafts[i].new_row || !streq(w->drafts[i].f.id, id))
			continue;
		free(id);
		free(sentence);
		return i;
	}
	d = draft_new(w);
	d->f.kind = kind;
	d->f.state = state;
	d->f.id = id;
	d->sentence = sentence;
	return w->n_drafts - 1;
}

void draft_link(struct deciding *w, size_t requirement, size_t draft)
{
	ARRAY_GROW(w->links, w->n_links);
	w->links[w->n_links++] = (struct link){ .requirement = requirement, .draft = draft };
	w->drafts[draft].f.required = true;
}

/* Writes what people read, once. */
void draft_finish(const struct deciding *w, struct draft *d)
{
	if (d->f.message)
		return;
	draft_describe(d);
	draft_explain(w, d);
}

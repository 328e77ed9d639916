/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/decide.h"

/* What happened to one row, as a whole. */
struct change {
	enum status before, after;
	const struct verdict *old_row, *new_row;
};

/*
 * In a row that no longer runs, all that it lost for what a guest must have is why: the fallback that one of
 * the classes may still have is of no use there.
 */
static bool class_fails(const struct change *ch, enum iface_class c)
{
	return row_need(ch->new_row, c) == NEED_REQUIRED && ch->after == STATUS_UNSUPPORTED;
}

/*
 * A kernel image is packed one way, so to be packed another way is to lose one loader interface and gain
 * another: where the need is met as well as before, that is no change.
 */
static bool class_is_exclusive(const struct change *ch, enum iface_class c)
{
	return c == CLASS_LOADER && ch->new_row->needs[c] == ch->old_row->needs[c];
}

/*
 * A row that did run and does not: what it lost in the classes that now fail is why. Where it is unknown
 * whether it ran, that cannot be called a drop, nor passed over.
 */
static void compare_failing(struct deciding *w, const struct change *ch, const struct iface *iface,
			    enum status before)
{
	size_t d;

	if (before == STATUS_UNSUPPORTED)
		return;
	if (status_good(ch->before) && status_good(before)) {
		draft_add(w, FINDING_DROPPED, STATE_NEW, ch->old_row, ch->new_row, iface);
		return;
	}
	if (ch->before != STATUS_UNKNOWN)
		return;
	d = draft_add(w, FINDING_UNKNOWN, STATE_NEW, ch->old_row, ch->new_row, iface);
	w->drafts[d].doubtful = true;
}

static void compare_path(struct deciding *w, const struct change *ch, const struct iface *iface)
{
	const struct path *old_path = row_path(ch->old_row, iface), *new_path = row_path(ch->new_row, iface);
	enum status before = old_path ? old_path->status : STATUS_UNKNOWN, after = new_path->status;

	if (class_is_exclusive(ch, iface->class_))
		return;
	if (after == STATUS_UNSUPPORTED && class_fails(ch, iface->class_)) {
		compare_failing(w, ch, iface, before);
		return;
	}
	if (status_good(before) && after == STATUS_UNKNOWN)
		draft_add(w, FINDING_UNKNOWN, STATE_NEW, ch->old_row, ch->new_row, iface);
	else if (status_good(before) && after < before)
		draft_add(w, FINDING_NARROWED, STATE_NEW, ch->old_row, ch->new_row, iface);
	else if (before != STATUS_UNKNOWN && status_good(after) && after > before &&
		 ch->after != STATUS_UNSUPPORTED)
		draft_add(w, FINDING_GAINED, STATE_FIXED, ch->old_row, ch->new_row, iface);
}

/* The row changed and no interface of it did: kernels whose architecture was told for one of them only. */
static void compare_whole(struct deciding *w, const struct change *ch)
{
	enum finding_kind kind = FINDING_NARROWED;

	if (ch->after == STATUS_UNKNOWN)
		kind = FINDING_UNKNOWN;
	else if (ch->after == STATUS_UNSUPPORTED)
		kind = FINDING_DROPPED;
	if (status_good(ch->before) && ch->after < ch->before)
		draft_add(w, kind, STATE_NEW, ch->old_row, ch->new_row, NULL);
}

/* Whether some interface's finding says already what happened to the row as a whole. */
static bool row_told(const struct deciding *w, const struct change *ch)
{
	for (size_t i = w->row_first; i < w->n_drafts; i++) {
		enum finding_kind kind = w->drafts[i].f.kind;

		if (ch->after == STATUS_UNSUPPORTED ? kind == FINDING_DROPPED || kind == FINDING_UNKNOWN :
		    ch->after == STATUS_UNKNOWN	    ? kind == FINDING_UNKNOWN :
						      kind != FINDING_GAINED)
			return true;
	}
	return false;
}

void compare_row(struct deciding *w, const struct verdict *old_row, const struct verdict *new_row)
{
	struct change ch = { .old_row = old_row, .new_row = new_row };

	if (!old_row)
		return;
	ch.before = old_row->status;
	ch.after = new_row->status;
	if (ch.before == STATUS_UNSUPPORTED && !status_good(ch.after))
		return;
	for (size_t i = 0; i < new_row->n_paths; i++)
		if (row_path_is_first(new_row, i))
			compare_path(w, &ch, new_row->paths[i].offer->iface);
	if (!row_told(w, &ch))
		compare_whole(w, &ch);
}

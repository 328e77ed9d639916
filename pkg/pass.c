/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/want.h"

#include <errno.h>
#include <inttypes.h>

/* The wants [first, first + n) that one entry answers; most often one. */
struct match {
	size_t first, n;
};

static struct match wants_match(const struct wants *w, const char *path)
{
	size_t lo = 0, hi = w->n, mid;
	struct match m;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (strcmp(w->items[mid].path, path) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	m = (struct match){ .first = lo };
	while (m.first + m.n < w->n && streq(w->items[m.first + m.n].path, path))
		m.n++;
	return m;
}

static bool want_take(const struct pass *p, struct want *want)
{
	bool mine;

	pthread_mutex_lock(&p->wants->lock);
	mine = want->state == WANT_OPEN;
	if (mine) {
		want->state = WANT_TAKEN;
		want->pass = p;
	}
	pthread_mutex_unlock(&p->wants->lock);
	return mine;
}

/* Begins a delivery for each want that this entry answers and nobody else has. Returns how many. */
static size_t match_take(const struct pass *p, const struct match *m, const struct entry *e,
			 struct delivery *ds)
{
	size_t n = 0;

	for (size_t i = m->first; i < m->first + m->n; i++) {
		struct want *want = &p->wants->items[i];
		struct error err = { 0 };

		if (!want_take(p, want))
			continue;
		delivery_begin(&ds[n], p->wants, want, p->wants->verify || p->jumped);
		if (want->size != MEMBER_SIZE_UNKNOWN && want->size != e->size) {
			error_set(&err, EBADMSG,
				  "%s: it has %" PRIu64 " bytes there, %" PRIu64 " in the package's list",
				  p->source->what, e->size, want->size);
			delivery_fail(&ds[n], &err);
		}
		n++;
	}
	return n;
}

/* Hands a piece to all deliveries; whether one of them has use for more. */
static bool match_feed(const struct pass *p, struct delivery *ds, size_t n, const uint8_t *bytes, size_t len)
{
	bool more = false;

	for (size_t i = 0; i < n; i++)
		more |= delivery_feed(&ds[i], bytes, len, p->wants->verify);
	return more;
}

static bool match_active(const struct delivery *ds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!ds[i].settled)
			return true;
	return false;
}

/* The body of an entry into its deliveries; *ret_left is what nobody wanted of it. */
static int match_body(struct pass *p, const struct entry *e, struct delivery *ds, size_t n,
		      uint64_t *ret_left, struct error *err)
{
	struct source *s = p->source;
	uint64_t left = e->size;
	bool more = match_active(ds, n);
	size_t step;
	int r;

	while (more && left > 0) {
		r = source_more(s, err);
		if (r == 0)
			r = source_truncated(s, e->path, left, err);
		if (r < 0)
			return r;
		step = left < s->left ? (size_t)left : s->left;
		more = match_feed(p, ds, n, s->at, step);
		source_take(s, step);
		left -= step;
	}
	*ret_left = left;
	return 0;
}

static int pass_deliver(struct pass *p, const struct entry *e, const struct match *m, struct error *err)
{
	_cleanup_(freep) struct delivery *ds = xcalloc(m->n, sizeof(*ds));
	size_t n = match_take(p, m, e, ds);
	uint64_t left = e->size;
	int r = 0;

	if (n > 0)
		r = match_body(p, e, ds, n, &left, err);
	for (size_t i = 0; i < n; i++) {
		if (r < 0)
			delivery_fail(&ds[i], err);
		else
			delivery_end(&ds[i]);
	}
	if (r < 0)
		return r;
	/* When this was the last, the bytes behind it need not be decoded. */
	if (left > 0 && !p->wants->verify && wants_open(p->wants, p->home, p->strays) == 0)
		return 0;
	return source_skip(p->source, left + e->padding, e->path, err);
}

/*
 * A wanted file turns out to be tar's hard link: what is wanted, in a pass to come, is the entry that it
 * names.
 */
static void pass_redirect(struct pass *p, const struct entry *e, const struct match *m)
{
	pthread_mutex_lock(&p->wants->lock);
	for (size_t i = m->first; i < m->first + m->n; i++) {
		struct want *want = &p->wants->items[i];

		if (want->state != WANT_OPEN)
			continue;
		want->state = WANT_LINKED;
		want->linked = xstrdup(e->target);
	}
	pthread_mutex_unlock(&p->wants->lock);
}

static int pass_entry(struct pass *p, const struct entry *e, struct error *err)
{
	struct match m = wants_match(p->wants, e->path);

	if (m.n > 0 && e->type == ENTRY_FILE)
		return pass_deliver(p, e, &m, err);
	if (m.n > 0 && e->type == ENTRY_HARDLINK)
		pass_redirect(p, e, &m);
	return source_skip(p->source, e->size + e->padding, e->path, err);
}

int pass_run(struct pass *p, struct error *err)
{
	_cleanup_(freep) struct entry *e = xmalloc(sizeof(*e));
	int r;

	while (wants_open(p->wants, p->home, p->strays) > 0 && p->source->pos < p->stop) {
		r = p->walk.next(p->source, p->walk.ctx, e, err);
		if (r <= 0)
			return r;
		r = pass_entry(p, e, err);
		if (r < 0)
			return r;
	}
	return 0;
}

void pass_settle(const struct pass *p, const struct error *err)
{
	pthread_mutex_lock(&p->wants->lock);
	for (size_t i = 0; i < p->wants->n; i++) {
		struct want *want = &p->wants->items[i];

		if (want->pass != p)
			continue;
		want->pass = NULL;
		if (!err || want->read->result != 0)
			continue;
		want->read->result = err->code;
		want->read->error = *err;
	}
	pthread_mutex_unlock(&p->wants->lock);
}

/* After a pass: hard links take effect. Whether there were any, so that another pass is due. */
static bool wants_follow(struct wants *w)
{
	struct error err = { 0 };
	bool any = false;

	error_set(&err, ELOOP, "its hard links lead in a circle, or over more than %d others", PKG_HARD_LINK_HOPS);
	for (size_t i = 0; i < w->n; i++) {
		struct want *want = &w->items[i];

		if (want->state != WANT_LINKED)
			continue;
		free(want->hard);
		want->path = want->hard = TAKE_PTR(want->linked);
		want->state = WANT_OPEN;
		if (++want->hops > PKG_HARD_LINK_HOPS)
			want_finish(w, want, &err);
		any = true;
	}
	if (any)
		wants_sort(w);
	return any;
}

static int straight_once(struct wants *w, struct entry_walk walk, struct source_maker maker,
			 struct error *err)
{
	_cleanup_(source_freep) struct source *s = NULL;
	struct pass p = { .walk = walk, .wants = w, .home = HOME_UNKNOWN, .stop = UINT64_MAX };
	int r;

	r = maker.open(maker.ctx, &s, err);
	if (r < 0)
		return r;
	p.source = s;
	r = pass_run(&p, err);
	if (r == 0 && w->verify)
		r = source_drain(s, err);
	pass_settle(&p, r < 0 && w->verify ? err : NULL);
	return r;
}

static void straight_missing(struct wants *w, const char *lister)
{
	struct error err = { 0 };

	error_set(&err, EBADMSG, "%s names it, but the payload does not hold it as a file", lister);
	wants_fail_open(w, &err);
}

void pass_straight(struct wants *w, struct entry_walk walk, struct source_maker maker, const char *lister)
{
	struct error err = { 0 };

	wants_follow(w);
	while (wants_open(w, HOME_UNKNOWN, true) > 0) {
		if (straight_once(w, walk, maker, &err) < 0) {
			wants_follow(w);
			wants_fail_open(w, &err);
			return;
		}
		if (!wants_follow(w))
			break;
		/* Entries that no link led away from were not in the archive, nor will they be. */
	}
	straight_missing(w, lister);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/want.h"

#include <errno.h>

static int want_compare(const void *a, const void *b)
{
	const struct want *x = a, *y = b;

	return strcmp(x->path, y->path);
}

void wants_sort(struct wants *w)
{
	if (w->n > 1)
		qsort(w->items, w->n, sizeof(*w->items), want_compare);
}

size_t wants_open(struct wants *w, size_t home, bool strays)
{
	size_t n = 0;

	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->n; i++) {
		const struct want *x = &w->items[i];

		if (x->state != WANT_OPEN)
			continue;
		n += home == HOME_UNKNOWN || x->home == home || (strays && x->home == HOME_UNKNOWN);
	}
	pthread_mutex_unlock(&w->lock);
	return n;
}

void want_finish(struct wants *w, struct want *want, const struct error *err)
{
	pthread_mutex_lock(&w->lock);
	want->state = WANT_DONE;
	want->read->result = err ? err->code : 0;
	if (err)
		want->read->error = *err;
	pthread_mutex_unlock(&w->lock);
}

void wants_fail_open(struct wants *w, const struct error *err)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->items[i].state == WANT_OPEN)
			want_finish(w, &w->items[i], err);
}

void delivery_begin(struct delivery *d, struct wants *w, struct want *want, bool check)
{
	struct error err = { 0 };

	*d = (struct delivery){ .wants = w, .want = want };
	if (check && want->digest && hash_new(want->hash, &d->hash, &err) < 0)
		delivery_fail(d, &err);
}

void delivery_fail(struct delivery *d, const struct error *err)
{
	d->hash = hash_free(d->hash);
	if (!d->settled)
		want_finish(d->wants, d->want, err);
	d->settled = true;
}

static void delivery_sink(struct delivery *d, const uint8_t *bytes, size_t n)
{
	const struct member_sink *sink = &d->want->read->sink;
	struct error err = { 0 };
	int r = sink->take(sink->ctx, bytes, n, &err);

	if (r > 0)
		d->enough = true;
	if (r >= 0)
		return;
	error_set(&err, r, "its contents were refused: %s", strerror(-r));
	delivery_fail(d, &err);
}

bool delivery_feed(struct delivery *d, const uint8_t *bytes, size_t n, bool check)
{
	if (d->settled)
		return false;
	if (d->hash)
		hash_add(d->hash, bytes, n);
	if (!d->enough)
		delivery_sink(d, bytes, n);
	/* A sink that saw enough waits for the digest only when everything is to be verified. */
	if (d->enough && !(check && d->hash) && !d->settled) {
		want_finish(d->wants, d->want, NULL);
		delivery_fail(d, NULL);
	}
	return !d->settled;
}

static bool digest_right(struct delivery *d)
{
	char text[HASH_TEXT_MAX];

	if (!d->hash)
		return true;
	hash_hex(d->hash, text);
	return streq(text, d->want->digest);
}

void delivery_end(struct delivery *d)
{
	const struct member_sink *sink = &d->want->read->sink;
	struct error err = { 0 };
	int r = 0;

	if (d->settled)
		return;
	if (!digest_right(d))
		error_set(&err, EBADMSG, "its bytes do not have the %s that the package lists: it is corrupt",
			  hash_name(d->want->hash));
	else if (!d->enough && sink->end)
		r = sink->end(sink->ctx, &err);
	if (r < 0)
		error_set(&err, r, "its contents were refused: %s", strerror(-r));
	delivery_fail(d, err.code ? &err : NULL);
}

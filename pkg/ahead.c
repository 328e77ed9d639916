/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/ahead.h"
#include "pkg/limits.h"

#include <stdatomic.h>

struct ahead {
	struct source_maker maker;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* All of these are guarded by the lock while the thread runs. */
	struct source *inner; /* NULL: could not be opened */
	bool opened, over;    /* the thread has tried to open it; the thread has ended */
	bool enough;	      /* somebody reads on from where it is, or nobody will */
	bool joined, taken;
	size_t n; /* bytes decoded */
	struct error error; /* of the decoder, which does not tell a second time */
	uint8_t *bytes;
};

/* The payload to its reader: what was decoded ahead, then the rest. */
struct rest {
	struct source source; /* first */
	struct ahead *ahead;
	size_t given;
};

static atomic_uint running;

/* One piece more. Whether it is worth to go on. */
static bool decode(struct ahead *a)
{
	struct source *s = a->inner;
	size_t n;

	if (source_more(s, &a->error) <= 0 || s->left > PKG_AHEAD_MAX - a->n)
		return false;
	n = s->left;
	memcpy(a->bytes + a->n, s->at, n);
	source_take(s, n);
	pthread_mutex_lock(&a->lock);
	a->n += n;
	n = a->enough;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
	return !n;
}

static void *work(void *ctx)
{
	struct ahead *a = ctx;
	struct source *s = NULL;
	bool more = a->maker.open(a->maker.ctx, &s, NULL) == 0;

	pthread_mutex_lock(&a->lock);
	a->inner = s;
	a->opened = true;
	more = more && !a->enough;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
	while (more)
		more = decode(a);
	pthread_mutex_lock(&a->lock);
	a->over = true;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
	return NULL;
}

struct ahead *ahead_start(struct source_maker maker)
{
	struct ahead *a;

	if (atomic_fetch_add(&running, 1) >= PKG_AHEADS_MAX) {
		atomic_fetch_sub(&running, 1);
		return NULL;
	}
	a = xcalloc(1, sizeof(*a));
	a->maker = maker;
	a->bytes = xmalloc(PKG_AHEAD_MAX);
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->changed, NULL);
	if (pthread_create(&a->thread, NULL, work, a) == 0)
		return a;
	a->joined = true;
	return ahead_free(a);
}

void ahead_opened(struct ahead *a)
{
	if (!a || a->joined)
		return;
	pthread_mutex_lock(&a->lock);
	while (!a->opened)
		pthread_cond_wait(&a->changed, &a->lock);
	pthread_mutex_unlock(&a->lock);
}

/* The thread ends after the piece that it is at. */
static void join(struct ahead *a)
{
	if (a->joined)
		return;
	pthread_mutex_lock(&a->lock);
	a->enough = true;
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	a->joined = true;
}

/* Waits for bytes behind `given`; whether there are any. */
static bool more_ahead(struct ahead *a, size_t given, size_t *ret_n)
{
	if (!a->joined)
		pthread_mutex_lock(&a->lock);
	while (!a->joined && a->n == given && !a->over)
		pthread_cond_wait(&a->changed, &a->lock);
	*ret_n = a->n - given;
	if (!a->joined)
		pthread_mutex_unlock(&a->lock);
	return *ret_n > 0;
}

static int rest_next(struct source *s, const uint8_t **ret, size_t *ret_n, struct error *err)
{
	struct rest *r = (struct rest *)s;
	struct ahead *a = r->ahead;
	size_t n;
	int q;

	if (more_ahead(a, r->given, &n)) {
		*ret = a->bytes + r->given;
		*ret_n = n;
		r->given += n;
		return 1;
	}
	join(a);
	if (a->error.code)
		return error_set(err, a->error.code, "%s", a->error.text);
	q = source_more(a->inner, err);
	if (q <= 0)
		return q;
	*ret = a->inner->at;
	*ret_n = a->inner->left;
	source_take(a->inner, a->inner->left);
	return 1;
}

static void rest_close(struct source *s)
{
	struct rest *r = (struct rest *)s;

	join(r->ahead);
	r->ahead->inner = source_free(r->ahead->inner);
	free(r);
}

struct source *ahead_take(struct ahead *a)
{
	struct rest *r;

	ahead_opened(a);
	if (!a || a->taken || !a->inner)
		return NULL;
	a->taken = true;
	r = xcalloc(1, sizeof(*r));
	r->ahead = a;
	r->source.next = rest_next;
	r->source.close = rest_close;
	r->source.what = a->inner->what;
	r->source.total = a->inner->total;
	r->source.limit = a->inner->limit;
	return &r->source;
}

struct ahead *ahead_free(struct ahead *a)
{
	if (!a)
		return NULL;
	join(a);
	source_free(a->inner);
	pthread_mutex_destroy(&a->lock);
	pthread_cond_destroy(&a->changed);
	free(a->bytes);
	free(a);
	atomic_fetch_sub(&running, 1);
	return NULL;
}

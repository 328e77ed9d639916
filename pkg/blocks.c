/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/blocks.h"
#include "pkg/ahead.h"

struct plan {
	struct package *package;
	struct locator *locator;
	struct wants *wants;
	size_t *homes; /* blocks with wants, ascending, each once */
	size_t n;
};

static const struct body *want_body(const struct plan *plan, const struct want *want, size_t *ret_member)
{
	ssize_t i = package_find(plan->package, want->path);

	if (i < 0)
		return NULL;
	*ret_member = (size_t)i;
	return &plan->package->bodies[i];
}

/* Where the pass of a block begins: at the first want whose place is known exactly, or at the block's head.
 */
static uint64_t home_start(const struct plan *plan, size_t home, bool *ret_jumped)
{
	uint64_t start = UINT64_MAX;

	*ret_jumped = false;
	for (size_t i = 0; i < plan->wants->n; i++) {
		const struct want *want = &plan->wants->items[i];
		const struct body *b;
		size_t member;

		if (want->home != home || !(b = want_body(plan, want, &member)))
			continue;
		if (b->offset < start)
			start = b->offset;
	}
	if (start != MEMBER_SIZE_UNKNOWN || home == 0)
		return start != MEMBER_SIZE_UNKNOWN ? start : 0;
	*ret_jumped = true;
	return plan->locator->heads[home].offset;
}

/* Beyond this offset nothing of a block's wants is expected: the next known head. */
static uint64_t home_stop(const struct plan *plan, size_t home)
{
	for (size_t i = home + 1; i < plan->locator->index->n; i++)
		if (plan->locator->heads[i].state == HEAD_KNOWN)
			return plan->locator->heads[i].offset;
	return UINT64_MAX;
}

/* One block's pass. A failure leaves wants open, and the straight pass will tell of it. */
static void home_read(struct plan *plan, size_t home, uint64_t start, struct pass pass)
{
	_cleanup_(source_freep) struct source *s = NULL;
	struct error err = { 0 };
	int r = 0;

	if (home == 0)
		s = ahead_take(plan->locator->ahead);
	if (!s)
		r = xz_source_open(plan->locator->index, home, plan->wants->verify, &s, &err);
	if (r == 0)
		r = source_skip(s, start - s->pos, "a block", &err);
	if (r < 0)
		return;
	pass.source = s;
	pass.walk.next = tar_next;
	pass.wants = plan->wants;
	pass.home = home;
	r = pass_run(&pass, &err);
	if (r == 0 && plan->wants->verify)
		r = xz_source_finish_block(s, &err);
	pass_settle(&pass, r < 0 && plan->wants->verify ? &err : NULL);
}

static void home_job(void *ctx, size_t i)
{
	struct plan *plan = ctx;
	struct pass pass = { 0 };
	uint64_t start = home_start(plan, plan->homes[i], &pass.jumped);

	pass.stop = home_stop(plan, plan->homes[i]);
	home_read(plan, plan->homes[i], start, pass);
}

/*
 * The first block needs no search and is where large early files are: its pass starts before the others are
 * found, and takes whatever it comes across until each want has a home elsewhere.
 */
static void *first_job(void *ctx)
{
	home_read(ctx, 0, 0, (struct pass){ .strays = true, .stop = UINT64_MAX });
	return NULL;
}

/* Whether one of the wants is so early in the list that the first block is the place to look. */
static bool first_likely(const struct plan *plan)
{
	size_t member;

	for (size_t i = 0; i < plan->wants->n; i++) {
		const struct body *b = want_body(plan, &plan->wants->items[i], &member);

		if (b && b->offset == MEMBER_SIZE_UNKNOWN &&
		    member < plan->package->n / plan->locator->index->n)
			return true;
	}
	return false;
}

static void set_home(struct plan *plan, struct want *want, size_t home)
{
	pthread_mutex_lock(&plan->wants->lock);
	want->home = home;
	pthread_mutex_unlock(&plan->wants->lock);
	for (size_t i = 0; i < plan->n; i++)
		if (plan->homes[i] == home)
			return;
	plan->homes[plan->n++] = home;
}

static int home_compare(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Backwards, so that the first block's pass soon knows what it need not wait for. */
static void plan_homes(struct plan *plan)
{
	size_t member;

	for (size_t i = plan->wants->n; i-- > 0;) {
		struct want *want = &plan->wants->items[i];
		const struct body *b = want_body(plan, want, &member);

		if (!b)
			continue;
		if (b->offset != MEMBER_SIZE_UNKNOWN)
			set_home(plan, want, locate_offset(plan->locator->index, b->offset));
		else
			set_home(plan, want, locate(plan->locator, member));
	}
	if (plan->n > 1)
		qsort(plan->homes, plan->n, sizeof(*plan->homes), home_compare);
}

/* The first block is being read already: the plan is about the others. */
static void plan_drop_first(struct plan *plan)
{
	if (plan->n > 0 && plan->homes[0] == 0)
		memmove(plan->homes, plan->homes + 1, --plan->n * sizeof(*plan->homes));
}

void blocks_read(struct package *p, struct locator *l, struct wants *w)
{
	struct plan plan = { .package = p, .locator = l, .wants = w };
	unsigned threads = p->threads;
	pthread_t first;
	bool ahead;

	plan.homes = xcalloc(w->n, sizeof(*plan.homes));
	ahead = threads > 1 && first_likely(&plan) && pthread_create(&first, NULL, first_job, &plan) == 0;
	plan_homes(&plan);
	if (ahead) {
		plan_drop_first(&plan);
		threads--;
	}
	run_jobs(threads, plan.n, home_job, &plan);
	if (ahead)
		pthread_join(first, NULL);
	free(plan.homes);
}

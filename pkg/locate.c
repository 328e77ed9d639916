/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/locate.h"
#include "pkg/path.h"

/* One header-sized piece: is it the header of a listed file? */
static bool head_here(const struct locator *l, const struct source *s, const uint8_t *b, struct head *ret)
{
	char path[PKG_PATH_MAX + 1];
	uint64_t size;
	ssize_t member;

	if (!tar_file_header(b, path, &size) || size > s->total - s->pos)
		return false;
	member = package_find(l->package, path);
	if (member < 0)
		return false;
	*ret = (struct head){ .state = HEAD_KNOWN, .member = (size_t)member, .offset = s->pos - TAR_BLOCK };
	return true;
}

/*
 * Looks for a block's head in its first `cap` bytes. A block that cannot be decoded has none: whoever needs
 * it for its contents will say why.
 */
static struct head head_find(const struct locator *l, size_t block, uint64_t cap)
{
	const struct xz_block *x = &l->index->blocks[block];
	_cleanup_(source_freep) struct source *s = NULL;
	struct head head = { .state = HEAD_NONE };
	uint64_t end = x->out + (cap < x->size ? cap : x->size);
	uint8_t b[TAR_BLOCK];

	if (xz_source_open(l->index, block, false, &s, NULL) < 0 ||
	    source_skip(s, (TAR_BLOCK - s->pos % TAR_BLOCK) % TAR_BLOCK, "", NULL) < 0)
		return head;
	while (s->pos < end) {
		if (source_exact(s, b, sizeof(b), "", NULL) < 0)
			return head;
		if (head_here(l, s, b, &head))
			return head;
	}
	if (cap < x->size)
		head.state = HEAD_FAR;
	return head;
}

/* Whether a block's head is known, after looking for it if nobody has. */
static bool head_known(struct locator *l, size_t block, uint64_t cap)
{
	struct head *h = &l->heads[block];

	if (h->state == HEAD_UNKNOWN || (h->state == HEAD_FAR && cap > PKG_HEAD_CAP))
		*h = head_find(l, block, cap);
	return h->state == HEAD_KNOWN;
}

/* The block nearest to `at` in (lo, hi) whose head is or may yet become known; hi when there is none. */
static size_t head_nearest(struct locator *l, size_t at, size_t lo, size_t hi, uint64_t cap)
{
	for (size_t d = 0; d < hi - lo; d++) {
		if (at + d < hi && at + d > lo && head_known(l, at + d, cap))
			return at + d;
		if (at > lo + d && at - d < hi && head_known(l, at - d, cap))
			return at - d;
	}
	return hi;
}

/*
 * Whether a member is so few files behind a block's head that it will be in that block: to look at the next head
 * as well costs more (up to 20 ms) than to be wrong once in a while, when the pass just goes on into the next block.
 */
static bool head_close(const struct locator *l, size_t block, size_t member)
{
	size_t head = l->heads[block].member, usual = l->package->n / l->index->n;

	return member >= head && member - head < usual / 4;
}

/*
 * Narrows (lo, hi), between which the answer lies, beginning at `guess` and in steps that double as long as
 * they go the same way. Stops when no block between has a head within `cap`.
 */
static void gallop(struct locator *l, size_t member, size_t guess, uint64_t cap, size_t *lo, size_t *hi)
{
	const char *path = l->package->members[member].path;
	size_t step = 1, at = guess, found;
	bool up, was_up = false, first = true, turned = false;

	while (*hi - *lo > 1) {
		at = at <= *lo ? *lo + 1 : at >= *hi ? *hi - 1 : at;
		found = head_nearest(l, at, *lo, *hi, cap);
		if (found == *hi)
			return;
		up = path_order(l->package->members[l->heads[found].member].path, path) <= 0;
		if (up)
			*lo = found;
		else
			*hi = found;
		if (up && head_close(l, found, member))
			*hi = found + 1;
		/* Having turned, what is left is halved. */
		turned |= !first && up != was_up;
		if (turned)
			step = (*hi - *lo) / 2;
		at = up ? found + step : found > step ? found - step : 0;
		step *= 2;
		was_up = up;
		first = false;
	}
}

size_t locate(struct locator *l, size_t member)
{
	size_t lo = 0, hi = l->index->n, usual = l->package->n / l->index->n;
	size_t guess = (size_t)((double)member / (double)l->package->n * (double)l->index->n);

	/* As head_close(): the archive begins with its first member. */
	if (member < usual / 4)
		return 0;
	gallop(l, member, guess, PKG_HEAD_CAP, &lo, &hi);
	/* What is left between begins inside of large files: now it is worth to look how far they go. */
	gallop(l, member, lo + (hi - lo) / 2, UINT64_MAX, &lo, &hi);
	return lo;
}

size_t locate_offset(const struct xz_index *x, uint64_t offset)
{
	size_t lo = 0, hi = x->n, mid;

	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		if (x->blocks[mid].out <= offset)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

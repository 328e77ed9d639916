/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/strings.h"

/*
 * Four bytes ("gram") of the memory are looked at every `stride` bytes. Each text is entered with the grams
 * of its first `stride` positions, so that wherever it lies one of them is hit. The longer the shortest text,
 * the fewer places have to be looked at.
 */
#define GRAM 4
#define STRIDE_MAX 8
#define FILTER_BITS 15

struct gram {
	uint32_t text;
	uint32_t offset; /* of the gram in the text */
	uint32_t next;	 /* index + 1 of the next with that hash; 0: none */
};

struct search {
	const char *const *texts;
	bool *found;
	size_t *lengths;
	size_t missing; /* texts that are neither found nor too short */
	size_t stride;
	struct gram *grams;
	size_t n_grams;
	uint32_t heads[1u << FILTER_BITS]; /* by hash: index + 1; 0: none */
};

static uint32_t gram_hash(const uint8_t *p)
{
	uint32_t value;

	memcpy(&value, p, sizeof(value));
	return value * 2654435761u >> (32 - FILTER_BITS);
}

/* Texts shorter than a gram are looked for one by one. */
static bool occurs(const struct extent *extents, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (memmem(extents[i].bytes, extents[i].size, text, strlen(text)))
			return true;
	return *text == '\0';
}

static void add_grams(struct search *s, size_t text)
{
	for (size_t offset = 0; offset < s->stride; offset++) {
		uint32_t *head = &s->heads[gram_hash((const uint8_t *)s->texts[text] + offset)];

		s->grams[s->n_grams] = (struct gram){ (uint32_t)text, (uint32_t)offset, *head };
		*head = (uint32_t)++s->n_grams;
	}
}

static void prepare(struct search *s, size_t n)
{
	s->stride = STRIDE_MAX;
	for (size_t i = 0; i < n; i++) {
		s->lengths[i] = strlen(s->texts[i]);
		if (s->lengths[i] >= GRAM && s->lengths[i] - GRAM + 1 < s->stride)
			s->stride = s->lengths[i] - GRAM + 1;
	}
	s->grams = xcalloc(n * s->stride, sizeof(*s->grams));
	for (size_t i = 0; i < n; i++)
		if (s->lengths[i] >= GRAM) {
			add_grams(s, i);
			s->missing++;
		}
}

/* The gram at `at` is one that some text has: does that text lie around it? */
static void compare(struct search *s, const struct extent *e, size_t at, uint32_t head)
{
	for (; head; head = s->grams[head - 1].next) {
		const struct gram *g = &s->grams[head - 1];
		size_t length = s->lengths[g->text];

		if (s->found[g->text] || g->offset > at || length > e->size - (at - g->offset) ||
		    memcmp(e->bytes + at - g->offset, s->texts[g->text], length) != 0)
			continue;
		s->found[g->text] = true;
		s->missing--;
	}
}

static void search_extent(struct search *s, const struct extent *e)
{
	for (size_t at = 0; e->size >= GRAM && at <= e->size - GRAM && s->missing > 0; at += s->stride) {
		uint32_t head = s->heads[gram_hash(e->bytes + at)];

		if (head)
			compare(s, e, at, head);
	}
}

void strings_search(const struct extent *extents, size_t n_extents, const char *const *texts, size_t n,
		    bool *ret_found)
{
	struct search *s = xcalloc(1, sizeof(*s));

	s->texts = texts;
	s->found = ret_found;
	s->lengths = xcalloc(n, sizeof(*s->lengths));
	memset(ret_found, 0, n * sizeof(*ret_found));
	prepare(s, n);
	for (size_t i = 0; i < n_extents; i++)
		search_extent(s, &extents[i]);
	for (size_t i = 0; i < n; i++)
		if (s->lengths[i] < GRAM)
			ret_found[i] = occurs(extents, n_extents, texts[i]);
	free(s->grams);
	free(s->lengths);
	free(s);
}

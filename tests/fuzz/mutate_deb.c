/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/package.h"

/* ar(5) */
#define MAGIC 8
#define HEADER 60
#define SIZE_AT 48
#define MEMBERS 4

struct member {
	char head[HEADER];
	struct buf body;
};

/* Takes it apart; what does not fit is cut. Returns the number of members. */
static size_t take_apart(const uint8_t *bytes, size_t n, struct member *m)
{
	size_t at = MAGIC, count = 0;

	while (count < MEMBERS && n >= HEADER && at <= n - HEADER) {
		char text[11] = { 0 };
		size_t size;

		memcpy(m[count].head, bytes + at, HEADER);
		memcpy(text, bytes + at + SIZE_AT, 10);
		size = strtoul(text, NULL, 10);
		at += HEADER;
		size = size < n - at ? size : n - at;
		buf_add(&m[count++].body, (const char *)bytes + at, size);
		at += size + size % 2;
	}
	return count;
}

static void put_together(const struct member *m, size_t count, struct buf *into)
{
	buf_add(into, "!<arch>\n", MAGIC);
	for (size_t i = 0; i < count; i++) {
		char head[HEADER + 1];

		memcpy(head, m[i].head, HEADER);
		snprintf(head + SIZE_AT, 13, "%-10zu`\n", m[i].body.len);
		buf_add(into, head, HEADER);
		buf_add(into, m[i].body.text, m[i].body.len);
		buf_add(into, "\n", m[i].body.len % 2);
	}
}

size_t mutate_deb(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
	struct member members[MEMBERS] = { 0 };
	struct buf whole = { 0 };
	size_t count = take_apart(bytes, n, members);

	if (count < 2 || mutate_careless(seed)) {
		n = mutate_mended(bytes, n, max, seed, NULL);
	} else {
		mutate_packed(&members[1 + seed / 8 % (count - 1)].body, max, seed, mend_tar);
		put_together(members, count, &whole);
		n = mutate_result(&whole, bytes, n, max);
	}
	for (size_t i = 0; i < count; i++)
		buf_done(&members[i].body);
	buf_done(&whole);
	return n;
}

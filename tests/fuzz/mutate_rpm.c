/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/package.h"

#include "base/fs.h"

/* rpm's docs/manual/format.md */
#define LEAD 96
#define INTRO 16
#define ENTRY 16
#define SIGNATURE_SHA256 273
#define SIGNATURE_SIZE 1000

struct parts {
	struct buf lead, signature, header, payload;
};

static void parts_done(struct parts *p)
{
	buf_done(&p->lead);
	buf_done(&p->signature);
	buf_done(&p->header);
	buf_done(&p->payload);
}

static uint32_t be32(const char *p)
{
	const uint8_t *b = (const uint8_t *)p;

	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void set_be32(char *p, size_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (char)(v >> 8 * (3 - i));
}

/* The header structure at `at`; false: it is not there. */
static bool take_header(const uint8_t *bytes, size_t n, size_t *at, struct buf *ret)
{
	size_t size;

	if (n < INTRO || *at > n - INTRO)
		return false;
	size = INTRO + (size_t)be32((const char *)bytes + *at + 8) * ENTRY + be32((const char *)bytes + *at + 12);
	if (size > n - *at)
		return false;
	buf_add(ret, (const char *)bytes + *at, size);
	*at += size;
	return true;
}

static bool take_apart(const uint8_t *bytes, size_t n, struct parts *ret)
{
	size_t at = LEAD;

	if (n < LEAD)
		return false;
	buf_add(&ret->lead, (const char *)bytes, LEAD);
	if (!take_header(bytes, n, &at, &ret->signature))
		return false;
	at = (at + 7) & ~(size_t)7;
	if (!take_header(bytes, n, &at, &ret->header))
		return false;
	buf_add(&ret->payload, (const char *)bytes + at, n - at);
	return true;
}

/* Where the signature keeps the value of a tag; NULL: it has not got it, or not `size` bytes of it. */
static char *signature_value(const struct buf *s, uint32_t tag, size_t size)
{
	size_t entries = be32(s->text + 8), store = INTRO + entries * ENTRY;

	for (size_t i = 0; i < entries; i++) {
		const char *e = s->text + INTRO + i * ENTRY;
		size_t offset = be32(e + 8);

		if (be32(e) == tag && offset <= s->len - store && size <= s->len - store - offset)
			return s->text + store + offset;
	}
	return NULL;
}

/* The magic, and as many entries as there is room for; the rest is data. */
static void mend_header(uint8_t *bytes, size_t n)
{
	char *text = (char *)bytes;

	if (n < INTRO)
		return;
	memcpy(text, "\x8e\xad\xe8\x01", 4);
	if (be32(text + 8) > (n - INTRO) / ENTRY)
		set_be32(text + 8, (n - INTRO) / ENTRY);
	set_be32(text + 12, n - INTRO - (size_t)be32(text + 8) * ENTRY);
}

static void mend_signature(struct parts *p)
{
	char *sum = signature_value(&p->signature, SIGNATURE_SHA256, 64);
	char *size = signature_value(&p->signature, SIGNATURE_SIZE, 4);
	char text[65];

	if (sum && fs_digest(p->header.text, p->header.len, text, NULL) == 0)
		memcpy(sum, text, 64);
	if (size)
		set_be32(size, p->header.len + p->payload.len);
}

static void put_together(const struct parts *p, struct buf *into)
{
	static const char zeros[8];

	buf_add(into, p->lead.text, p->lead.len);
	buf_add(into, p->signature.text, p->signature.len);
	buf_add(into, zeros, (8 - into->len % 8) % 8);
	buf_add(into, p->header.text, p->header.len);
	buf_add(into, p->payload.text, p->payload.len);
}

static size_t mutate_rpm(uint8_t *bytes, size_t n, size_t max, unsigned seed, bool payload)
{
	struct parts p = { 0 };
	struct buf whole = { 0 };

	if (mutate_careless(seed) || !take_apart(bytes, n, &p)) {
		n = mutate_mended(bytes, n, max, seed, NULL);
	} else {
		if (payload)
			mutate_packed(&p.payload, max, seed, mend_cpio);
		else
			mutate_buf(seed % 8 == 7 ? &p.signature : &p.header, max, seed, mend_header);
		if (p.signature.len >= INTRO && INTRO + (size_t)be32(p.signature.text + 8) * ENTRY <= p.signature.len)
			mend_signature(&p);
		put_together(&p, &whole);
		n = mutate_result(&whole, bytes, n, max);
	}
	parts_done(&p);
	buf_done(&whole);
	return n;
}

size_t mutate_rpm_header(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
	return mutate_rpm(bytes, n, max, seed, false);
}

size_t mutate_rpm_payload(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
	return mutate_rpm(bytes, n, max, seed, true);
}

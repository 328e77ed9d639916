/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/rpmheader.h"
#include "base/hash.h"
#include "pkg/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <strings.h>

#define LEAD_LEN	   96
/* Magic and version, 4 bytes reserved, number of entries, bytes of data: numbers are big-endian. */
#define INTRO_LEN	   16
#define ENTRY_LEN	   16
#define HEADER_MAGIC_BYTES "\x8e\xad\xe8\x01"

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* A header that librpm understands, out of `part`, which holds it with its introduction. */
static int header_import(const struct region *part, Header *ret, struct error *err)
{
	/* librpm.headerImport() wants it from the number of entries on. */
	size_t skip = INTRO_LEN - 8, n = (size_t)part->size - skip;
	_cleanup_(freep) uint8_t *blob = xmalloc(n);
	Header h;
	int r;

	r = region_read(part, skip, blob, n, err);
	if (r < 0)
		return r;
	h = librpm.headerImport(blob, (unsigned)n, HEADERIMPORT_COPY);
	if (!h)
		return error_set(err, EBADMSG, "%s at byte %" PRIu64 " is corrupt: librpm refuses it",
				 part->what, part->at);
	*ret = h;
	return 0;
}

/* The header structure that begins at `at`: its place, and what librpm makes of it. */
static int header_read(const struct region *file, uint64_t at, const char *what, struct region *ret_part,
		       Header *ret, struct error *err)
{
	uint8_t intro[INTRO_LEN];
	struct region part;
	uint64_t size;
	int r;

	r = region_part(file, at, INTRO_LEN, what, &part, err);
	if (r == 0)
		r = region_read(&part, 0, intro, sizeof(intro), err);
	if (r < 0)
		return r;
	if (memcmp(intro, HEADER_MAGIC_BYTES, 4) != 0)
		return error_set(err, EBADMSG, "%s at byte %" PRIu64 " has not the magic of an rpm header",
				 what, at);
	size = INTRO_LEN + (uint64_t)be32(intro + 8) * ENTRY_LEN + be32(intro + 12);
	if (size > PKG_RPM_HEADER_MAX)
		return error_set(err, E2BIG,
				 "%s at byte %" PRIu64 " claims %" PRIu64 " bytes, %" PRIu64 " are allowed",
				 what, at, size, PKG_RPM_HEADER_MAX);
	r = region_part(file, at, size, what, &part, err);
	if (r == 0)
		r = header_import(&part, ret, err);
	if (r == 0)
		*ret_part = part;
	return r;
}

static bool number(Header h, rpmTagVal tag, uint64_t *ret)
{
	struct rpmtd_s td;
	uint64_t *v;

	if (!librpm.headerGet(h, tag, &td, HEADERGET_MINMEM))
		return false;
	if (librpm.rpmtdType(&td) == RPM_INT32_TYPE && librpm.rpmtdCount(&td) == 1)
		*ret = *librpm.rpmtdGetUint32(&td);
	else if (librpm.rpmtdType(&td) == RPM_INT64_TYPE && librpm.rpmtdCount(&td) == 1 && (v = librpm.rpmtdGetUint64(&td)))
		*ret = *v;
	else
		*ret = 0;
	librpm.rpmtdFreeData(&td);
	return *ret > 0;
}

/*
 * The signature has the header's SHA-256, since rpm 4.14. It costs next to nothing, and without it a flipped
 * bit in a path would go unnoticed. Whose signature it is, is rpm's business.
 */
static int header_check(const struct region *header, Header sig, struct error *err)
{
	_cleanup_(freep) uint8_t *bytes = NULL;
	_cleanup_(hash_freep) struct hash *h = NULL;
	char text[HASH_TEXT_MAX];
	const char *want = librpm.headerGetString(sig, RPMTAG_SHA256HEADER);
	int r;

	if (!want)
		return 0;
	bytes = xmalloc((size_t)header->size);
	r = region_read(header, 0, bytes, (size_t)header->size, err);
	if (r < 0)
		return r;
	r = hash_new(HASH_SHA256, &h, err);
	if (r < 0)
		return r;
	hash_add(h, bytes, (size_t)header->size);
	hash_hex(h, text);
	if (strcasecmp(text, want) != 0)
		return error_set(err, EBADMSG,
				 "the header at byte %" PRIu64 " is corrupt: it has not the SHA-256 that "
				 "the signature says",
				 header->at);
	return 0;
}

/* The signature says how much follows it: that tells a truncated payload from a whole one. */
static int payload_place(const struct region *file, Header sig, const struct region *header,
			 struct rpm_parts *ret, struct error *err)
{
	uint64_t at = header->at + header->size, both;
	struct region rest;
	int r;

	if (!number(sig, RPMSIGTAG_LONGARCHIVESIZE, &ret->unpacked) &&
	    !number(sig, RPMSIGTAG_PAYLOADSIZE, &ret->unpacked))
		ret->unpacked = SOURCE_SIZE_UNKNOWN;
	if (!number(sig, RPMSIGTAG_LONGSIZE, &both) && !number(sig, RPMSIGTAG_SIZE, &both))
		both = file->size - header->at;
	if (both < header->size)
		return error_set(err, EBADMSG,
				 "its signature claims %" PRIu64 " bytes of header and payload, but the "
				 "header alone has %" PRIu64,
				 both, header->size);
	r = region_part(file, header->at, both, "header and payload", &rest, err);
	if (r == 0)
		r = region_part(file, at, both - header->size, "payload", &ret->payload, err);
	return r;
}

int rpm_parts_read(const struct region *file, struct rpm_parts *ret, struct error *err)
{
	struct region sig_part, part;
	struct rpm_parts parts = { 0 };
	Header sig = NULL;
	uint64_t at;
	int r;

	r = header_read(file, LEAD_LEN, "the signature header", &sig_part, &sig, err);
	if (r < 0)
		return r;
	at = (sig_part.at + sig_part.size + 7) & ~(uint64_t)7;
	r = header_read(file, at, "the header", &part, &parts.header, err);
	if (r == 0)
		r = header_check(&part, sig, err);
	if (r == 0)
		r = payload_place(file, sig, &part, &parts, err);
	librpm.headerFree(sig);
	if (r < 0) {
		librpm.headerFree(parts.header);
		return r;
	}
	*ret = parts;
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/table.h"

#include <errno.h>

unsigned table_parts(enum table_format format)
{
	return format == FORMAT_NUMBER ? 1 : 2;
}

char *table_text(const version_t *versions, size_t n, unsigned parts)
{
	struct buf b = { 0 };
	char one[32];

	buf_add(&b, "", 0);
	for (size_t i = 0; i < n; i++)
		buf_addf(&b, "%s%s", i ? " " : "", version_text(versions[i], parts, one));
	return b.text;
}

uint64_t table_number(const uint8_t *at, enum table_element element, bool big_endian)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < (unsigned)element; i++)
		v |= (uint64_t)at[i] << 8 * (big_endian ? (unsigned)element - 1 - i : i);
	return v;
}

/* One raw number as a version. False where it has bits that its format has no room for. */
static bool version_of(uint64_t raw, enum table_format format, version_t *ret)
{
	switch (format) {
	case FORMAT_HI16_LO16:
		*ret = VERSION2(raw >> 16, raw & 0xffff);
		return raw <= UINT32_MAX;
	case FORMAT_LO16_HI16:
		*ret = VERSION2(raw & 0xffff, raw >> 16);
		return raw <= UINT32_MAX;
	case FORMAT_HI8_LO8:
		*ret = VERSION2(raw >> 8, raw & 0xff);
		return raw <= UINT16_MAX;
	case FORMAT_NUMBER:
		*ret = (version_t)raw << 48;
		return raw <= UINT16_MAX;
	}
	return false;
}

static bool ends_at(enum table_ends ends, bool open, bool first, version_t last, version_t now)
{
	switch (ends) {
	case ENDS_SIZE:
		return open && now == 0;
	case ENDS_ZERO:
		return now == 0;
	case ENDS_NOT_DESCENDING:
		return now == 0 || (!first && now >= last);
	case ENDS_NOT_ASCENDING:
		return !first && now <= last;
	}
	return true;
}

static unsigned stride_of(const struct table_layout *l)
{
	return l->stride ? l->stride : (unsigned)l->element;
}

static int layout_check(const struct table_layout *l, struct error *err)
{
	unsigned stride = stride_of(l);

	if (l->element != ELEMENT_U16 && l->element != ELEMENT_U32 && l->element != ELEMENT_U64)
		return error_set(err, EINVAL, "a table's element must be u16, u32 or u64");
	if (l->offset > stride || stride - l->offset < (unsigned)l->element)
		return error_set(err, EINVAL,
				 "a field of %u bytes at offset %u does not fit into a stride of %u",
				 (unsigned)l->element, l->offset, stride);
	if (l->flag_offset >= 0 && (unsigned)l->flag_offset >= stride)
		return error_set(err, EINVAL, "flag-offset %d lies outside of a stride of %u", l->flag_offset,
				 stride);
	return 0;
}

/* The last bytes must be zero, or the table has more than was understood. */
static int rest_check(const struct table_layout *l, const struct table_bytes *b, size_t from,
		      struct error *err)
{
	unsigned stride = stride_of(l);

	for (size_t i = from; !b->open && b->data && (i + 1) * stride <= b->size; i++)
		if (table_number(b->data + i * stride + l->offset, l->element, b->big_endian) != 0)
			return error_set(err, EINVAL, "element %zu of %zu is out of order", i + 1,
					 b->size / stride);
	return 0;
}

static int decode_elements(const struct table_layout *l, const struct table_bytes *b, size_t room,
			   version_t *into, size_t *ret_n, struct error *err)
{
	unsigned stride = stride_of(l);
	version_t last = 0, now = 0;
	size_t n = 0, i;

	for (i = 0; i < room; i++) {
		const uint8_t *at = b->data ? b->data + i * stride : NULL;
		uint64_t raw = at ? table_number(at + l->offset, l->element, b->big_endian) : 0;
		bool fits = version_of(raw, l->format, &now);

		/* In an image, what lies behind the table is anything. */
		if ((b->open && !fits) || ends_at(l->ends, b->open, i == 0, last, now))
			break;
		if (!fits)
			return error_set(err, EINVAL, "element %zu is %#llx, too big for its format", i + 1,
					 (unsigned long long)raw);
		last = now;
		if (l->flag_offset < 0 || (at && at[l->flag_offset] != 0))
			into[n++] = now;
	}
	if (i == 0 && b->open)
		return error_set(err, EINVAL, "no element where the table should begin");
	if (i == TABLE_MAX && b->open)
		return error_set(err, EINVAL, "no end within %d elements", TABLE_MAX);
	*ret_n = n;
	return rest_check(l, b, i, err);
}

int table_decode(const struct table_layout *l, const struct table_bytes *b, version_t **ret, size_t *ret_n,
		 struct error *err)
{
	_cleanup_(freep) version_t *versions = NULL;
	unsigned stride = stride_of(l);
	size_t room = b->size / stride, n = 0;
	int r;

	r = layout_check(l, err);
	if (r < 0)
		return r;
	if (!b->open && b->size % stride != 0)
		return error_set(err, EINVAL, "its %zu bytes are no multiple of %u", b->size, stride);
	if (!b->open && room > TABLE_MAX)
		return error_set(err, EINVAL, "it has %zu elements, more than %d", room, TABLE_MAX);
	if (room > TABLE_MAX)
		room = TABLE_MAX;
	versions = xcalloc(room, sizeof(*versions));
	r = decode_elements(l, b, room, versions, &n, err);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(versions);
	*ret_n = n;
	return 0;
}

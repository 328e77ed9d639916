/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/elfnotes.h"

#include <errno.h>

#define NOTE_HEADER 12

struct note {
	const uint8_t *name;
	const uint8_t *desc;
	uint64_t namesz;
	uint64_t descsz;
	uint64_t type;
	uint64_t total; /* header, name, contents, and the padding between and behind */
};

static uint64_t padded(uint64_t n, unsigned align)
{
	return (n + align - 1) / align * align;
}

/* The note at the beginning of `v`. The padding of the last one may be cut off. */
static bool note_read(const struct view *v, unsigned align, struct note *ret)
{
	struct note n;
	uint64_t at;

	if (!view_uint(v, 0, 4, &n.namesz) || !view_uint(v, 4, 4, &n.descsz) || !view_uint(v, 8, 4, &n.type))
		return false;
	at = padded(NOTE_HEADER + n.namesz, align);
	n.name = view_at(v, NOTE_HEADER, n.namesz);
	n.desc = n.descsz ? view_at(v, at, n.descsz) : v->bytes;
	n.total = padded(at + n.descsz, align);
	*ret = n;
	return n.name && n.desc;
}

/* Owners are stored with their NUL. */
static bool note_is(const struct note *n, const char *owner, unsigned type)
{
	size_t length = strlen(owner);

	return n->type == type && n->namesz == length + 1 && memcmp(n->name, owner, length + 1) == 0;
}

int elfnotes_find(const struct view *v, uint64_t offset, uint64_t size, unsigned align, const char *owner,
		  unsigned type, const uint8_t **ret, size_t *ret_size)
{
	struct view rest = { .bytes = view_at(v, offset, size), .size = size, .big = v->big };
	struct note n;

	if (!rest.bytes)
		return -EBADMSG;
	while (rest.size > 0) {
		if (!note_read(&rest, align, &n))
			return -EBADMSG;
		if (note_is(&n, owner, type)) {
			*ret = n.desc;
			*ret_size = n.descsz;
			return 0;
		}
		if (n.total >= rest.size)
			break;
		rest.bytes += n.total;
		rest.size -= n.total;
	}
	return -ENOENT;
}

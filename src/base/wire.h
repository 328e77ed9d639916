/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BASE_WIRE_H
#define HVCOMPAT_BASE_WIRE_H

#include "base/error.h"
#include "base/util.h"

/*
 * Values as bytes, between the process that looks at foreign files and the one that judges. One description of each struct
 * serves both directions: a wire with `out` writes what it is shown and leaves it as it is, one without overwrites it. What
 * is read is checked as a file would be: each count against the bytes that are left, each enum against its range.
 */
struct wire {
	struct buf *out;   /* NULL: read */
	const uint8_t *in; /* what is left to read; borrowed */
	size_t left;
	bool bad;          /* something read was wrong; all that follows is zero */
};

void wire_number(struct wire *w, uint64_t *n);
void wire_bool(struct wire *w, bool *b);
/* Up to `last`, inclusive. */
void wire_enum(struct wire *w, unsigned *e, unsigned last);
/* NULL, or text without NUL inside; owned by who reads. */
void wire_text(struct wire *w, char **s);
/* Up to `room` - 1 characters. */
void wire_chars(struct wire *w, char *s, size_t room);
/* Bytes, possibly none; owned by who reads. */
void wire_bytes(struct wire *w, uint8_t **bytes, size_t *n);
/* A NULL-terminated list; written, it may be NULL; read, it never is, and is owned by who reads. */
void wire_texts(struct wire *w, char ***list);
/* Of a list of which each element takes at least `least` bytes. Read: 0 where it cannot be true. */
void wire_count(struct wire *w, size_t *n, size_t least);
void wire_error(struct wire *w, struct error *err);

/* An array that is being read is made anew. */
#define WIRE_ARRAY(w, array, n)                                       \
	do {                                                          \
		if (!(w)->out)                                        \
			(array) = xcalloc((n), sizeof(*(array)));     \
	} while (0)

#define WIRE_ENUM(w, e, last)                          \
	do {                                           \
		unsigned wire_value = (unsigned)(e);   \
		wire_enum((w), &wire_value, (last));   \
		if (!(w)->out)                         \
			(e) = wire_value;              \
	} while (0)

#define WIRE_UNSIGNED(w, n) WIRE_ENUM(w, n, UINT32_MAX)

#endif

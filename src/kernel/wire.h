/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_WIRE_H
#define HVCOMPAT_KERNEL_WIRE_H

#include "kernel/facts.h"

/*
 * Values as bytes, between the process that reads and the one that judges. One description of each struct serves both
 * directions: a wire with `out` writes what it is shown and leaves it as it is, one without overwrites it. What is read is
 * checked as a file would be: each count against the bytes that are left, each enum against its range.
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
/* Of a list of which each element takes at least `least` bytes. Read: 0 where it cannot be true. */
void wire_count(struct wire *w, size_t *n, size_t least);

void wire_error(struct wire *w, struct error *err);
void wire_inputs(struct wire *w, struct input **inputs, size_t *n);
void wire_facts(struct wire *w, struct facts *f);
void wire_wants(struct wire *w, struct want_list *list);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_COMPAT_PLACE_H
#define HVCOMPAT_COMPAT_PLACE_H

#include "base/util.h"

/*
 * Where something stands in a YAML file. libcyaml keeps no positions in what it loads, so the file is parsed
 * once more by libyaml, and only when there is a flaw to report.
 */

/* A way from the top of the file to a value, innermost step first. Lives on the stack of whoever walks the
 * values. */
struct step {
	const struct step *up; /* NULL: the top */
	const char *key;       /* of a mapping; NULL: an element of a list */
	unsigned index;
};

struct position {
	size_t line, column; /* both from 1 */
};

/* A parsed file, for many look-ups. */
struct places;
struct places *places_new(const uint8_t *bytes, size_t n);
struct places *places_free(struct places *p);

/*
 * Position of the key at the end of `way`, or of the list element; where the way leads to nothing (a key that
 * is missing), that of the nearest thing above it.
 */
struct position places_find(const struct places *p, const struct step *way);

/*
 * Position of the `n`-th event of the stream (from 1); where that closes a mapping or list, of what it
 * closes. Where the stream breaks off or holds an alias before that: of the break (*ret_problem, libyaml's
 * static words, says what is wrong there) or of the alias.
 */
struct position place_of_event(const uint8_t *bytes, size_t size, unsigned n, const char **ret_problem);

#endif

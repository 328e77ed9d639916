/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BUILD_STATE_H
#define HVCOMPAT_BUILD_STATE_H

#include "base/error.h"
#include "base/util.h"

/*
 * What a work directory remembers from one run to the next: keys with one value each, in a text file with a line
 * for each, "KEY VALUE". It is on disk when state_set() returns.
 */
struct state {
	char *file;
	struct state_pair {
		char *key, *value;
	} *pairs;
	size_t n;
};

/* Reads it; a file that is not there is an empty state. -EBADMSG: that is no file of ours. */
int state_load(const char *file, struct state *ret, struct error *err);
void state_done(struct state *s);

const char *state_get(const struct state *s, const char *key); /* NULL: not set */

/* Sets, or with a NULL value forgets. Newlines in a value become spaces. */
int state_set(struct state *s, const char *key, const char *value, struct error *err);

#endif

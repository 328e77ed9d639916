/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_TESTS_INVENT_H
#define HVCOMPAT_TESTS_INVENT_H

#include "compat/knowledge.h"

/* Invented knowledge: YAML files in a private directory, and facts made by hand. Failures of the system abort
 * the test. */
struct invented {
	char dir[32];
	struct buf lines; /* what the linter said, a line each */
	unsigned n_lines;
	struct error err;
};
void invent_begin(struct invented *inv);
void invent_end(struct invented *inv);

/* Writes DIR/`path`, with the directories above it. */
void invent_file(const struct invented *inv, const char *path, const char *text);

/* A link DIR/`path` to `target`. */
void invent_link(const struct invented *inv, const char *path, const char *target);

/* knowledge_load() of DIR/a and DIR/b, in this order. */
int invent_load(struct invented *inv, struct knowledge **ret);

/* Facts that answer k->wants, all of them absent, read to DEPTH_DEEP. */
struct facts *invent_facts(const struct knowledge *k, const char *arch);

/* The fact of a leaf; NULL `of`: of the kernel itself. Fails the test when the knowledge does not ask for it.
 */
struct fact *invent_fact(const struct knowledge *k, const struct facts *f, enum want_kind kind,
			 const char *name, const char *of);

/* Makes a table hold these versions ("5.3 5.2"). */
void invent_versions(struct fact *f, const char *versions);

#endif

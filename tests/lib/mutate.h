/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_TESTS_MUTATE_H
#define HVCOMPAT_TESTS_MUTATE_H

#include "compat/support.h"

/*
 * Soundness by mutation: a verdict must fall with its evidence. For each interface that a kernel is said to
 * speak and that meets some need, all evidence of it is taken away (made absent, unknown, unread in turn),
 * the facts are judged again, and no path through it may still count as met, nor any verdict that had no
 * other way for a required need.
 */
struct mutation_count {
	size_t mutations; /* judged again so often */
	size_t changed;	  /* facts that were taken away in all of them */
	size_t paths;	  /* paths that were met before, and were looked at again */
	size_t failures;  /* paths or verdicts that stood on nothing */
};

/* `say` (may be NULL) is told each failure in one sentence. `facts` answer k->wants in full and are not
 * changed. */
struct mutation_count mutate_all(const struct knowledge *k, const struct facts *facts,
				 void (*say)(void *ctx, const char *sentence), void *ctx);

#endif

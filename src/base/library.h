/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BASE_LIBRARY_H
#define HVCOMPAT_BASE_LIBRARY_H

#include "base/error.h"

#include <pthread.h>
#include <stddef.h>

/*
 * A shared library that most runs have no use for, and whose own libraries would cost each of them milliseconds:
 * it is loaded when it is first needed. Its functions are reached through a structure of pointers, which the
 * library's own header types:
 *
 *	#define THING_FUNCTIONS(F) F(thing_open) F(thing_close)
 *	extern struct thing { LIBRARY_SLOTS(THING_FUNCTIONS) } thing;
 */
struct library {
	const char *soname;       /* LIBRARY_…, from the Makefile */
	const char *const *names; /* of the functions */
	void **slots;             /* the structure of pointers, in the same order */
	size_t n;
	pthread_once_t once; /* private from here on */
	struct error error;
};

#define LIBRARY_SLOT(f)	     __typeof__(f) *f;
#define LIBRARY_NAME(f)	     #f,
#define LIBRARY_SLOTS(list)  list(LIBRARY_SLOT)

/* At file scope: a library whose functions are those of `list`, and go to `table`. */
#define LIBRARY_INIT(so, list, table)                                  \
	{                                                              \
		.soname = (so), .names = (const char *const[]){ list(LIBRARY_NAME) }, \
		.slots = (void **)&(table), .n = sizeof(table) / sizeof(void *), .once = PTHREAD_ONCE_INIT, \
	}

/*
 * Makes sure that the functions can be called; any thread, any number of times. -ENOENT when the library is not
 * installed, or is one without these functions: `err` names it, and says what to install.
 */
int library_load(struct library *l, struct error *err);

#endif

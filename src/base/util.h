/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BASE_UTIL_H
#define HVCOMPAT_BASE_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Frees or closes a local when it goes out of scope: `_cleanup_(freep) char *s = NULL;` */
#define _cleanup_(fn) __attribute__((cleanup(fn)))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Gives the value of a cleaned-up local away: the local forgets it. */
#define TAKE_PTR(p)                    \
	({                             \
		__typeof__(p) _v = (p); \
		(p) = NULL;            \
		_v;                    \
	})

/* Defines NAMEp(), the cleanup function of a destructor that takes and tolerates a pointer. */
#define DEFINE_CLEANUP(type, fn)               \
	static inline void fn##p(type *p)      \
	{                                      \
		if (*p)                        \
			fn(*p);                \
	}

static inline void freep(void *p)
{
	free(*(void **)p);
}

static inline void closep(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void fclosep(FILE **f)
{
	if (*f)
		fclose(*f);
}

static inline bool streq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* Like streq, where either may be NULL (equal only to NULL). */
static inline bool streq_null(const char *a, const char *b)
{
	return a == b || (a && b && streq(a, b));
}

/* The rest of `s` behind `prefix`, or NULL when it does not start so. */
static inline const char *startswith(const char *s, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

/* Whether `s` ends in `suffix`. */
bool endswith(const char *s, const char *suffix);

/* The part of a path behind its last slash. Borrowed from `path`. */
const char *path_base(const char *path);

/*
 * Allocation that cannot fail: a command-line tool that is out of memory has nothing better to do than to say
 * so and exit EXIT_FAILED. Sizes that come from input must be bounded before they get here.
 */
void out_of_memory(void) __attribute__((noreturn));
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xreallocarray(void *p, size_t count, size_t size);
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xvasprintf(const char *fmt, va_list args) __attribute__((format(printf, 1, 0)));
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Makes room for one more element in a growing array of `count` elements; doubles at powers of two. */
#define ARRAY_GROW(array, count)                                                              \
	do {                                                                                  \
		if (((count) & ((count)-1)) == 0)                                             \
			(array) = xreallocarray((array), (count) ? (count)*2 : 1, sizeof(*(array))); \
	} while (0)

/* A growing text; `text` is always NUL-terminated once something was added. Free with buf_done(). */
struct buf {
	char *text;
	size_t len;
	size_t room;
};
void buf_add(struct buf *b, const char *bytes, size_t n);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_done(struct buf *b);

/* A growing list of owned strings. */
struct strings {
	char **items; /* NULL-terminated once something was added */
	size_t n;
};
void strings_add(struct strings *list, char *item); /* takes it */
bool strings_have(const struct strings *list, const char *item);
void strings_sort(struct strings *list);
void strings_done(struct strings *list);

/* Frees a NULL-terminated array of owned strings; NULL is fine. */
void texts_free(char **texts);

/* "a, b and c"; "nothing" for none. Owned. */
char *strings_text(char *const *items, size_t n);

/* All of them with `between` between; "" for none. Owned. */
char *strings_join(char *const *items, size_t n, const char *between);

#endif

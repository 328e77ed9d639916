/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_REPORT_TEXT_H
#define HVCOMPAT_REPORT_TEXT_H

#include "compat/support.h"

/*
 * Setting text for people: widths counted in characters of UTF-8, lines wrapped to fit, colour for status
 * words only, and no control character ever passed on: names come from packages, and packages from a network.
 */
struct text {
	FILE *out;
	unsigned columns; /* to fit into; at least 40 */
	bool color;
};

enum ink { INK_PLAIN, INK_GOOD, INK_WARN, INK_BAD, INK_DIM, INK_BOLD };
enum ink status_ink(enum status s);

/* Width of `s` on a terminal: its characters, combining and wide ones counted as one. */
size_t text_width(const char *s);

/*
 * A copy of `s` that is safe to print: valid UTF-8 without control characters, '?' in the place of others.
 * Owned.
 */
char *text_clean(const char *s);

/*
 * A copy of `s` as valid UTF-8, U+FFFD in the place of what is none, and of what turns the direction of text around;
 * controls are kept (JSON escapes them).
 * Owned.
 */
char *text_utf8(const char *s);

/*
 * The longest part of `s` that fits into `room` characters and ends before a blank, or else behind a slash;
 * at least one word. In bytes, without the blank.
 */
size_t text_fitting(const char *s, size_t room);

/* Writes `s` as it stands, cleaned, in that ink, and blanks up to `width` characters (0: none). */
void text_put(const struct text *t, enum ink ink, const char *s, size_t width);

/*
 * Writes `s` broken at blanks into lines of at most t->columns. The cursor stands at column `at` already; the
 * lines behind the first begin at column `indent`. Ends the line. A word that is longer than a line is broken
 * behind a slash, and stays whole without one.
 */
void text_wrap(const struct text *t, size_t at, size_t indent, enum ink ink, const char *s);

/* The same with a printf format, from the beginning of a line: `indent` blanks first. */
void text_line(const struct text *t, size_t indent, enum ink ink, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* An item of a list: "- " first, and the lines behind it under the text of the first. */
void text_item(const struct text *t, size_t indent, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif

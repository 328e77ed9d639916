/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_REPORT_MARKUP_H
#define HVCOMPAT_REPORT_MARKUP_H

#include <stdio.h>

/*
 * Text inside XML 1.0 and HTML. Names come from packages, and packages from a network: nothing of them reaches
 * a page but through here.
 */

/*
 * Writes `s` as character data that is also right between quotes of either kind. Five characters are escaped;
 * tabs, line ends, U+2028 and U+2029 become references; what XML has no place for (controls, U+FFFE, U+FFFF, bytes that
 * are no UTF-8) and what turns the direction of the text around (which makes one name look like another)
 * becomes U+FFFD. NULL writes nothing.
 */
void markup_put(FILE *out, const char *s);

/* The same with a printf format. */
void markup_putf(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ` NAME="VALUE"`, a blank first; nothing for NULL. `name` is ours and not escaped. */
void markup_attr(FILE *out, const char *name, const char *value);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INIT_RECORD_H
#define INIT_RECORD_H

#include "sys.h"

/*
 * What the init says, and the little of a libc that it needs. No division of 64-bit numbers: there is no
 * libgcc.
 */

/* Prints "HV <uptime> <prefix><key> <words...>" in one write, on a line of its own; ends with NULL. */
void record(const char *key, ...) __attribute__((sentinel));

/* The same of three words, of which the last two are one, without a blank between. */
void record_joined(const char *key, const char *name, const char *a, const char *b);

/* The rest of the line behind the first `mark` in a text, which is cut there; NULL: it is not in it. */
const char *line_behind(char *text, const char *mark);

/* Goes before the key of every record. */
extern const char *record_prefix;

/* A number as text, in one of a few buffers that are used in turn. */
const char *number(long value);
const char *hex(unsigned long value);
const char *outcome(long result); /* "ok", or "errno 22" */

/* The first line of a file, without its newline; NULL when it cannot be read. Static. */
const char *first_line(const char *path);

/* The whole file, as far as it fits; NULL as above. */
char *slurp(const char *path, char *buffer, unsigned long size);

int contains(const char *text, const char *part); /* letters of any case */
int same(const char *a, const char *b);

/* Behind `name` in a command line, up to the next blank; NULL: it is not there. Static, for one call. */
const char *parameter(const char *line, const char *name);

void *memset(void *to, int value, unsigned long size);
void *memcpy(void *to, const void *from, unsigned long size);

struct moment now(int clock);
long ms_between(struct moment a, struct moment b);
void sleep_ms(long ms);

#endif

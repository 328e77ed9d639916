/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_GATE_ALLOW_H
#define HVCOMPAT_GATE_ALLOW_H

#include <sys/types.h>

#include "base/error.h"
#include "base/util.h"

/* An administrator's word that something may be lost: HOST or HOST:VERSION, several with ';', ',' or blanks between. */

/* Adds the words of `text` (may be NULL). */
void allow_add(struct strings *list, const char *text);

/* Whether a loss, "HOST:VERSION" or "HOST", is among them: HOST stands for all of its versions. */
bool allow_covers(const struct strings *list, const char *lost);

/*
 * The word for one transaction, in run/hvcompat/allow below `root`: who uses it first owns it. allow_store() adds to
 * what is there; it holds until `until` (seconds since the epoch).
 */
int allow_store(const char *root, const struct strings *lost, time_t until, struct error *err);

/*
 * Adds what is allowed to `caller` (0: nobody in particular, who may use it once only) and binds it to that process.
 * What has expired, or belongs to another process, is left out; a file that is not root's own is not heeded.
 */
int allow_load(const char *root, pid_t caller, struct strings *list, struct error *err);

/* Says that what allow_load() gave was needed: binds it, or (caller 0) uses it up. */
int allow_use(const char *root, pid_t caller, struct error *err);

#endif

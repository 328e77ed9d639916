/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_POLICY_RANGE_H
#define HVCOMPAT_POLICY_RANGE_H

#include "base/error.h"
#include "base/util.h"

/*
 * Ranges of kernel releases, as waivers name them: "6.1 .. 6.1.999", ">= 6.12", "<= 5.10.999", "6.1", or
 * several of these separated by ','. Only the dotted numbers that a release begins with count
 * ("6.1.0-32-amd64" is 6.1.0, "5.14.0-503.el9.x86_64" is 5.14.0); they compare number by number, and a
 * missing one is 0. So "<= 6.1" ends at 6.1.0, and a range that means all of 6.1 ends in 6.1.999. A bare
 * version means every release that begins with these numbers: "6.1" covers 6.1.176.
 */

/* Whether `range` is well-formed and not empty. Returns 0, or -EINVAL with the reason in `err`. */
int range_check(const char *range, struct error *err);

/* Whether `range` covers `release`. NULL range: any. An unknown (NULL) or numberless release is covered by
 * NULL only. */
bool range_covers(const char *range, const char *release);

/* Whether `text` is a day of the calendar, written YYYY-MM-DD; such days compare with strcmp(). */
bool date_valid(const char *text);

#endif

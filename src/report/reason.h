/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_REPORT_REASON_H
#define HVCOMPAT_REPORT_REASON_H

#include "compat/support.h"

/*
 * Why a verdict is not "supported", as short as it can be said: one phrase for each class of need that is not
 * met in full. Returns the number of phrases; *ret and its strings are owned: reasons_free(). 0 for a
 * supported one.
 */
size_t verdict_reasons(const struct verdict *v, char ***ret);
void reasons_free(char **reasons, size_t n);

/*
 * The same in one line for the overview, without class, evidence and what goes without saying: "speaks vmbus
 * 5.3 … 2.4; Hyper-V 2008r2 accepts at most 1.1", "lacks acrn (boot, optional)", "not read: vmbus". "" for a
 * supported one. Owned.
 */
char *verdict_short(const struct verdict *v);

/*
 * What boots showed of it, in one word behind the status: "booted", "contradicted" (by a boot), "did not boot"; NULL: nothing.
 */
const char *verdict_boot_word(const struct verdict *v);

/* The boots, one phrase each: "booted by RECIPE", "RECIPE: refused, WHY". Number, array and strings as in verdict_reasons(). */
size_t verdict_boots(const struct verdict *v, char ***ret);

/*
 * What is to blame without the versions: verdicts with the same status and blame are shown in one line.
 * Owned.
 */
char *verdict_blame(const struct verdict *v);

#endif

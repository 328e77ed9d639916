/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PROVE_AGREE_H
#define HVCOMPAT_PROVE_AGREE_H

#include "compat/support.h"
#include "prove/record.h"

/* What was read of a kernel against what a boot of it showed. */
enum agreement {
	AGREEMENT_NONE, /* one of them does not decide */
	AGREEMENT_YES,
	AGREEMENT_NO,   /* a contradiction: one of them is wrong */
};
const char *agreement_name(enum agreement a); /* "undecided", "agrees", "contradicts" */

/*
 * Holds a claim of a record against the judgement of the same kernel. `ret_read` (may be NULL) gets what reading says of
 * the very thing that was on trial: the worst of the interfaces it went through and of the required classes boot and loader,
 * or the place as a whole where the claim names no interface. UNKNOWN: the knowledge has no such place, or no such way.
 * What needs a boot parameter first (degraded, with that as its way out) is expected to work in a boot whose command line has
 * that word, and not to work in one whose command line has not.
 */
enum agreement claim_agrees(const struct record *r, const struct record_claim *c, const struct support *s, enum status *ret_read);

/*
 * Puts each claim of the records beside the verdict on its place (verdict.boots), in the order of the records. Of boots by one
 * recipe on one version of what it starts, the last that decides counts, and the ones before are superseded. A place that the
 * knowledge has not, or that does not exist on the kernel's architecture, is passed over. The records must be of the kernel
 * that was judged, and outlive the support.
 */
void records_attest(const struct record_list *records, struct support *s);

#endif

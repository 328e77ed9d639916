/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BUILD_POLICY_TERMS_H
#define HVCOMPAT_BUILD_POLICY_TERMS_H

#include "policy/policy.h"

/* What a policy requires, in the words that rpm's solvers have for it: which Provides a kernel must carry. */
struct policy_terms {
	struct strings terms; /* each must hold: "hypervisor(xen-pv)", "(hypervisor(a) or hypervisor(b) <= 1.1)" */
	struct strings gaps;  /* sentences: what the policy asks for beyond that */
};

/*
 * For kernels of that architecture ("x86_64"). A need that something without Provides can meet as well (an emulated
 * disk) makes no term, but a gap: never does a term ask for more than the policy, save that what a kernel can only do
 * degraded it does not provide.
 */
void policy_terms_of(const struct policy *p, const char *arch, struct policy_terms *ret);
void policy_terms_done(struct policy_terms *t);

#endif

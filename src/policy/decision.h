/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_POLICY_DECISION_H
#define HVCOMPAT_POLICY_DECISION_H

#include "compat/support.h"
#include "policy/policy.h"

/*
 * The room "decide": one or two supports and a policy in, a decision with its findings out. Pure: the day is
 * passed in. docs/policy.md, "How it decides", is the manual.
 */

enum finding_kind {
	FINDING_DROPPED,       /* ran before (or the policy requires it), does not run now */
	FINDING_NARROWED,      /* runs worse, or through fewer interfaces */
	FINDING_GAINED,
	FINDING_UNKNOWN,       /* cannot tell */
	FINDING_CONTRADICTION, /* two pieces of evidence disagree */
	FINDING_WAIVER,        /* a waiver that expired, or matches nothing */
};
enum finding_state { STATE_NEW, STATE_EXISTING, STATE_FIXED, STATE_WAIVED };

/* One piece of evidence, ready to show. Strings borrowed from facts, but for `expected` and `found`. */
struct evidence {
	const char *kind;    /* "table", "config", "note" … (the leaf's key) */
	const char *package, *member, *place;
	char *expected, *found; /* owned */
	bool old;            /* it is the old kernel's */
};

struct finding {
	/*
	 * Stable: HOST-VERSION[-MODE][-INTERFACE] of a row; HOST-ARCH: nothing that is required of the host
	 * exists on that architecture; contradiction-INTERFACE or contradiction-kernel, -2 and so on for
	 * further ones; contradiction-HOST-VERSION[-MODE]: what was read and what a boot showed;
	 * unproven-HOST-VERSION[-MODE][-INTERFACE]: a boot is required there, or through that interface, and none is
	 * on record; waiver-ID for what is wrong with the waiver of ID. Owned.
	 */
	char *id;
	enum finding_kind kind;
	enum finding_state state;
	const struct host *host; /* NULL: about the kernel as a whole */
	unsigned version, mode;
	const struct iface *through; /* NULL: the whole host */
	bool required; /* a policy's requirement stands behind it */
	bool blocking; /* it is why the decision is not "allowed" */
	char *message; /* one sentence; owned */
	char **help;   /* sentences, most useful first; owned, NULL-terminated; NULL: none */
	struct evidence *evidence;
	size_t n_evidence;
	const struct waiver *waiver;
};

enum decision_result { DECISION_ALLOWED, DECISION_BLOCKED, DECISION_UNDECIDED };

struct requirement_result { /* one requirement of the policy, for replay */
	const struct requirement *requirement;
	enum {
		REQUIREMENT_MET,
		REQUIREMENT_UNMET,
		REQUIREMENT_UNKNOWN,
		REQUIREMENT_WAIVED,
		REQUIREMENT_NOT_APPLICABLE,
	} result;
};

struct decision {
	enum decision_result result;
	struct finding *findings; /* blocking ones first, then by host, version, mode, interface */
	size_t n_findings;
	struct requirement_result *requirements;
	size_t n_requirements;
	const struct policy *policy; /* NULL: a plain diff */
};

/*
 * `old_support` NULL: check of one kernel; `policy` NULL: diff of two. Never both. `today` is "YYYY-MM-DD"
 * and is looked at only for waivers. Both supports are of one knowledge, the one that the policy was loaded
 * against; they and the policy must outlive the decision. Findings of a check are "existing".
 */
struct decision *decide(const struct support *old_support, const struct support *new_support,
			const struct policy *policy, const char *today);
struct decision *decision_free(struct decision *d);
DEFINE_CLEANUP(struct decision *, decision_free)

#endif

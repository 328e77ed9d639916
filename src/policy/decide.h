/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_POLICY_DECIDE_H
#define HVCOMPAT_POLICY_DECIDE_H

#include "policy/decision.h"
#include "policy/ids.h"

/* What the files of the room "decide" share. Nobody outside src/policy includes this. */

/*
 * A finding while it is being made. The row is one (host, version, mode); what people read is written last,
 * when all that stands behind the finding is known.
 */
struct draft {
	struct finding f;
	const struct verdict *old_row, *new_row; /* NULL: no such row in that kernel, or not about a row */
	const struct path *old_path, *new_path;	 /* NULL: about the row as a whole */
	bool named;	    /* a requirement names this interface: the row may stand all the same */
	bool maybe;	    /* it counts only if the requirement applies, and that is not known */
	bool unproven;	    /* a boot is required, and none is on record */
	bool doubtful;	    /* whether it worked before is not known */
	char *alternatives; /* other interfaces that would do as well; owned */
	char *sentence;	    /* the message where it is not made of the paths; owned */
};

/* That a requirement is not met, and which finding says so. */
struct link {
	size_t requirement, draft;
};

/* Whether a requirement concerns the new kernel, as its architecture and flavour tell. */
enum applies { APPLIES_NO, APPLIES_MAYBE, APPLIES_YES };

struct deciding {
	const struct support *old_support, *new_support; /* old NULL: check */
	const struct policy *policy;			 /* NULL: diff */
	const char *today;
	struct draft *drafts; /* owned */
	size_t n_drafts;
	size_t row_first;   /* the first draft of the row at hand */
	struct link *links; /* owned */
	size_t n_links;
	enum applies *applies; /* parallel to policy->requires; owned */
	unsigned *rows;	       /* how many rows each requirement was held against; owned */
};

/* draft.c: drafts, and what people read of them */
size_t draft_add(struct deciding *w, enum finding_kind kind, enum finding_state state,
		 const struct verdict *old_row, const struct verdict *new_row, const struct iface *through);
size_t draft_add_plain(struct deciding *w, enum finding_kind kind, enum finding_state state, char *id,
		       char *sentence);
void draft_link(struct deciding *w, size_t requirement, size_t draft);
void draft_finish(const struct deciding *w, struct draft *d);

/* words.c: messages, help and evidence */
void draft_describe(struct draft *d);
void finding_add_help(struct finding *f, size_t *count, char *sentence); /* takes it; not twice the same */
void finding_add_evidence(struct finding *f, struct evidence e);
void draft_explain(const struct deciding *w, struct draft *d);

/* row.c: questions about a row, which may be NULL: it does not stand and has no path */
bool status_good(enum status s);
bool stands(const struct verdict *row);
const struct path *row_path(const struct verdict *row, const struct iface *iface);
bool row_path_is_first(const struct verdict *row, size_t path);
enum need row_need(const struct verdict *row, enum iface_class c);

/* compare.c: what changed in a row, whatever the policy */
void compare_row(struct deciding *w, const struct verdict *old_row, const struct verdict *new_row);

/* require.c: what the policy requires of a row, and of a kernel that has no such row */
void require_prepare(struct deciding *w);
bool row_is_required(const struct deciding *w, const struct verdict *row);
bool requires_row(const struct deciding *w, unsigned requirement, const struct verdict *row);
void require_row(struct deciding *w, const struct verdict *old_row, const struct verdict *new_row);
void require_rest(struct deciding *w);

/* doubt.c: contradictions */
void doubt_add(struct deciding *w);

/* proof.c: boots that contradict what was read, and those that are required and missing */
void proof_row(struct deciding *w, const struct verdict *old_row, const struct verdict *new_row);

/* waive.c: waivers, once all findings are there */
void waive(struct deciding *w);

#endif

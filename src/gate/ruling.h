/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_GATE_RULING_H
#define HVCOMPAT_GATE_RULING_H

#include "base/error.h"
#include "policy/decision.h"

/*
 * What the gates of repositories and hosts keep of a decision: plain strings, so that it can be stored, and shown
 * again without a package being opened.
 */

enum ruling_result { RULING_ALLOWED, RULING_BLOCKED, RULING_UNDECIDED, RULING_FAILED };
const char *ruling_name(enum ruling_result r); /* "allowed", "blocked", "undecided", "failed" */

struct ruling_finding {
	char *id;       /* struct finding's */
	char *lost;     /* what an override must name: "hyperv:2008r2", HOST or HOST:VERSION */
	char *message;  /* one sentence, harmless to print */
	char *expected, *found; /* of its first piece of evidence; NULL: none */
	bool blocking;
};

/* What a finding would lose, as above. Owned. */
char *ruling_lost(const struct finding *f);

struct ruling {
	enum ruling_result result;
	char *release;  /* of the kernel; NULL: not told */
	char *arch;     /* the kernel's: "x86_64" */
	char *policy;   /* name of the policy; several joined with ", " */
	char *error;    /* RULING_FAILED: one sentence */
	struct ruling_finding *findings;
	size_t n_findings;
};

/* Of one decision; copies what it keeps. */
struct ruling *ruling_of(const struct decision *d, const struct support *kernel);
struct ruling *ruling_failed(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
struct ruling *ruling_free(struct ruling *r);
DEFINE_CLEANUP(struct ruling *, ruling_free)

/* As one line of JSON, and back. A line that is damaged, or of another schema, is -EBADMSG. */
char *ruling_print(const struct ruling *r);
int ruling_parse(const char *line, struct ruling **ret, struct error *err);

/*
 * The verdict store: DIR/KEY.json, KEY a digest over what the ruling rests on (package digests, policies, knowledge,
 * version of hvcompat). Written beside and renamed; each entry holds its own digest, and one that does not fit it is
 * as if it were not there. -ENOENT: not known.
 */
int ruling_load(const char *dir, const char *key, struct ruling **ret, struct error *err);
int ruling_store(const char *dir, const char *key, const struct ruling *r, struct error *err);

#endif

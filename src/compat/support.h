/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_COMPAT_SUPPORT_H
#define HVCOMPAT_COMPAT_SUPPORT_H

#include "compat/knowledge.h"

/*
 * The room "judge": facts held against the knowledge. A pure function: no file, no package, no clock.
 * Three-valued throughout (Kleene): unknown is unknown, and decides nothing.
 */

/* In order: a lesser one is worse for the user, but unknown is its own answer and never compared away. */
enum status { STATUS_UNSUPPORTED, STATUS_UNKNOWN, STATUS_DEGRADED, STATUS_SUPPORTED };
const char *status_name(enum status s); /* "unsupported", "unknown", "degraded", "supported" */

enum truth { TRUTH_NO, TRUTH_UNKNOWN, TRUTH_YES };

/* What one kernel says of one interface, whatever the host. */
struct spoken {
	const struct iface *iface;
	enum truth present;
	bool unread;            /* present is unknown, or versions are, only because it lies deeper than was read */
	/* An interface without versions: known, none. */
	bool versions_known;    /* `versions` are all that it speaks; false: present at versions that nothing told */
	const version_t *versions; /* borrowed from facts or knowledge; n 0: an interface without versions */
	size_t n_versions;
	unsigned parts;
	enum grade grade;       /* of the deciding rule */
	const struct help *way_out;
	const struct rule *rule; /* the deciding rule; NULL when none decided */
	size_t *evidence;       /* indices into facts of what decided; owned */
	size_t n_evidence;
	const struct refusal *refusal; /* of the interface: what made it absent, degraded or unknown; NULL: none */
	char *why;              /* no, or degraded by a refusal: one sentence; unknown: why, and what would help; owned */
};

/* One offer of a host, held against the kernel: a way to meet a need. */
struct path {
	const struct offer *offer;
	const struct spoken *spoken;
	enum status status;
	bool inferred;          /* by unread_follows */
	char *expected;         /* "VMBus <= 1.1"; what would have met; owned */
	char *found;            /* "5.3 5.2 … 2.4"; owned */
	char *reason;           /* why it is not supported in full: one sentence; NULL when supported; owned */
	size_t *evidence;       /* indices into facts, all of what decided here; owned */
	size_t n_evidence;
	size_t *asked;          /* those of `evidence` that `expected` is about; owned */
	size_t n_asked;
	const struct help *way_out; /* degraded: what must be done first; NULL: it is as it is; borrowed */
	const struct help *help[4]; /* what would mend it; NULL-padded; borrowed */
};

/*
 * A boot that was recorded, of this kernel in this place (src/prove/agree.h): one more kind of evidence, which never changes
 * what was read, and stands beside it. Strings are borrowed from the record.
 */
struct boot {
	const char *recipe, *outcome; /* by which recipe, and how it went: "booted", "refused" … */
	const char *when;             /* its start, YYYY-MM-DDThh:mm:ssZ */
	const char *why;              /* one sentence; NULL: booted */
	const struct strings *through; /* names of the interfaces that were on trial; none: the place as a whole */
	enum truth runs;              /* what it shows of the place; silence and failures: unknown */
	enum status read;             /* what was read of the very same thing; unknown: it does not decide */
	bool contradicts;             /* these two cannot both be right */
	bool superseded;              /* a later boot by the same recipe says what holds: shown, and counts for nothing */
};

/* The answer for one host, version and mode. */
/*
 * An optional class of which the host offers nothing there is no need. Where the knowledge has one version or
 * mode without a name, so has the label.
 */
struct verdict {
	const struct host *host;
	unsigned version; /* index */
	unsigned mode;    /* index */
	enum status status;
	enum status needs[CLASS_COUNT]; /* SUPPORTED where there is no such need */
	struct path *paths; /* every active offer of a needed class, in class order; owned */
	size_t n_paths;
	bool inferred;    /* some need was met by inference only */
	struct boot *boots; /* owned */
	size_t n_boots;
};

struct support {
	const struct knowledge *knowledge;
	const struct facts *facts;
	struct spoken *spoken; /* parallel to knowledge->ifaces */
	struct verdict *verdicts; /* hosts in the knowledge's order, versions oldest first, modes in file order; only
				     those whose mode and version exist on the kernel's architecture */
	size_t n_verdicts;
	char **contradictions; /* sentences: of the facts, and of rules that disagree */
	size_t n_contradictions;
};

/*
 * Judges all hosts. `facts` answers k->wants in full (unread where not asked). Both must outlive the support.
 * With an unknown architecture everything is judged on evidence alone.
 */
struct support *support_judge(const struct knowledge *k, const struct facts *facts);
struct support *support_free(struct support *s);
DEFINE_CLEANUP(struct support *, support_free)

/* Whether a boot shows that it runs there, through an interface of that name (NULL: through whatever was on trial). */
bool verdict_booted(const struct verdict *v, const char *through);

const struct verdict *support_find(const struct support *s, const struct host *host, unsigned version, unsigned mode);

/* "hyperv:2008r2/gen1", "xen:4.2/pv", "glibc-before-2.14". Returns an owned string. */
char *verdict_label(const struct host *host, unsigned version, unsigned mode);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_TESTS_MUTATE_H
#define HVCOMPAT_TESTS_MUTATE_H

#include "compat/support.h"

/*
 * Soundness by mutation: a verdict must fall with its evidence. For each interface through which a kernel meets
 * some need, evidence is taken away or damaged in each way that its kind allows, the facts are judged again, and a
 * policy that requires what was met is decided again. A requirement is one host, version and mode, met through that
 * interface. After a mutation it may
 *
 *   fall     not be met through the interface any more; then a policy that names the interface must not allow it, nor
 *            any policy unless another interface of the class meets the need;
 *   stand    still be met, where other evidence of the same interface says so. Not taken on trust: what the answer
 *            names as its evidence is taken away as well, again and again, until it falls. An answer that does not
 *            fall in the end, that names evidence nobody could read, or that names the very absence which the
 *            mutation made, stood on nothing;
 *   open     be met through another interface that did not serve before, because what is known to be absent may be
 *            the condition of that one (a kernel unaware of its host). That way must be degraded, rest on nothing
 *            unknown, and leave the verdict no better than it was, except where the interface itself stood in the
 *            way (it demands what the host lacks). What is unknown, unread or renamed never opens anything.
 *
 * Anything else is a failure: a false "supported".
 */
enum mutation_kind {
	MUTATE_REMOVED,	     /* known not to be there; of the config, the line is gone. Also what renaming a symbol,
				string, note, alias or key, or cutting it short, comes to */
	MUTATE_UNKNOWN,	     /* looked for, and cannot be decided */
	MUTATE_UNREAD,	     /* lies deeper than was read */
	MUTATE_SHORTENED,    /* a list of versions without its last ones, or without its first ones */
	MUTATE_ZEROED,	     /* a table or number of zeros; a config option that is not set */
	MUTATE_RENAMED,	     /* a module under a name that nobody knows, its config as before */
	MUTATE_MOVED,	     /* a module in a package that nothing pulls in */
	MUTATE_CONTRADICTED, /* the config says that it is not set, all else says that it is there */
	MUTATE_TURNED,	     /* what refuses the interface, or demands more of the host, is there */
	MUTATION_KINDS
};
const char *mutation_name(enum mutation_kind kind);

/* What was mutated: leaves by their kind (enum want_kind), and more than one leaf at a time. */
enum mutation_class {
	MUTATED_DRIVER = WANT_VDSO + 1, /* all that a module holds */
	MUTATED_INTERFACE,		/* all evidence of an interface */
	MUTATED_REFUSAL,		/* of the interface or the host */
	MUTATED_DEMAND,
	MUTATED_COUNTER, /* what speaks against an interface that is not met: without it, none may be met in full */
	MUTATION_CLASSES
};
const char *mutation_class_name(unsigned class);

struct mutation_cell {
	size_t mutations; /* judged again so often */
	size_t fell, stood, opened; /* requirements; see above */
	size_t doubted;	  /* of those that stood: a contradiction was told, and the gate did not allow it */
	size_t gates;	  /* decisions that were made again */
	size_t failures;
};

struct mutation_count {
	struct mutation_cell cells[MUTATION_KINDS][MUTATION_CLASSES];
	struct mutation_cell sum;
	size_t untouched; /* leaves of interfaces that are met, none of whose mutations changed any answer */
};

/*
 * `say` (may be NULL) is told each failure in one sentence, and with `all` also what stood and what opened. `facts`
 * answer k->wants in full and are not changed. A failure is counted once for each requirement that it concerns.
 */
struct mutation_job {
	const struct knowledge *k;
	const struct facts *facts;
	void (*say)(void *ctx, const char *sentence);
	void *ctx;
	bool all;
};
struct mutation_count mutate_all(const struct mutation_job *job);

/* --- what a mutation makes of facts (mutate_edit.c) ------------------------------------------------------------ */

struct edit {
	const struct knowledge *k;
	struct facts *facts; /* changed in place */
	bool *touched;	     /* parallel to facts->facts */
	size_t changed;
};

void edit_fact(struct edit *e, size_t want, enum fact_state state);

/* Evidence for a rule: presence where it asks for it, absence below `none`. Nothing where it does not speak for it. */
void edit_leaf(struct edit *e, size_t want, bool negated, enum mutation_kind kind);

/* Everything that speaks for a rule. */
void edit_rule(struct edit *e, const struct rule *r, bool negated, enum mutation_kind kind);

/* Makes a rule undecided (UNKNOWN, UNREAD), or true (TURNED), whatever it was. */
void edit_whole_rule(struct edit *e, const struct rule *r, bool negated, enum mutation_kind kind);

/* The module of a driver: RENAMED, MOVED, or REMOVED with its line of the config. False: there is no module. */
bool edit_driver(struct edit *e, const char *driver, enum mutation_kind kind);

/* The option, by what the config of the kernel would say: ZEROED "is not set", REMOVED nothing. Drivers follow. */
void edit_config(struct edit *e, const char *symbol, enum mutation_kind kind);

/* Keeps `keep` versions of a fact from the first-th on. */
void edit_versions(struct edit *e, size_t want, size_t first, size_t keep);

/* The config denies every option that speaks for the interface. */
void edit_contradict(struct edit *e, const struct iface *i);

#endif

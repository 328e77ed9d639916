/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_COMPAT_LINT_H
#define HVCOMPAT_COMPAT_LINT_H

#include "compat/files.h"
#include "compat/knowledge.h"
#include "compat/place.h"
#include "compat/rule.h"

/* Drivers by name, '-' and '_' being the same. */
struct driver_entry {
	const char *name;     /* declared, or a former one */
	const char *declared; /* by this name */
	const struct iface *owner;
};

/*
 * The linter: finds everything that is wrong with loaded files, and fills on the way what the structs derive
 * from them (indices, versions as numbers). It tells all flaws, each with its place.
 */
struct lint {
	struct knowledge *k;
	const struct source_list *sources;
	knowledge_report report; /* may be NULL */
	void *ctx;
	struct error *err; /* takes the first flaw */
	size_t flaws;
	/* of the file being looked at */
	const char *file;
	struct places *places; /* parsed when its first flaw is told */
	/* drivers in order of driver_compare() */
	struct driver_entry *drivers;
	size_t n_drivers;
};

/* Checks all of `l->k`; afterwards l->flaws tells how many there are. */
void lint_knowledge(struct lint *l);

/* Turns to a file; NULL when done. */
void lint_file(struct lint *l, const char *file);

/* One flaw at `way` of the current file (NULL: its top). */
void lint_flaw(struct lint *l, const struct step *way, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* One flaw that is a whole sentence already. */
void lint_sentence(struct lint *l, const char *sentence);

/* "key must not be empty" at `way` if `text` is NULL. */
void lint_required(struct lint *l, const struct step *way, const char *key, const char *text);

/* The current file must be called as what it declares under `key`. */
void lint_file_name(struct lint *l, const char *key, const char *name);

/* The steps below `way`, for one look-up: STEP(way, "modes") and ITEM(way, 3) live until the end of the
 * block. */
#define STEP(way, name) (&(const struct step){ .up = (way), .key = (name) })
#define ITEM(way, i) (&(const struct step){ .up = (way), .index = (i) })

/* Words of a list that must be architectures. */
void lint_arch(struct lint *l, const struct step *way, char *const *list, unsigned count);

/* Reads `count` texts as versions into the arena. NULL when there are none, or after a flaw. */
version_t *lint_versions(struct lint *l, const struct step *way, char *const *texts, unsigned count,
			 unsigned *ret_parts);

/* The two catalogues. */
void lint_iface(struct lint *l, struct iface *i);
void lint_host(struct lint *l, struct host *h);
void lint_offers(struct lint *l, struct host *h);
void lint_detect(struct lint *l, const struct host *h); /* how a machine tells that it is a guest of it */
void lint_coverage(struct lint *l, const struct host *h);
void lint_finding_ids(struct lint *l);

/* One rule. `may_give`: the qualifiers of Q_GIVES that are allowed at its top. */
void lint_rule(struct lint *l, const struct step *way, struct rule *r, unsigned may_give);
void lint_refusals(struct lint *l, const struct step *way, struct refusal *list, unsigned count);

/* Drivers. */
void lint_drivers(struct lint *l);
int driver_compare(const char *a, const char *b);
const struct driver_entry *lint_find_driver(const struct lint *l, const char *name);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_REPO_H
#define HVCOMPAT_CMD_REPO_H

#include "base/json.h"
#include "cmd/common.h"
#include "gate/packaging.h"
#include "gate/ruling.h"
#include "report/ruled.h"
#include "report/text.h"

/* What check --repo and gate --repo share: repositories, a policy, and rulings on the kernels of the first by the second. */

/* A ruling, under what it rests on. */
struct repo_ruling {
	char key[65];
	struct ruling *ruling; /* owned */
	bool cached;           /* it was made in an earlier run */
};

struct repo {
	struct session session;
	const struct options *options;
	struct index_list indexes;
	struct packaging_list *packaging;
	struct index_kernels kernels; /* of these indexes */
	struct policy *policy;
	struct repo_ruling **rulings; /* owned */
	size_t n_rulings;
	/* private: */
	struct selection *selections;
	bool *wanted;       /* NULL: everything */
	char judged_by[65]; /* digest of what each ruling rests on besides the packages */
	char *cache;        /* directory; NULL: none */
	const struct support *old;
	char *old_key;
};

/*
 * Begins the session, opens options->repos, loads knowledge and policy. `compares`: repo_compare() will be called. EXIT_FAILED was
 * said.
 */
enum exit_status repo_begin(struct repo *r, const struct options *o, bool compares);
void repo_done(struct repo *r);

/* Opens more repositories, which are not judged. */
enum exit_status repo_open(struct repo *r, const char *const *where, size_t n, struct index_list *list);

/* The files of a kernel, as one KERNEL argument, and what each was when its digest was compared. */
struct repo_files {
	char *arg;
	struct strings paths;
	struct index_stamp *stamps; /* parallel to them */
};
int repo_files_find(const struct repo *r, const struct index_kernel *k, struct repo_files *ret, struct error *err);
void repo_files_done(struct repo_files *f);

/* Judges these packages, or finds what was said of them before. Borrowed from `r`. */
const struct repo_ruling *repo_rule(struct repo *r, const struct index_kernel *k);

/*
 * Judges those of `kernels` that nothing was said of, several side by side, so that repo_rule() knows them. Progress goes to a
 * terminal (repo_jobs.c).
 */
void repo_rule_all(struct repo *r, const struct index_kernel *const *kernels, size_t n);

/* The steps of repo_rule(): what is known, its ruling NULL where nothing is; judging; keeping what came of it, which is taken. */
struct repo_ruling *repo_known(struct repo *r, const struct index_kernel *k);
struct ruling *repo_judge(struct repo *r, const struct index_kernel *k);
void repo_know(struct repo *r, struct repo_ruling *it, struct ruling *ruling);

/*
 * What the kernels that are judged from here on are the update of, for a policy that asks (DROPS_BLOCK); borrowed. `key` tells it
 * from others; NULL: nothing does, so that rulings are neither kept nor taken.
 */
void repo_compare(struct repo *r, const struct support *old, const char *key);

/*
 * Reads and judges these files as the kernels are; `ret` is borrowed, and stays. One that has changed since its digest was compared
 * is refused. EXIT_FAILED was said.
 */
enum exit_status repo_look_files(struct repo *r, const struct repo_files *f, struct kernel_list *list, struct look **ret);

enum exit_status repo_status(const struct ruling *r);

/* --- parts of both reports -------------------------------------------------------------------- */

void repo_print_head(const struct repo *r, const struct text *t);
/* A kernel and what is said of it; its name takes `width` columns. */
void repo_print_kernel(const struct text *t, const struct index_kernel *k, const struct ruling *r, size_t width);

/* The object that both begin with. Owned. */
struct json_object *repo_json_head(const struct repo *r, const char *command, enum exit_status exit);
struct json_object *repo_json_kernel(const struct index_kernel *k, const struct repo_ruling *r);
/* A member with a text of foreign origin; NULL: none. */
void repo_json_put(struct json_object *o, const char *name, const char *s);

/* A kernel in a report for pipelines. */
void repo_add_case(struct ruled_group *g, const struct index_kernel *k, const struct ruling *r);

/* How a verb says what it has found out. */
struct repo_report {
	void (*text)(const void *ctx, const struct text *t);
	struct json_object *(*json)(const void *ctx);
	void (*ruled)(const void *ctx, struct ruled *r); /* adds the exit status and the groups */
};

/* Writes the report in the format that was asked for, where it belongs. */
enum exit_status repo_write(const struct repo *r, const void *ctx, const struct repo_report *how);

#endif

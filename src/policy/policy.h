/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_POLICY_POLICY_H
#define HVCOMPAT_POLICY_POLICY_H

#include "compat/select.h"

/* A policy file (docs/policy.md), filled by libcyaml. */

enum unknown_means { UNKNOWN_BLOCK, UNKNOWN_REPORT };
enum proof_means { PROOF_NONE, PROOF_REQUIRED };
enum drops_mean { DROPS_REPORT, DROPS_BLOCK };

struct requirement {
	char *hypervisor, *userspace; /* one of them */
	char *versions;  /* NULL: all */
	char **modes;
	unsigned modes_count;
	char *loader;
	char **through;  /* each of these interfaces must be a way that works; empty: any way will do */
	unsigned through_count;
	enum grade grade; /* the least that will do; default degraded */
	enum proof_means proof; /* required: a boot there must be on record, through each of `through` */
	char **arch;     /* applies to kernels of these architectures; empty: all */
	unsigned arch_count;
	char **flavour;  /* applies to kernels of these flavours; empty: all */
	unsigned flavour_count;
	char *reason;    /* free text for readers */
	/* filled on loading: */
	struct selection selection;
};

struct waiver {
	char *finding;  /* a finding's id, exactly */
	char *kernels;  /* range of kernel versions: "6.1 .. 6.1.999", ">= 6.12"; NULL: any */
	char *reason, *by, *until; /* until: YYYY-MM-DD, last day it holds */
};

struct policy {
	char *name; /* key `policy` */
	unsigned version;
	char *about;
	enum unknown_means unknown;
	enum drops_mean drops;
	struct requirement *requires;
	unsigned requires_count;
	struct waiver *waivers;
	unsigned waivers_count;
	char *file;
	struct arena *arena; /* private: holds all of the above but the selections */
};

/*
 * Loads a policy: `name` is a path when it holds a '/' or ends in .yaml, else NAME.yaml is searched in `dirs`
 * (NULL-terminated, lowest precedence first). The .yaml files in NAME.yaml.d/ (for a path: in PATH.d/) may
 * add `requires` and `waivers`; a file in a later directory replaces the one of the same name, and a link to
 * /dev/null, or an empty file, masks it. Everything is checked against the knowledge, which must outlive the
 * policy; all flaws go to `report` (may be NULL) as "FILE:LINE:COLUMN: what is wrong", the first to `err`.
 * Returns 0; -ENOENT: there is no such policy, or it is masked; -EINVAL: it has flaws; another negative
 * errno: a file cannot be read.
 */
int policy_load(const struct knowledge *k, const char *const *dirs, const char *name, knowledge_report report,
		void *ctx, struct policy **ret, struct error *err);
struct policy *policy_free(struct policy *p);
DEFINE_CLEANUP(struct policy *, policy_free)

#endif

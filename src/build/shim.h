/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BUILD_SHIM_H
#define HVCOMPAT_BUILD_SHIM_H

#include "compat/support.h"

/*
 * A shim: what brings back to a kernel source what its upstream took away. compat-shims/NAME/shim.yaml
 * describes it (docs/shims.md is the manual); patches, sources and a README lie beside that file.
 */

/* A file of the source tree that must be as the shim expects; what proves that a series applies. */
struct shim_check {
	char *file;     /* path in the source tree */
	char *contains; /* a text that must be in it; NULL: the file must exist */
	char *lacks;    /* a text that must not be in it: it is there already, or upstream changed it; NULL: none */
};

/*
 * One range of kernels, and what the shim does there: patches and new files, more options, or nothing at all.
 * Ranges may overlap, where vendors have changed the files: the first in file order counts that covers the kernel
 * and whose checks all hold.
 */
struct shim_series {
	char *kernels;   /* as in a waiver: "6.1 .. 6.1.999" */
	char **patches;  /* paths beside shim.yaml, applied in this order with patch -p1 and no fuzz */
	unsigned patches_count;
	char *sources;   /* a directory beside shim.yaml whose files are new ones of the source tree; NULL: none */
	struct shim_check *checks;
	unsigned checks_count;
	char **config;   /* set behind the shim's own `config` */
	unsigned config_count;
};

/* What the built kernel must say, in the words of the knowledge, for the shim to count as effective. */
struct shim_proof {
	char *interface;  /* the kernel speaks it, in full (not only by a way out) */
	char **versions;  /* in these versions at least; empty: any */
	unsigned versions_count;
	char **one_of;    /* key `one-of`, instead of `interface`: one of these is enough, at any version */
	unsigned one_of_count;
};

struct shim {
	char *name;     /* key `shim`; the directory's name */
	char *about;    /* what it restores */
	char **keeps;   /* hosts that it is for, as verdicts are named: "vmware:esx-3.5/vmi", or as --on names them */
	unsigned keeps_count;
	char **arch;    /* x86_64 i686; empty: all */
	unsigned arch_count;
	struct shim_series *series; /* empty: configuration only, for any kernel that has the options */
	unsigned series_count;
	char **config;  /* "VMI=y", "COMPAT_VDSO=y"; in the order in which they are set; shim_config_satisfied() */
	unsigned config_count;
	struct shim_proof *proof; /* all of them; never empty */
	unsigned proof_count;
	char *cost, *risk, *source; /* sentences; all three must be there */
	/* filled on loading: */
	char *dir, *file;
	struct arena *arena; /* private */
};

/*
 * Loads shim NAME (or a directory, when `name` holds a '/') from `dirs`, directories of shims, NULL-terminated,
 * lowest precedence first. Names of hosts, interfaces and versions are checked against the knowledge, files
 * and patches for being there; all flaws go to `report` (may be NULL), the first to `err`. Returns 0; -ENOENT:
 * there is no such shim (`err` names those that there are); -EINVAL: it has flaws.
 */
int shim_load(const struct knowledge *k, const char *const *dirs, const char *name, knowledge_report report,
	      void *ctx, struct shim **ret, struct error *err);
struct shim *shim_free(struct shim *s);
DEFINE_CLEANUP(struct shim *, shim_free)

/*
 * The names of all shims in `dirs` (directories that hold a shim.yaml), sorted; NULL-terminated and owned, strings
 * too: shim_names_free(). A shim in a later directory replaces the one of that name; a NAME that is no directory
 * (a link to /dev/null) masks it.
 */
int shim_names(const char *const *dirs, char ***ret, struct error *err);
char **shim_names_free(char **names);
DEFINE_CLEANUP(char **, shim_names_free)

/*
 * Checks that every shim that the knowledge says helps is among `dirs`, and proves an interface of the same class.
 * Returns 0, or -EINVAL; a line for each flaw goes to `report`.
 */
int shim_lint_helps(const struct knowledge *k, const char *const *dirs, knowledge_report report, void *ctx,
		    struct error *err);

/*
 * The options to set in a tree of that version: the shim's, then those of the series that is applied there, or else
 * fits, or else covers the version. So it may be asked before and after shim_apply(). An owned array,
 * NULL-terminated, of strings that are the shim's.
 */
const char **shim_config(const struct shim *s, const char *tree, const char *version);

/*
 * Whether `value` ("y", "m", "64"; NULL or "n": not set) is what an option line of a shim asks for. They are
 * minimums: "X=m" is satisfied by y too; "X=n" by an option that is off or does not exist.
 */
bool shim_config_satisfied(const char *line, const char *value);

/*
 * Whether the shim is for this source tree: architecture ("i686"; NULL: not asked), kernel version
 * ("6.1.192"), and every file check of a series. Nothing is changed. `ret` (may be NULL) borrows the series;
 * NULL for a shim that has none. Returns 0; -EINVAL with what does not fit and where; -EALREADY: it does not fit
 * because it is applied already (patches and new files could be taken out again).
 */
int shim_fits(const struct shim *s, const char *tree, const char *version, const char *arch,
	      const struct shim_series **ret, struct error *err);

/*
 * Applies the series that fits to a tree that the caller owns: new files are put in place, patches applied with
 * no fuzz. All or nothing: all is done on copies of the files first, and a hunk that does not apply is an error
 * that names patch, file and hunk, and the tree is as before. `log` gets what patch(1) says; -1: nothing. Files are
 * replaced, not written to, so that a tree of hard links to another one is safe. Returns 0; -EINVAL: does not fit,
 * or does not apply; -EALREADY: it is applied already; -EINTR: a signal came; another negative errno.
 */
int shim_apply(const struct shim *s, const char *tree, const char *version, const char *arch, int log,
	       struct error *err);

/* The same without changing the tree: whether it would apply. */
int shim_try(const struct shim *s, const char *tree, const char *version, const char *arch, int log,
	     struct error *err);

/* "6.1.192" of the Makefile of a kernel source; without EXTRAVERSION. Owned. -EINVAL: it is no kernel source. */
int tree_version(const char *tree, char **ret, struct error *err);

/*
 * Holds what the built kernel says against the shim's proof. Returns 0: effective; -EINVAL: `err` says what is
 * missing and what was found. `ret_evidence` (may be NULL) is an owned text, a line for each piece.
 */
int shim_proved(const struct shim *s, const struct support *built, char **ret_evidence, struct error *err);

#endif

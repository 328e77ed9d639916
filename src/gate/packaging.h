/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_GATE_PACKAGING_H
#define HVCOMPAT_GATE_PACKAGING_H

#include "pkg/index.h"

/*
 * What packages of kernels are called, where nothing but their names is there to tell: in an index. It comes from
 * packaging/ beside the policies. What a package really holds is seen when it is opened.
 */
struct packaging_list;

/* Loads DIR/packaging/NAME.yaml of all `dirs` (NULL-terminated, lowest precedence first). -EINVAL: FILE:LINE:COLUMN: … */
int packaging_load(const char *const *dirs, struct packaging_list **ret, struct error *err);
struct packaging_list *packaging_free(struct packaging_list *list);
DEFINE_CLEANUP(struct packaging_list *, packaging_free)

/* One kernel of an index: the packages that belong together. */
struct index_kernel {
	char *name;    /* what they have in common: "6.1.0-50-amd64", "6.1.0-1.x86_64" */
	const struct index_package **packages; /* borrowed from the index; owned array, by name */
	size_t n_packages;
	const struct index *index;
};
struct index_kernels {
	struct index_kernel *kernels; /* owned, by version, oldest first */
	size_t count;
};
void index_kernels_done(struct index_kernels *k);

/* Adds the kernels of an index. */
void packaging_kernels(const struct packaging_list *list, const struct index *index, struct index_kernels *k);

/*
 * Whether a package of that name is what an update replaces, and what brings the newest kernel: its place among those that are
 * known, from 1; 0: it is none. A part of a kernel may be one, too.
 */
unsigned packaging_meta(const struct packaging_list *list, enum index_family family, const char *name);

/* Adds what packages provide of which several versions stand side by side (dnf.conf(5), installonlypkgs). */
void packaging_installonly(const struct packaging_list *list, enum index_family family, struct strings *provides);

/* Whether one kernel is the successor of the other: of the same flavour, as their packages are called. */
bool packaging_same_line(const struct index_kernel *a, const struct index_kernel *b);

/* What the lines that keep hosts from a kernel are made of. All are texts, none NULL. */
struct packaging_words {
	const char *metas, *names, *version, *nevras, *locks;
};

/* Adds these lines. */
void packaging_keep(const struct packaging_list *list, enum index_family family, const struct packaging_words *words,
		    struct strings *lines);

#endif

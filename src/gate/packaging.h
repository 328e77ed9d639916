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

#endif

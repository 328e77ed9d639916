/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BUILD_POLICY_PACKAGE_H
#define HVCOMPAT_BUILD_POLICY_PACKAGE_H

#include "base/error.h"
#include "base/util.h"

/* One package that must stay out. */
struct policy_block {
	char *name, *version; /* owned */
	char *why;            /* one line: owned */
};

/* A small package that lets a solver refuse. */
struct policy_package {
	bool rpm;               /* or deb */
	const char *name;       /* of the package: "hvcompat-policy-datacenter" */
	const char *policy;     /* its name */
	unsigned version;       /* the policy's */
	const char *revision;
	const char *maintainer; /* "Name <address>" */
	const char *kernel;     /* rpm: name of the package that `terms` are asked of */
	const struct strings *terms; /* rpm: policy_terms; NULL: none */
	const struct policy_block *blocks;
	size_t n_blocks;
	const char *spec;       /* directory of the templates */
	const char *out;        /* directory for the package; made if need be */
};

/* Makes it; *ret_path (owned) is where. -EINVAL: a name or version is none that a package can have. */
int policy_package_make(const struct policy_package *p, char **ret_path, struct error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BUILD_PACKAGE_PARTS_H
#define HVCOMPAT_BUILD_PACKAGE_PARTS_H

#include "build/package.h"
#include "base/util.h"

/* What the files of packaging share; nobody else includes it. */

/* What package managers call a kernel of that release. All owned but the architectures. */
struct package_names {
	char *kernel;    /* "6.1.192": the release without what was put behind its version; "6.2.0-rc3" */
	char *version;   /* of the packages, without the revision: "6.1.192", "6.2.0~rc3" */
	char *name;      /* the release as a part of a Debian package's name: lower case, no '_' and no '~' */
	char *evr;       /* the release as rpm's version-release, in which a second '-' is none: "6.1.0-50_amd64" */
	char *rpm_release; /* revision and what the release has behind its version: "1.hvcompat" */
	const char *deb_arch, *rpm_arch;
};

/* -EINVAL: the release, the revision or the architecture is none that packages can have; `err` says which. */
int package_names_of(const struct package_job *job, struct package_names *ret, struct error *err);
void package_names_done(struct package_names *n);

/* NAME of "@NAME@" in a template, and what it stands for. */
struct template_value {
	const char *name, *value;
};

/*
 * Writes `from` to `to` with each @NAME@ replaced; of each '%' in a value two are made when `percent` is set,
 * for rpm. -EINVAL: the template has a name without a value; `err` has file and line.
 */
int template_fill(const char *from, const char *to, const struct template_value *values, size_t n, bool percent,
		  struct error *err);

/* Packages on their way. */
struct packing {
	const struct package_job *job;
	struct package_names names;
	char *stage;  /* absolute */
	char *work;   /* a directory beside the stage, so that files can be linked; removed at the end */
	char *out;    /* a directory in job->packages, from which finished packages are moved; removed at the end */
	char *epoch;  /* SOURCE_DATE_EPOCH=… */
	bool modules; /* the kernel can load any */
	struct template_value values[24]; /* the values are owned */
	size_t n_values;
};

int package_deb(const struct packing *p, struct error *err);
int package_rpm(const struct packing *p, struct error *err);

/*
 * Runs a program of packaging with the job's log. Its failure is told as "STEP: what happened: the last line
 * that it said"; where there is no such program, with the package that has it.
 */
int package_run(const struct package_job *job, const char *const *argv, const char *const *env,
		const char *step, const char *package, struct error *err);

#endif

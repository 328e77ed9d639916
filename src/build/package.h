/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BUILD_PACKAGE_H
#define HVCOMPAT_BUILD_PACKAGE_H

#include "compat/support.h"

/* Turns a built kernel tree into a staged tree, and that into .deb and .rpm packages (templates in spec/). */

enum package_format { PACKAGE_DEB = 1, PACKAGE_RPM = 2 };

struct package_job {
	const char *tree;     /* the kernel source, built in place */
	const char *stage;    /* a directory of ours, made by package_stage() */
	const char *packages; /* a directory of ours that the packages are written to */
	const char *spec;     /* directory of the templates (spec/ of the source tree, or the installed copy) */
	const char *karch;    /* ARCH of the kernel's make: "i386", "x86_64", "arm64" */
	const char *release;  /* make kernelrelease: "6.1.192-hvcompat" */
	const char *revision; /* of the packages, behind the kernel's version: "1" */
	const char *maintainer; /* "Name <address>" */
	const char *const *shims; /* names, NULL-terminated: for the descriptions */
	unsigned formats;     /* enum package_format, or-ed */
	long long epoch;      /* SOURCE_DATE_EPOCH: seconds; every time stamp in the packages */
	unsigned jobs;
	const char *const *make; /* more words for make: "CC=ccache gcc", "CROSS_COMPILE=…"; NULL-terminated */
	int log;
	void (*line)(void *ctx, const char *line); /* as in struct command */
	void *ctx;
};

/*
 * Installs image, System.map, config, modules (stripped of debug info) and the headers for building modules
 * into job->stage as a root file system: one that kernel_open() reads. What was in job->stage is removed first,
 * and all of it when this fails. -EINVAL: release, revision, maintainer or karch is none that packages can
 * have; -ECHILD, -ENOENT, -EINTR as from command_run(), with the last line that the failing program said.
 */
int package_stage(const struct package_job *job, struct error *err);

/* "hypervisor(vmi) = 3.0": a capability that the packages carry, made from what the built image is. */
struct provide_line {
	char *name;    /* "vmi", an interface's */
	char *version; /* NULL: it has none */
	bool userspace; /* of old userspace: "userspace(compat-vdso)" */
};
struct provides {
	struct provide_line *lines; /* owned; sorted by name, then version */
	size_t n;
};
/*
 * What the kernel speaks in full, in known versions, one line for each: paravirtual interfaces and ways to
 * boot, and what old userspace calls. Unknown, unread, degraded, or at versions that nothing told is no promise;
 * emulated and passed-through devices are none of a hypervisor's. Judge facts of DEPTH_DEEP at least.
 */
void provides_of(const struct support *built, struct provides *ret);
void provides_done(struct provides *p);

/* Whether an interface is of a kind that any kernel may provide, and if so, whether that is one of old userspace. */
bool provides_may(const struct iface *i, bool *ret_userspace);

/*
 * One line as packages carry it: "hypervisor(vmi) = 3.0" in an .rpm, "hypervisor-vmi (= 3.0)" in a .deb. `format` is
 * one of the two. Owned.
 */
char *provide_text(const struct provide_line *l, enum package_format format);

/*
 * Makes the packages of job->formats from the staged tree, which stays as it is; it works in STAGE.packing and
 * PACKAGES/.packing, which are gone at the end. The packages appear together, replacing those of the same
 * names; on failure none of them is left in job->packages. Errors as those of package_stage().
 */
int package_make(const struct package_job *job, const struct provides *provides, struct error *err);

#endif

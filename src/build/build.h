/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BUILD_BUILD_H
#define HVCOMPAT_BUILD_BUILD_H

#include "base/status.h"
#include "build/package.h"
#include "build/shim.h"
#include "kernel/kernel.h"
#include "policy/decision.h"

/*
 * From a kernel source, configs and shims to packages that were held against a policy. docs/building.md is the
 * manual of what each step does. The steps run one after the other in a work directory, which remembers what is
 * done; a build that stopped goes on there.
 */

/* What is to be built. Strings and arrays are borrowed. */
struct build_request {
	const char *source;           /* a tarball, a directory or a git repository; only read */
	const char *const *configs;   /* the base first: a file or a make target; the rest fragments; NULL-terminated */
	const char *arch;             /* x86_64, i686 or aarch64; NULL: this machine's */
	const char *const *shims;     /* names, or directories; NULL-terminated */
	const char *const *shim_dirs; /* where they lie, lowest precedence first; NULL-terminated */
	const struct knowledge *knowledge;
	const struct policy *policy;  /* takes the shims and options that help it, and decides in the end; NULL: none */
	const char *today;            /* YYYY-MM-DD, for waivers */
	unsigned formats;             /* enum package_format, or-ed */
	unsigned jobs;                /* 0: as many as there are processors */
	const char *out;              /* directory that the packages go to; made where it is missing */
	const char *work;             /* NULL: OUT/.hvcompat-build */
	const char *revision;         /* of the packages */
	const char *localversion;     /* the end of the release: "-hvcompat" */
	const char *maintainer;       /* "Name <address>" */
	const char *const *accept_lost; /* options that may be lost, shell patterns; NULL-terminated */
	const char *spec;             /* directory of the package templates */
	const char *kconfig;          /* directory of the program that asks Kconfig */
	const char *until;            /* the last step to run; NULL: all */
	bool resume;                  /* go on in a work directory that is there */
	bool keep_work;               /* leave it behind after success, too */
	bool force;                   /* replace packages of the same name in `out` */
	bool debug_info;              /* leave debug info as the config has it */
};

enum build_words {
	BUILD_STEP,     /* "4/6 compile": a step begins */
	BUILD_NOTE,     /* something worth knowing */
	BUILD_FLAW,     /* one of several reasons for a failure, each a sentence */
	BUILD_TAIL,     /* a line of the log's end, after a failure */
	BUILD_PROGRESS, /* what is being done right now; many of these */
};

struct build_listener {
	void (*say)(void *ctx, enum build_words kind, const char *text);
	void *ctx;
};

/* One set of packages as it was read back. */
struct build_checked {
	struct kernel_list list; /* exactly one */
	struct facts *facts;
	struct support *support;
	struct decision *decision; /* NULL: no policy */
};

struct build_result {
	/* EXIT_OK: the packages are out. EXIT_BLOCKED, EXIT_UNDECIDED: none is; `checked` or flaws say why. */
	enum exit_status status;
	bool unfinished; /* stopped behind `until`: nothing is out, the work directory stays */
	char *release;   /* "6.1.192-hvcompat" */
	struct strings files;    /* the packages in `out` */
	struct strings evidence; /* "NAME: what proves that the shim is effective" */
	struct strings provides; /* "vmi 3.0": what the packages carry */
	struct build_checked *checked; /* one for each package format */
	size_t n_checked;
};

/*
 * Builds. Returns 0 with `ret` filled (its status says how it ended), or a negative errno: -EEXIST: there is a
 * work directory, or a package of that name; -EBUSY: another build works there; -ESTALE: it was begun with
 * other inputs; -EINTR: stopped by a signal; and so on. `err` names the step and the remedy. On every outcome
 * but success the work directory stays, and nothing is in `out`.
 */
int build_run(const struct build_request *request, const struct build_listener *listener,
	      struct build_result *ret, struct error *err);

/* Whether there is such a step, for `until`. */
bool build_is_step(const char *name);
void build_result_done(struct build_result *r);

#endif

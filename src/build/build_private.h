/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BUILD_BUILD_PRIVATE_H
#define HVCOMPAT_BUILD_BUILD_PRIVATE_H

#include "build/build.h"
#include "base/command.h"
#include "base/fs.h"
#include "build/settings.h"
#include "build/state.h"

/* What the steps of a build share. Nobody outside src/build includes this. */

#define TAIL_LINES  20u /* of the log, after a failure */
#define TAIL_ERRORS 5u  /* lines before them that say "error" */

/* The end of what the programs said. */
struct tail {
	char *lines[TAIL_LINES]; /* a ring; owned */
	size_t n;
	char *errors[TAIL_ERRORS]; /* the first ones since the step began; owned */
	size_t n_errors;
	bool disk_full; /* some program said so */
};

struct build {
	const struct build_request *request;
	const struct build_listener *listener;
	struct build_result *result;
	char *out, *work;       /* absolute */
	char *tree, *stage, *packages; /* in `work` */
	int lock, log;
	struct state state;
	struct tail tail;
	size_t objects;         /* that the compiler made in this run */
	const char *arch;       /* x86_64 */
	const char *karch;      /* x86_64, i386, arm64: ARCH of the kernel's make */
	struct strings make_words; /* CC=…, HOSTCC=…, CROSS_COMPILE=… */
	char *version;          /* of the source: 6.1.192 */
	long long epoch;
	struct shim **shims;    /* asked for, and those that the policy needs; owned */
	size_t n_shims;
	struct settings settings; /* what was asked of the configuration */
	bool no_debug_info;     /* it was on, and is turned off */
	struct strings policy_options; /* "XEN_PV=y": what the policy needs */
};

/* --- build.c */
void build_say(const struct build *b, enum build_words kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* --- build_work.c: the work directory */
int work_open(struct build *b, struct error *err);   /* made, locked, and its state read */
int work_inputs(struct build *b, struct error *err); /* recorded, or compared with those of the run before */
int work_close(struct build *b, bool remove, struct error *err);

/* --- build_log.c: the log, its tail, and running programs */
int log_open(struct build *b, struct error *err);
void log_step(struct build *b, const char *step);
void log_tail(const struct build *b);
void log_done(struct build *b);
void log_line(void *ctx, const char *line); /* ctx: the struct build */
int run_program(struct build *b, const char *const *argv, const char *dir, struct error *err);
int run_make(struct build *b, const char *const *targets, struct error *err); /* in the tree */

/* --- build_tools.c: what every make of a build gets */
void tools_environment(const struct build *b); /* of this process, hence of all that it starts */
int tools_find(struct build *b, struct error *err);

/* --- the steps; each can be run again after it was stopped anywhere */
int step_unpack(struct build *b, struct error *err);
int step_shims(struct build *b, struct error *err);
int step_configure(struct build *b, struct error *err);
int step_compile(struct build *b, struct error *err);
int step_package(struct build *b, struct error *err);
int step_verify(struct build *b, struct error *err);

/* --- build_source.c: which kind of source it is */
enum source_kind { SOURCE_FILE, SOURCE_DIR, SOURCE_GIT };
int source_kind(const char *path, enum source_kind *ret, struct error *err);

/* --- build_archive.c. `ret_newest`: the newest modification time in it. */
int archive_unpack(const char *archive, const char *into, long long *ret_newest, struct error *err);

/* The bytes of a file that may be compressed (gzip, xz, zstd, bzip2, lz4), NUL-terminated; owned. */
int archive_read_text(const char *path, size_t max, char **ret, struct error *err);

/* --- build_shims.c */
int shims_load(struct build *b, struct error *err); /* those of the request, and those that the state names */
int shims_add(struct build *b, const char *name, struct error *err);
void shims_done(struct build *b);

/* --- build_policy.c: fills policy_options, and adds shims, from what the configured tree lacks */
int policy_choose(struct build *b, struct error *err);
void policy_restore(struct build *b);

/*
 * --- build_judge.c: reads a kernel and judges it. What was built is read at DEPTH_VERIFY, so that what it is rests on
 * the image and not on its config; a config has no more than DEPTH_DEEP.
 */
int judge(const struct build *b, const char *kernel, enum depth depth, bool with_policy, struct build_checked *ret,
	  struct error *err);
void checked_done(struct build_checked *c);

/* --- build_configure.c */
int configs_check(const struct build *b, struct error *err); /* whether there are such configs, as far as names tell */
int configure(struct build *b, struct error *err); /* the tree gets its .config; nothing is checked yet */

/* --- build_lost.c: holds the .config against what was asked. -EINVAL after a BUILD_FLAW for each loss. */
int lost_check(struct build *b, struct error *err);
/* The shims' and the policy's options that are "m" though the option is no tristate; true: some became "y". */
bool lost_round_up(struct build *b);

/* --- build_files.c: the files that a .config names */
int named_files_check(struct build *b, struct error *err);

/* --- build_out.c */
int out_check_names(struct build *b, struct error *err); /* nothing of that name is there yet */
int out_release(struct build *b, struct error *err);     /* all packages, or none */

#endif

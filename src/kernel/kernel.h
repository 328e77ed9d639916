/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_KERNEL_H
#define HVCOMPAT_KERNEL_KERNEL_H

#include "kernel/facts.h"

/*
 * The room "read". A KERNEL as users name it on a command line: one path, or a comma-separated set of paths
 * that make up one kernel. A path is a .deb, an .rpm, a directory (of packages, an unpacked tree, or a root
 * file system), a kernel image, or a config file.
 */
struct kernel;

struct kernel_list {
	struct kernel **kernels; /* owned; in version order of their releases */
	size_t count;
};
void kernel_list_done(struct kernel_list *list);

struct kernel_options {
	unsigned threads; /* 0: as many as there are processors, at most 4 */
	bool verify;      /* check checksums (goes with DEPTH_VERIFY) */
	/*
	 * Open and read in a process of its own without rights (base/confine.h), one for each kernel_open(): what
	 * these kernels' files make of their readers ends there. A reader that dies, hangs or answers nonsense is a
	 * failure: -ECHILD.
	 */
	bool boxed;
	/* Called with `ctx` once that process is there, before its first answer is waited for. May be NULL. */
	void (*started)(void *ctx);
	void *ctx;
};

/*
 * Opens one KERNEL argument and appends what it finds to `list`. A directory may hold several kernels: one
 * each by release. A file or a comma-separated set is exactly one: -EINVAL with both releases in `err` when
 * they differ, -ENOENT when there is no kernel in it. Nothing of a payload is decoded yet.
 */
int kernel_open(const char *arg, const struct kernel_options *options, struct kernel_list *list, struct error *err);

/*
 * The same in two halves, for options.boxed: begins, and meanwhile others may be begun, by a process that has no threads
 * yet. kernel_open_end() frees `opening`, as kernel_opening_free() does where nobody asks any more.
 */
struct kernel_opening;
int kernel_open_begin(const char *arg, const struct kernel_options *options, struct kernel_opening **ret,
		      struct error *err);
int kernel_open_end(struct kernel_opening *opening, struct kernel_list *list, struct error *err);
struct kernel_opening *kernel_opening_free(struct kernel_opening *opening);

/* The running kernel: /boot, /lib/modules and /proc/config.gz of this machine under `root` ("/" but for tests). */
int kernel_open_running(const char *root, const struct kernel_options *options, struct kernel_list *list,
			struct error *err);

struct kernel *kernel_free(struct kernel *k);

const char *kernel_release(const struct kernel *k); /* NULL while only the image can tell */
const char *kernel_label(const struct kernel *k);   /* what to call it: package name, else path; never NULL */

/*
 * Reads what `wants` asks for, no deeper than `depth`, and hands on the facts. What cannot be told from the
 * kernel is a fact too (FACT_UNKNOWN and why); an input that is truncated or corrupt is a failure: a negative
 * errno and `err` that names file, place and remedy.
 */
int kernel_read(struct kernel *k, const struct want_list *wants, enum depth depth, struct facts **ret,
		struct error *err);

/*
 * Lets the process that reads a boxed kernel begin with what kernel_read() will take, which must be asked the same;
 * meanwhile others may be read. Where that cannot be, or for a kernel that is not boxed, nothing happens.
 */
void kernel_read_ahead(struct kernel *k, const struct want_list *wants, enum depth depth);

/*
 * The release that the kernel itself states, else the one in its paths; owned, NULL where neither tells. Costs the
 * head of its image. Fails as kernel_read() does.
 */
int kernel_read_release(struct kernel *k, char **ret, struct error *err);

/* Fills the sha256 of every input of `facts`, which costs reading the files once. */
int kernel_digest(struct kernel *k, struct facts *facts, struct error *err);

#endif

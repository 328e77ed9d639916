/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_BOX_H
#define HVCOMPAT_KERNEL_BOX_H

#include "base/worker.h"
#include "kernel/boot_files.h"
#include "kernel/kernel.h"

/*
 * A process without rights in which kernels are opened and read (kernel_options.boxed). Private to this room: others
 * call kernel_open() and kernel_read(), which ask the box where there is one.
 */

/* As kernel_open(); with `running`, as kernel_open_running() of the root `arg`. */
int box_open(const char *arg, bool running, const struct kernel_options *options, struct kernel_list *list,
	     struct error *err);

/* The halves of it: the process begins, and says what it found. The second uses up the reference to `b`. */
int box_begin(const char *arg, bool running, const struct kernel_options *options, struct worker **ret,
	      struct error *err);
int box_end(struct worker *b, const struct kernel_options *options, struct kernel_list *list, struct error *err);

/*
 * As kernel_read(), kernel_boot_files() and kernel_digest(), of the kernel of that number. `ahead` is what
 * box_read_ahead() returned for the same wants and depth, or 0.
 */
int box_read(struct worker *b, size_t id, uint64_t ahead, const struct want_list *wants, enum depth depth,
	     struct facts **ret, struct error *err);
int box_boot_files(struct worker *b, size_t id, const struct strings *drivers, bool bare, struct boot_files **ret,
		   struct error *err);
int box_digest(struct worker *b, size_t id, struct facts *facts, struct error *err);

/* Sends the request, and leaves the answer to box_read(). 0: the box is at another, and nothing was sent. */
uint64_t box_read_ahead(struct worker *b, size_t id, const struct want_list *wants, enum depth depth);

/* What box and reader say to each other: a request, and its answer, each behind its length. */
enum box_request { BOX_READ, BOX_DIGEST, BOX_BOOT_FILES, BOX_REQUESTS };
/* An answer that holds a kernel and its modules may be as long as BOOT_FILES_MAX. */

/* The reader (worker_task.serve): opens `arg`, says what it found, and answers. */
struct box_task {
	const char *arg;
	bool running;
	const struct kernel_options *options;
};
void box_serve(int fd, const void *task);

#endif

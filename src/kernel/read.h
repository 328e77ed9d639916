/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_READ_H
#define HVCOMPAT_KERNEL_READ_H

#include <stdatomic.h>

#include "kernel/config.h"
#include "kernel/driver.h"
#include "kernel/facts.h"
#include "kernel/image.h"
#include "kernel/kernel_set.h"
#include "kernel/module.h"
#include "kernel/table.h"

/* One kernel_read() under way. Private to this room. */

/* A member of a package of the set, for provenance. */
struct location {
	const struct part *part; /* NULL: nowhere */
	size_t member;
};

/* A module file on its way into memory. */
struct module_load {
	struct member_bytes bytes; /* first: it is the sink's context */
	struct module *module;     /* once all bytes were there */
	atomic_size_t *held;       /* bytes of all modules of the kernel that are in memory */
};

struct reading {
	const struct kernel *kernel;
	const struct want_list *wants;
	enum depth depth;
	struct facts *facts; /* being filled */

	struct config *config; /* NULL: none was found */
	struct location config_at;
	const char *config_kind; /* "" or "IKCONFIG " before the symbol in a fact's place */

	struct image *image;
	enum image_state image_state;
	struct location image_at;

	/* modules.builtin and modules.builtin.modinfo; NULL: not there, or not read. */
	struct member_bytes builtin, builtin_modinfo;
	struct location builtin_at, builtin_modinfo_at;

	/* Parallel to wants->drivers */
	struct driver_state *drivers;
	struct driver_file *files;  /* the module file of each, where there is one */
	struct module **modules;    /* its contents, where they were read; borrowed from `loads` */
	atomic_size_t modules_held; /* bytes of them */
	struct module_load *loads;  /* one for each module file that is read */
	size_t n_loads;
};

/* Wants that are answered from the bytes of a driver, when they have an `of`. */
bool want_reads_driver(enum want_kind kind);

/* Wants that are answered from the kernel image when they have no `of`. */
bool want_reads_image(enum want_kind kind);

/* The driver of that name, or -1: nobody declared it. */
ssize_t driver_index(const struct want_list *wants, const char *name);

/* Decides what to read, and reads it: one pass over each package, packages side by side (read_plan.c). */
int reading_fetch(struct reading *r, struct error *err);

/*
 * Answering wants: each fills facts[i] for those wants that are its own (read_config.c, read_module.c,
 * read_image.c). answer_module() fails with -EBADMSG on what turns out to be corrupt.
 */
void answer_config(struct reading *r, size_t i);
void answer_driver(struct reading *r, size_t i);
int answer_module(struct reading *r, size_t i, size_t driver, struct error *err);
void answer_builtin_modinfo(struct reading *r, size_t i, size_t driver);
void answer_image(struct reading *r, const size_t *wants, size_t n);

/* Helpers for those who answer. Each sets facts[i]; formatted texts are owned by the fact. */
void fact_found(struct reading *r, size_t i, const struct location *at, char *text, const char *place, ...)
	__attribute__((format(printf, 5, 6)));
void fact_absent(struct reading *r, size_t i, const struct location *at, char *text, const char *place, ...)
	__attribute__((format(printf, 5, 6)));
void fact_unknown(struct reading *r, size_t i, const char *why, ...) __attribute__((format(printf, 3, 4)));
void fact_locate(struct fact *f, const struct location *at);
/* Adds the version that a text begins with, if it does. */
void fact_version(struct fact *f, const char *text);
void contradiction_add(struct facts *f, const char *what, ...) __attribute__((format(printf, 2, 3)));

/* A package that something in the set requires and nobody gave, "" when none; malloc'ed. */
char *missing_package(const struct kernel *k);

/* Decodes the table or the u32 that lies in `bytes` into facts[i]. */
void answer_bytes(struct reading *r, size_t i, const struct table_bytes *bytes, const struct location *at,
		  const char *place);

/* Release, architecture, flavour, version, inputs: what is not an answer to a want (read_identity.c). */
void reading_identify(struct reading *r);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PROVE_NEEDS_H
#define HVCOMPAT_PROVE_NEEDS_H

#include "base/wire.h"
#include "prove/recipe.h"

/*
 * Files out of the packages of a hypervisor: itself, its tools, the libraries that these load. The packages are read by a
 * process without rights, and nothing of them is run on this machine.
 *
 * They lie in directories given with --with, or one level below. All that a recipe takes is from one of these: tools fit
 * one release of their hypervisor, and libraries one release of their distribution.
 */

/* One file that is wanted. Package, version and member are shell patterns, as in struct recipe_file. */
struct wanted_file {
	const char *package, *version, *member;
	const char *name; /* how the taken file shall be called */
	bool unpack;      /* gzip, xz or zstd */
	bool libraries;   /* with the interpreter and the libraries that it loads, and those that these load */
};

struct needed_file {
	char *name;    /* of the need; of a library: its path in the guest, by which the loader finds it */
	char *package, *version; /* that it is from */
	uint8_t *bytes;
	size_t size;
};

struct needed {
	char *dir; /* that all of it is from */
	struct needed_file *files; /* the needs in their order, then libraries */
	size_t count;
};
void needed_done(struct needed *n);

/* Bound on all of it together. */
#define NEEDED_MAX ((size_t)256 << 20)

/*
 * Takes them. `with` is NULL-terminated, and may be NULL: none. -ENOENT: no directory has all of them, `err` names what is
 * missing where the most was found; -EEXIST: several packages match, which differ; -EBADMSG: something is corrupt; -E2BIG.
 */
int needs_read(const struct wanted_file *needs, size_t n, const char *const *with, struct needed *ret, struct error *err);

/*
 * What a recipe needs (needs-files), written into the directory `into` under their names. Adds each with its digest to
 * record->files, and the package of the first, with its version, to record->version. Nothing to do without needs-files.
 */
int needs_take(const struct recipe *r, const char *const *with, const char *into, struct record *record,
	       struct error *err);

/* Notes in the record that this file took part. Fails as fs_digest() does. */
int needs_record(struct record *record, const struct needed_file *f, struct error *err);

/* --- private to the two sides ------------------------------------------------------------------ */

struct needs_task {
	const struct wanted_file *needs;
	size_t n;
	const char *const *with;
};
/* worker_task.serve: says what it found, and ends. */
void needs_serve(int fd, const void *task);
void wire_needed(struct wire *w, struct needed *n);

/* The programs that an ELF file loads: its interpreter (a path) and libraries (names). None for other files. */
int elf_needed(const uint8_t *bytes, size_t size, struct strings *ret, struct error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BUILD_SHIM_PARTS_H
#define HVCOMPAT_BUILD_SHIM_PARTS_H

#include "build/shim.h"
#include "compat/place.h"

/* What the files that make up shims share. Nobody else includes this. */

/* A shim.yaml being looked at. */
struct shim_vet {
	const struct knowledge *knowledge;
	struct shim *shim;
	uint8_t *bytes; /* of the file */
	size_t n;
	struct places *places; /* made when the first flaw is found */
	knowledge_report report;
	void *ctx;
	struct error *err;
	size_t flaws;
};

/* Notes a flaw at `way` of the file; NULL: at its top. */
void shim_flaw(struct shim_vet *vet, const struct step *way, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The steps below `way`, for one look-up: STEP(way, "series") and ITEM(way, 3) live until the end of the block. */
#define STEP(way, name) (&(const struct step){ .up = (way), .key = (name) })
#define ITEM(way, i) (&(const struct step){ .up = (way), .index = (i) })

/* Checks what libcyaml cannot. */
void shim_vet(struct shim_vet *vet);

/* shim_vet_files.c: series with their patches, new files and checks, and what lies beside the file. */
void shim_vet_files(struct shim_vet *vet);
void shim_vet_config(struct shim_vet *vet, const struct step *way, char *const *list, unsigned count);

/* Whether a path is relative and stays below where it begins: no "..", no empty part. */
bool path_is_below(const char *path);

/* Whether DIR/PATH, links followed, lies in DIR. False too when it is not there. */
bool path_stays_in(const char *dir, const char *path);

/* Adds the regular files below `dir`, as paths relative to it, sorted. -EINVAL: something there is no file. */
int files_below(const char *dir, struct strings *ret, struct error *err);

/* Copies a regular file with its mode; makes the directories on the way. */
int copy_file(const char *from, const char *to, struct error *err);

#define SHIM_FILE_MAX ((size_t)16 << 20) /* of patches, and of files of the source that they are about */

/* A file that a patch changes. */
struct patched {
	char *path; /* in the source tree: without the first part */
	bool creates;
};
struct patch {
	struct patched *files;
	size_t n;
};

/*
 * Reads a patch in unified format: what it changes, and that it is whole. -EINVAL with the line of the file when
 * it is not what patch(1) could apply strictly: a name that leads out of the tree, a hunk cut short, a rename.
 */
int patch_read(const char *file, struct patch *ret, struct error *err);
void patch_done(struct patch *p);

/* Whether all of the series is in the tree: it could be taken out again without a rest. */
bool shim_series_applied(const struct shim *s, const struct shim_series *series, const char *tree);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_ENTRY_H
#define HVCOMPAT_PKG_ENTRY_H

#include "pkg/limits.h"
#include "pkg/source.h"

enum entry_type {
	ENTRY_FILE,
	ENTRY_SYMLINK,
	ENTRY_HARDLINK, /* tar's: the same file as `target`, which came before; no body of its own */
	ENTRY_OTHER,	/* a directory, a device */
};

/* One entry of an archive inside a decoded stream. The source stands at the first byte of its body. */
struct entry {
	enum entry_type type;
	uint64_t offset;	       /* of its first header in the decoded stream */
	uint64_t size;		       /* bytes of its body in the stream */
	uint64_t padding;	       /* bytes behind the body up to the next header */
	char path[PKG_PATH_MAX + 1];   /* as path_clean() spells it */
	char target[PKG_PATH_MAX + 1]; /* symbolic link: as stored; hard link: cleaned; else "" */
};

/* How to walk an archive: tar or cpio. `ctx` is what entry_next() wants to know of the container. */
struct entry_walk {
	/* 1 and the entry; 0 at the archive's end mark; negative errno. */
	int (*next)(struct source *s, const void *ctx, struct entry *ret, struct error *err);
	const void *ctx;
};

/* POSIX ustar and pax, GNU tar, as dpkg-deb writes and reads them (tar(5)); ctx is not used. */
int tar_next(struct source *s, const void *ctx, struct entry *ret, struct error *err);

#define TAR_BLOCK 512

/*
 * Whether these 512 bytes are the header of a regular file, by magic, checksum and number format; its cleaned
 * path and its size. For finding one's place in the middle of an archive.
 */
bool tar_file_header(const uint8_t block[TAR_BLOCK], char ret_path[PKG_PATH_MAX + 1], uint64_t *ret_size);

/*
 * What a cpio archive with rpm's stripped headers leaves to the rpm's header: path, type and size of file
 * `index`. Negative errno when there is no such file.
 */
struct cpio_files {
	int (*file)(const void *ctx, uint32_t index, struct entry *ret, struct error *err);
	const void *ctx;
};

/*
 * cpio "newc" (cpio(5)) and rpm's 07070X; ctx is a struct cpio_files, or NULL when stripped headers are
 * refused.
 */
int cpio_next(struct source *s, const void *ctx, struct entry *ret, struct error *err);

#endif

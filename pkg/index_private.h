/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_INDEX_PRIVATE_H
#define HVCOMPAT_PKG_INDEX_PRIVATE_H

#include "pkg/index.h"
#include "pkg/source.h"

#include "base/hash.h"
#include "base/wire.h"

/* The parts of reading an index. Private to pkg/index*.c. */

/* A file of a repository in memory that nobody else can change, and its digest. */
struct index_bytes {
	int fd;         /* to be closed; -1: none */
	uint64_t size;
	char sha256[65];
};
int index_bytes_read(const char *path, uint64_t most, struct index_bytes *ret, struct error *err);

/* The digest of a file alone. */
int index_digest(const char *path, char ret_sha256[65], struct error *err);

/* By the end of a file's name: ".xz" … */
enum compression index_compression(const char *path);

/* What was vouched for: the text of a Release file, or of repomd.xml. */
struct index_vouched {
	char *text;   /* owned, NUL-terminated */
	size_t size;
	char *signer; /* fingerprint, owned; NULL: nobody */
};
void index_vouched_done(struct index_vouched *v);

/*
 * Reads DIR/INLINE (a signed text), else DIR/PLAIN with the signature beside it in DIR/DETACHED. Names may be NULL.
 * -ENOENT: none of them is there.
 */
int index_vouch(const char *dir, const char *inlined, const char *plain, const char *detached,
		const struct index_options *o, struct index_vouched *ret, struct error *err);

/* A Release file. */
struct release {
	struct index_vouched vouched;
	char *suite, *codename, *components, *architectures; /* owned; NULL: not said */
	unsigned priority; /* struct index's */
};
void release_done(struct release *r);
int release_open(const char *dir, const struct index_options *o, struct release *ret, struct error *err);

/* Size and SHA-256 that it lists for a path; false: it does not. */
bool release_find(const struct release *r, const char *path, uint64_t *ret_size, char ret_sha256[65]);

/* What both kinds of index are read by, below. */
typedef int (*index_reader)(struct index *index, struct source *s, char ret_sha256[65], struct error *err);

/* An index that lies in memory. */
struct index_reading {
	const struct index_bytes *bytes;
	const char *path;  /* by the end of which it is unpacked; for messages */
	index_reader read; /* NULL: it is dpkg's status file */
	const char *arch;  /* of that one's host */
};

/*
 * Unpacks and reads an index in a process without rights (base/worker.h), which leaves text, strings and packages in a file in
 * memory that nobody can change any more; what it says is checked. Closes the bytes. `ret_sha256` is of what was unpacked
 * (index_box.c).
 */
int index_read(struct index *x, const struct index_reading *reading, char ret_sha256[65], struct error *err);

/* In that process: room for the text and the strings, of which no more than they take is used. */
struct index_room {
	char *text, *strings;
	size_t size; /* of each */
};
/* A buffer that grows there, or in the heap where there is no room. */
struct buf index_room_buf(const struct index *x, bool strings);

/* What was mapped of that file. */
struct index_map *index_map_free(struct index_map *m);

/* What repomd.xml says of the primary index. */
struct repomd {
	char *location; /* owned */
	char checksum[65], open_checksum[65]; /* "": not said */
	uint64_t size;
};
/* Reads it in a process without rights, too. `dir` is for messages. */
int index_read_repomd(const struct index_vouched *v, const char *dir, struct repomd *ret, struct error *err);
/* The reading itself; what comes of it on a wire; and what must hold of that in the process that asked. */
int repomd_read(const char *text, size_t n, struct repomd *ret, struct error *err);
void repomd_wire(struct wire *w, struct repomd *m);
int repomd_check(const struct repomd *m, struct error *err);

/* Filters the stanzas of Packages out of `s` into index->text and index->packages; digests what it read on the way. */
int packages_read(struct index *index, struct source *s, char ret_sha256[65], struct error *err);

/* Of dpkg's status file: what is installed, of that architecture and of "all". */
int status_read(struct index *index, const char *arch, struct source *s, struct error *err);

/* The same of primary.xml, whose text is handed on as it is. */
int primary_read(struct index *index, struct source *s, char ret_sha256[65], struct error *err);

/* What both do at their end: no name may be there twice with different digests (-EEXIST). */
int index_check_doubles(const struct index *x, struct error *err);

/* A Debian archive below `dir`; the suite and components may be NULL. A flat one has neither. */
int index_open_deb(const char *dir, const char *suite, const char *const *components, const struct index_options *o,
		   struct index_list *list, struct error *err);

/* rpm-md. */
int index_open_rpm(const char *dir, const struct index_options *o, struct index_list *list, struct error *err);

void index_list_add(struct index_list *list, struct index *x);

#endif

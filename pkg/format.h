/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_FORMAT_H
#define HVCOMPAT_PKG_FORMAT_H

#include "pkg/package.h"
#include "pkg/region.h"
#include "pkg/want.h"

/* What the formats share: inside pkg/ only. */

/* What a format knows of a member beside what it shows. */
struct body {
	const char *path; /* of the entry that has its bytes, where that is another (hard links); else NULL */
	const char *digest; /* lower-case hexadecimal by package.hash, or NULL */
	uint64_t offset;    /* of its header in the decoded payload, or MEMBER_SIZE_UNKNOWN */
};

/* What a format does. Its functions may assume bounded, cleaned input from the functions below. */
struct format {
	const char *name;
	/* Fills info and members by package_add(); package.c sorts them. */
	int (*open)(struct package *p, const struct package_options *options, struct error *err);
	/* Settles every want. */
	void (*read)(struct package *p, struct wants *wants);
	/* Adds what the cheap list leaves out. NULL: it leaves nothing out. */
	int (*list_all)(struct package *p, struct error *err);
	void (*free)(struct package *p);
	/* Links are followed by read(), among the files themselves, not in the list. */
	bool follows;
};

extern const struct format format_deb, format_rpm, format_tree, format_file;

struct chunk;

struct package {
	const struct format *format;
	struct package_info info;
	int fd;
	struct region file; /* all of it; its `what` is "the file" */
	unsigned threads;
	bool verify;
	enum hash_kind hash; /* of the digests in `bodies` */
	struct member *members;
	struct body *bodies; /* parallel to `members` */
	size_t n;
	struct chunk *chunks; /* memory of all strings */
	size_t named;	      /* bytes of all paths and targets that were added */
	void *state;	      /* of the format */
};

/* A copy of `n` bytes with a NUL, which lives as long as the package. */
const char *package_string(struct package *p, const char *text, size_t n);
void package_free_strings(struct package *p);

/*
 * Adds a member; its strings must live as long as the package. -E2BIG: too many. -EBADMSG: it has no name.
 * `path` is clean.
 */
int package_add(struct package *p, const struct member *m, const struct body *b, struct error *err);

/* Sorts members and bodies by path; -EBADMSG when a path is there twice. */
int package_sort(struct package *p, struct error *err);

/* Drops all members, to list them anew. */
void package_forget(struct package *p);

/*
 * Runs job(ctx, i) for i in [0, n), in that order of starting, on at most `threads` threads including this
 * one. Where no thread can be made, it goes on with fewer.
 */
void run_jobs(unsigned threads, size_t n, void (*job)(void *ctx, size_t i), void *ctx);

/* A growing list of names, and its end: a NULL-terminated array, malloc'ed, of strings owned by the package.
 */
struct names {
	char **items;
	size_t n;
};
int names_add(struct names *l, struct package *p, const char *text, size_t n, struct error *err);
int names_add_any(struct names *l, struct package *p, const char *text, size_t n, struct error *err); /* also "" */
char **names_end(struct names *l);

#endif

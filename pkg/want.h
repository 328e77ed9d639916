/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_WANT_H
#define HVCOMPAT_PKG_WANT_H

#include "base/hash.h"
#include "pkg/entry.h"
#include "pkg/package.h"

#include <pthread.h>

#define HOME_UNKNOWN SIZE_MAX

enum want_state {
	WANT_OPEN,   /* nobody has come across it */
	WANT_LINKED, /* a hard link to another path was found in its place */
	WANT_TAKEN,  /* some pass delivers it */
	WANT_DONE,   /* its read's result stands */
};

struct pass;

/* One read, on its way through a package's payload. */
struct want {
	struct member_read *read;
	const char *path;   /* of the entry that has its bytes */
	uint64_t size;	    /* what the list says of its size, or MEMBER_SIZE_UNKNOWN */
	const char *digest; /* its digest in lower-case hexadecimal, or NULL */
	enum hash_kind hash; /* by this algorithm */
	size_t home;	    /* the block it is expected in, or HOME_UNKNOWN */
	enum want_state state;
	const struct pass *pass; /* that took it and is not settled yet */
	char *hard;		 /* owned: `path`, once a hard link led to another */
	char *linked;		 /* owned: where the hard link leads that was found in this pass */
	unsigned hops;
};

/* The wants of one package_read(), in strcmp() order of their paths. */
struct wants {
	struct want *items;
	size_t n;
	bool verify;
	pthread_mutex_t lock; /* guards `state`, `pass` and `home` */
};

/* Puts the items into order; after filling, and when paths have changed. */
void wants_sort(struct wants *w);

/* How many are still open of those at home in `home`; with `strays` also those whose home is not known. */
size_t wants_open(struct wants *w, size_t home, bool strays);

/* Sets a want's result; `err` may be NULL for success. */
void want_finish(struct wants *w, struct want *want, const struct error *err);

/* Fails all that are still open. */
void wants_fail_open(struct wants *w, const struct error *err);

/*
 * Feeds a member's bytes to one sink and settles its result: for containers that have no stream around the
 * member. `check`: compare the digest too, if there is one.
 */
struct delivery {
	struct wants *wants;
	struct want *want;
	struct hash *hash; /* NULL: no digest is computed */
	bool enough;	/* the sink wants no more */
	bool settled;	/* its result stands */
};
void delivery_begin(struct delivery *d, struct wants *w, struct want *want, bool check);
/* Whether more bytes are of use. */
bool delivery_feed(struct delivery *d, const uint8_t *bytes, size_t n, bool check);
void delivery_end(struct delivery *d);
void delivery_fail(struct delivery *d, const struct error *err);

/* One way through a part of the decoded stream: takes every open want that it comes across. */
struct pass {
	struct source *source;
	struct entry_walk walk;
	struct wants *wants;
	size_t home;   /* it goes on while wants of this home are open; HOME_UNKNOWN: while any is */
	bool strays;   /* … or wants whose home is not known yet */
	bool jumped;   /* it began in the middle on the strength of a header: digests are compared */
	uint64_t stop; /* decoded offset of entries beyond which nothing of its home is expected */
};

/* 0: all of its home were found, or the archive (or `stop`) was reached; negative errno: the stream broke. */
int pass_run(struct pass *p, struct error *err);

/* Ends a pass. With `err`, a checksum behind its bytes was wrong: those that it delivered fail after all. */
void pass_settle(const struct pass *p, const struct error *err);

/*
 * Passes through the whole stream until every want is found, again when hard links led back; what is not
 * there is -EBADMSG, with `lister` as the list that named it.
 */
struct source_maker {
	int (*open)(const void *ctx, struct source **ret, struct error *err);
	const void *ctx;
};
void pass_straight(struct wants *w, struct entry_walk walk, struct source_maker maker, const char *lister);

#endif

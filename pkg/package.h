/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_PACKAGE_H
#define HVCOMPAT_PKG_PACKAGE_H

#include "base/error.h"
#include "base/util.h"

/*
 * The room "open": a container of files, whatever its format, as a list of members and the bytes of those
 * that are asked for. It knows nothing of kernels. Nothing is ever extracted to disk, nothing from a package
 * is executed.
 */

enum package_format {
	PACKAGE_DEB,  /* deb(5): ar with control.tar.* and data.tar.* */
	PACKAGE_RPM,  /* lead, signature, header, cpio payload; header read by librpm */
	PACKAGE_TREE, /* a directory */
	PACKAGE_FILE, /* one bare file, which is its own only member */
};

#define MEMBER_SIZE_UNKNOWN UINT64_MAX

/* One regular file or symbolic link of a package. Directories and devices are not listed. */
struct member {
	const char *path;   /* relative to the root, no leading "./" or "/"; owned by the package */
	const char *target; /* symbolic link: where it points, as stored, where the list says so; else NULL */
	uint64_t size;      /* bytes, or MEMBER_SIZE_UNKNOWN: a .deb's control archive does not say */
};

/* What the package says of itself. All strings are owned by the package; NULL where it does not say. */
struct package_info {
	enum package_format format;
	const char *path;    /* as given to package_open() */
	const char *name;    /* Package: / Name */
	const char *version; /* Version: / [EPOCH:]VERSION-RELEASE */
	const char *arch;    /* Architecture: / Arch, in the distro's spelling (amd64, x86_64) */
	char **requires;     /* names in Depends and Pre-Depends / Requires, without versions; NULL-terminated, and
				never NULL itself: empty where there are none */
	char **provides;     /* names in Provides, the same way */
	char **provides_versions; /* parallel to provides: the version that it is provided in exactly; "" if none */
};

struct package;

/* How package_open() and package_read() may go about it. Zeroed means the defaults. */
struct package_options {
	/*
	 * For a directory: only these sub-directories are listed, if at least one of them exists ("boot",
	 * "usr/lib/modules"); else the whole of it. NULL-terminated; NULL lists everything.
	 */
	const char *const *roots;
	unsigned threads; /* how many may decode at once; 0: as many as there are processors, at most 4 */
	bool verify;      /* check every checksum on the way, which forbids to stop early */
};

/*
 * Opens `path` and reads its member list, which costs no payload: for a .deb control.tar, for an .rpm the
 * header. The format is told by content, never by name. `options` (may be NULL) is copied; `roots` must
 * outlive the call only. Returns 0 and *ret, to be given back by package_free(); or a negative errno and
 * `err`: -ENOENT, -EACCES, -EISDIR… from the system; -EBADMSG for a container that is truncated, corrupt or
 * lies about itself; -E2BIG where a bound is passed (see pkg/limits.h); -EOPNOTSUPP for a format or
 * compression not known.
 */
int package_open(const char *path, const struct package_options *options, struct package **ret, struct error *err);
struct package *package_free(struct package *p);
DEFINE_CLEANUP(struct package *, package_free)

const struct package_info *package_info(const struct package *p);

/*
 * Completes the member list with what the cheap list of a format leaves out: for a .deb, whose control
 * archive names neither symbolic links nor (by debhelper's habit) conffiles, at the cost of decoding the
 * whole payload once. The other formats, and a .deb without md5sums, list everything at once and have nothing
 * to do. Indices and borrowed members from before are void afterwards.
 */
int package_list_all(struct package *p, struct error *err);

/* The members in strcmp() order of their paths; borrowed. Returns their number. */
size_t package_members(const struct package *p, const struct member **ret);

/* Index of the member of that exact path, or -1. */
ssize_t package_find(const struct package *p, const char *path);

/* Takes the bytes of one member as they come. */
struct member_sink {
	/*
	 * `n` > 0 bytes, in order. Returns 0 to go on, > 0 when it has seen enough of this member, or a
	 * negative errno (with `err` set) when what it saw is no good: other members are read all the same.
	 */
	int (*take)(void *ctx, const uint8_t *bytes, size_t n, struct error *err);
	/* Called once at the end of the member, not after "enough" or a failure. May be NULL. */
	int (*end)(void *ctx, struct error *err);
	void *ctx;
};

/* One member to be read. */
struct member_read {
	size_t member;           /* index into package_members(); a symbolic link is followed inside the package */
	struct member_sink sink; /* runs on some thread, but one sink is never entered twice at a time */
	/* Set by package_read(): */
	int result;              /* 0, or the negative errno of this member's own failure */
	struct error error;      /* its sentence */
};

/*
 * Reads members, decoding no more of the payload than they need: of a .deb with xz blocks only the blocks
 * that hold them, side by side on `threads`, each up to the last byte that a sink wanted. `reads` may be in
 * any order; it is not reordered. Returns 0 when every read succeeded; the negative errno of the first that
 * failed (their own `result` and `error` tell), with `err` naming package and member; no sink runs after it
 * returned. A link whose end the package does not hold is -ENOENT, links in a circle are -ELOOP. One package
 * is read by one caller at a time; different packages may be read at once.
 */
int package_read(struct package *p, struct member_read *reads, size_t n, struct error *err);

/* A sink that keeps the member in memory. Refuses more than `limit` bytes with -E2BIG. */
struct member_bytes {
	uint8_t *data; /* malloc'ed, owned by the caller: free() */
	size_t size;
	size_t limit;
};
struct member_sink member_bytes_sink(struct member_bytes *bytes);

/*
 * SHA-256 of the package file as 64 lower-case hexadecimal digits and a NUL. Costs a full read, so only reports
 * that name their inputs by digest ask for it. A directory has none: -EISDIR.
 */
int package_sha256(const struct package *p, char ret[65], struct error *err);

#endif

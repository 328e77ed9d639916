/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_INDEX_H
#define HVCOMPAT_PKG_INDEX_H

#include "base/error.h"
#include "base/util.h"

#include <time.h>

/*
 * The index of a repository as it lies in files: a Debian archive (Release, Packages) or rpm-md (repomd.xml,
 * primary). What is handed on was verified from the signature down to the digest of the index, decompressed to
 * its end, bounded and filtered, in a process without rights: nothing after this sees other bytes. Nothing is fetched.
 */

enum index_family { INDEX_DEB, INDEX_RPM };

/* One package of an index. Strings are owned by the index. */
struct index_package {
	const char *name;
	const char *version;        /* [EPOCH:]VERSION[-RELEASE] */
	const char *arch;           /* in the distro's spelling */
	const char *source;         /* name of the source package: Source: (else the name) / sourcerpm without its end */
	const char *source_version;
	const char *location;       /* of the file, relative to the repository's base; never absolute, no ".." */
	uint64_t size;              /* bytes of the file */
	char sha256[65];            /* of the file, lower-case hexadecimal digits */
	bool held;                  /* index_open_status(): "hold" */
};

#define INDEX_PRIORITY 500u
#define INDEX_PRIORITY_UPGRADES 100u     /* only what a host has from it already: as much as what is installed */
#define INDEX_PRIORITY_NOT_AUTOMATIC 1u /* only what is asked for by name */

struct index {
	enum index_family family;
	char *label;     /* what to call it: the argument, and for Debian suite and component */
	char *base;      /* directory that locations are relative to */
	char *signer;    /* fingerprint of the key that signed; NULL: nobody vouches for it */
	/*
	 * Debian: what its packages count for where nobody says otherwise (apt_preferences(5)): INDEX_PRIORITY, or what its Release
	 * file makes of that by NotAutomatic and ButAutomaticUpgrades.
	 */
	unsigned priority;
	char *text;      /* Debian: the filtered stanzas, one for each package, in order; rpm: primary.xml */
	size_t text_size;
	struct index_package *packages; /* in the order of `text` */
	size_t n_packages;
	char *strings;                  /* private: what the packages borrow from */
	const struct index_room *room;  /* private: where text and strings grow; NULL: the heap */
	struct index_map *map;          /* private: what text and strings lie in, instead of the heap; NULL: nothing */
};

struct index_options {
	const char *const *keyrings; /* files of public keys, NULL-terminated; NULL: those that apt / rpm trust */
	bool allow_unsigned;         /* take an index that nobody signed; a signature that is wrong is still an error */
	const char *arch;            /* Debian: whose Packages to read, "amd64"; NULL: this machine's */
	const char *today;           /* YYYY-MM-DD, against Valid-Until */
};

struct index_list {
	struct index **indexes; /* owned */
	size_t count;
};
void index_list_done(struct index_list *list);

/*
 * Opens `where` and appends its index, or for Debian one for each component: a directory with repodata/, with
 * a flat Packages, or with dists/; as in sources.list the suite and its components may follow, "DIR bookworm main".
 * One file Packages[.xz|.gz|.zst|.bz2] or primary.xml[.…] by itself is taken with allow_unsigned only.
 * Returns 0 or a negative errno with `err` naming file and place: -EBADMSG truncated, corrupt, or not what its
 * signature or digest says; -EKEYREJECTED a wrong signature; -ENOKEY no key, or no signature; -ESTALE past
 * Valid-Until; -E2BIG beyond a bound (pkg/limits.h); -EEXIST one name, version and architecture twice with
 * different digests; -ENOENT.
 */
int index_open(const char *where, const struct index_options *options, struct index_list *list, struct error *err);

/*
 * Whether one name, version and architecture stands for two files in several indexes: which of them is judged would then not be
 * which of them a host fetches. -EEXIST.
 */
int index_check_across(struct index *const *indexes, size_t n, struct error *err);

/* What a file was when its digest was taken: whoever writes to it, or puts another in its place, changes one of these. */
struct index_stamp {
	uint64_t device, inode, size;
	struct timespec changed; /* not what can be set by hand */
};
/* Of the file as it is now; all zero: it is not there. */
struct index_stamp index_stamp(const char *path);
bool index_stamp_same(const struct index_stamp *a, const struct index_stamp *b);

/*
 * Finds the file of a package below the base (or below one of `pools`, NULL-terminated, by its location or its base
 * name) and compares size and digest. Returns 0 and the path, owned; -ENOENT: it is nowhere; -EBADMSG: not that file.
 * `ret_stamp` is of the file before its digest was taken.
 */
int index_file(const struct index *index, const struct index_package *package, const char *const *pools, char **ret,
	       struct index_stamp *ret_stamp, struct error *err);

/*
 * dpkg's database below `root` (var/lib/dpkg/status) as an index without locations, sizes and digests: what is installed of
 * this architecture and of "all", be it not set up in full. It is bounded and filtered as an index is. -ENOENT: there is none.
 */
int index_open_status(const char *root, const char *arch, struct index **ret, struct error *err);
struct index *index_free(struct index *x);
DEFINE_CLEANUP(struct index *, index_free)

/* This machine's architecture in the spelling of a family: "amd64", "x86_64". */
const char *index_arch(enum index_family family);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_LIMITS_H
#define HVCOMPAT_PKG_LIMITS_H

/*
 * Bounds on what a container may claim, each far above anything a distribution ships and low enough that a
 * hostile one costs neither the machine's memory nor an afternoon. Passing one is -E2BIG, unless the text
 * says otherwise.
 */

/* Members of one package or tree. A kernel has 5,000 to 9,000, an installed root file system some 300,000. */
#define PKG_MEMBERS_MAX ((size_t)1 << 20)

/* Bytes of all their paths and link targets: 128 a member where there are a million, and a kernel has half of that. */
#define PKG_LISTED_MAX ((size_t)128 << 20)

/* Bytes of a path or a link's target, without the NUL: PATH_MAX, which no kernel could open beyond. */
#define PKG_PATH_MAX 4095

/* Steps from link to link before it is called a loop (-ELOOP), as path_resolution(7) counts. */
#define PKG_LINK_HOPS 40

/* The same of hard links in an archive, each of which costs another pass. What writes archives links to the file itself. */
#define PKG_HARD_LINK_HOPS 3

/* Directories below each other in a tree; each level holds one descriptor while it is walked. */
#define PKG_TREE_DEPTH 128

/* Members of the outer ar of a .deb: three by deb(5), more when signatures are kept there. */
#define PKG_AR_MEMBERS 64

/* control.tar unpacked. The largest kernel package seen has 0.9 MB. */
#define PKG_CONTROL_MAX ((uint64_t)64 << 20)

/* Names in one list of dependencies. A kernel's rpm provides some 10,000 module names and symbols. */
#define PKG_NAMES_MAX ((size_t)1 << 20)

/* A GNU long name or a pax header in a tar: a few paths. */
#define PKG_TAR_EXTENSION ((uint64_t)1 << 20)

/* Blocks of one .xz. Debian's are of 24 MiB; this many of them would be 1.5 TiB. */
#define PKG_XZ_BLOCKS ((uint64_t)1 << 16)

/* Memory liblzma may take for reading an index, and one block (xz -9 wants 65 MiB, Debian's packages 8 MiB).
 */
#define PKG_XZ_INDEX_MEMORY ((uint64_t)32 << 20)
#define PKG_XZ_BLOCK_MEMORY ((uint64_t)160 << 20)

/* The dictionary of an .lzma: that of xz -9 and lzma -9 has 64 MiB. */
#define PKG_LZMA_DICTIONARY ((uint64_t)128 << 20)

/* A payload unpacked. The largest kernel packages, those with debugging symbols, have 6 GB. */
#define PKG_UNPACKED_MAX ((uint64_t)64 << 30)

/*
 * So many times what it is packed, and a piece more: what a file costs is bounded by what somebody had to send. Kernel
 * packages unpack to 4 to 8 times their size; a compressor makes a thousandth of zeros.
 */
#define PKG_RATIO_MAX	((uint64_t)40)
#define PKG_RATIO_SLACK ((uint64_t)128 << 20)

/* An rpm header, and its number of tags: rpm's own bounds (256 MiB of data, 64 Ki tags in practice), lowered.
 */
#define PKG_RPM_HEADER_MAX ((uint64_t)128 << 20)

/* Bytes fetched from the file at once: small enough that reading one member brings in little else. */
#define PKG_PIECE ((size_t)128 << 10)

/* Decoded bytes handed on at once: they stay in a core's cache. */
#define PKG_DECODED_PIECE ((size_t)64 << 10)

/* Decoded ahead of a payload while its list is read: up to the end of a config. Of so many packages at once. */
#define PKG_AHEAD_MAX  ((size_t)320 << 10)
#define PKG_AHEADS_MAX 4u

/* How far into a block its first header is sought before a neighbouring block is tried instead. */
#define PKG_HEAD_CAP ((uint64_t)512 << 10)

/* An index as it lies in a repository, and unpacked. Debian's largest has 12 MB, and 60 MB unpacked. */
#define PKG_INDEX_FILE_MAX ((uint64_t)256 << 20)
#define PKG_INDEX_MAX	   ((uint64_t)512 << 20)

/* A Release file or repomd.xml. Debian's has 200 KB. */
#define PKG_RELEASE_MAX ((uint64_t)16 << 20)

/* Packages of an index (-E2BIG); a line of it; alternatives in one field, of which the largest known has 22. */
#define PKG_INDEX_PACKAGES_MAX	   1000000u
#define PKG_INDEX_LINE_MAX	   ((size_t)1 << 20)
#define PKG_INDEX_ALTERNATIVES_MAX 1000u

/* Threads at most, whatever the caller asks: each one that decodes xz takes a dictionary. */
#define PKG_THREADS_MAX		64u
#define PKG_THREADS_DEFAULT_MAX 4u

#endif

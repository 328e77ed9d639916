/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_KERNEL_FACTS_H
#define HVCOMPAT_KERNEL_FACTS_H

#include "base/error.h"
#include "base/util.h"

/*
 * The border between "read" and "judge": a want list goes in, facts come back. Wants are the leaves of the
 * knowledge, each once; facts[i] answers wants[i]. Nothing behind this border touches a byte of a package.
 */

enum want_kind {
	WANT_CONFIG,        /* name is set to y or m; with `value`, is set to exactly that */
	WANT_CONFIG_EXISTS, /* name occurs in the config at all, be it "# CONFIG_X is not set" */
	WANT_DRIVER,        /* driver `name` is built in, or is a module of the set */
	WANT_ALIAS,         /* driver `of` claims the device alias `name` (compared literally, as modinfo prints it) */
	WANT_NOTE,          /* ELF note of owner `name` and number `type` in the kernel image */
	WANT_SYMBOL,        /* symbol `name` in the kernel image, or in driver `of` */
	WANT_STRING,        /* the bytes of `name` in the kernel image's read-only data, or in driver `of` */
	WANT_TABLE,         /* array of versions or numbers at symbol `name`, in driver `of` or the kernel image */
	WANT_VALUE,         /* the u32 at symbol `name` equals `value` (decimal); same places as a table */
	WANT_MODINFO,       /* .modinfo key `name` of driver `of`; with `value`, some line of it is or begins "value:" */
	WANT_PAYLOAD,       /* the kernel image is packed with codec `name`: gzip bzip2 lzma xz lzo lz4 zstd none */
	WANT_VDSO,          /* vDSO image of `bits` exports symbol `name` (of `version`, if given); name "" : image is there */
};

/* How much of a kernel is read. Each level includes the ones before it. */
enum depth {
	DEPTH_QUICK,  /* config and member list only */
	DEPTH_NORMAL, /* the kernel image up to its ELF notes, and those module tables that decide most */
	DEPTH_DEEP,   /* every module that the wants name; what a verdict of record needs */
	DEPTH_VERIFY, /* also the whole of the image's payload (its data sections), all checksums checked */
};

/* Layout of a table, from the knowledge. */
enum table_element { ELEMENT_U16 = 2, ELEMENT_U32 = 4, ELEMENT_U64 = 8 };
enum table_format {
	FORMAT_HI16_LO16, /* u32: major << 16 | minor */
	FORMAT_LO16_HI16, /* u32: minor << 16 | major */
	FORMAT_HI8_LO8,   /* u32 or u16: major << 8 | minor */
	FORMAT_NUMBER,    /* one plain number */
};
enum table_ends {
	ENDS_SIZE,           /* by the symbol's size; in a kernel image, which has no sizes: at the first zero */
	ENDS_NOT_DESCENDING, /* at the first element that is zero or not lower than the one before */
	ENDS_NOT_ASCENDING,  /* at the first element (after the first) that is not higher than the one before */
	ENDS_ZERO,           /* at the first zero element */
};
struct table_layout {
	enum table_element element;
	enum table_format format;
	enum table_ends ends;
	unsigned stride; /* bytes from one element to the next; 0: the element's own size */
	unsigned offset; /* of the wanted field inside an element, bytes */
	unsigned size;   /* the symbol's size in bytes must be this; 0: any (tells same-named tables apart) */
	char *file;      /* the STT_FILE symbol before it must be this ("hv_kvp.c"); NULL: any */
	/* Only elements whose byte at `flag_offset` is not 0 count; -1: all. */
	int flag_offset;
};

struct want {
	enum want_kind kind;
	char *name;
	char *of;     /* driver; NULL: the kernel image */
	char *value;  /* see the kind; NULL: none */
	char *version; /* WANT_VDSO: symbol version */
	unsigned type; /* WANT_NOTE: its number; WANT_VDSO: 32 or 64 bits (x32: 3264) */
	bool object;  /* WANT_SYMBOL: it is data; its absence says nothing where the table lists functions only */
	struct table_layout layout; /* WANT_TABLE, WANT_VALUE */
	enum depth depth; /* read only at this depth or deeper */
};

/* A driver that wants name: how to tell whether it is there. Declared by the knowledge, once each. */
struct driver {
	char *name;     /* as modprobe knows it; '-' and '_' are the same in file names */
	char **also;    /* former names of the module, NULL-terminated; may be NULL */
	char **configs; /* Kconfig symbols, NULL-terminated: the first that exists in the config governs */
};

struct want_list {
	struct want *wants; /* owned */
	size_t count;
	struct driver *drivers; /* owned; every `of` and WANT_DRIVER name is one of them */
	size_t n_drivers;
};
void want_list_done(struct want_list *list);

enum fact_state {
	FACT_UNREAD,  /* lies deeper than was read */
	FACT_UNKNOWN, /* was looked for and could not be decided; `why` tells */
	FACT_ABSENT,
	FACT_PRESENT,
};

/* Where a driver was found. */
enum placement {
	PLACEMENT_NONE,         /* not a driver, or not there */
	PLACEMENT_BUILTIN,      /* in the kernel image */
	PLACEMENT_MODULE,       /* a module beside the image, in the same package */
	PLACEMENT_OTHER,        /* in another package of the set (`package` names it) */
	PLACEMENT_NOT_REQUIRED, /* in a package of the set that nothing in the set pulls in: counts as absent */
};

/*
 * A version of up to four parts, first part in the highest 16 bits, so that they compare as numbers: 5.3 is
 * 0x0005000300000000. A plain number (a feature bit) is a version of one part.
 */
typedef uint64_t version_t;
#define VERSION2(major, minor) ((version_t)(major) << 48 | (version_t)(minor) << 32)

/* "5.3", "0.13", "1.7.0.0-k" (a tail that is no number is passed over). Returns 0, or -EINVAL. */
int version_parse(const char *text, version_t *ret);

/* `parts` of it (1 to 4), as text. Returns `into`. */
const char *version_text(version_t v, unsigned parts, char into[32]);

struct fact {
	enum fact_state state;
	enum placement placement;
	version_t *versions; /* WANT_TABLE, or WANT_MODINFO of a version: in file order; owned */
	size_t n_versions;
	unsigned parts;      /* how many parts those versions have: 1 or 2 … 4 */
	char *text;          /* what was found, as a person would say it: "y", "xz", "5.2 5.1 … 0.13"; owned; may be NULL */
	/* Provenance; owned, NULL where it has no meaning */
	char *package;       /* name of the package (or path of the input) */
	char *member;        /* path inside it */
	char *place;         /* place in the member: "CONFIG_XEN_PV", ".rodata vmbus_versions", "note Xen/18" */
	char *why;           /* FACT_UNKNOWN: why, and what would make it known */
};

/* One file that the kernel was read from. */
struct input {
	char *path;
	char *package; /* its name, NULL for bare files */
	char *version;
	char *arch;    /* the package's own word */
	char sha256[65]; /* "" until asked for */
};

/* What became of the kernel image. */
enum image_state {
	IMAGE_MISSING, /* nothing that was given has one */
	IMAGE_SKIPPED, /* not wanted at this depth */
	IMAGE_DENIED,  /* the running kernel's, and its file may not be read */
	IMAGE_HEADER,  /* read as far as it takes to know that it is one, and which */
	IMAGE_READ,
};

/* What was really read: less than the depth allows where something was not given, or nobody asked for it. */
struct reach {
	bool config;        /* a config, be it the one inside the image */
	enum image_state image;
	bool listed;        /* there was a list of files, so that an absent module is known to be absent */
	size_t modules;     /* modules that were opened */
};

/* Two pieces of evidence, or two inputs, that cannot both be right. */
struct contradiction {
	char *what; /* one sentence with both sides */
};

struct facts {
	char *release; /* uname -r; NULL when nothing says it */
	char *arch;    /* x86_64, i686, aarch64 (uname -m); NULL when nothing says it */
	char *flavour; /* the release behind its version and ABI: amd64, cloud-amd64, 686-pae; may be NULL */
	char *version; /* of the package that holds the image; NULL for bare files */
	enum depth depth;
	struct reach reach;
	bool verified; /* every checksum on the way was checked */
	struct input *inputs;
	size_t n_inputs;
	struct fact *facts; /* parallel to the want list */
	size_t count;
	struct contradiction *contradictions;
	size_t n_contradictions;
};
struct facts *facts_free(struct facts *f);
DEFINE_CLEANUP(struct facts *, facts_free)

/* A deep copy, for what-if questions. */
struct facts *facts_copy(const struct facts *f);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PROVE_RECORD_H
#define HVCOMPAT_PROVE_RECORD_H

#include "kernel/facts.h"

/*
 * A record: one boot of one kernel by one recipe, and what was seen. A retry is a record of its own. As a file it is
 * JSON (docs/record.schema.json), DIR/KERNEL-FAMILY-RECIPE-DIGEST-ATTEMPT.json, KERNEL and DIGEST being the first 16
 * digits of the two digests.
 */

enum outcome {
	OUTCOME_BOOTED,                /* the init ran to its end, and all that the recipe asks for was seen */
	OUTCOME_BOOTED_WITHOUT_DEVICE, /* the init ran to its end; something that the recipe asks for was not seen */
	OUTCOME_PANICKED,              /* the kernel said that it cannot go on */
	OUTCOME_REFUSED,               /* the hypervisor, or what starts it, said that it does not take this kernel */
	OUTCOME_SILENT,                /* none of these until the time was up: decides nothing */
	OUTCOME_FAILED,                /* there was no boot to speak of: decides nothing */
	OUTCOME_COUNT,
};
const char *outcome_name(enum outcome o); /* "booted-without-device" */

/* What a boot says of one claim of the recipe. */
enum holds { HOLDS_UNKNOWN, HOLDS_YES, HOLDS_NO };
const char *holds_name(enum holds h); /* "unknown", "yes", "no" */

/* One place that the boot stands for. */
struct record_claim {
	char *host;    /* name of the hypervisor or userspace */
	bool userspace;
	char *version; /* its id; where the host has no versions, "any" */
	char *mode;    /* its id; NULL: the host has no modes */
	struct strings through; /* interfaces that were on trial; empty: the place as a whole */
	enum holds holds;
};

struct record_file { /* a file that took part in the boot */
	char *name;
	char sha256[65];
};

struct record_input { /* a file that the kernel was read from */
	char *package, *version, *arch; /* NULL for bare files */
	char sha256[65];
};

struct record_device {
	char *name;    /* as the kernel calls it; NULL: none was seen */
	char *driver;  /* drivers from the device up to its bus: "scsi:sd<pci:ahci"; NULL: none */
	bool verified; /* disk: what the host wrote was read, and what was written arrived; net: there was an answer */
};

struct record_value {
	char *name, *value;
};

struct record {
	char *when;     /* YYYY-MM-DDThh:mm:ssZ, its start */
	char *hvcompat; /* version of the program that made it */
	/* the kernel */
	char kernel[65]; /* record_kernel_digest() */
	char *release, *arch; /* NULL: nothing says it */
	struct record_input *inputs;
	size_t n_inputs;
	/* the recipe */
	char *family, *recipe;
	char recipe_digest[65];
	/* what it ran on */
	char *program; /* its name */
	char *version; /* what it says of itself; may be NULL */
	struct record_file *files; /* hypervisor, tools, init, as named in the recipe */
	size_t n_files;
	struct record_claim *claims;
	size_t n_claims;
	/* how it went */
	enum outcome outcome;
	char *why;        /* one sentence; NULL: booted */
	double seconds;
	unsigned attempt; /* from 1 */
	/* what was seen; NULL: nothing told */
	char *hypervisor, *clocksource, *console_device;
	struct record_device disk, net;
	struct record_value *probes; /* "cgroup.memory": "errno 22" */
	size_t n_probes;
	/* how it was started */
	struct strings command;
	char *append;  /* command line of the kernel */
	char *console; /* what came over the console, cut in its middle; NULL where it was not asked for */
};
struct record *record_free(struct record *r);
DEFINE_CLEANUP(struct record *, record_free)

#define RECORD_CONSOLE_MAX ((size_t)256 << 10)

/*
 * What records of a kernel are kept by: SHA-256 over the sorted SHA-256 of its inputs, each followed by a newline.
 * Fails where an input has none (a directory), or was not asked for it (kernel_digest()). Returns whether.
 */
bool record_kernel_digest(const struct facts *f, char into[65]);

/* The same of the inputs that a record names. */
bool record_inputs_digest(const struct record *r, char into[65]);

/* Whether the boot says something: neither silent nor failed. */
bool record_decides(const struct record *r);

/*
 * What was seen under a name: "hypervisor", "clocksource", "console", "disk", "net" (these two: the driver), or a probe's.
 * NULL: nothing. Borrowed.
 */
const char *record_seen(const struct record *r, const char *name);
void record_saw(struct record *r, const char *probe, const char *value); /* adds, or replaces; copies */

/* --- files ------------------------------------------------------------------------------------- */

/*
 * One record out of a file, without its console unless that is asked for. Whatever is not exactly a record is -EBADMSG,
 * with file and place in `err`.
 */
int record_read(const char *path, bool console, struct record **ret, struct error *err);

/* The same from bytes; `name` is for messages. */
int record_parse(const char *name, const char *text, size_t n, bool console, struct record **ret, struct error *err);

/* Its JSON, with a newline behind. Owned. */
char *record_print(const struct record *r);

/*
 * Writes it into `dir`, made where it is missing, under its name, with the next attempt's number that is free, which it
 * puts into `r`. Beside, synced and renamed: there is all of it or nothing. `ret_path` may be NULL; owned.
 */
int record_write(struct record *r, const char *dir, char **ret_path, struct error *err);

/* Where a record is in `dir`, by its attempt's number. Owned. */
char *record_path(const struct record *r, const char *dir);

struct record_list {
	struct record **records; /* by file name, attempts as numbers */
	size_t count;
};
void record_list_done(struct record_list *list);

/*
 * All records of a kernel in `dir`, without consoles; `digest` NULL: of all kernels. One file named .json that is no
 * record, or another one than its name says, is an error: -EBADMSG. -ENOENT: there is no such directory.
 */
int record_load(const char *dir, const char *digest, struct record_list *ret, struct error *err);

#endif

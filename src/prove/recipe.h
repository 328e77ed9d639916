/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PROVE_RECIPE_H
#define HVCOMPAT_PROVE_RECIPE_H

#include <regex.h>

#include "compat/select.h"
#include "prove/record.h"

/*
 * Recipes: how a hypervisor, or a look-alike of one, is started with a kernel, and which places a boot there stands for
 * (policies/proofs/NAME.yaml, hvcompat-proof(5)). The structs mirror the files one to one; C knows no name of a hypervisor,
 * machine, device or driver.
 */

/* 0 is "not said" in all of these, so that what a recipe does not say comes from what it builds on. */
enum recipe_runner { RUNNER_UNSAID, RUNNER_PROGRAM, RUNNER_SITE };
enum recipe_kernel { RECIPE_KERNEL_UNSAID, RECIPE_KERNEL_STORED, RECIPE_KERNEL_ELF };

/* A text whose appearing on the console, or on stderr of the program, ends the boot. */
struct recipe_watch {
	char *text;            /* POSIX extended regular expression, held against each line */
	enum outcome outcome;  /* refused, panicked or failed */
	char *why;
	regex_t compiled;      /* filled on loading */
};

/* Something that must have been seen: record_seen() of `seen` matches the shell pattern `is`. */
struct recipe_expect {
	char *seen, *is;
};

struct recipe_claim {
	char *hypervisor, *userspace; /* one of them */
	char *versions;               /* as in a policy: "4.17", ">= 4.2"; NULL: all */
	char **modes;
	unsigned modes_count;
	char **through;               /* interfaces that the boot is a trial of */
	unsigned through_count;
	struct recipe_expect *when;   /* holds only if these were seen, too */
	unsigned when_count;
	/* filled on loading */
	struct selection selection;
};

/* A file out of a package of the hypervisor: {file:NAME} in arguments. */
struct recipe_file {
	char *name;
	char *package, *version; /* shell patterns; `version` NULL: any */
	char *member;            /* shell pattern of its path in the package */
	enum recipe_unpack { UNPACK_UNSAID, UNPACK_NO, UNPACK_YES } unpack; /* it is packed (gzip, xz …): unpack it */
};

/* A program of the outer guest, with the libraries that it loads. */
struct recipe_program {
	char *package, *member; /* shell patterns, as in struct recipe_file */
	char *path;             /* where the guest has it */
};

/* A file of the outer guest. {append} in it is the command line of the kernel on trial. */
struct recipe_text {
	char *path, *text;
};

/* A guest that starts the kernel on trial as a guest of its own. All it has is from where needs-files are. */
struct recipe_nested {
	char *kernel;      /* shell pattern of the file names of the packages of its kernel */
	char **drivers;    /* that its initrd has */
	unsigned drivers_count;
	char **append;     /* words of its command line */
	unsigned append_count;
	struct recipe_program *programs;
	unsigned programs_count;
	struct recipe_text *texts; /* /init is one of them, or of the programs */
	unsigned texts_count;
};

struct recipe {
	char *name, *about, *source;
	char *like;        /* an earlier recipe of the file that it builds on */
	char **arch;       /* of kernels that it is for: x86_64 i686 aarch64 */
	unsigned arch_count;
	enum recipe_runner runner;
	char **install;    /* packages that bring the program */
	unsigned install_count;
	char *program;
	char **arguments;  /* each one word, or an option and its value with a blank between */
	unsigned arguments_count;
	enum recipe_kernel kernel;
	char **append;     /* words of the kernel's command line */
	unsigned append_count;
	char **drivers;    /* for the initrd, beyond those of the interfaces on trial */
	unsigned drivers_count;
	char **devices;    /* what must work: disk, net */
	unsigned devices_count;
	char **probes;     /* of the init */
	unsigned probes_count;
	struct recipe_expect *expect;
	unsigned expect_count;
	struct recipe_watch *watch;
	unsigned watch_count;
	struct recipe_file *files; /* key needs-files */
	unsigned files_count;
	struct recipe_nested *nested;
	struct recipe_claim *claims; /* key stands-for */
	unsigned claims_count;
	unsigned seconds;  /* time limit */
	unsigned retries;  /* further boots when one was silent */
	/* filled on loading */
	const struct recipe_family *family;
	char digest[65];   /* of all of the above */
};

struct recipe_family {
	char *name; /* key `proof` */
	char *about, *source;
	struct recipe *common;
	struct recipe *recipes;
	unsigned recipes_count;
	char *file; /* where it was read from */
};

struct recipe_list {
	struct recipe **recipes; /* by file, then in file order */
	size_t count;
	struct recipe_family **families;
	size_t n_families;
	struct arena *arena;
};
struct recipe_list *recipe_list_free(struct recipe_list *list);
DEFINE_CLEANUP(struct recipe_list *, recipe_list_free)

/*
 * Loads proofs/NAME.yaml under each of `dirs` (NULL-terminated, lowest precedence first; a later file replaces one of its
 * name), and puts together what recipes build on. Any flaw is -EINVAL: FILE:LINE:COLUMN: …; all flaws go to `report`
 * (may be NULL). No file at all is an empty list. `k` must outlive the list.
 */
int recipe_list_load(const char *const *dirs, const struct knowledge *k, knowledge_report report, void *ctx,
		     struct recipe_list **ret, struct error *err);

const struct recipe *recipe_find(const struct recipe_list *list, const char *name);

/* Whether it stands for one of the places that are selected. */
bool recipe_stands_for(const struct recipe *r, const struct selection *s);

/*
 * Fills the claims of a record from the recipe and the outcome: booted with what `when` asks for holds, silence and failure
 * say nothing, anything else does not hold. The record's outcome and what it saw must be there.
 */
void recipe_claim(const struct recipe *r, struct record *record);

/*
 * What a boot that ran to its end has seen against what the recipe asks for. NULL: all of it; else a sentence on what is
 * missing, owned.
 */
char *recipe_missing(const struct recipe *r, const struct record *record);

#endif

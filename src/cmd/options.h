/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_CMD_OPTIONS_H
#define HVCOMPAT_CMD_OPTIONS_H

#include "base/status.h"
#include "base/util.h"
#include "kernel/facts.h"
#include "report/report.h"

/* What the command line says. Strings are borrowed from argv, arrays are owned: options_done(). */
struct options {
	const char *verb;
	const char **on;          /* --on, NULL-terminated; NULL: none */
	size_t n_on;
	const char **policy_dirs; /* --policy-dir, lowest precedence first */
	size_t n_policy_dirs;
	const char **shim_dirs;   /* --shim-dir, lowest precedence first */
	size_t n_shim_dirs;
	const char *arch;         /* --arch: "i686"; NULL: not said */
	bool dry_run;
	const char *root;         /* --root; NULL: / */
	const char *from;         /* --from: the front end that asks; NULL: none */
	const char *allow;        /* --allow: what may be lost */
	pid_t caller;             /* --caller: process of the front end; 0: not said */
	unsigned minutes;         /* --for; 0: not said */
	const char **repos;       /* --repo; NULL-terminated, or NULL: none */
	size_t n_repos;
	const char **keyrings;    /* --keyring; the same */
	size_t n_keyrings;
	const char **pools;       /* --pool; the same */
	size_t n_pools;
	bool allow_unsigned;
	const char *repo_old;     /* --repo-old; NULL: none */
	const char *installed;    /* --installed; NULL: none */
	const char *cache;        /* --cache; NULL: the user's; "": none */
	const char *records;      /* --records of prove, where it keeps them; NULL: nowhere */
	const char *runner;       /* --runner; NULL: none */
	const char **with;        /* --with; NULL-terminated, or NULL: none */
	size_t n_with;
	unsigned seconds;         /* --timeout; 0: not said */
	bool kvm, list, resume_records;
	const char *boots;        /* --records of verbs that judge: where boots are on record; NULL: nowhere */
	const char *policy;
	bool has_depth;
	enum depth depth;
	bool facts;
	enum { PROVIDES_NONE, PROVIDES_DEB, PROVIDES_RPM, PROVIDES_CHECK } provides;
	enum report_format format;
	const char *output;       /* NULL: stdout */
	enum { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER } color;
	enum { DIGEST_AUTO, DIGEST_YES, DIGEST_NO } digest;
	const char *today;        /* YYYY-MM-DD; never NULL after parsing */
	char today_text[16];
	bool verbose, quiet;
	unsigned jobs;            /* 0: as many as there are processors */
	bool help, version;       /* to be shown instead of anything else */
	char **args;              /* what is left, `n_args` of them; borrowed from argv */
	size_t n_args;
};

/* One option: parsing, --help, the man page's test and the completions all come from these tables. */
struct option_def {
	const char *name; /* long name */
	char letter;      /* 0: none */
	const char *arg;  /* name of its argument; NULL: none */
	const char *help; /* one line */
	int (*apply)(struct options *o, const char *arg); /* 0, or -EINVAL for an argument that will not do */
	/* For completions: the words that it may be, with blanks between; or FILE, DIR, POLICY or SHIM. NULL: no help. */
	const char *values;
};

struct verb {
	const char *name;
	const char *synopsis; /* behind the name */
	const char *line;     /* what it does, in the list of verbs */
	const char *about;    /* more, in its own help */
	const struct option_def *options; /* its own, ended by a NULL name */
	bool kernels;         /* takes kernels: the options about reading and reporting apply */
	enum exit_status (*run)(struct options *o);
};

/* The tables that apply to a verb, in the order of its help; NULL-terminated. Returns `into`. */
const struct option_def **verb_options(const struct verb *v, const struct option_def *into[4]);

/*
 * Parses argv (its first string is passed over). On wrong usage a line and a hint go to stderr and the result
 * is EXIT_USAGE; else EXIT_OK.
 */
enum exit_status options_parse(struct options *o, const struct verb *v, int argc, char **argv);
void options_done(struct options *o);

/* Says on stderr what is wrong with the command line, and where to read on. Returns EXIT_USAGE. */
enum exit_status usage_error(const struct options *o, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* "hvcompat: …" on stderr; control characters, which names from packages may hold, are not passed on. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* help.c */
void help_all(const struct verb *verbs, size_t n, FILE *out);
void help_verb(const struct verb *v, FILE *out);

/*
 * What completions ask for, a line for each (complete.c): verbs, with what they do; options of one, "=" behind those
 * that take an argument, what they do, their `values`, and their letter; and the words that may follow a verb, or a
 * word of it (NULL: the verb itself), which its synopsis tells.
 */
void complete_verbs(const struct verb *verbs, size_t n, FILE *out);
void complete_options(const struct verb *v, FILE *out);
void complete_words(const struct verb *v, const char *word, FILE *out);

/* The tables of options that some or all verbs share (common_options.c). */
extern const struct option_def common_options[], kernel_options[], policy_options[];

/* Appliers that verbs name in their own tables. */
int apply_policy(struct options *o, const char *arg);
int apply_boots(struct options *o, const char *arg);
int apply_on(struct options *o, const char *arg);
int apply_quick(struct options *o, const char *arg);
int apply_deep(struct options *o, const char *arg);
int apply_verify(struct options *o, const char *arg);
int apply_facts(struct options *o, const char *arg);
int apply_provides(struct options *o, const char *arg);
int apply_shim_dir(struct options *o, const char *arg);
int apply_arch(struct options *o, const char *arg); /* x86_64, i686, aarch64, or the distros' and make's words for these */

int apply_root(struct options *o, const char *arg);
int apply_from(struct options *o, const char *arg);
int apply_allow(struct options *o, const char *arg);
int apply_caller(struct options *o, const char *arg);
int apply_minutes(struct options *o, const char *arg);

/* Entries of the verb host's table, for the words in cmd/host_words.h (host_options.c). */
#define HOST_WORD_OPTIONS                                                                                         \
	{ "root", 0, "DIR", "look at the system below DIR instead of /", apply_root, "DIR" },                     \
		{ "from", 0, "WHO", "gate: who asks: apt, dpkg, rpm or zypp", apply_from, "apt dpkg rpm zypp" },  \
		{ "caller", 0, "PID", "gate: process of the transaction, which an override binds to",             \
		  apply_caller },                                                                                 \
		{ "allow", 0, "LOST", "gate: what may be lost: HOST or HOST:VERSION, several with ';' between",   \
		  apply_allow },                                                                                  \
		{ "for", 0, "MINUTES", "allow: how long the override holds (60)", apply_minutes }

int apply_repo(struct options *o, const char *arg);
int apply_keyring(struct options *o, const char *arg);
int apply_pool(struct options *o, const char *arg);
int apply_allow_unsigned(struct options *o, const char *arg);
int apply_cache(struct options *o, const char *arg);
int apply_no_cache(struct options *o, const char *arg);
int apply_repo_old(struct options *o, const char *arg);
int apply_installed(struct options *o, const char *arg);

/* Entries of the tables of verbs that take repositories (repo_options.c). */
#define REPO_OPTIONS                                                                                              \
	{ "repo", 0, "WHERE", "all kernels of a repository: DIR, \"DIR SUITE COMPONENT…\", or a file Packages",   \
	  apply_repo, "DIR" },                                                                                    \
		{ "keyring", 0, "FILE", "keys that may have signed it; unless given, those that apt trusts",      \
		  apply_keyring, "FILE" },                                                                        \
		{ "allow-unsigned", 0, NULL, "take a repository that nobody signed", apply_allow_unsigned },      \
		{ "pool", 0, "DIR", "look there, too, for files of packages", apply_pool, "DIR" },                \
		{ "cache", 0, "DIR", "keep rulings there instead of in the user's cache", apply_cache, "DIR" },   \
		{ "no-cache", 0, NULL, "keep no rulings, and take none", apply_no_cache }

/* An entry of the tables of verbs that judge kernels by their names. */
#define BOOTS_OPTION { "records", 0, "DIR", "hold what was read against the boots on record there", apply_boots, "DIR" }

/* What apply_arch() takes, as completions offer it. */
#define ARCH_WORDS "x86_64 i686 aarch64"

/* An entry of the tables of both verbs that take shims. */
#define SHIM_DIR_OPTION { "shim-dir", 0, "DIR", "more shims; win over others of their name", apply_shim_dir, "DIR" }

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/options.h"

#include <errno.h>
#include <time.h>

int apply_policy(struct options *o, const char *arg)
{
	o->policy = arg;
	return 0;
}

int apply_on(struct options *o, const char *arg)
{
	ARRAY_GROW(o->on, o->n_on);
	o->on[o->n_on++] = arg;
	return 0;
}

static int apply_depth(struct options *o, enum depth depth)
{
	o->has_depth = true;
	o->depth = depth;
	return 0;
}

int apply_quick(struct options *o, const char *arg)
{
	(void)arg;
	return apply_depth(o, DEPTH_QUICK);
}

int apply_deep(struct options *o, const char *arg)
{
	(void)arg;
	return apply_depth(o, DEPTH_DEEP);
}

int apply_verify(struct options *o, const char *arg)
{
	(void)arg;
	return apply_depth(o, DEPTH_VERIFY);
}

int apply_facts(struct options *o, const char *arg)
{
	(void)arg;
	o->facts = true;
	return 0;
}

int apply_provides(struct options *o, const char *arg)
{
	o->provides = streq(arg, "deb") ? PROVIDES_DEB : streq(arg, "rpm") ? PROVIDES_RPM : PROVIDES_CHECK;
	return o->provides != PROVIDES_CHECK || streq(arg, "check") ? 0 : -EINVAL;
}

static int apply_policy_dir(struct options *o, const char *arg)
{
	ARRAY_GROW(o->policy_dirs, o->n_policy_dirs);
	o->policy_dirs[o->n_policy_dirs++] = arg;
	return 0;
}

int apply_shim_dir(struct options *o, const char *arg)
{
	ARRAY_GROW(o->shim_dirs, o->n_shim_dirs);
	o->shim_dirs[o->n_shim_dirs++] = arg;
	return 0;
}

int apply_arch(struct options *o, const char *arg)
{
	static const struct {
		const char *word, *arch;
	} words[] = {
		{ "x86_64", "x86_64" }, { "amd64", "x86_64" }, { "i686", "i686" },
		{ "i386", "i686" },	{ "arm64", "aarch64" }, { "aarch64", "aarch64" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!streq(arg, words[i].word))
			continue;
		o->arch = words[i].arch;
		return 0;
	}
	return -EINVAL;
}

static int apply_format(struct options *o, const char *arg)
{
	static const char *const words[] = {
		[REPORT_TEXT] = "text",	  [REPORT_JSON] = "json", [REPORT_JUNIT] = "junit",
		[REPORT_SARIF] = "sarif", [REPORT_HTML] = "html",
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!streq(arg, words[i]))
			continue;
		o->format = (enum report_format)i;
		return 0;
	}
	return -EINVAL;
}

static int apply_output(struct options *o, const char *arg)
{
	o->output = arg;
	return *arg ? 0 : -EINVAL;
}

static int apply_color(struct options *o, const char *arg)
{
	o->color = streq(arg, "always") ? COLOR_ALWAYS : streq(arg, "never") ? COLOR_NEVER : COLOR_AUTO;
	return o->color != COLOR_AUTO || streq(arg, "auto") ? 0 : -EINVAL;
}

static int apply_digest(struct options *o, const char *arg)
{
	(void)arg;
	o->digest = DIGEST_YES;
	return 0;
}

static int apply_no_digest(struct options *o, const char *arg)
{
	(void)arg;
	o->digest = DIGEST_NO;
	return 0;
}

/* A day of the calendar: mktime() would turn the 30th of February into another one. */
static int apply_today(struct options *o, const char *arg)
{
	struct tm tm = { .tm_hour = 12 }, same;
	const char *end = strptime(arg, "%Y-%m-%d", &tm);

	same = tm;
	if (strlen(arg) != 10 || !end || *end || timegm(&same) == (time_t)-1 || same.tm_mday != tm.tm_mday)
		return -EINVAL;
	o->today = arg;
	return 0;
}

int apply_boots(struct options *o, const char *arg)
{
	o->boots = arg;
	return *arg ? 0 : -EINVAL;
}

static int apply_verbose(struct options *o, const char *arg)
{
	(void)arg;
	o->verbose = true;
	return 0;
}

static int apply_silence(struct options *o, const char *arg)
{
	(void)arg;
	o->quiet = true;
	return 0;
}

static int apply_jobs(struct options *o, const char *arg)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (arg[0] < '0' || arg[0] > '9' || *end || n < 1 || n > 256)
		return -EINVAL;
	o->jobs = (unsigned)n;
	return 0;
}

static int apply_help(struct options *o, const char *arg)
{
	(void)arg;
	o->help = true;
	return 0;
}

static int apply_version(struct options *o, const char *arg)
{
	(void)arg;
	o->version = true;
	return 0;
}

const struct option_def check_options[] = {
	{ "policy", 'p', "NAME", "the policy, by name or as a file", apply_policy, "POLICY" },
	BOOTS_OPTION,
	REPO_OPTIONS,
	{ NULL },
};

const struct option_def gate_options[] = {
	{ "policy", 'p', "NAME", "the policy, by name or as a file", apply_policy, "POLICY" },
	BOOTS_OPTION,
	REPO_OPTIONS,
	{ "repo-old", 0, "WHERE", "the host that is updated has what this repository leads to", apply_repo_old, "DIR" },
	{ "installed", 0, "ROOT", "the host that is updated; unless given, this one", apply_installed, "DIR" },
	{ NULL },
};

const struct option_def diff_options[] = { BOOTS_OPTION, { NULL } };

const struct option_def policy_options[] = {
	{ "policy", 'p', "NAME", "the policy, by name or as a file", apply_policy, "POLICY" },
	{ NULL },
};

const struct option_def kernel_options[] = {
	{ "format", 'f', "FORMAT", "text (the default), json, junit, sarif or html", apply_format,
	  "text json junit sarif html" },
	{ "digest", 0, NULL, "compute the SHA-256 of every input", apply_digest },
	{ "no-digest", 0, NULL, "do not, where it is done by itself: in all formats but text", apply_no_digest },
	{ "today", 0, "DATE", "decide as of that day (YYYY-MM-DD)", apply_today },
	{ "jobs", 'j', "N", "decode on that many threads (1 to 256)", apply_jobs },
	{ NULL },
};

const struct option_def common_options[] = {
	{ "policy-dir", 0, "DIR", "more knowledge and policies; wins over the others", apply_policy_dir, "DIR" },
	{ "output", 'o', "FILE", "write the report there, all of it or nothing", apply_output, "FILE" },
	{ "color", 0, "WHEN", "auto (the default), always or never", apply_color, "auto always never" },
	{ "verbose", 'v', NULL, "show everything, and the evidence for it", apply_verbose },
	{ "quiet", 'q', NULL, "no report, only the exit status", apply_silence },
	{ "help", 'h', NULL, "show this help", apply_help },
	{ "version", 0, NULL, "show the version", apply_version },
	{ NULL },
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build.h"
#include "cmd/common.h"
#include "cmd/dirs.h"
#include "cmd/output.h"
#include "cmd/verbs.h"
#include "policy/range.h"
#include "report/text.h"

#include <errno.h>
#include <sys/stat.h>

/* --- options; those that no other verb has live here */

static struct build_request request = {
	.out = ".", .revision = "1", .localversion = "-hvcompat", .formats = PACKAGE_DEB,
};

static struct strings configs, shims, lost;

/* Adds the words between commas. */
static int add_words(struct strings *list, const char *arg)
{
	_cleanup_(freep) char *copy = xstrdup(arg);
	char *save = NULL, *word;

	for (word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save))
		strings_add(list, xstrdup(word));
	return list->n > 0 ? 0 : -EINVAL;
}

static int apply_config(struct options *o, const char *arg)
{
	(void)o;
	return add_words(&configs, arg);
}

static int apply_shim(struct options *o, const char *arg)
{
	(void)o;
	return add_words(&shims, arg);
}

static int apply_accept_lost(struct options *o, const char *arg)
{
	(void)o;
	return add_words(&lost, arg);
}

static int apply_formats(struct options *o, const char *arg)
{
	_cleanup_(freep) char *copy = xstrdup(arg);
	char *save = NULL, *word;

	(void)o;
	request.formats = 0;
	for (word = strtok_r(copy, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		if (!streq(word, "deb") && !streq(word, "rpm"))
			return -EINVAL;
		request.formats |= streq(word, "deb") ? PACKAGE_DEB : PACKAGE_RPM;
	}
	return request.formats ? 0 : -EINVAL;
}

static int apply_build_jobs(struct options *o, const char *arg)
{
	char *end;
	unsigned long n = strtoul(arg, &end, 10);

	if (arg[0] < '0' || arg[0] > '9' || *end || n < 1 || n > 4096)
		return -EINVAL;
	o->jobs = (unsigned)n;
	return 0;
}

static int apply_build_today(struct options *o, const char *arg)
{
	o->today = arg;
	return date_valid(arg) ? 0 : -EINVAL;
}

/* What a kernel release and a package version may hold; both end up in file names. */
static bool is_version_word(const char *s)
{
	return *s && strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+~-_") == strlen(s);
}

static int apply_revision(struct options *o, const char *arg)
{
	(void)o;
	request.revision = arg;
	return is_version_word(arg) && !strpbrk(arg, "-_") ? 0 : -EINVAL;
}

static int apply_localversion(struct options *o, const char *arg)
{
	(void)o;
	request.localversion = arg;
	return !*arg || is_version_word(arg) ? 0 : -EINVAL;
}

static int apply_until(struct options *o, const char *arg)
{
	(void)o;
	request.until = arg;
	return build_is_step(arg) ? 0 : -EINVAL;
}

#define APPLY_TEXT(name, member)                                      \
	static int apply_##name(struct options *o, const char *arg)   \
	{                                                             \
		(void)o;                                              \
		request.member = arg;                                 \
		return *arg ? 0 : -EINVAL;                            \
	}
#define APPLY_FLAG(name, member)                                      \
	static int apply_##name(struct options *o, const char *arg)   \
	{                                                             \
		(void)o;                                              \
		(void)arg;                                            \
		request.member = true;                                \
		return 0;                                             \
	}
APPLY_TEXT(source, source)
APPLY_TEXT(out, out)
APPLY_TEXT(work, work)
APPLY_TEXT(maintainer, maintainer)
APPLY_FLAG(resume, resume)
APPLY_FLAG(keep_work, keep_work)
APPLY_FLAG(force, force)
APPLY_FLAG(debug_info, debug_info)

const struct option_def build_options[] = {
	{ "source", 0, "SRC", "the kernel source: a tarball, a directory or a git repository", apply_source, "FILE" },
	{ "config", 0, "CONFIG[,CONFIG]", "base (a file or a make target), then fragments; may be repeated", apply_config,
	  "FILE" },
	{ "arch", 0, "ARCH", "x86_64, i686 or aarch64; this machine's unless given", apply_arch, ARCH_WORDS },
	{ "shim", 0, "NAME[,NAME]", "apply that shim; may be given several times", apply_shim, "SHIM" },
	SHIM_DIR_OPTION,
	{ "policy", 'p', "NAME", "take what the policy needs, and let nothing out that it blocks", apply_policy,
	  "POLICY" },
	{ "format", 'f', "FORMAT[,FORMAT]", "deb (the default), rpm", apply_formats, "deb rpm" },
	{ "jobs", 'j', "N", "run that many programs at a time", apply_build_jobs },
	{ "out", 0, "DIR", "where the packages go; this directory unless given", apply_out, "DIR" },
	{ "work", 0, "DIR", "where it is built; OUT/.hvcompat-build unless given", apply_work, "DIR" },
	{ "resume", 0, NULL, "go on with a build that was stopped", apply_resume },
	{ "until", 0, "STEP", "stop behind unpack, shims, configure, compile, package or verify", apply_until,
	  "unpack shims configure compile package verify" },
	{ "keep-work", 0, NULL, "leave the work directory after success, too", apply_keep_work },
	{ "force", 0, NULL, "replace packages of the same name", apply_force },
	{ "revision", 0, "R", "revision of the packages; 1 unless given", apply_revision },
	{ "localversion", 0, "S", "end of the kernel's release; -hvcompat unless given", apply_localversion },
	{ "maintainer", 0, "NAME", "of the packages: 'Name <address>'", apply_maintainer },
	{ "accept-lost", 0, "OPTION[,OPTION]", "config options that may be lost (patterns)", apply_accept_lost },
	{ "debug-info", 0, NULL, "leave debug info as the config has it", apply_debug_info },
	{ "today", 0, "DATE", "decide as of that day (YYYY-MM-DD)", apply_build_today },
	{ NULL },
};

/* --- what is told while it runs */

struct telling {
	bool quiet, terminal, shown; /* shown: a progress line is on the screen */
	unsigned columns;
	char step[160];
};

static void clear_line(struct telling *t)
{
	if (t->shown)
		fputs("\r\033[K", stderr);
	t->shown = false;
}

static void show_progress(struct telling *t, const char *text)
{
	int room = (int)t->columns - (int)strlen(t->step) - 3;

	if (!t->terminal || t->quiet || room < 10)
		return;
	fprintf(stderr, "\r\033[K%s  %.*s", t->step, room, text);
	fflush(stderr);
	t->shown = true;
}

static void say(void *ctx, enum build_words kind, const char *text)
{
	struct telling *t = ctx;
	_cleanup_(freep) char *clean = text_clean(text);

	if (kind == BUILD_PROGRESS) {
		show_progress(t, clean);
		return;
	}
	clear_line(t);
	if (kind == BUILD_STEP)
		snprintf(t->step, sizeof(t->step), "%s", clean);
	if (kind == BUILD_FLAW)
		complain("%s", clean);
	else if (kind == BUILD_TAIL)
		fprintf(stderr, "    | %s\n", clean);
	else if (!t->quiet)
		fprintf(stderr, "%s%s\n", kind == BUILD_NOTE ? "    " : "", clean);
	if (kind == BUILD_STEP)
		show_progress(t, "");
}

/* --- the result */

/* The packages were held against the policy: the report says it as check does. */
static enum exit_status show_decisions(struct session *s, struct build_result *r, const struct policy *policy)
{
	_cleanup_(freep) const struct decision **decisions = NULL;
	_cleanup_(freep) struct selection *selections = NULL;
	struct report report = { .exit = r->status };

	if (!policy || r->n_checked == 0)
		return r->status;
	decisions = xcalloc(r->n_checked, sizeof(*decisions));
	selections = policy_selections(policy, &report);
	for (size_t i = 0; i < r->n_checked; i++) {
		struct build_checked *c = &r->checked[i];
		struct look *look = xcalloc(1, sizeof(*look));

		*look = (struct look){ .kernel = c->list.kernels[0], .facts = TAKE_PTR(c->facts),
				       .support = TAKE_PTR(c->support) };
		ARRAY_GROW(s->looks, s->n_looks);
		s->looks[s->n_looks++] = look;
		decisions[i] = c->decision;
	}
	report.decisions = decisions;
	report.n_decisions = r->n_checked;
	return session_report(s, &report);
}

/* Names, which are copied from the screen: a line each, however long. */
static void print_names(FILE *out, const char *title, const struct strings *names)
{
	if (names->n > 0)
		fprintf(out, "%s:\n", title);
	for (size_t i = 0; i < names->n; i++) {
		_cleanup_(freep) char *clean = text_clean(names->items[i]);

		fprintf(out, "  %s\n", clean);
	}
}

static void print_evidence(FILE *out, unsigned columns, const struct strings *evidence)
{
	struct text t = { .out = out, .columns = columns };

	if (evidence->n > 0)
		fprintf(out, "shims that are effective:\n");
	for (size_t i = 0; i < evidence->n; i++) {
		_cleanup_(freep) char *copy = xstrdup(evidence->items[i]);
		char *save = NULL;

		for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
			text_line(&t, line == copy ? 2 : 4, INK_PLAIN, "%s", line);
	}
}

static enum exit_status print_result(struct session *s, FILE *out, const void *what)
{
	const struct build_result *r = what;

	fprintf(out, "kernel %s\n", r->release);
	print_evidence(out, output_columns(s->options), &r->evidence);
	print_names(out, "the packages provide", &r->provides);
	print_names(out, "packages", &r->files);
	return r->status;
}

static enum exit_status show_result(struct session *s, struct build_result *r, const struct policy *policy)
{
	if (r->status != EXIT_OK) {
		enum exit_status status = show_decisions(s, r, policy);

		complain("no package was let out: %s", r->n_checked ? "what was built is not what is required" :
								      "what is configured is not what the policy requires");
		return status;
	}
	if (r->unfinished)
		return EXIT_OK;
	return session_print_of(s, print_result, r);
}

/* --- the verb */

static enum exit_status build(struct session *s, const struct policy *policy)
{
	struct telling telling = { .quiet = s->options->quiet, .terminal = isatty(STDERR_FILENO),
				   .columns = output_columns(s->options) };
	const struct build_listener listener = { .say = say, .ctx = &telling };
	struct build_result result;
	struct error err = { 0 };
	enum exit_status status;
	int r;

	request.policy = policy;
	request.knowledge = s->knowledge;
	r = build_run(&request, &listener, &result, &err);
	clear_line(&telling);
	if (r < 0)
		complain("%s", err.text);
	status = r < 0 ? EXIT_FAILED : show_result(s, &result, policy);
	build_result_done(&result);
	return status;
}

/* Not the builder's own name and machine: packages of two builders are to be the same. */
static const char *default_maintainer(void)
{
	return "hvcompat build <root@localhost>";
}

static enum exit_status prepare(const struct options *o, char ***shim_dirs, char **spec, char **kconfig)
{
	struct error err = { 0 };

	if (shim_dirs_find(o, shim_dirs, &err) < 0 || share_find("spec", "spec", spec, &err) < 0 ||
	    share_find("src/build/kconfig", "kconfig", kconfig, &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	request.spec = *spec;
	request.kconfig = *kconfig;
	request.shim_dirs = (const char *const *)*shim_dirs;
	return EXIT_OK;
}

static enum exit_status check_usage(const struct options *o)
{
	static const char *const nothing[] = { NULL };
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (!request.source)
		return usage_error(o, "build needs --source");
	if (configs.n == 0)
		return usage_error(o, "build needs --config");
	if (o->n_args > 0)
		return usage_error(o, "build takes no argument, and '%s' is one", o->args[0]);
	request.configs = (const char *const *)configs.items;
	request.shims = shims.n ? (const char *const *)shims.items : nothing;
	request.accept_lost = lost.n ? (const char *const *)lost.items : nothing;
	request.arch = o->arch;
	request.today = o->today;
	request.jobs = o->jobs ? o->jobs : processors > 0 ? (unsigned)processors : 1;
	if (!request.maintainer)
		request.maintainer = default_maintainer();
	return EXIT_OK;
}

static enum exit_status run(struct options *o)
{
	_cleanup_(freep) char *spec = NULL, *kconfig = NULL;
	_cleanup_(policy_freep) struct policy *policy = NULL;
	_cleanup_(session_end) struct session s = { 0 };
	char **shim_dirs = NULL;
	enum exit_status status = check_usage(o);

	if (status != EXIT_OK)
		return status;
	status = prepare(o, &shim_dirs, &spec, &kconfig);
	if (status == EXIT_OK)
		status = session_begin(&s, o);
	if (status == EXIT_OK)
		status = session_knowledge(&s);
	if (status == EXIT_OK && o->policy)
		status = session_policy(&s, o->policy, &policy);
	if (status == EXIT_OK)
		status = build(&s, policy);
	texts_free(shim_dirs);
	return status;
}

enum exit_status run_build(struct options *o)
{
	enum exit_status status = run(o);

	strings_done(&configs);
	strings_done(&shims);
	strings_done(&lost);
	return status;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/common.h"
#include "cmd/dirs.h"
#include "cmd/output.h"
#include "cmd/shim_show.h"
#include "cmd/verbs.h"

#include <errno.h>
#include <sys/stat.h>

static int apply_shim_format(struct options *o, const char *arg)
{
	o->format = streq(arg, "json") ? REPORT_JSON : REPORT_TEXT;
	return streq(arg, "json") || streq(arg, "text") ? 0 : -EINVAL;
}

static int apply_dry_run(struct options *o, const char *arg)
{
	(void)arg;
	o->dry_run = true;
	return 0;
}

const struct option_def shim_options[] = {
	{ "format", 'f', "FORMAT", "of list and show: text (the default) or json", apply_shim_format, "text json" },
	{ "dry-run", 'n', NULL, "of apply: say whether it would apply, and change nothing", apply_dry_run },
	{ "arch", 0, "ARCH", "of apply: also check that it is for x86_64, i686 or aarch64", apply_arch, ARCH_WORDS },
	SHIM_DIR_OPTION,
	{ NULL },
};

static void say_flaw(void *ctx, const char *line)
{
	(void)ctx;
	complain("%s", line);
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static enum exit_status fail(const struct error *err)
{
	complain("%s", err->text);
	return EXIT_FAILED;
}

/* Flaws were said as they were found, all of them. */
static enum exit_status load(struct session *s, char *const *dirs, const char *name, struct shim **ret)
{
	struct error err = { 0 };
	int r = shim_load(s->knowledge, (const char *const *)dirs, name, say_flaw, NULL, ret, &err);

	return r == 0 ? EXIT_OK : r == -EINVAL ? EXIT_FAILED : fail(&err);
}

/* --- list, show -------------------------------------------------------------------------------- */

typedef void (*show_fn)(const struct text *t, const struct shim *s, bool first, bool verbose);

static void list_text(const struct text *t, const struct shim *s, bool first, bool verbose)
{
	(void)first;
	shim_list_one(t, s, verbose);
}

static void show_text(const struct text *t, const struct shim *s, bool first, bool verbose)
{
	(void)verbose;
	if (!first)
		fputc('\n', t->out);
	shim_show_one(t, s);
}

static void print_json(struct json_object *list, FILE *out)
{
	struct json_object *o = json_new_object();

	json_add(o, "shims", list);
	fprintf(out, "%s\n",
		json_pretty(o));
	json_object_put(o);
}

/* One that has flaws is a failure, but the others are shown all the same. */
static enum exit_status print_shims(struct session *s, char *const *dirs, char *const *names, show_fn show, FILE *out)
{
	const struct options *o = s->options;
	struct text t = { .out = out, .columns = output_columns(o), .color = output_color(o) };
	struct json_object *list = json_new_array();
	enum exit_status status = EXIT_OK;

	for (size_t i = 0; names[i]; i++) {
		_cleanup_(shim_freep) struct shim *shim = NULL;
		enum exit_status one = load(s, dirs, names[i], &shim);

		if (one == EXIT_OK && o->format == REPORT_JSON)
			json_append(list, shim_json(shim));
		else if (one == EXIT_OK)
			show(&t, shim, i == 0, o->verbose);
		status = status_worse(status, one);
	}
	if (o->format == REPORT_JSON)
		print_json(json_object_get(list), out);
	json_object_put(list);
	return status;
}

static enum exit_status list(struct session *s, char *const *dirs, FILE *out)
{
	_cleanup_(shim_names_freep) char **names = NULL;
	struct error err = { 0 };

	if (shim_names((const char *const *)dirs, &names, &err) < 0)
		return fail(&err);
	return print_shims(s, dirs, names, list_text, out);
}

/* options.args ends as argv does, with NULL. */
static enum exit_status show(struct session *s, char *const *dirs, FILE *out)
{
	return print_shims(s, dirs, s->options->args + 1, show_text, out);
}

/* --- lint -------------------------------------------------------------------------------------- */

/* Where lint's lines go, and how many there were. */
struct flaws {
	FILE *out;
	size_t count;
};

static void note_flaw(void *ctx, const char *line)
{
	struct flaws *f = ctx;
	_cleanup_(freep) char *clean = text_clean(line);

	fprintf(f->out, "%s\n", clean);
	f->count++;
}

static enum exit_status lint_one(struct session *s, char *const *dirs, const char *name, struct flaws *flaws)
{
	_cleanup_(shim_freep) struct shim *shim = NULL;
	struct error err = { 0 };
	int r = shim_load(s->knowledge, (const char *const *)dirs, name, note_flaw, flaws, &shim, &err);

	return r == 0 ? EXIT_OK : r == -EINVAL ? EXIT_BLOCKED : fail(&err);
}

static enum exit_status lint_dirs(struct session *s, const char *const *dirs, struct flaws *flaws)
{
	_cleanup_(shim_names_freep) char **names = NULL;
	enum exit_status status = EXIT_OK;
	struct error err = { 0 };

	if (shim_names(dirs, &names, &err) < 0)
		return fail(&err);
	for (size_t i = 0; names[i]; i++)
		status = status_worse(status, lint_one(s, (char *const *)dirs, names[i], flaws));
	return status;
}

/* A directory of shims, one shim's directory, or a name. */
static enum exit_status lint_argument(struct session *s, char *const *dirs, const char *arg, struct flaws *flaws)
{
	_cleanup_(freep) char *path = strchr(arg, '/') ? xstrdup(arg) : xasprintf("./%s", arg);
	_cleanup_(freep) char *file = xasprintf("%s/shim.yaml", path);
	const char *const only[] = { path, NULL };

	if (!is_dir(path))
		return lint_one(s, dirs, arg, flaws);
	return access(file, F_OK) == 0 ? lint_one(s, dirs, path, flaws) : lint_dirs(s, only, flaws);
}

static enum exit_status lint_all(struct session *s, char *const *dirs, struct flaws *flaws)
{
	enum exit_status status = lint_dirs(s, (const char *const *)dirs, flaws);
	struct error err = { 0 };
	int r = shim_lint_helps(s->knowledge, (const char *const *)dirs, note_flaw, flaws, &err);

	return status_worse(status, r == 0 ? EXIT_OK : r == -EINVAL ? EXIT_BLOCKED : fail(&err));
}

static enum exit_status lint(struct session *s, char *const *dirs, FILE *out)
{
	const struct options *o = s->options;
	struct flaws flaws = { .out = out };
	enum exit_status status = o->n_args > 1 ? EXIT_OK : lint_all(s, dirs, &flaws);

	for (size_t i = 1; i < o->n_args; i++)
		status = status_worse(status, lint_argument(s, dirs, o->args[i], &flaws));
	if (flaws.count > 0)
		fprintf(out, "%zu flaw%s\n", flaws.count, flaws.count == 1 ? "" : "s");
	else if (status == EXIT_OK && o->verbose)
		fprintf(out, "no flaws\n");
	return status;
}

/* --- apply ------------------------------------------------------------------------------------- */

struct target {
	const char *tree;
	char *version;
};

/* "applied to linux-6.1 (6.1.192): 2 patches; set in its config: VMI=y". */
static void say_applied(const struct options *o, const struct shim *shim, const struct target *at,
			const struct shim_series *series, FILE *out)
{
	struct text t = { .out = out, .columns = output_columns(o), .color = output_color(o) };
	_cleanup_(freep) const char **config = shim_config(shim, at->tree, at->version);
	unsigned patches = series ? series->patches_count : 0;
	struct buf b = { 0 };

	buf_addf(&b, "%s: ", shim->name);
	if (patches == 0 && !(series && series->sources))
		buf_addf(&b, "changes no file of %s (%s)", at->tree, at->version);
	else
		buf_addf(&b, "%s %s (%s): %u patch%s%s", o->dry_run ? "applies to" : "applied to", at->tree, at->version,
			 patches, patches == 1 ? "" : "es", series->sources ? " and new files" : "");
	for (size_t i = 0; config[i]; i++)
		buf_addf(&b, "%s%s", i ? " " : "; to be set in the config: ", config[i]);
	text_line(&t, 0, INK_PLAIN, "%s", b.text);
	buf_done(&b);
}

static enum exit_status apply_one(struct session *s, const struct shim *shim, const struct target *at, FILE *out)
{
	const struct options *o = s->options;
	const struct shim_series *series = NULL;
	int log = o->verbose ? STDERR_FILENO : -1, r;
	struct error err = { 0 };

	/* Asked before: what is applied does not fit any more. */
	r = shim_fits(shim, at->tree, at->version, o->arch, &series, &err);
	if (r == 0)
		r = (o->dry_run ? shim_try : shim_apply)(shim, at->tree, at->version, o->arch, log, &err);
	if (r < 0)
		return fail(&err);
	say_applied(o, shim, at, series, out);
	return EXIT_OK;
}

/* All must fit before the first is applied. */
static enum exit_status apply_all(struct session *s, struct shim *const *shims, size_t n, const struct target *at,
				  FILE *out)
{
	enum exit_status status = EXIT_OK;

	for (size_t i = 0; i < n; i++) {
		struct error err = { 0 };

		if (shim_fits(shims[i], at->tree, at->version, s->options->arch, NULL, &err) < 0)
			status = fail(&err);
	}
	for (size_t i = 0; status == EXIT_OK && i < n; i++)
		status = apply_one(s, shims[i], at, out);
	return status;
}

static enum exit_status apply(struct session *s, char *const *dirs, FILE *out)
{
	const struct options *o = s->options;
	size_t n = o->n_args - 2;
	struct target at = { .tree = o->args[o->n_args - 1] };
	struct shim **shims = xcalloc(n, sizeof(struct shim *));
	enum exit_status status = EXIT_OK;
	struct error err = { 0 };

	for (size_t i = 0; i < n; i++)
		status = status_worse(status, load(s, dirs, o->args[i + 1], &shims[i]));
	if (status == EXIT_OK && tree_version(at.tree, &at.version, &err) < 0)
		status = fail(&err);
	if (status == EXIT_OK)
		status = apply_all(s, shims, n, &at, out);
	for (size_t i = 0; i < n; i++)
		shim_free(shims[i]);
	free(shims);
	free(at.version);
	return status;
}

/* --- the verb ---------------------------------------------------------------------------------- */

static const struct subverb {
	const char *name;
	size_t least, most; /* arguments */
	const char *takes;
	enum exit_status (*run)(struct session *s, char *const *dirs, FILE *out);
} subverbs[] = {
	{ "list", 0, 0, "no further argument", list },
	{ "show", 1, SIZE_MAX, "a name", show },
	{ "lint", 0, SIZE_MAX, NULL, lint },
	{ "apply", 2, SIZE_MAX, "names of shims, and a kernel source tree", apply },
};

static const struct subverb *find_subverb(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(subverbs); i++)
		if (streq(subverbs[i].name, name))
			return &subverbs[i];
	return NULL;
}

static enum exit_status run(struct session *s, FILE *out)
{
	char **dirs = NULL;
	struct error err = { 0 };
	enum exit_status status;

	if (session_knowledge(s) != EXIT_OK)
		return EXIT_FAILED;
	if (shim_dirs_find(s->options, &dirs, &err) < 0)
		return fail(&err);
	status = find_subverb(s->options->args[0])->run(s, dirs, out);
	texts_free(dirs);
	return status;
}

enum exit_status run_shim(struct options *o)
{
	_cleanup_(session_end) struct session s = { 0 };
	const struct subverb *sub;
	enum exit_status status;

	if (o->n_args == 0)
		return usage_error(o, "shim needs one of list, show, lint, apply");
	sub = find_subverb(o->args[0]);
	if (!sub)
		return usage_error(o, "shim cannot '%s': it is one of list, show, lint, apply", o->args[0]);
	if (o->n_args - 1 < sub->least || o->n_args - 1 > sub->most)
		return usage_error(o, "shim %s takes %s", sub->name, sub->takes);
	if (!streq(sub->name, "apply") && (o->dry_run || o->arch))
		return usage_error(o, "--dry-run and --arch are for shim apply");
	status = session_begin(&s, o);
	return status == EXIT_OK ? session_print(&s, run) : status;
}

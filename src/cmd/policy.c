/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/common.h"
#include "cmd/output.h"
#include "cmd/policy_files.h"
#include "cmd/verbs.h"
#include "prove/recipe.h"
#include "report/explain.h"

#include <errno.h>

#define FILE_BYTES_MOST (4 << 20) /* what policy cat prints of one file */

/* Where lint's lines go, and how many there were. */
struct flaws {
	FILE *out;
	size_t count;
};

static void flaw(void *ctx, const char *line)
{
	struct flaws *f = ctx;
	_cleanup_(freep) char *clean = text_clean(line);

	fprintf(f->out, "%s\n", clean);
	f->count++;
}

/* -EINVAL: flaws, which were reported. Anything else kept the linter from looking. */
static enum exit_status status_of_load(int r, const struct error *err)
{
	if (r < 0 && r != -EINVAL)
		complain("%s", err->text);
	return r == 0 ? EXIT_OK : r == -EINVAL ? EXIT_BLOCKED : EXIT_FAILED;
}

static enum exit_status lint_policy(struct session *s, const char *name, struct flaws *flaws)
{
	_cleanup_(policy_freep) struct policy *p = NULL;
	/* A file of the working directory is meant as one even where it does not look like a path. */
	_cleanup_(freep) char *path =
		strchr(name, '/') || access(name, F_OK) < 0 ? xstrdup(name) : xasprintf("./%s", name);
	struct error err = { 0 };

	return status_of_load(
		policy_load(s->knowledge, (const char *const *)s->dirs, path, flaw, flaws, &p, &err), &err);
}

static enum exit_status lint_policies(struct session *s, char *const *names, size_t n, struct flaws *flaws)
{
	enum exit_status status = EXIT_OK;

	for (size_t i = 0; i < n; i++)
		status = status_worse(status, lint_policy(s, names[i], flaws));
	return status;
}

static enum exit_status lint_recipes(struct session *s, struct flaws *flaws)
{
	_cleanup_(recipe_list_freep) struct recipe_list *recipes = NULL;
	struct error err = { 0 };

	return status_of_load(recipe_list_load((const char *const *)s->dirs, s->knowledge, flaw, flaws, &recipes, &err), &err);
}

static enum exit_status lint_all(struct session *s, struct flaws *flaws)
{
	_cleanup_(file_list_done) struct file_list names = { 0 };
	struct error err = { 0 };

	if (policy_names(s->dirs, &names, &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	return status_worse(lint_recipes(s, flaws), lint_policies(s, names.files, names.n, flaws));
}

/* The knowledge is loaded anew: this time, all of its flaws are wanted. Policies are held against it. */
static enum exit_status lint(struct session *s, FILE *out)
{
	const struct options *o = s->options;
	struct flaws flaws = { .out = out };
	_cleanup_(knowledge_freep) struct knowledge *k = NULL;
	struct error err = { 0 };
	enum exit_status status;

	status = status_of_load(knowledge_load((const char *const *)s->dirs, flaw, &flaws, &k, &err), &err);
	if (status == EXIT_OK && session_knowledge(s) != EXIT_OK)
		status = EXIT_FAILED;
	if (status == EXIT_OK)
		status = o->n_args > 1 ? lint_policies(s, o->args + 1, o->n_args - 1, &flaws)
				       : lint_all(s, &flaws);
	if (flaws.count > 0)
		fprintf(out, "%zu flaw%s\n", flaws.count, flaws.count == 1 ? "" : "s");
	else if (status == EXIT_OK && o->verbose)
		fprintf(out, "no flaws in %zu files of knowledge\n", k->n_files);
	return status;
}

static enum exit_status show_names(struct session *s, char *const *names, size_t n, FILE *out)
{
	struct text t = { .out = out,
			  .columns = output_columns(s->options),
			  .color = output_color(s->options) };
	enum exit_status status = EXIT_OK;

	for (size_t i = 0; i < n; i++) {
		_cleanup_(policy_freep) struct policy *p = NULL;
		enum exit_status one = session_policy(s, names[i], &p);

		if (one == EXIT_OK && i > 0)
			fputc('\n', out);
		if (one == EXIT_OK)
			explain_policy(&t, p);
		status = status_worse(status, one);
	}
	return status;
}

static enum exit_status show(struct session *s, FILE *out)
{
	const struct options *o = s->options;
	_cleanup_(file_list_done) struct file_list names = { 0 };
	struct error err = { 0 };

	if (session_knowledge(s) != EXIT_OK)
		return EXIT_FAILED;
	if (o->n_args > 1)
		return show_names(s, o->args + 1, o->n_args - 1, out);
	if (policy_names(s->dirs, &names, &err) == 0)
		return show_names(s, names.files, names.n, out);
	complain("%s", err.text);
	return EXIT_FAILED;
}

/* The first sentence of what a policy says of itself. */
static char *gist(const char *about)
{
	const char *stop = strstr(about, ". "), *colon = strstr(about, ": ");

	if (colon && (!stop || colon < stop))
		stop = colon;
	return stop ? xasprintf("%.*s.", (int)(stop - about), about) : xstrdup(about);
}

static void list_one(const struct text *t, const struct policy *p, bool verbose)
{
	_cleanup_(freep) char *says = gist(p->about ? p->about : p->file);

	text_put(t, INK_BOLD, p->name, 0);
	fprintf(t->out, " %u\n", p->version);
	text_line(t, 4, INK_PLAIN, "%s", says);
	if (verbose)
		text_line(t, 4, INK_DIM, "%s", p->file);
}

static enum exit_status list(struct session *s, FILE *out)
{
	struct text t = { .out = out,
			  .columns = output_columns(s->options),
			  .color = output_color(s->options) };
	_cleanup_(file_list_done) struct file_list names = { 0 };
	enum exit_status status = session_knowledge(s);
	struct error err = { 0 };

	if (status == EXIT_OK && policy_names(s->dirs, &names, &err) < 0) {
		complain("%s", err.text);
		return EXIT_FAILED;
	}
	for (size_t i = 0; i < names.n; i++) {
		_cleanup_(policy_freep) struct policy *p = NULL;
		enum exit_status one = session_policy(s, names.files[i], &p);

		if (one == EXIT_OK)
			list_one(&t, p, s->options->verbose);
		status = status_worse(status, one);
	}
	return status;
}

static int cat_file(const char *path, FILE *out, struct error *err)
{
	_cleanup_(fclosep) FILE *in = fopen(path, "re");
	char block[4096];
	size_t n, total = 0;

	if (!in)
		return error_set(err, errno, "%s: %m", path);
	fprintf(out, "# %s\n", path);
	while ((n = fread(block, 1, sizeof(block), in)) > 0) {
		total += n;
		if (total > FILE_BYTES_MOST)
			return error_set(err, EFBIG, "%s: too large for a policy", path);
		fwrite(block, 1, n, out);
	}
	return ferror(in) ? error_set(err, EIO, "%s: cannot be read", path) : 0;
}

static enum exit_status cat_name(struct session *s, const char *name, FILE *out)
{
	_cleanup_(file_list_done) struct file_list files = { 0 }, hidden = { 0 };
	struct error err = { 0 };
	int r = files_of(s->dirs, name, &files, &hidden, &err);

	for (size_t i = 0; r == 0 && i < hidden.n; i++)
		fprintf(out, "# %s (replaced)\n", hidden.files[i]);
	for (size_t i = 0; r == 0 && i < files.n; i++)
		r = cat_file(files.files[i], out, &err);
	if (r == 0)
		return EXIT_OK;
	complain("%s", err.text);
	return EXIT_FAILED;
}

static enum exit_status cat(struct session *s, FILE *out)
{
	enum exit_status status = EXIT_OK;

	for (size_t i = 1; i < s->options->n_args; i++)
		status = status_worse(status, cat_name(s, s->options->args[i], out));
	return status;
}

static const struct {
	const char *name;
	size_t least; /* arguments */
	size_t most;
	enum exit_status (*print)(struct session *s, FILE *out);
} subverbs[] = {
	{ "lint", 0, SIZE_MAX, lint },
	{ "show", 0, SIZE_MAX, show },
	{ "list", 0, 0, list },
	{ "cat", 1, SIZE_MAX, cat },
};

enum exit_status run_policy(struct options *o)
{
	_cleanup_(session_end) struct session s = { 0 };
	enum exit_status status;
	size_t i = 0, given;

	if (o->n_args == 0)
		return usage_error(o, "policy needs one of lint, show, list, cat, package");
	if (streq(o->args[0], "package"))
		return run_policy_package(o);
	given = o->n_args - 1;
	while (i < ARRAY_SIZE(subverbs) && !streq(subverbs[i].name, o->args[0]))
		i++;
	if (i == ARRAY_SIZE(subverbs))
		return usage_error(o, "policy cannot '%s': it is one of lint, show, list, cat, package", o->args[0]);
	if (given < subverbs[i].least || given > subverbs[i].most)
		return usage_error(o, "policy %s takes %s", o->args[0],
				   given < subverbs[i].least ? "a name" : "no further argument");
	status = session_begin(&s, o);
	return status == EXIT_OK ? session_print(&s, subverbs[i].print) : status;
}

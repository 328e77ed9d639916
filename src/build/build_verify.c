/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build_private.h"

#include <dirent.h>
#include <errno.h>

/* The packages of one format, with commas between: one KERNEL. Owned. */
static int package_set(const char *dir, const char *format, char **ret, struct error *err)
{
	_cleanup_(freep) char *suffix = xasprintf(".%s", format);
	_cleanup_(buf_done) struct buf set = { 0 };
	struct dirent **entries;
	int n = scandir(dir, &entries, NULL, alphasort);

	if (n < 0)
		return error_set(err, errno, "%s: cannot be listed: %m", dir);
	for (int i = 0; i < n; i++) {
		if (endswith(entries[i]->d_name, suffix))
			buf_addf(&set, "%s%s/%s", set.len ? "," : "", dir, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	if (set.len == 0)
		return error_set(err, ENOENT, "%s: the packager left no .%s package", dir, format);
	*ret = TAKE_PTR(set.text);
	return 0;
}

/* What the packages carry: made of what was read back, as it was when they were made. */
static void note_provides(struct build *b, const struct support *built)
{
	struct provides provides = { 0 };

	provides_of(built, &provides);
	for (size_t i = 0; i < provides.n; i++) {
		const struct provide_line *l = &provides.lines[i];

		strings_add(&b->result->provides,
			    xasprintf("%s%s%s", l->name, l->version ? " " : "", l->version ? l->version : ""));
	}
	provides_done(&provides);
}

/* All shims are asked, of all formats; evidence is told once. */
static void check_shims(struct build *b, const struct support *built, const char *format, bool tell)
{
	for (size_t i = 0; i < b->n_shims; i++) {
		_cleanup_(freep) char *evidence = NULL;
		struct error why = { 0 };

		if (shim_proved(b->shims[i], built, &evidence, &why) == 0) {
			if (tell)
				strings_add(&b->result->evidence, xasprintf("%s: %s", b->shims[i]->name, evidence));
			continue;
		}
		build_say(b, BUILD_FLAW, "shim %s is not effective in the .%s packages: %s", b->shims[i]->name, format,
			  why.text);
		b->result->status = EXIT_BLOCKED;
	}
}

static void note_decision(struct build *b, const struct decision *d)
{
	if (!d || b->result->status == EXIT_BLOCKED)
		return;
	if (d->result == DECISION_BLOCKED)
		b->result->status = EXIT_BLOCKED;
	else if (d->result == DECISION_UNDECIDED)
		b->result->status = EXIT_UNDECIDED;
}

static int verify_format(struct build *b, const char *format, struct error *err)
{
	_cleanup_(freep) char *set = NULL;
	struct build_result *result = b->result;
	struct build_checked c = { 0 };
	int r = package_set(b->packages, format, &set, err);

	if (r == 0)
		r = judge(b, set, DEPTH_VERIFY, true, &c, err);
	if (r < 0)
		return r;
	ARRAY_GROW(result->checked, result->n_checked);
	result->checked[result->n_checked++] = c;
	check_shims(b, c.support, format, result->n_checked == 1);
	if (result->n_checked == 1)
		note_provides(b, c.support);
	note_decision(b, c.decision);
	return 0;
}

int step_verify(struct build *b, struct error *err)
{
	int r = 0;

	if (b->request->formats & PACKAGE_DEB)
		r = verify_format(b, "deb", err);
	if (r == 0 && b->request->formats & PACKAGE_RPM)
		r = verify_format(b, "rpm", err);
	return r;
}

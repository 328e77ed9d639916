/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build_private.h"

#include <errno.h>

static void say_flaw(void *ctx, const char *line)
{
	build_say(ctx, BUILD_FLAW, "%s", line);
}

int shims_add(struct build *b, const char *name, struct error *err)
{
	struct shim *s;
	struct error why = { 0 };
	int r = shim_load(b->request->knowledge, b->request->shim_dirs, name, say_flaw, b, &s, &why);

	if (r == -EINVAL) /* its flaws were told as they were found */
		return error_set(err, r, "--shim %s: its description has flaws; hvcompat shim lint checks it", name);
	if (r < 0)
		return error_set(err, r, "--shim %s: %s", name, why.text);
	for (size_t i = 0; i < b->n_shims; i++) {
		if (streq(b->shims[i]->name, s->name)) {
			shim_free(s);
			return 0;
		}
	}
	ARRAY_GROW(b->shims, b->n_shims);
	b->shims[b->n_shims++] = s;
	return 0;
}

int shims_load(struct build *b, struct error *err)
{
	const char *chosen = state_get(&b->state, "shims");
	_cleanup_(freep) char *words = xstrdup(chosen ? chosen : "");
	char *save = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && b->request->shims[i]; i++)
		r = shims_add(b, b->request->shims[i], err);
	for (char *name = strtok_r(words, " ", &save); r == 0 && name; name = strtok_r(NULL, " ", &save))
		r = shims_add(b, name, err);
	return r;
}

void shims_done(struct build *b)
{
	for (size_t i = 0; i < b->n_shims; i++)
		shim_free(b->shims[i]);
	free(b->shims);
}

/* All that do not fit are told, not the first alone. */
static int check_fit(struct build *b, struct error *err)
{
	int result = 0;

	for (size_t i = 0; i < b->n_shims; i++) {
		struct error why = { 0 };

		int r = shim_fits(b->shims[i], b->tree, b->version, b->arch, NULL, &why);

		if (r == 0 || r == -EALREADY)
			continue;
		build_say(b, BUILD_FLAW, "%s", why.text);
		result = error_set(err, EINVAL, "shim %s is not for this source (%s, %s)", b->shims[i]->name, b->version,
				   b->arch);
	}
	return result;
}

/* A tree that an interrupted run may have left half patched is made anew. */
static int fresh_tree(struct build *b, struct error *err)
{
	int r;

	if (!state_get(&b->state, "patching"))
		return 0;
	build_say(b, BUILD_NOTE, "the step before was stopped while it changed the source: unpacking it anew");
	free(b->version);
	b->version = NULL;
	r = step_unpack(b, err);
	return r == 0 ? state_set(&b->state, "patching", NULL, err) : r;
}

static int apply(struct build *b, struct error *err)
{
	int r = state_set(&b->state, "patching", "yes", err);

	for (size_t i = 0; r == 0 && i < b->n_shims; i++) {
		struct error why = { 0 };
		int one = shim_apply(b->shims[i], b->tree, b->version, b->arch, b->log, &why);

		/* A source that has it already is as good as one that got it here. */
		build_say(b, BUILD_NOTE, "shim %s%s", b->shims[i]->name,
			  one == -EALREADY ? ": the source has it already" : one < 0 ? ": failed" : "");
		if (one < 0 && one != -EALREADY)
			r = error_set(err, one, "%s", why.text);
	}
	return r;
}

int step_shims(struct build *b, struct error *err)
{
	int r = fresh_tree(b, err);

	if (r == 0)
		r = check_fit(b, err);
	if (r == 0 && b->request->policy)
		r = policy_choose(b, err);
	return r == 0 ? apply(b, err) : r;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build_private.h"

#include <errno.h>

/*
 * Which shims and options a policy needs: the source is configured as it would be without it, the config is held
 * against the knowledge, and wherever a required host is not met for certain, the knowledge says what helps. A
 * config cannot tell everything (which versions a table has, how the image is packed); there a shim is taken if
 * the host is one of those that it says it is for.
 */

struct choosing {
	struct build *b;
	const struct support *support;
	const struct settings *have; /* the config as it would be */
	struct error *err;
	int result;
};

void policy_restore(struct build *b)
{
	const char *options = state_get(&b->state, "policy-options");
	_cleanup_(freep) char *words = xstrdup(options ? options : "");
	char *save = NULL;

	for (char *word = strtok_r(words, " ", &save); word; word = strtok_r(NULL, " ", &save))
		strings_add(&b->policy_options, xstrdup(word));
}

/* Whether the shim says that it is for this row. */
static bool keeps(const struct choosing *c, const struct shim *s, const struct verdict *v)
{
	bool yes = false;

	for (unsigned i = 0; i < s->keeps_count && !yes; i++) {
		struct selection on;

		if (selection_parse(c->b->request->knowledge, s->keeps[i], &on, NULL) < 0)
			continue;
		yes = on.host == v->host && on.versions[v->version] && on.modes[v->mode];
		selection_done(&on);
	}
	return yes;
}

static bool have_shim(const struct build *b, const char *name)
{
	for (size_t i = 0; i < b->n_shims; i++)
		if (streq(b->shims[i]->name, name))
			return true;
	return false;
}

static int note_chosen(struct build *b, const char *name, struct error *err)
{
	const char *before = state_get(&b->state, "shims");
	_cleanup_(freep) char *words = xasprintf("%s%s%s", before ? before : "", before ? " " : "", name);

	return state_set(&b->state, "shims", words, err);
}

/*
 * Takes the shim, if there is one of that name that is for this source and for this row. Where the interface is there
 * for certain, in a form that the host does not take, no option will mend it, and the shim is tried for any row.
 */
static bool take_shim(struct choosing *c, const char *name, const struct verdict *v, bool certain)
{
	struct build *b = c->b;
	_cleanup_(freep) char *label = verdict_label(v->host, v->version, v->mode);
	_cleanup_(shim_freep) struct shim *s = NULL;
	bool fits;

	if (shim_load(b->request->knowledge, b->request->shim_dirs, name, NULL, NULL, &s, NULL) < 0)
		return false;
	fits = shim_fits(s, b->tree, b->version, b->arch, NULL, NULL) == 0 && (certain || keeps(c, s, v));
	if (!fits || have_shim(b, name))
		return fits;
	build_say(b, BUILD_NOTE, "the policy needs the shim %s, for %s", name, label);
	c->result = shims_add(b, name, c->err);
	if (c->result == 0)
		c->result = note_chosen(b, name, c->err);
	return true;
}

static bool option_is_set(const struct choosing *c, const char *word)
{
	_cleanup_(freep) char *name = xstrndup(word, strcspn(word, "="));
	const struct setting *s = settings_find(c->have, name);
	const char *want = word + strlen(name) + (word[strlen(name)] == '=');

	if (!s || streq(s->value, "n"))
		return false;
	return streq(s->value, want) || (streq(want, "m") && streq(s->value, "y"));
}

/* One that this source does not have is one of another series: the knowledge lists those of all. */
static void take_option(struct choosing *c, const char *word, const struct verdict *v)
{
	struct build *b = c->b;
	_cleanup_(freep) char *label = verdict_label(v->host, v->version, v->mode), *text = NULL;
	const char *before = state_get(&b->state, "policy-options");

	if (strings_have(&b->policy_options, word))
		return;
	build_say(b, BUILD_NOTE, "the policy needs CONFIG_%s, for %s", word, label);
	strings_add(&b->policy_options, xstrdup(word));
	text = xasprintf("%s%s%s", before ? before : "", before ? " " : "", word);
	c->result = state_set(&b->state, "policy-options", text, c->err);
}

static bool all_set(const struct choosing *c, const struct help *h)
{
	for (unsigned i = 0; i < h->config_count; i++)
		if (!option_is_set(c, h->config[i]))
			return false;
	return h->config_count > 0;
}

/*
 * The i-th thing that helps, or NULL. Where it cannot be told whether there is anything to mend, the judge names none;
 * what the knowledge has for such a path is meant all the same.
 */
static const struct help *help_of(const struct path *p, size_t i)
{
	const struct help *general[] = { p->offer->help, p->offer->iface->help };

	if (p->status != STATUS_UNKNOWN)
		return i < ARRAY_SIZE(p->help) ? p->help[i] : NULL;
	if (!general[0])
		i++;
	return i < ARRAY_SIZE(general) ? general[i] : NULL;
}

static bool any_shim(struct choosing *c, const struct path *p, const struct verdict *v)
{
	bool certain = p->status == STATUS_UNSUPPORTED && p->spoken && p->spoken->present == TRUTH_YES;
	const struct help *h;

	for (size_t i = 0; (h = help_of(p, i)); i++)
		for (unsigned j = 0; j < h->shim_count; j++)
			if (take_shim(c, h->shim[j], v, certain))
				return true;
	return false;
}

static bool any_option(struct choosing *c, const struct path *p, const struct verdict *v, bool ask_only)
{
	const struct help *h;

	for (size_t i = 0; (h = help_of(p, i)); i++) {
		if (h->config_count == 0)
			continue;
		/* What is there in this kernel, in a form that the host does not take, no option will mend. */
		if (all_set(c, h) || (p->spoken && p->spoken->present == TRUTH_YES))
			return true;
		for (unsigned j = 0; !ask_only && j < h->config_count; j++)
			if (!option_is_set(c, h->config[j]))
				take_option(c, h->config[j], v);
		if (!ask_only)
			return true;
	}
	return false;
}

static bool counts(const struct path *p, enum iface_class class_, const struct requirement *q)
{
	if (p->offer->iface->class_ != class_)
		return false;
	for (unsigned i = 0; i < q->through_count; i++)
		if (streq(q->through[i], p->offer->iface->name))
			return true;
	return q->through_count == 0;
}

/* One need of a row that is not met: a shim that is made for it, or what is there already, or an option. */
static void mend_class(struct choosing *c, const struct verdict *v, enum iface_class class_,
		       const struct requirement *q)
{
	for (size_t i = 0; i < v->n_paths; i++)
		if (counts(&v->paths[i], class_, q) && any_shim(c, &v->paths[i], v))
			return;
	for (size_t i = 0; i < v->n_paths; i++)
		if (counts(&v->paths[i], class_, q) && any_option(c, &v->paths[i], v, true))
			return;
	for (size_t i = 0; i < v->n_paths; i++)
		if (counts(&v->paths[i], class_, q) && any_option(c, &v->paths[i], v, false))
			return;
}

/* `through` names interfaces, and each of them must work. */
static void mend_through(struct choosing *c, const struct verdict *v, const struct requirement *q)
{
	for (size_t i = 0; i < v->n_paths; i++) {
		const struct path *p = &v->paths[i];

		if (!counts(p, p->offer->iface->class_, q) || p->status == STATUS_SUPPORTED)
			continue;
		if (!any_shim(c, p, v))
			any_option(c, p, v, false);
	}
}

static void mend_row(struct choosing *c, const struct verdict *v, const struct requirement *q)
{
	enum status least = q->grade == GRADE_FULL ? STATUS_SUPPORTED : STATUS_DEGRADED;
	const struct mode *mode = &v->host->modes[v->mode];

	if (q->through_count > 0) {
		mend_through(c, v, q);
		return;
	}
	if (v->status >= least)
		return;
	for (unsigned class_ = 0; class_ < CLASS_COUNT; class_++)
		/* What is optional there is missed only by who wants all of it. */
		if (v->needs[class_] < least && (mode->needs[class_] == NEED_REQUIRED || q->grade == GRADE_FULL))
			mend_class(c, v, class_, q);
}

static void mend_requirement(struct choosing *c, const struct requirement *q)
{
	if (!arch_listed(q->arch, q->arch_count, c->b->arch))
		return;
	for (size_t i = 0; i < c->support->n_verdicts && c->result == 0; i++) {
		const struct verdict *v = &c->support->verdicts[i];

		if (q->selection.host == v->host && q->selection.versions[v->version] && q->selection.modes[v->mode])
			mend_row(c, v, q);
	}
}

int policy_choose(struct build *b, struct error *err)
{
	_cleanup_(freep) char *file = xasprintf("%s/.config", b->tree);
	_cleanup_(settings_done) struct settings have = { 0 };
	struct build_checked c = { 0 };
	int r = configure(b, err);

	if (r == 0)
		r = settings_read(&have, file, err);
	if (r == 0)
		r = judge(b, file, DEPTH_DEEP, false, &c, err);
	if (r == 0) {
		const struct policy *p = b->request->policy;
		struct choosing choosing = { .b = b, .support = c.support, .have = &have, .err = err };

		for (unsigned i = 0; i < p->requires_count && choosing.result == 0; i++)
			mend_requirement(&choosing, &p->requires[i]);
		r = choosing.result;
	}
	checked_done(&c);
	return r;
}

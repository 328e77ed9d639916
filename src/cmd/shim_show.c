/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/shim_show.h"
#include "report/json.h"

/* "a, b, c". Owned. */
static char *joined(char *const *list, unsigned n, const char *none)
{
	return n > 0 ? strings_join(list, n, ", ") : xstrdup(none);
}

/* The first sentence, or what stands before its first colon. */
static char *gist(const char *about)
{
	const char *stop = strstr(about, ". "), *colon = strstr(about, ": ");

	if (colon && (!stop || colon < stop))
		stop = colon;
	return stop ? xasprintf("%.*s.", (int)(stop - about), about) : xstrdup(about);
}

/* "kernels 6.1 .. 6.1.999; 6.12". Owned. */
static char *kernels_text(const struct shim *s)
{
	struct buf b = { 0 };

	for (unsigned i = 0; i < s->series_count; i++)
		buf_addf(&b, "%s%s", i ? "; " : "kernels ", s->series[i].kernels);
	return b.text ? b.text : xstrdup("any kernel");
}

void shim_list_one(const struct text *t, const struct shim *s, bool verbose)
{
	_cleanup_(freep) char *says = gist(s->about), *kernels = kernels_text(s);
	_cleanup_(freep) char *arch = joined(s->arch, s->arch_count, "any architecture");
	_cleanup_(freep) char *where = xasprintf("%s, %s", arch, kernels);

	text_put(t, INK_BOLD, s->name, 0);
	fputc('\n', t->out);
	text_line(t, 4, INK_PLAIN, "%s", says);
	text_line(t, 4, INK_DIM, "%s", where);
	if (verbose)
		text_line(t, 4, INK_DIM, "%s", s->dir);
}

/* A list under a head of its own: nothing when it is empty. */
static void section(const struct text *t, const char *head, char *const *list, unsigned n)
{
	if (n > 0)
		text_line(t, 0, INK_PLAIN, "%s", head);
	for (unsigned i = 0; i < n; i++)
		text_item(t, 2, "%s", list[i]);
}

static void show_check(const struct text *t, const struct shim_check *c)
{
	if (c->contains)
		text_item(t, 4, "expects %s to contain '%s'", c->file, c->contains);
	if (c->lacks)
		text_item(t, 4, "expects %s not to contain '%s'", c->file, c->lacks);
	if (!c->contains && !c->lacks)
		text_item(t, 4, "expects a file %s", c->file);
}

static void show_series(const struct text *t, const struct shim_series *s)
{
	text_line(t, 2, INK_PLAIN, "On kernels %s", s->kernels);
	for (unsigned i = 0; i < s->checks_count; i++)
		show_check(t, &s->checks[i]);
	if (s->sources)
		text_item(t, 4, "adds the files of %s", s->sources);
	for (unsigned i = 0; i < s->patches_count; i++)
		text_item(t, 4, "applies %s", s->patches[i]);
	for (unsigned i = 0; i < s->config_count; i++)
		text_item(t, 4, "sets %s", s->config[i]);
	if (!s->sources && s->patches_count + s->config_count == 0)
		text_item(t, 4, "nothing more is needed");
}

static void show_proof(const struct text *t, const struct shim_proof *p)
{
	_cleanup_(freep) char *names = joined(p->one_of, p->one_of_count, ""), *versions = NULL;

	versions = joined(p->versions, p->versions_count, "");
	if (p->interface)
		text_item(t, 2, "speaks %s in full%s%s", p->interface, *versions ? ", versions " : "", versions);
	else
		text_item(t, 2, "speaks one of %s in full", names);
}

static void show_sentence(const struct text *t, const char *head, const char *sentence)
{
	text_line(t, 0, INK_PLAIN, "%s", head);
	text_line(t, 2, INK_PLAIN, "%s", sentence);
}

void shim_show_one(const struct text *t, const struct shim *s)
{
	_cleanup_(freep) char *arch = joined(s->arch, s->arch_count, "any architecture");

	text_line(t, 0, INK_BOLD, "%s, for %s", s->name, arch);
	text_line(t, 2, INK_PLAIN, "%s", s->about);
	section(t, "Keeps", s->keeps, s->keeps_count);
	section(t, "Sets", s->config, s->config_count);
	if (s->series_count > 0)
		text_line(t, 0, INK_PLAIN, "Series");
	for (unsigned i = 0; i < s->series_count; i++)
		show_series(t, &s->series[i]);
	text_line(t, 0, INK_PLAIN, "Proof: the built kernel");
	for (unsigned i = 0; i < s->proof_count; i++)
		show_proof(t, &s->proof[i]);
	show_sentence(t, "Cost", s->cost);
	show_sentence(t, "Risk", s->risk);
	show_sentence(t, "Source", s->source);
	text_line(t, 0, INK_DIM, "%s", s->dir);
}

static struct json_object *json_series(const struct shim_series *s)
{
	struct json_object *o = json_new_object(), *checks = json_new_array();

	for (unsigned i = 0; i < s->checks_count; i++) {
		struct json_object *c = json_new_object();

		json_put(c, "file", s->checks[i].file);
		json_put(c, "contains", s->checks[i].contains);
		json_put(c, "lacks", s->checks[i].lacks);
		json_append(checks, c);
	}
	json_put(o, "kernels", s->kernels);
	json_add(o, "patches", json_strings(s->patches, s->patches_count));
	json_put(o, "sources", s->sources);
	json_add(o, "checks", checks);
	json_add(o, "config", json_strings(s->config, s->config_count));
	return o;
}

static struct json_object *json_proof(const struct shim_proof *p)
{
	struct json_object *o = json_new_object();

	json_put(o, "interface", p->interface);
	json_add(o, "versions", json_strings(p->versions, p->versions_count));
	json_add(o, "one-of", json_strings(p->one_of, p->one_of_count));
	return o;
}

struct json_object *shim_json(const struct shim *s)
{
	struct json_object *o = json_new_object(), *series = json_new_array(),
			   *proof = json_new_array();

	for (unsigned i = 0; i < s->series_count; i++)
		json_append(series, json_series(&s->series[i]));
	for (unsigned i = 0; i < s->proof_count; i++)
		json_append(proof, json_proof(&s->proof[i]));
	json_put(o, "shim", s->name);
	json_put(o, "about", s->about);
	json_add(o, "keeps", json_strings(s->keeps, s->keeps_count));
	json_add(o, "arch", json_strings(s->arch, s->arch_count));
	json_add(o, "series", series);
	json_add(o, "config", json_strings(s->config, s->config_count));
	json_add(o, "proof", proof);
	json_put(o, "cost", s->cost);
	json_put(o, "risk", s->risk);
	json_put(o, "source", s->source);
	json_put(o, "dir", s->dir);
	return o;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/facts.h"

static void strings_free(char **list)
{
	for (size_t i = 0; list && list[i]; i++)
		free(list[i]);
	free(list);
}

static void want_done(struct want *w)
{
	free(w->name);
	free(w->of);
	free(w->value);
	free(w->version);
	free(w->layout.file);
}

void want_list_done(struct want_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		want_done(&list->wants[i]);
	for (size_t i = 0; i < list->n_drivers; i++) {
		free(list->drivers[i].name);
		strings_free(list->drivers[i].also);
		strings_free(list->drivers[i].configs);
	}
	free(list->wants);
	free(list->drivers);
	*list = (struct want_list){ 0 };
}

static void fact_done(struct fact *f)
{
	free(f->versions);
	free(f->text);
	free(f->package);
	free(f->member);
	free(f->place);
	free(f->why);
}

static void input_done(struct input *in)
{
	free(in->path);
	free(in->package);
	free(in->version);
	free(in->arch);
}

struct facts *facts_free(struct facts *f)
{
	if (!f)
		return NULL;
	for (size_t i = 0; i < f->count; i++)
		fact_done(&f->facts[i]);
	for (size_t i = 0; i < f->n_inputs; i++)
		input_done(&f->inputs[i]);
	for (size_t i = 0; i < f->n_contradictions; i++)
		free(f->contradictions[i].what);
	free(f->facts);
	free(f->inputs);
	free(f->contradictions);
	free(f->release);
	free(f->arch);
	free(f->flavour);
	free(f->version);
	free(f);
	return NULL;
}

static char *copied(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static void *copied_array(const void *from, size_t count, size_t size)
{
	void *to;

	if (!from)
		return NULL;
	to = xcalloc(count, size);
	if (count > 0)
		memcpy(to, from, count * size);
	return to;
}

static void fact_copy(struct fact *f)
{
	f->versions = copied_array(f->versions, f->n_versions, sizeof(*f->versions));
	f->text = copied(f->text);
	f->package = copied(f->package);
	f->member = copied(f->member);
	f->place = copied(f->place);
	f->why = copied(f->why);
}

static void input_copy(struct input *in)
{
	in->path = copied(in->path);
	in->package = copied(in->package);
	in->version = copied(in->version);
	in->arch = copied(in->arch);
}

/* Each array is copied flat first; then every pointer in it is replaced by a copy of what it points to. */
struct facts *facts_copy(const struct facts *f)
{
	struct facts *c = copied_array(f, 1, sizeof(*f));

	c->release = copied(f->release);
	c->arch = copied(f->arch);
	c->flavour = copied(f->flavour);
	c->version = copied(f->version);
	c->facts = copied_array(f->facts, f->count, sizeof(*f->facts));
	for (size_t i = 0; i < c->count; i++)
		fact_copy(&c->facts[i]);
	c->inputs = copied_array(f->inputs, f->n_inputs, sizeof(*f->inputs));
	for (size_t i = 0; i < c->n_inputs; i++)
		input_copy(&c->inputs[i]);
	c->contradictions = copied_array(f->contradictions, f->n_contradictions, sizeof(*f->contradictions));
	for (size_t i = 0; i < c->n_contradictions; i++)
		c->contradictions[i].what = copied(f->contradictions[i].what);
	return c;
}

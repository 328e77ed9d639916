/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/judge.h"

/* More than these would hide the point. */
#define FACTS_SHOWN 3
#define VERSIONS_SHOWN 4

static void add(struct buf *into, const char *text)
{
	buf_add(into, text, strlen(text));
}

static const char *vdso_bits(unsigned bits)
{
	return bits == 3264 ? "x32" : bits == 64 ? "64" : "32";
}

/* The thing itself, without whether it is there. */
static void say_want(const struct want *w, struct buf *into)
{
	switch (w->kind) {
	case WANT_CONFIG:
	case WANT_CONFIG_EXISTS:
		buf_addf(into, "CONFIG_%s", w->name);
		break;
	case WANT_NOTE:
		buf_addf(into, "note %s/%u", w->name, w->type);
		break;
	case WANT_STRING:
		buf_addf(into, "string \"%s\"", w->name);
		break;
	case WANT_PAYLOAD:
		buf_addf(into, "%s payload", w->name);
		break;
	case WANT_VDSO:
		buf_addf(into, "%s-bit vDSO%s%s", vdso_bits(w->type), w->name[0] ? " symbol " : "", w->name);
		break;
	case WANT_VALUE:
		buf_addf(into, "%s == %s", w->name, w->value);
		break;
	default:
		buf_addf(into, "%s %s", leaf_key(w->kind), w->name);
		break;
	}
	if (w->of)
		buf_addf(into, " of %s", w->of);
}

static void say_config(const struct want *w, const struct fact *f, struct buf *into)
{
	const char *value = w->value ? w->value : f->text ? f->text : "y";

	if (f->state == FACT_PRESENT)
		buf_addf(into, w->kind == WANT_CONFIG_EXISTS ? " occurs" : "=%s", value);
	else if (w->value && w->kind == WANT_CONFIG)
		buf_addf(into, " is not %s", w->value);
	else
		add(into, w->kind == WANT_CONFIG_EXISTS ? " does not occur" : " is not set");
}

void say_fact(const struct bench *b, size_t fact, struct buf *into)
{
	const struct want *w = &b->k->wants.wants[fact];
	const struct fact *f = &b->facts->facts[fact];

	say_want(w, into);
	if (f->state == FACT_UNKNOWN || f->state == FACT_UNREAD)
		add(into, f->state == FACT_UNREAD ? " not read" : " not known");
	else if (w->kind == WANT_CONFIG || w->kind == WANT_CONFIG_EXISTS)
		say_config(w, f, into);
	else if (f->state == FACT_ABSENT)
		add(into, " absent");
	else if (f->placement == PLACEMENT_NOT_REQUIRED)
		buf_addf(into, " only in %s, which nothing pulls in",
			 f->package ? f->package : "another package");
	else if (f->placement == PLACEMENT_BUILTIN)
		add(into, " built in");
	else
		add(into, " present");
	if (f->member)
		buf_addf(into, ", %s", f->member);
}

void say_facts(const struct bench *b, const struct evidence_list *list, struct buf *into)
{
	for (size_t i = 0; i < list->count && i < FACTS_SHOWN; i++) {
		if (i > 0)
			add(into, "; ");
		say_fact(b, list->items[i], into);
	}
	if (list->count > FACTS_SHOWN)
		buf_addf(into, "; and %zu more", list->count - FACTS_SHOWN);
}

void say_source(const struct bench *b, size_t fact, struct buf *into)
{
	const struct want *w = &b->k->wants.wants[fact];

	if (w->kind == WANT_CONFIG || w->kind == WANT_CONFIG_EXISTS)
		add(into, "the config");
	else if (w->kind == WANT_DRIVER)
		add(into, "the list of drivers");
	else if (w->of)
		buf_addf(into, "driver %s", w->of);
	else
		add(into, "the image");
}

char *say_unknown(const struct bench *b, const struct evidence_list *list)
{
	struct buf text = { 0 };

	for (size_t i = 0; i < list->count; i++) {
		const struct fact *f = &b->facts->facts[list->items[i]];

		if (f->state == FACT_UNKNOWN && f->why)
			return xstrdup(f->why);
	}
	for (size_t i = 0; i < list->count; i++) {
		const struct fact *f = &b->facts->facts[list->items[i]];

		if (f->state == FACT_UNREAD) {
			say_want(&b->k->wants.wants[list->items[i]], &text);
			add(&text, " lies deeper than was read; read deeper to know");
			return text.text;
		}
	}
	return xstrdup("the evidence does not tell");
}

void say_versions(const version_t *v, size_t n, unsigned parts, struct buf *into)
{
	char text[32];

	for (size_t i = 0; i < n; i++)
		buf_addf(into, "%s%s", i ? " " : "", version_text(v[i], parts, text));
}

void say_versions_short(const version_t *v, size_t n, unsigned parts, struct buf *into)
{
	char first[32], last[32];

	if (n <= VERSIONS_SHOWN)
		say_versions(v, n, parts, into);
	else
		buf_addf(into, "%s … %s", version_text(v[0], parts, first),
			 version_text(v[n - 1], parts, last));
}

/* The one version that loading gives a host without any. */
static bool is_nameless(const struct host *h)
{
	return h->versions_count == 1 && streq(h->versions[0].id, "any");
}

char *say_host(const struct host *h, unsigned version)
{
	return is_nameless(h) ? xstrdup(h->title) : xasprintf("%s %s", h->title, h->versions[version].id);
}

char *verdict_label(const struct host *host, unsigned version, unsigned mode)
{
	const char *id = host->modes[mode].id, *slash = id[0] ? "/" : "";

	if (is_nameless(host))
		return xasprintf("%s%s%s", host->name, slash, id);
	return xasprintf("%s:%s%s%s", host->name, host->versions[version].id, slash, id);
}

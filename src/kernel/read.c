/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/read.h"

#include <errno.h>
#include <stdarg.h>

bool want_reads_driver(enum want_kind kind)
{
	switch (kind) {
	case WANT_ALIAS:
	case WANT_MODINFO:
	case WANT_SYMBOL:
	case WANT_STRING:
	case WANT_TABLE:
	case WANT_VALUE:
		return true;
	default:
		return false;
	}
}

bool want_reads_image(enum want_kind kind)
{
	switch (kind) {
	case WANT_NOTE:
	case WANT_SYMBOL:
	case WANT_STRING:
	case WANT_TABLE:
	case WANT_VALUE:
	case WANT_PAYLOAD:
	case WANT_VDSO:
		return true;
	default:
		return false;
	}
}

ssize_t driver_index(const struct want_list *wants, const char *name)
{
	for (size_t i = 0; i < wants->n_drivers; i++)
		if (streq(wants->drivers[i].name, name))
			return (ssize_t)i;
	return -1;
}

void fact_locate(struct fact *f, const struct location *at)
{
	const struct member *members;

	if (!at || !at->part)
		return;
	package_members(at->part->origin->package, &members);
	free(f->package);
	free(f->member);
	f->package = xstrdup(origin_name(at->part->origin));
	f->member = xstrdup(members[at->member].path);
}

static char *formatted(const char *fmt, va_list args)
{
	return fmt ? xvasprintf(fmt, args) : NULL;
}

static void fact_decided(struct fact *f, enum fact_state state, const struct location *at, char *text,
			 char *place)
{
	f->state = state;
	f->text = text;
	f->place = place;
	fact_locate(f, at);
}

void fact_found(struct reading *r, size_t i, const struct location *at, char *text, const char *place, ...)
{
	va_list args;

	va_start(args, place);
	fact_decided(&r->facts->facts[i], FACT_PRESENT, at, text, formatted(place, args));
	va_end(args);
}

void fact_absent(struct reading *r, size_t i, const struct location *at, char *text, const char *place, ...)
{
	va_list args;

	va_start(args, place);
	fact_decided(&r->facts->facts[i], FACT_ABSENT, at, text, formatted(place, args));
	va_end(args);
}

void fact_unknown(struct reading *r, size_t i, const char *why, ...)
{
	struct fact *f = &r->facts->facts[i];
	va_list args;

	va_start(args, why);
	f->state = FACT_UNKNOWN;
	f->why = formatted(why, args);
	va_end(args);
}

void contradiction_add(struct facts *f, const char *what, ...)
{
	_cleanup_(freep) char *text = NULL;
	va_list args;

	va_start(args, what);
	text = formatted(what, args);
	va_end(args);
	for (size_t i = 0; i < f->n_contradictions; i++)
		if (streq(f->contradictions[i].what, text))
			return;
	ARRAY_GROW(f->contradictions, f->n_contradictions);
	f->contradictions[f->n_contradictions++].what = TAKE_PTR(text);
}

/* Number of parts that a version of text has: digits, separated by dots. */
static unsigned parts_of(const char *text)
{
	unsigned n = 1;

	for (; (*text >= '0' && *text <= '9') || *text == '.'; text++)
		if (*text == '.' && text[1] >= '0' && text[1] <= '9')
			n++;
	return n;
}

/* A line of .modinfo that a version is wanted of. */
void fact_version(struct fact *f, const char *text)
{
	version_t v;

	if (version_parse(text, &v) < 0)
		return;
	f->versions = xcalloc(1, sizeof(*f->versions));
	f->versions[0] = v;
	f->n_versions = 1;
	f->parts = parts_of(text);
}

static void answer_value(struct reading *r, size_t i, const struct table_bytes *b, const struct location *at,
			 const char *place)
{
	const char *wanted = r->wants->wants[i].value;
	uint64_t value;
	char *text;

	if (b->size < ELEMENT_U32) {
		fact_unknown(r, i, "%s has %zu bytes, and a u32 has 4", place, b->size);
		return;
	}
	value = b->data ? table_number(b->data, ELEMENT_U32, b->big_endian) : 0;
	text = xasprintf("%llu", (unsigned long long)value);
	if (!wanted || strtoull(wanted, NULL, 0) == value)
		fact_found(r, i, at, text, "%s", place);
	else
		fact_absent(r, i, at, text, "%s", place);
}

void answer_bytes(struct reading *r, size_t i, const struct table_bytes *b, const struct location *at,
		  const char *place)
{
	const struct want *w = &r->wants->wants[i];
	struct fact *f = &r->facts->facts[i];
	struct error err = { 0 };

	if (w->kind == WANT_VALUE) {
		answer_value(r, i, b, at, place);
		return;
	}
	if (table_decode(&w->layout, b, &f->versions, &f->n_versions, &err) < 0) {
		fact_unknown(r, i, "%s has another layout than is known: %s", place, err.text);
		fact_locate(f, at);
		return;
	}
	f->parts = table_parts(w->layout.format);
	fact_found(r, i, at, table_text(f->versions, f->n_versions, f->parts), "%s", place);
}

/* Whether somebody in the set is, or provides, a package of that name. */
static bool is_given(const struct kernel *k, const char *name)
{
	for (size_t i = 0; i < k->n_parts + k->n_metas; i++) {
		const struct origin *s = i < k->n_parts ? k->parts[i].origin : k->metas[i - k->n_parts];
		const struct package_info *info = package_info(s->package);

		if (info->name && streq(info->name, name))
			return true;
		for (size_t j = 0; info->provides && info->provides[j]; j++)
			if (streq(info->provides[j], name))
				return true;
	}
	return false;
}

char *missing_package(const struct kernel *k)
{
	for (size_t i = 0; k->release && i < k->n_parts + k->n_metas; i++) {
		const struct origin *s = i < k->n_parts ? k->parts[i].origin : k->metas[i - k->n_parts];
		char **names = package_info(s->package)->requires;

		for (size_t j = 0; names && names[j]; j++)
			if (strstr(names[j], k->release) && !is_given(k, names[j]))
				return xstrdup(names[j]);
	}
	return xstrdup("");
}

/* A want of a driver: its own bytes, or the image's. Returns > 0 when it is to be answered from the image. */
static int answer_of(struct reading *r, size_t i, struct error *err)
{
	const struct want *w = &r->wants->wants[i];
	ssize_t d = driver_index(r->wants, w->of);
	const struct driver_state *s;
	struct fact *f = &r->facts->facts[i];

	if (d < 0) {
		fact_unknown(r, i, "no driver %s is declared", w->of);
		return 0;
	}
	s = &r->drivers[d];
	f->placement = s->placement;
	switch (s->state) {
	case FACT_UNREAD:
		return 0;
	case FACT_UNKNOWN:
		fact_unknown(r, i, "%s", s->why);
		return 0;
	case FACT_ABSENT:
		answer_driver(r, i);
		return 0;
	case FACT_PRESENT:
		break;
	}
	if (s->placement != PLACEMENT_BUILTIN)
		return w->depth > r->depth ? 0 : answer_module(r, i, (size_t)d, err);
	if (want_reads_image(w->kind))
		return r->depth >= DEPTH_NORMAL;
	answer_builtin_modinfo(r, i, (size_t)d);
	return 0;
}

static void note_reach(struct reading *r)
{
	r->facts->reach = (struct reach){
		.config = r->config,
		.image = r->image_state,
		.listed = r->kernel->listed,
		.modules = r->n_loads,
	};
}

/* Returns > 0 when the want is to be answered from the image. */
static int answer_one(struct reading *r, size_t i, struct error *err)
{
	const struct want *w = &r->wants->wants[i];

	if (w->of && want_reads_driver(w->kind))
		return answer_of(r, i, err);
	if (w->depth > r->depth)
		return 0;
	if (want_reads_image(w->kind))
		return r->depth >= DEPTH_NORMAL;
	if (w->kind == WANT_DRIVER)
		answer_driver(r, i);
	else if (w->kind == WANT_CONFIG || w->kind == WANT_CONFIG_EXISTS)
		answer_config(r, i);
	else
		fact_unknown(r, i, "%s: no driver is named to look into", w->name);
	return 0;
}

static int answer_all(struct reading *r, struct error *err)
{
	_cleanup_(freep) size_t *image = xcalloc(r->wants->count, sizeof(*image));
	size_t n = 0;

	for (size_t i = 0; i < r->wants->n_drivers; i++)
		driver_resolve(r, i);
	for (size_t i = 0; i < r->wants->count; i++) {
		int q = answer_one(r, i, err);

		if (q < 0)
			return q;
		if (q > 0)
			image[n++] = i;
	}
	answer_image(r, image, n);
	return 0;
}

static void reading_done(struct reading *r)
{
	for (size_t i = 0; i < r->wants->n_drivers; i++)
		driver_state_done(&r->drivers[i]);
	for (size_t i = 0; i < r->n_loads; i++) {
		module_free(r->loads[i].module);
		free(r->loads[i].bytes.data);
	}
	free(r->drivers);
	free(r->files);
	free(r->modules);
	free(r->loads);
	free(r->builtin.data);
	free(r->builtin_modinfo.data);
	config_free(r->config);
	image_free(r->image);
	facts_free(r->facts);
}

static void reading_init(struct reading *r, const struct kernel *k, const struct want_list *wants,
			 enum depth depth)
{
	*r = (struct reading){ .kernel = k, .wants = wants, .depth = depth, .config_kind = "" };
	r->drivers = xcalloc(wants->n_drivers, sizeof(*r->drivers));
	r->files = xcalloc(wants->n_drivers, sizeof(*r->files));
	r->modules = xcalloc(wants->n_drivers, sizeof(*r->modules));
	r->loads = xcalloc(wants->n_drivers, sizeof(*r->loads));
	r->facts = xcalloc(1, sizeof(*r->facts));
	r->facts->facts = xcalloc(wants->count, sizeof(*r->facts->facts));
	r->facts->count = wants->count;
	r->facts->depth = depth;
	r->facts->verified = depth == DEPTH_VERIFY && k->options.verify;
	for (size_t i = 0; i < wants->n_drivers; i++)
		r->files[i] = driver_find_file(r, &wants->drivers[i]);
}

int kernel_read_release(struct kernel *k, char **ret, struct error *err)
{
	static const struct want_list nothing;
	_cleanup_(facts_freep) struct facts *f = NULL;
	int r = kernel_read(k, &nothing, DEPTH_DEEP, &f, err);

	if (r == 0)
		*ret = TAKE_PTR(f->release);
	return r;
}

void kernel_read_ahead(struct kernel *k, const struct want_list *wants, enum depth depth)
{
	if (k->box && !k->ahead)
		k->ahead = box_read_ahead(k->box, k->id, wants, depth);
}

int kernel_read(struct kernel *k, const struct want_list *wants, enum depth depth, struct facts **ret,
		struct error *err)
{
	struct reading r;
	int q;

	if (k->box) {
		uint64_t ahead = k->ahead;

		k->ahead = 0;
		return box_read(k->box, k->id, ahead, wants, depth, ret, err);
	}
	reading_init(&r, k, wants, depth);
	q = reading_fetch(&r, err);
	if (q == 0)
		q = answer_all(&r, err);
	if (q == 0) {
		reading_identify(&r);
		note_reach(&r);
		*ret = TAKE_PTR(r.facts);
	}
	reading_done(&r);
	return q;
}

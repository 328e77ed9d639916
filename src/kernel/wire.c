/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/wire.h"

static const uint8_t *taken(struct wire *w, size_t n)
{
	const uint8_t *at = w->in;

	if (w->bad || n > w->left) {
		w->bad = true;
		return NULL;
	}
	w->in += n;
	w->left -= n;
	return at;
}

void wire_number(struct wire *w, uint64_t *n)
{
	const uint8_t *at;

	if (w->out) {
		buf_add(w->out, (const char *)n, sizeof(*n));
		return;
	}
	at = taken(w, sizeof(*n));
	if (at)
		memcpy(n, at, sizeof(*n));
	else
		*n = 0;
}

void wire_enum(struct wire *w, unsigned *e, unsigned last)
{
	uint64_t n = *e;

	wire_number(w, &n);
	if (w->out)
		return;
	if (n > last)
		w->bad = true;
	*e = n > last ? 0 : (unsigned)n;
}

void wire_bool(struct wire *w, bool *b)
{
	unsigned e = *b;

	wire_enum(w, &e, 1);
	if (!w->out)
		*b = e;
}

void wire_count(struct wire *w, size_t *n, size_t least)
{
	uint64_t count = *n;

	wire_number(w, &count);
	if (w->out)
		return;
	if (count > w->left / least) {
		w->bad = true;
		count = 0;
	}
	*n = (size_t)count;
}

void wire_text(struct wire *w, char **s)
{
	/* One more than its length; 0: NULL. */
	uint64_t n = w->out && *s ? strlen(*s) + 1 : 0;
	const uint8_t *at;

	wire_number(w, &n);
	if (w->out) {
		if (n > 1)
			buf_add(w->out, *s, n - 1);
		return;
	}
	*s = NULL;
	if (n == 0)
		return;
	at = n - 1 > w->left ? NULL : taken(w, n - 1);
	if (!at || memchr(at, '\0', n - 1))
		w->bad = true;
	else
		*s = xstrndup((const char *)at, n - 1);
}

void wire_chars(struct wire *w, char *s, size_t room)
{
	_cleanup_(freep) char *text = w->out ? xstrdup(s) : NULL;

	wire_text(w, &text);
	if (w->out)
		return;
	if (!text || strlen(text) >= room)
		w->bad = true;
	snprintf(s, room, "%s", text && !w->bad ? text : "");
}

/* An array that is being read is made anew. */
#define WIRE_ARRAY(w, array, n)                                       \
	do {                                                          \
		if (!(w)->out)                                        \
			(array) = xcalloc((n), sizeof(*(array)));     \
	} while (0)

#define WIRE_ENUM(w, e, last)                          \
	do {                                           \
		unsigned wire_value = (unsigned)(e);   \
		wire_enum((w), &wire_value, (last));   \
		if (!(w)->out)                         \
			(e) = wire_value;              \
	} while (0)

#define WIRE_UNSIGNED(w, n) WIRE_ENUM(w, n, UINT32_MAX)

void wire_error(struct wire *w, struct error *err)
{
	uint64_t code = (uint64_t)-err->code;

	wire_number(w, &code);
	wire_chars(w, err->text, sizeof(err->text));
	if (w->out)
		return;
	if (code > 4095)
		w->bad = true;
	err->code = w->bad ? 0 : -(int)code;
}

static void wire_input(struct wire *w, struct input *in)
{
	wire_text(w, &in->path);
	wire_text(w, &in->package);
	wire_text(w, &in->version);
	wire_text(w, &in->arch);
	wire_chars(w, in->sha256, sizeof(in->sha256));
	if (!w->out && !in->path) {
		w->bad = true;
		in->path = xstrdup("");
	}
}

void wire_inputs(struct wire *w, struct input **inputs, size_t *n)
{
	wire_count(w, n, 40);
	WIRE_ARRAY(w, *inputs, *n);
	for (size_t i = 0; i < *n; i++)
		wire_input(w, &(*inputs)[i]);
}

static void wire_fact(struct wire *w, struct fact *f)
{
	WIRE_ENUM(w, f->state, FACT_PRESENT);
	WIRE_ENUM(w, f->placement, PLACEMENT_NOT_REQUIRED);
	wire_count(w, &f->n_versions, sizeof(version_t));
	if (f->n_versions > 0)
		WIRE_ARRAY(w, f->versions, f->n_versions);
	for (size_t i = 0; i < f->n_versions; i++)
		wire_number(w, &f->versions[i]);
	WIRE_ENUM(w, f->parts, 4);
	wire_text(w, &f->text);
	wire_text(w, &f->package);
	wire_text(w, &f->member);
	wire_text(w, &f->place);
	wire_text(w, &f->why);
}

void wire_facts(struct wire *w, struct facts *f)
{
	wire_text(w, &f->release);
	wire_text(w, &f->arch);
	wire_text(w, &f->flavour);
	wire_text(w, &f->version);
	WIRE_ENUM(w, f->depth, DEPTH_VERIFY);
	wire_bool(w, &f->reach.config);
	WIRE_ENUM(w, f->reach.image, IMAGE_READ);
	wire_bool(w, &f->reach.listed);
	WIRE_ENUM(w, f->reach.modules, 1u << 20);
	wire_bool(w, &f->verified);
	wire_inputs(w, &f->inputs, &f->n_inputs);
	wire_count(w, &f->count, 72);
	WIRE_ARRAY(w, f->facts, f->count);
	for (size_t i = 0; i < f->count; i++)
		wire_fact(w, &f->facts[i]);
	wire_count(w, &f->n_contradictions, 8);
	WIRE_ARRAY(w, f->contradictions, f->n_contradictions);
	for (size_t i = 0; i < f->n_contradictions; i++) {
		wire_text(w, &f->contradictions[i].what);
		if (!w->out && !f->contradictions[i].what) {
			w->bad = true;
			f->contradictions[i].what = xstrdup("");
		}
	}
}

static void wire_layout(struct wire *w, struct table_layout *l)
{
	uint64_t flag = (uint64_t)(l->flag_offset + 1);

	WIRE_ENUM(w, l->element, ELEMENT_U64);
	WIRE_ENUM(w, l->format, FORMAT_NUMBER);
	WIRE_ENUM(w, l->ends, ENDS_ZERO);
	WIRE_UNSIGNED(w, l->stride);
	WIRE_UNSIGNED(w, l->offset);
	WIRE_UNSIGNED(w, l->size);
	wire_text(w, &l->file);
	wire_number(w, &flag);
	if (!w->out)
		l->flag_offset = flag > INT32_MAX ? -1 : (int)flag - 1;
}

static void wire_want(struct wire *w, struct want *want)
{
	WIRE_ENUM(w, want->kind, WANT_VDSO);
	wire_text(w, &want->name);
	wire_text(w, &want->of);
	wire_text(w, &want->value);
	wire_text(w, &want->version);
	WIRE_UNSIGNED(w, want->type);
	wire_bool(w, &want->object);
	wire_layout(w, &want->layout);
	WIRE_ENUM(w, want->depth, DEPTH_VERIFY);
}

/* NULL-terminated; may be NULL. */
static void wire_texts(struct wire *w, char ***list)
{
	size_t n = 0;

	while (w->out && *list && (*list)[n])
		n++;
	wire_count(w, &n, 8);
	WIRE_ARRAY(w, *list, n + 1);
	for (size_t i = 0; i < n; i++) {
		wire_text(w, &(*list)[i]);
		/* NULL is the end of such a list: what stood behind it would be lost. */
		if (!w->out && !(*list)[i]) {
			w->bad = true;
			(*list)[i] = xstrdup("");
		}
	}
}

void wire_wants(struct wire *w, struct want_list *list)
{
	wire_count(w, &list->count, 120);
	WIRE_ARRAY(w, list->wants, list->count);
	for (size_t i = 0; i < list->count; i++)
		wire_want(w, &list->wants[i]);
	wire_count(w, &list->n_drivers, 24);
	WIRE_ARRAY(w, list->drivers, list->n_drivers);
	for (size_t i = 0; i < list->n_drivers; i++) {
		wire_text(w, &list->drivers[i].name);
		wire_texts(w, &list->drivers[i].also);
		wire_texts(w, &list->drivers[i].configs);
	}
}

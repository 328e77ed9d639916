/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/wire_facts.h"

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

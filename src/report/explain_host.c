/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/explain.h"
#include "report/spans.h"
#include "report/wording.h"

static void add_words(struct buf *b, const char *before, char *const *list, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		buf_addf(b, "%s%s", i == 0 ? before : " ", list[i]);
}

/* "versions 4.0 3.0", what the kernel's must do with those of the host. */
static void add_meeting(struct buf *b, const struct offer *o, const struct at *at)
{
	static const char *const words[] = {
		[MEETS_HOST_MAXIMUM] = "at most",
		[MEETS_OVERLAP] = "one of",
		[MEETS_EQUAL] = "exactly",
		[MEETS_SUPERSET] = "all of",
	};

	if (o->meets == MEETS_PRESENCE || !at || (size_t)o->meets >= ARRAY_SIZE(words))
		return;
	buf_addf(b, " %s", words[o->meets]);
	add_words(b, " ", at->versions, at->versions_count);
}

void explain_offer(const struct text *t, size_t indent, const struct offer *o, unsigned version)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s", o->interface);
	add_meeting(&b, o, offer_at(o, version));
	if (o->grade == GRADE_DEGRADED || o->way_out)
		buf_addf(&b, "; degraded");
	add_words(&b, "; on ", o->arch, o->arch_count);
	text_item(t, indent, "%s", b.text);
	buf_done(&b);
	if (o->source)
		text_line(t, indent + 4, INK_DIM, "%s", o->source);
	explain_refusals(t, indent + 4, o->refused_by, o->refused_by_count);
	explain_help(t, indent + 4, o->way_out);
	explain_help(t, indent + 4, o->help);
}

static void explain_version(const struct text *t, size_t indent, const struct host_version *v)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s", v->id);
	add_words(&b, ", also called ", v->aliases, v->aliases_count);
	if (v->released)
		buf_addf(&b, ", released %s", v->released);
	if (v->support_until)
		buf_addf(&b, ", supported until %s", v->support_until);
	if (v->about)
		buf_addf(&b, ": %s", v->about);
	text_item(t, indent, "%s", b.text);
	if (v->source)
		text_line(t, indent + 4, INK_DIM, "%s", v->source);
	buf_done(&b);
}

static void add_needs(struct buf *b, const struct mode *m, enum need need, const char *before)
{
	bool any = false;

	for (unsigned c = 0; c < CLASS_COUNT; c++) {
		if (m->needs[c] != need)
			continue;
		buf_addf(b, "%s%s", any ? ", " : before, iface_class_name((enum iface_class)c));
		any = true;
	}
}

static void explain_mode(const struct text *t, size_t indent, const struct host *h, const struct mode *m)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s", *m->id ? m->id : "a guest");
	if (m->about)
		buf_addf(&b, ": %s", m->about);
	text_item(t, indent, "%s", b.text);
	buf_done(&b);
	buf_addf(&b, "%s", m->since ? "since " : "");
	buf_addf(&b, "%s", m->since ? h->versions[m->first].id : "");
	if (m->until)
		buf_addf(&b, "%suntil %s", b.len ? ", " : "", h->versions[m->last].id);
	if (m->loader)
		buf_addf(&b, "%sloaded by %s", b.len ? ", " : "", m->loader);
	add_words(&b, b.len ? ", on " : "on ", m->arch, m->arch_count);
	add_needs(&b, m, NEED_REQUIRED, b.len ? "; needs " : "needs ");
	add_needs(&b, m, NEED_OPTIONAL, "; optional: ");
	if (b.len > 0)
		text_line(t, indent + 4, INK_PLAIN, "%s", b.text);
	buf_done(&b);
}

/* Which versions and modes offer it, as far as the file limits them. */
static void explain_offer_range(const struct text *t, const struct host *h, const struct offer *o)
{
	struct cells cells = cells_new(h);
	_cleanup_(freep) char *phrase = NULL;
	struct buf b = { 0 };

	for (unsigned v = 0; v < h->versions_count; v++)
		for (unsigned m = 0; m < h->modes_count; m++)
			if (v >= h->modes[m].first && v <= h->modes[m].last &&
			    offer_active(o, v, &h->modes[m], NULL))
				cells_add(&cells, v, m);
	phrase = cells_phrase(&cells);
	cells_done(&cells);
	buf_addf(&b, "%s %s%s%s", iface_class_name(o->iface->class_), o->interface, *phrase ? ": " : "",
		 phrase);
	if (o->meets != MEETS_PRESENCE) {
		buf_addf(&b, "; %s", meets_word(o->meets));
		for (unsigned i = 0; i < o->at_count; i++)
			add_words(&b, i == 0 ? " " : ", ", o->at[i].versions, o->at[i].versions_count);
	}
	if (o->grade == GRADE_DEGRADED || o->way_out)
		buf_addf(&b, "; degraded");
	text_item(t, 2, "%s", b.text);
	buf_done(&b);
}

static void explain_title(const struct text *t, const struct host *h)
{
	text_line(t, 0, INK_BOLD, "%s: %s%s", h->name, h->title ? h->title : h->name,
		  h->userspace ? ", an old userspace" : "");
	if (h->about)
		text_line(t, 2, INK_PLAIN, "%s", h->about);
	if (h->detect_virt)
		text_line(t, 2, INK_PLAIN, "systemd-detect-virt calls it %s.", h->detect_virt);
	if (h->source)
		text_line(t, 2, INK_DIM, "%s", h->source);
}

void explain_host(const struct text *t, const struct host *h)
{
	explain_title(t, h);
	if (h->versions_count > 1 || !streq(h->versions[0].id, "any"))
		text_line(t, 0, INK_PLAIN, "Versions");
	for (unsigned v = 0; v < h->versions_count; v++)
		if (h->versions_count > 1 || !streq(h->versions[v].id, "any"))
			explain_version(t, 2, &h->versions[v]);
	text_line(t, 0, INK_PLAIN, "Modes");
	for (unsigned m = 0; m < h->modes_count; m++)
		explain_mode(t, 2, h, &h->modes[m]);
	text_line(t, 0, INK_PLAIN, "Offers");
	for (unsigned i = 0; i < h->offers_count; i++)
		explain_offer_range(t, h, &h->offers[i]);
	if (h->provides_count > 0)
		text_line(t, 0, INK_PLAIN, "Provides, where a kernel demands it");
	for (unsigned i = 0; i < h->provides_count; i++)
		text_item(t, 2, "%s: %s - %s", h->provides[i].feature, h->versions[h->provides[i].first].id,
			  h->versions[h->provides[i].last].id);
	if (h->file)
		text_line(t, 0, INK_DIM, "%s", h->file);
}

static void explain_needs(const struct text *t, const struct host *h, unsigned version, const struct mode *m)
{
	for (unsigned c = 0; c < CLASS_COUNT; c++) {
		if (m->needs[c] == NEED_NONE)
			continue;
		text_line(t, 0, INK_PLAIN, "%s (%s), through any of", iface_class_name((enum iface_class)c),
			  m->needs[c] == NEED_REQUIRED ? "required" : "optional");
		for (unsigned i = 0; i < h->offers_count; i++)
			if ((unsigned)h->offers[i].iface->class_ == c &&
			    offer_active(&h->offers[i], version, m, NULL))
				explain_offer(t, 2, &h->offers[i], version);
	}
}

void explain_verdict(const struct text *t, const struct host *h, unsigned version, unsigned mode)
{
	_cleanup_(freep) char *label = verdict_label(h, version, mode);

	text_line(t, 0, INK_BOLD, "%s: %s", label, h->title ? h->title : h->name);
	explain_version(t, 2, &h->versions[version]);
	explain_mode(t, 2, h, &h->modes[mode]);
	explain_needs(t, h, version, &h->modes[mode]);
	if (h->file)
		text_line(t, 0, INK_DIM, "%s", h->file);
}

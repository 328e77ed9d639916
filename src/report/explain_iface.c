/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/explain.h"
#include "report/spans.h"
#include "report/wording.h"

static void help_line(const struct text *t, size_t indent, const char *before, char *const *list, unsigned n)
{
	_cleanup_(freep) char *words = strings_join(list, n, " ");

	if (n > 0)
		text_line(t, indent, INK_PLAIN, "%s %s", before, words);
}

void explain_help(const struct text *t, size_t indent, const struct help *h)
{
	if (!h)
		return;
	help_line(t, indent, "boot with", h->boot_parameter, h->boot_parameter_count);
	help_line(t, indent, "install", h->package, h->package_count);
	help_line(t, indent, "apply the shim", h->shim, h->shim_count);
	help_line(t, indent, "build with", h->config, h->config_count);
	if (h->text)
		text_line(t, indent, INK_PLAIN, "%s", h->text);
}

static char *speaks_gives(const struct rule *r)
{
	_cleanup_(freep) char *versions = strings_join(r->versions, r->versions_count, " ");

	if (r->unknown_versions)
		return xstrdup("; at which versions, that does not tell");
	if (r->versions_count > 0)
		return xasprintf("; at version %s", versions);
	return xstrdup("");
}

static void explain_speaks(const struct text *t, const struct iface *i)
{
	text_line(t, 0, INK_PLAIN, "%s",
		  i->speaks_count > 1 ? "A kernel speaks it if (the first that can be decided)"
				      : "A kernel speaks it if");
	for (unsigned n = 0; n < i->speaks_count; n++) {
		const struct rule *r = &i->speaks[n];
		_cleanup_(freep) char *condition = rule_text(r), *gives = speaks_gives(r);

		text_item(t, 2, "%s%s%s", condition, gives,
			  r->grade == GRADE_DEGRADED || r->way_out ? "; degraded" : "");
		if (r->source)
			text_line(t, 6, INK_DIM, "%s", r->source);
		explain_help(t, 6, r->way_out);
	}
}

void explain_refusals(const struct text *t, size_t indent, const struct refusal *list, unsigned n)
{
	if (n > 0)
		text_line(t, indent, INK_PLAIN, "but not if");
	for (unsigned i = 0; i < n; i++) {
		_cleanup_(freep) char *condition = list[i].when ? rule_text(list[i].when) : xstrdup("?");

		text_item(t, indent + 2, "%s%s%s", condition, list[i].why ? ": the kernel " : "",
			  list[i].why ? list[i].why : "");
		if (list[i].source)
			text_line(t, indent + 6, INK_DIM, "%s", list[i].source);
		explain_help(t, indent + 6, list[i].way_out);
	}
}

static void explain_demands(const struct text *t, const struct iface *i)
{
	if (i->demands_count > 0)
		text_line(t, 0, INK_PLAIN, "It demands of the host");
	for (unsigned n = 0; n < i->demands_count; n++) {
		const struct demand *d = &i->demands[n];
		_cleanup_(freep) char *modes = strings_join(d->modes, d->modes_count, ", ");
		_cleanup_(freep) char *when = d->when ? rule_text(d->when) : xstrdup("always");

		text_item(t, 2, "%s%s%s, if %s%s%s", d->feature, *modes ? " as " : "", modes, when,
			  d->why ? ": the kernel " : "", d->why ? d->why : "");
		if (d->source)
			text_line(t, 6, INK_DIM, "%s", d->source);
	}
}

static bool offered(const struct host *h, const struct iface *i, struct cells *cells)
{
	bool any = false;

	for (unsigned n = 0; n < h->offers_count; n++) {
		for (unsigned v = 0; h->offers[n].iface == i && v < h->versions_count; v++) {
			for (unsigned m = 0; m < h->modes_count; m++) {
				const struct mode *mode = &h->modes[m];

				if (v < mode->first || v > mode->last ||
				    !offer_active(&h->offers[n], v, mode, NULL))
					continue;
				cells_add(cells, v, m);
				any = true;
			}
		}
	}
	return any;
}

static void explain_offered(const struct text *t, const struct knowledge *k, const struct iface *i)
{
	text_line(t, 0, INK_PLAIN, "Offered by");
	for (size_t n = 0; n < k->n_hosts; n++) {
		struct cells cells = cells_new(k->hosts[n]);

		if (offered(k->hosts[n], i, &cells)) {
			_cleanup_(freep) char *phrase = cells_phrase(&cells);

			text_item(t, 2, "%s%s%s", k->hosts[n]->name, *phrase ? " " : "", phrase);
		}
		cells_done(&cells);
	}
}

void explain_iface(const struct text *t, const struct knowledge *k, const struct iface *i)
{
	_cleanup_(freep) char *arch = strings_join(i->arch, i->arch_count, ", ");

	text_line(t, 0, INK_BOLD, "%s: interface of class %s, %s", i->name, iface_class_name(i->class_),
		  i->kind ? i->kind : "of no kind");
	if (i->about)
		text_line(t, 2, INK_PLAIN, "%s", i->about);
	if (*arch)
		text_line(t, 2, INK_PLAIN, "Exists on %s.", arch);
	text_line(t, 2, INK_DIM, "%s", i->source ? i->source : "");
	explain_speaks(t, i);
	explain_refusals(t, 0, i->refused_by, i->refused_by_count);
	explain_demands(t, i);
	explain_offered(t, k, i);
	if (i->help) {
		text_line(t, 0, INK_PLAIN, "What brings it back");
		explain_help(t, 2, i->help);
	}
	if (i->file)
		text_line(t, 0, INK_DIM, "%s", i->file);
}

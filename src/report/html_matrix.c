/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/html.h"
#include "report/markup.h"
#include "report/parts.h"
#include "report/pipeline.h"
#include "report/reason.h"
#include "report/wording.h"

static enum mark status_mark(enum status s)
{
	static const enum mark marks[] = {
		[STATUS_UNSUPPORTED] = MARK_BAD,
		[STATUS_UNKNOWN] = MARK_UNKNOWN,
		[STATUS_DEGRADED] = MARK_WARN,
		[STATUS_SUPPORTED] = MARK_GOOD,
	};

	return marks[s];
}

static const struct verdict *row_verdict(const struct report *r, size_t k, const struct host *h, unsigned version,
					 unsigned mode)
{
	const struct verdict *v = support_find(r->kernels[k].support, h, version, mode);

	return v && report_selects(r, v) ? v : NULL;
}

/* Where in the kernel: "drivers/hv/hv_vmbus.ko .rodata vmbus_versions: 5.3 … 2.4". */
static void put_facts(FILE *out, const struct facts *facts, const struct path *p)
{
	if (p->n_evidence == 0)
		return;
	fputs("<ul>", out);
	for (size_t i = 0; i < p->n_evidence; i++) {
		const struct fact *f = &facts->facts[p->evidence[i]];

		fputs("<li>", out);
		markup_putf(out, "%s%s%s%s%s%s", f->member ? f->member : "", f->member && f->place ? ", " : "",
			    f->place ? f->place : "", f->member || f->place ? ": " : "",
			    f->text && f->state == FACT_PRESENT ? f->text : fact_state_word(f->state),
			    f->placement == PLACEMENT_NOT_REQUIRED ? " (in a package that nothing pulls in)" : "");
		fputs("</li>", out);
	}
	fputs("</ul>", out);
}

static void put_path(FILE *out, const struct facts *facts, const struct path *p)
{
	fputs("<dt>", out);
	markup_putf(out, "%s %s: ", iface_class_name(p->offer->iface->class_), p->offer->interface);
	html_mark(out, status_mark(p->status), status_name(p->status));
	fputs("</dt><dd>", out);
	if (p->expected)
		markup_putf(out, "expected %s%s", p->expected, p->found ? "; " : "");
	if (p->found)
		markup_putf(out, "found %s", p->found);
	if (p->reason) {
		fputs("<p>", out);
		markup_put(out, p->reason);
		fputs("</p>", out);
	}
	put_facts(out, facts, p);
	fputs("</dd>\n", out);
}

static void put_boots(FILE *out, const struct verdict *v)
{
	char **boots;
	size_t n = verdict_boots(v, &boots);

	if (n > 0)
		fputs("<ul>", out);
	for (size_t i = 0; i < n; i++) {
		fputs("<li>", out);
		markup_put(out, boots[i]);
		fputs("</li>", out);
	}
	if (n > 0)
		fputs("</ul>", out);
	reasons_free(boots, n);
}

static void put_cell(FILE *out, const struct report *r, size_t k, const struct verdict *v)
{
	char **reasons;
	size_t n;

	if (!v) {
		fputs("<td>", out);
		html_mark(out, MARK_NONE, "none");
		fputs("</td>", out);
		return;
	}
	fputs("<td><details><summary>", out);
	html_mark(out, status_mark(v->status), status_name(v->status));
	if (v->inferred)
		fputs(" <span class=\"quiet\">(inferred)</span>", out);
	if (verdict_boot_word(v))
		fprintf(out, " <span class=\"quiet\">%s</span>", verdict_boot_word(v));
	fputs("</summary>", out);
	n = verdict_reasons(v, &reasons);
	for (size_t i = 0; i < n; i++) {
		fputs("<p>", out);
		markup_put(out, reasons[i]);
		fputs("</p>", out);
	}
	reasons_free(reasons, n);
	put_boots(out, v);
	fputs("<dl>\n", out);
	for (size_t i = 0; i < v->n_paths; i++)
		put_path(out, r->kernels[k].support->facts, &v->paths[i]);
	fputs("</dl></details></td>\n", out);
}

/* What a comparison says of the row: its first finding, which is the one that weighs most. */
static void put_change(FILE *out, const struct report *r, const struct verdict *v)
{
	const struct decision *d = report_decision(r, 1);

	fputs("<td>", out);
	for (size_t i = 0; d && i < d->n_findings; i++) {
		const struct finding *f = &d->findings[i];

		if (f->host != v->host || f->version != v->version || f->mode != v->mode || !report_tells(r, f))
			continue;
		html_mark(out, finding_mark(f), finding_kind_word(f->kind));
		fprintf(out, " <span class=\"quiet\">%s%s</span></td>", finding_state_word(f->state),
			f->blocking ? ", blocks" : "");
		return;
	}
	fputs("<span class=\"quiet\">same</span></td>", out);
}

/* What the switches above the matrix go by. */
static const char *row_class(const struct report *r, const struct verdict *const *row)
{
	bool fine = true, same = true;

	for (size_t k = 0; k < r->n_kernels; k++) {
		fine &= row[k] && row[k]->status == STATUS_SUPPORTED;
		same &= (row[k] ? (int)row[k]->status : -1) == (row[0] ? (int)row[0]->status : -1);
	}
	return fine ? "fine same" : same ? "same" : "";
}

/* Whether the row is there for any of the kernels. `row` has room for all of them. */
static const struct verdict *row_fill(const struct report *r, const struct host *h, unsigned version, unsigned mode,
				      const struct verdict **row)
{
	const struct verdict *any = NULL;

	for (size_t k = 0; k < r->n_kernels; k++) {
		row[k] = row_verdict(r, k, h, version, mode);
		any = any ? any : row[k];
	}
	return any;
}

static void put_row(FILE *out, const struct report *r, const struct verdict *any, const struct verdict *const *row)
{
	const struct host *h = any->host;

	fprintf(out, "<tr class=\"%s\"><th scope=\"row\">", row_class(r, row));
	markup_put(out, h->versions_count == 1 && streq(h->versions[0].id, "any") ? "" : h->versions[any->version].id);
	fputs(" <span class=\"mode\">", out);
	markup_put(out, h->modes[any->mode].id);
	fputs("</span></th>\n", out);
	for (size_t k = 0; k < r->n_kernels; k++)
		put_cell(out, r, k, row[k]);
	if (report_compares(r) && r->n_kernels > 1)
		put_change(out, r, any);
	fputs("</tr>\n", out);
}

static size_t put_host(FILE *out, const struct report *r, const struct host *h, const struct verdict **row)
{
	size_t rows = 0;

	for (unsigned version = 0; version < h->versions_count; version++) {
		for (unsigned mode = 0; mode < h->modes_count; mode++) {
			const struct verdict *any = row_fill(r, h, version, mode, row);

			if (!any)
				continue;
			if (rows++ == 0) {
				fprintf(out, "<tbody>\n<tr class=\"host\"><th scope=\"rowgroup\" colspan=\"%zu\">",
					r->n_kernels + 1 + (report_compares(r) && r->n_kernels > 1));
				markup_put(out, h->title ? h->title : h->name);
				fputs(" <code>", out);
				markup_put(out, h->name);
				fputs("</code></th></tr>\n", out);
			}
			put_row(out, r, any, row);
		}
	}
	if (rows > 0)
		fputs("</tbody>\n", out);
	return rows;
}

static void put_columns(FILE *out, const struct report *r)
{
	fputs("<thead><tr><th scope=\"col\">Version, mode</th>", out);
	for (size_t k = 0; k < r->n_kernels; k++) {
		const struct facts *f = r->kernels[k].support->facts;

		fputs("<th scope=\"col\">", out);
		if (report_compares(r))
			fprintf(out, "<span class=\"role\">%s</span> ", k == 0 ? "old" : k == 1 ? "new" : "older");
		markup_put(out, f->release ? f->release : r->kernels[k].label);
		fputs("</th>", out);
	}
	fprintf(out, "%s</tr></thead>\n",
		report_compares(r) && r->n_kernels > 1 ? "<th scope=\"col\" class=\"change\">Change</th>" : "");
}

void html_matrix(const struct report *r, FILE *out)
{
	_cleanup_(freep) const struct verdict **row = xcalloc(r->n_kernels + 1, sizeof(*row));
	size_t rows = 0;

	fputs("<section aria-labelledby=\"matrix\">\n<h2 id=\"matrix\">Matrix</h2>\n"
	      "<p class=\"quiet\">A cell opens to the interfaces it rests on, and to where in the kernel each was read.</p>\n"
	      "<fieldset class=\"switches\"><legend>Rows</legend>\n"
	      "<label><input type=\"radio\" name=\"rows\" id=\"rows-all\" checked=\"checked\"/> all</label>\n"
	      "<label><input type=\"radio\" name=\"rows\" id=\"rows-short\"/> not supported everywhere</label>\n",
	      out);
	if (r->n_kernels > 1)
		fputs("<label><input type=\"radio\" name=\"rows\" id=\"rows-differ\"/> kernels differ</label>\n", out);
	fputs("<button type=\"button\" id=\"open-all\" hidden=\"hidden\">Open every cell</button>\n</fieldset>\n"
	      "<table class=\"matrix",
	      out);
	/* Few columns keep their places when a cell opens; many take what they need. */
	fprintf(out, "%s\">\n", r->n_kernels <= 4 ? " even" : "");
	put_columns(out, r);
	for (size_t i = 0; i < r->knowledge->n_hosts; i++)
		rows += put_host(out, r, r->knowledge->hosts[i], row);
	if (rows == 0)
		fprintf(out, "<tbody><tr><td colspan=\"%zu\">%s</td></tr></tbody>\n", r->n_kernels + 1,
			r->n_kernels > 0 ? "None of what was asked for exists on this architecture."
					 : "No kernel could be read.");
	fputs("</table>\n</section>\n", out);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/parts.h"
#include "report/reason.h"
#include "report/spans.h"
#include "report/wording.h"

#define DETAIL_INDENT 6

/* One line of the overview: neighbouring versions of a host with the same answer for the same reason. */
struct row {
	const struct host *host;
	struct span span;             /* owned */
	char *versions;               /* owned */
	const struct verdict *sample; /* of the newest version: the nearest to being supported */
	bool differs; /* the reasons within the line differ in their details: they are of the newest */
};

struct rows {
	struct row *rows;
	size_t count;
	size_t id_width, versions_width, modes_width, boot_width;
};

static size_t larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

static void rows_add(struct rows *rows, struct row row)
{
	rows->id_width = larger(rows->id_width, text_width(row.host->name));
	rows->versions_width = larger(rows->versions_width, text_width(row.versions));
	rows->modes_width = larger(rows->modes_width, text_width(row.span.modes.text));
	if (verdict_boot_word(row.sample))
		rows->boot_width = larger(rows->boot_width, 2 + strlen(verdict_boot_word(row.sample)));
	ARRAY_GROW(rows->rows, rows->count);
	rows->rows[rows->count++] = row;
}

static void rows_done(struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++) {
		buf_done(&rows->rows[i].span.modes);
		free(rows->rows[i].versions);
	}
	free(rows->rows);
}

static bool same_reasons(const struct verdict *a, const struct verdict *b)
{
	_cleanup_(freep) char *x = verdict_short(a), *y = verdict_short(b);

	return streq(x, y);
}

static struct row row_make(const struct support *s, const struct host *host, struct span span)
{
	const struct verdict *newest = support_find(s, host, span.last, span.mode);
	const struct verdict *oldest = support_find(s, host, span.first, span.mode);

	return (struct row){
		.host = host,
		.span = span,
		.versions = span_versions(host, &span),
		.sample = newest,
		.differs = !same_reasons(newest, oldest),
	};
}

static int by_version(const void *a, const void *b)
{
	const struct row *x = a, *y = b;

	if (x->span.first != y->span.first)
		return x->span.first < y->span.first ? -1 : 1;
	return x->span.mode < y->span.mode ? -1 : x->span.mode > y->span.mode;
}

/*
 * The verdicts of one host begin at `v`; `blames` is parallel to them. Gathers those that share the blame of
 * the i-th.
 */
static void rows_alike(const struct report *r, const struct support *s, const struct verdict *v,
		       char **blames, size_t n, size_t i, struct rows *rows)
{
	struct cells cells = cells_new(v->host);
	_cleanup_(freep) char *blame = blames[i];
	struct span *spans;
	size_t count;

	blames[i] = NULL;
	cells_add(&cells, v[i].version, v[i].mode);
	for (size_t j = i + 1; j < n; j++) {
		if (!blames[j] || !streq(blames[j], blame) || !report_selects(r, &v[j]))
			continue;
		cells_add(&cells, v[j].version, v[j].mode);
		free(TAKE_PTR(blames[j]));
	}
	count = cells_spans(&cells, &spans);
	for (size_t j = 0; j < count; j++)
		rows_add(rows, row_make(s, v->host, spans[j]));
	free(spans);
	cells_done(&cells);
}

static void rows_of_host(const struct report *r, const struct support *s, const struct verdict *v, size_t n,
			 struct rows *rows)
{
	_cleanup_(freep) char **blames = xcalloc(n, sizeof(*blames));
	size_t before = rows->count;

	for (size_t i = 0; i < n; i++)
		blames[i] = report_selects(r, &v[i]) ? verdict_blame(&v[i]) : NULL;
	for (size_t i = 0; i < n; i++)
		if (blames[i])
			rows_alike(r, s, v, blames, n, i, rows);
	if (rows->count > before)
		qsort(rows->rows + before, rows->count - before, sizeof(*rows->rows), by_version);
}

static struct rows rows_collect(const struct report *r, const struct support *s, bool userspace)
{
	struct rows rows = { 0 };

	for (size_t i = 0, n; i < s->n_verdicts; i += n) {
		const struct verdict *v = &s->verdicts[i];

		for (n = 1; i + n < s->n_verdicts && v[n].host == v->host; n++)
			;
		if (v->host->userspace == userspace)
			rows_of_host(r, s, v, n, &rows);
	}
	return rows;
}

/* Where the reasons within the row differ, those of its newest version are told, with its name. */
static void text_short(const struct text *t, const struct row *row)
{
	_cleanup_(freep) char *reason = verdict_short(row->sample);

	if (*reason)
		text_line(t, DETAIL_INDENT, INK_PLAIN, "%s%s%s",
			  row->differs ? row->host->versions[row->span.last].id : "",
			  row->differs ? ": " : "", reason);
}

static void text_boots(const struct text *t, const struct verdict *v)
{
	char **boots;
	size_t n = verdict_boots(v, &boots);

	for (size_t i = 0; i < n; i++)
		text_line(t, DETAIL_INDENT, v->boots[i].contradicts ? INK_WARN : INK_PLAIN, "%s", boots[i]);
	reasons_free(boots, n);
}

static void text_reasons(const struct text *t, const struct row *row)
{
	char **reasons;
	size_t n = verdict_reasons(row->sample, &reasons);

	if (n > 0 && row->differs)
		text_line(t, DETAIL_INDENT, INK_PLAIN, "of %s:", row->host->versions[row->span.last].id);
	for (size_t i = 0; i < n; i++)
		text_item(t, DETAIL_INDENT, "%s", reasons[i]);
	reasons_free(reasons, n);
}

static void text_paths(const struct text *t, const struct report *r, const struct row *row, size_t k)
{
	const struct facts *facts = r->kernels[k].support->facts;

	for (size_t i = 0; i < row->sample->n_paths; i++) {
		const struct path *p = &row->sample->paths[i];

		text_line(t, DETAIL_INDENT, INK_PLAIN, "%s %s: %s%s%s",
			  iface_class_name(p->offer->iface->class_), p->offer->interface,
			  status_name(p->status), p->found ? ", " : "", p->found ? p->found : "");
		for (size_t j = 0; j < p->n_evidence; j++) {
			const struct fact *f = &facts->facts[p->evidence[j]];

			if (f->member || f->place)
				text_line(t, DETAIL_INDENT + 4, INK_DIM, "%s%s%s", f->member ? f->member : "",
					  f->member && f->place ? " " : "", f->place ? f->place : "");
		}
	}
}

/* What a status takes at most: "  unsupported *". */
#define STATUS_WIDTH 15

/* What is left for the modes; hosts with many of them would push the statuses off the line. */
static size_t modes_room(const struct text *t, const struct rows *rows)
{
	size_t taken = 2 + rows->id_width + 2 + (rows->versions_width > 0 ? rows->versions_width + 2 : 0) +
		       STATUS_WIDTH + rows->boot_width;
	size_t room = t->columns > taken ? t->columns - taken : 0;

	room = room < 8 ? 8 : room;
	return rows->modes_width < room ? rows->modes_width : room;
}

static void text_cell(const struct text *t, const char *s, size_t width)
{
	if (width > 0)
		text_put(t, INK_PLAIN, s, width + 2);
}

/*
 * `id` is blank where the line above has said it already. Modes that do not fit follow on lines of their own.
 */
static void text_row(const struct text *t, const struct rows *rows, const struct row *row, const char *id)
{
	size_t room = modes_room(t, rows);
	const char *modes = row->span.modes.text;

	for (bool first = true; first || *modes; first = false) {
		size_t n = text_fitting(modes, room);
		_cleanup_(freep) char *part = xstrndup(modes, n);
		bool more = modes[n] != '\0';

		text_put(t, INK_PLAIN, "", 2);
		text_cell(t, first ? id : "", rows->id_width);
		text_cell(t, first ? row->versions : "", rows->versions_width);
		if (first)
			text_cell(t, part, room);
		else
			text_put(t, INK_PLAIN, part, 0);
		if (first)
			text_put(t, status_ink(row->sample->status), status_name(row->sample->status), 0);
		if (first && verdict_boot_word(row->sample))
			fprintf(t->out, ", %s", verdict_boot_word(row->sample));
		fputs(first && row->sample->inferred ? " *\n" : "\n", t->out);
		modes += n + more;
	}
}

static void text_rows(const struct text *t, const struct report *r, const struct rows *rows, size_t k)
{
	const struct host *last = NULL;

	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->rows[i];

		text_row(t, rows, row, row->host == last ? "" : row->host->name);
		if (r->verbose) {
			text_reasons(t, row);
			text_paths(t, r, row, k);
		} else {
			text_short(t, row);
		}
		text_boots(t, row->sample);
		last = row->host;
	}
}

static bool any_inferred(const struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (rows->rows[i].sample->inferred)
			return true;
	return false;
}

static bool lies_deeper(const struct row *row)
{
	for (size_t i = 0; row->sample->status == STATUS_UNKNOWN && i < row->sample->n_paths; i++)
		if (row->sample->paths[i].spoken && row->sample->paths[i].spoken->unread)
			return true;
	return false;
}

static bool any_deeper(const struct rows *rows)
{
	for (size_t i = 0; i < rows->count; i++)
		if (lies_deeper(&rows->rows[i]))
			return true;
	return false;
}

static void text_footnotes(const struct text *t, const struct rows *hypervisors,
			   const struct rows *userspaces)
{
	bool inferred = any_inferred(hypervisors) || any_inferred(userspaces);
	bool deeper = any_deeper(hypervisors) || any_deeper(userspaces);

	if (inferred || deeper)
		fputc('\n', t->out);
	if (inferred)
		text_line(t, 0, INK_DIM, "* inferred from a related interface; --deep looks it up");
	if (deeper)
		text_line(t, 0, INK_DIM, "What is unknown here may be told by a deeper look: try --deep");
}

static void text_contradictions(const struct text *t, const struct support *s)
{
	for (size_t i = 0; i < s->n_contradictions; i++) {
		text_put(t, INK_WARN, "contradiction", 0);
		fputs(": ", t->out);
		text_wrap(t, 15, 2, INK_PLAIN, s->contradictions[i]);
	}
	if (s->n_contradictions > 0)
		fputc('\n', t->out);
}

static void text_kernel(const struct text *t, const struct report *r, size_t k)
{
	const struct support *s = r->kernels[k].support;
	struct rows hypervisors = rows_collect(r, s, false), userspaces = rows_collect(r, s, true);

	text_head(t, &r->kernels[k]);
	fputc('\n', t->out);
	text_contradictions(t, s);
	text_rows(t, r, &hypervisors, k);
	if (hypervisors.count > 0 && userspaces.count > 0)
		fputs("\nold userspace\n", t->out);
	text_rows(t, r, &userspaces, k);
	if (hypervisors.count + userspaces.count == 0)
		text_line(t, 2, INK_PLAIN, "none of what was asked for exists on this architecture");
	text_footnotes(t, &hypervisors, &userspaces);
	if (r->details) {
		fputc('\n', t->out);
		text_facts(t, &r->kernels[k]);
	}
	rows_done(&hypervisors);
	rows_done(&userspaces);
}

void text_query(const struct text *t, const struct report *r)
{
	for (size_t k = 0; k < r->n_kernels; k++) {
		if (k > 0)
			fputc('\n', t->out);
		text_kernel(t, r, k);
	}
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/spans.h"

struct cells cells_new(const struct host *host)
{
	return (struct cells){
		.host = host,
		.in = xcalloc((size_t)host->versions_count * host->modes_count, sizeof(bool)),
	};
}

void cells_add(struct cells *c, unsigned version, unsigned mode)
{
	c->in[(size_t)version * c->host->modes_count + mode] = true;
}

void cells_done(struct cells *c)
{
	free(c->in);
	*c = (struct cells){ 0 };
}

static bool cell(const struct cells *c, unsigned version, unsigned mode)
{
	return version < c->host->versions_count && c->in[(size_t)version * c->host->modes_count + mode];
}

static void span_add_mode(struct span *span, const char *id)
{
	buf_addf(&span->modes, "%s%s", span->modes.len ? " " : "", id ? id : "");
}

static void add_range(const struct host *host, struct span **spans, size_t *n, struct span range)
{
	for (size_t i = 0; i < *n; i++) {
		struct span *s = &(*spans)[i];

		if (s->first == range.first && s->last == range.last) {
			span_add_mode(s, host->modes[range.mode].id);
			return;
		}
	}
	span_add_mode(&range, host->modes[range.mode].id);
	ARRAY_GROW(*spans, *n);
	(*spans)[(*n)++] = range;
}

static int by_version(const void *a, const void *b)
{
	const struct span *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->mode < y->mode ? -1 : x->mode > y->mode;
}

size_t cells_spans(const struct cells *c, struct span **ret)
{
	struct span *spans = NULL;
	size_t n = 0;

	for (unsigned m = 0; m < c->host->modes_count; m++) {
		for (unsigned v = 0; v < c->host->versions_count; v++) {
			struct span range = { .first = v, .mode = m };

			if (!cell(c, v, m))
				continue;
			while (cell(c, v + 1, m))
				v++;
			range.last = v;
			add_range(c->host, &spans, &n, range);
		}
	}
	if (n > 0)
		qsort(spans, n, sizeof(*spans), by_version);
	*ret = spans;
	return n;
}

void spans_free(struct span *spans, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_done(&spans[i].modes);
	free(spans);
}

char *span_versions(const struct host *host, const struct span *span)
{
	const char *first = host->versions[span->first].id, *last = host->versions[span->last].id;

	if (host->versions_count == 1 && streq(first, "any"))
		return xstrdup("");
	if (span->first == span->last)
		return xstrdup(first);
	return xasprintf("%s - %s", first, last);
}

char *cells_phrase(const struct cells *c)
{
	struct buf b = { 0 };
	struct span *spans;
	size_t n = cells_spans(c, &spans);

	buf_add(&b, "", 0);
	for (size_t i = 0; i < n; i++) {
		_cleanup_(freep) char *versions = span_versions(c->host, &spans[i]);
		const char *modes = spans[i].modes.text;

		buf_addf(&b, "%s%s", i > 0 ? ", " : "", versions);
		if (modes && *modes)
			buf_addf(&b, "%s(%s)", *versions ? " " : "", modes);
	}
	spans_free(spans, n);
	return b.text;
}

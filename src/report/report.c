/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/parts.h"

#include <errno.h>

static bool selects(const struct report *r, const struct host *host, unsigned version, unsigned mode)
{
	for (size_t i = 0; i < r->n_selections; i++) {
		const struct selection *s = &r->selection[i];

		if (s->host == host && s->versions[version] && s->modes[mode])
			return true;
	}
	return r->n_selections == 0;
}

bool report_selects(const struct report *r, const struct verdict *v)
{
	return selects(r, v->host, v->version, v->mode);
}

bool report_tells(const struct report *r, const struct finding *f)
{
	if (!r->limited || f->blocking || !f->host)
		return true;
	if (f->kind != FINDING_UNKNOWN && f->kind != FINDING_NARROWED)
		return true;
	return selects(r, f->host, f->version, f->mode);
}

static int text_report(const struct report *r, FILE *out)
{
	struct text t = {
		.out = out,
		.columns = r->columns == 0 ? 80 : r->columns < 40 ? 40 : r->columns,
		.color = r->color,
	};

	if (r->n_decisions > 0)
		text_decided(&t, r);
	else
		text_query(&t, r);
	return 0;
}

int report_write(const struct report *report, enum report_format format, FILE *out, struct error *err)
{
	int result;

	errno = 0;
	switch (format) {
	case REPORT_JSON:
		result = json_report(report, out);
		break;
	case REPORT_JUNIT:
		result = junit_report(report, out);
		break;
	case REPORT_SARIF:
		result = sarif_report(report, out);
		break;
	case REPORT_HTML:
		result = html_report(report, out);
		break;
	default:
		result = text_report(report, out);
	}
	if (result < 0 || fflush(out) == EOF || ferror(out)) {
		int code = errno ? errno : EIO;

		return error_set(err, code, "the report could not be written: %s", strerror(code));
	}
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gate/ruling.h"

#include <stdarg.h>

static const char *const result_names[] = { "allowed", "blocked", "undecided", "failed" };

const char *ruling_name(enum ruling_result r)
{
	return result_names[r];
}

static char *copied(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

/* "HOST:VERSION", as an override names it; "kernel" where it is about no host. */
char *ruling_lost(const struct finding *f)
{
	char *label = f->host ? verdict_label(f->host, f->version, f->mode) : xstrdup("kernel"), *slash = strchr(label, '/');

	if (slash)
		*slash = '\0';
	return label;
}

static struct ruling_finding finding_of(const struct finding *f)
{
	const struct evidence *e = f->n_evidence ? &f->evidence[0] : NULL;

	return (struct ruling_finding){
		.id = xstrdup(f->id),
		.lost = ruling_lost(f),
		.message = xstrdup(f->message),
		.expected = copied(e ? e->expected : NULL),
		.found = copied(e ? e->found : NULL),
		.blocking = f->blocking,
	};
}

struct ruling *ruling_of(const struct decision *d, const struct support *kernel)
{
	static const enum ruling_result results[] = {
		[DECISION_ALLOWED] = RULING_ALLOWED,
		[DECISION_BLOCKED] = RULING_BLOCKED,
		[DECISION_UNDECIDED] = RULING_UNDECIDED,
	};
	struct ruling *r = xcalloc(1, sizeof(*r));

	r->result = results[d->result];
	r->release = copied(kernel->facts->release);
	r->arch = copied(kernel->facts->arch);
	r->policy = copied(d->policy ? d->policy->name : NULL);
	r->findings = xcalloc(d->n_findings, sizeof(*r->findings));
	/* What gates keep is why they say no. */
	for (size_t i = 0; i < d->n_findings; i++)
		if (d->findings[i].blocking)
			r->findings[r->n_findings++] = finding_of(&d->findings[i]);
	return r;
}

struct ruling *ruling_failed(const char *fmt, ...)
{
	struct ruling *r = xcalloc(1, sizeof(*r));
	va_list args;

	va_start(args, fmt);
	r->error = xvasprintf(fmt, args);
	va_end(args);
	r->result = RULING_FAILED;
	return r;
}

struct ruling *ruling_free(struct ruling *r)
{
	if (!r)
		return NULL;
	for (size_t i = 0; i < r->n_findings; i++) {
		struct ruling_finding *f = &r->findings[i];

		free(f->id);
		free(f->lost);
		free(f->message);
		free(f->expected);
		free(f->found);
	}
	free(r->findings);
	free(r->release);
	free(r->arch);
	free(r->policy);
	free(r->error);
	free(r);
	return NULL;
}

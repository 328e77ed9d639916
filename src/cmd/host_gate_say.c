/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/host_gate.h"

#include <stdarg.h>

#include "gate/learned.h"
#include "report/text.h"

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void say(const char *fmt, ...)
{
	_cleanup_(freep) char *text = NULL, *clean = NULL;
	va_list args;

	va_start(args, fmt);
	text = xvasprintf(fmt, args);
	va_end(args);
	clean = text_clean(text);
	fprintf(stderr, "  %s\n", clean);
}

static void say_finding(const struct finding *f)
{
	say("%s", f->message);
	for (size_t i = 0; i < f->n_evidence; i++)
		if (!f->evidence[i].old && f->evidence[i].expected && f->evidence[i].found)
			say("  %s: expected %s, found %s", f->evidence[i].place ? f->evidence[i].place : "evidence",
			    f->evidence[i].expected, f->evidence[i].found);
	for (size_t i = 0; f->help && f->help[i] && i < 2; i++)
		say("  help: %s", f->help[i]);
}

static void say_packages(const struct host_gate *g, const char *release, const char *why)
{
	for (size_t i = 0; i < g->transaction.count; i++) {
		const struct transaction_package *p = &g->transaction.packages[i];

		if (streq_null(p->release, release))
			complain("%s %s is refused: kernel %s %s", p->name, p->version, release, why);
	}
}

void gate_say_failed(const struct host_gate *g, const char *release)
{
	say_packages(g, release, "cannot be judged");
}

void gate_say_refusal(const struct host_gate *g, const char *release, const struct decision *d, const char *lost)
{
	_cleanup_(freep) char *why = xasprintf("%s %s", d->result == DECISION_BLOCKED ? "would lose" : "is not known to keep",
					       lost);

	say_packages(g, release, why);
	for (size_t i = 0; i < d->n_findings; i++)
		if (d->findings[i].blocking)
			say_finding(&d->findings[i]);
	say("policy: %s, version %u (%s)", d->policy->name, d->policy->version, d->policy->file);
}

void gate_say_lost(const struct host_gate *g, const char *release, const struct ruling *r, const char *lost)
{
	_cleanup_(freep) char *why = xasprintf("%s %s", r->result == RULING_BLOCKED ? "would lose" : "is not known to keep",
					       lost);

	say_packages(g, release, why);
	for (size_t i = 0; i < r->n_findings; i++)
		say("%s", r->findings[i].message);
}

/* "META=VERSION IMAGE=VERSION": the packages that stay away together. */
static void add_names(const struct host_gate *g, struct buf *names)
{
	_cleanup_(freep) bool *all = xcalloc(g->transaction.count + 1, sizeof(bool));
	_cleanup_(freep) bool *one = xcalloc(g->transaction.count + 1, sizeof(bool));

	for (size_t i = 0; i < g->n_verdicts; i++) {
		if (!gate_refuses(&g->verdicts[i]))
			continue;
		transaction_dependents(&g->transaction, g->verdicts[i].release, one);
		for (size_t j = 0; j < g->transaction.count; j++)
			all[j] |= one[j];
	}
	for (size_t i = 0; i < g->transaction.count; i++) {
		const struct transaction_package *p = &g->transaction.packages[i];

		if (all[i] && learned_name_good(p->name) && learned_version_good(p->version))
			buf_addf(names, " %s%s%s", p->name, streq(p->family, "deb") ? "=" : "-", p->version);
	}
}

char *gate_way_out(const struct host_gate *g)
{
	_cleanup_(buf_done) struct buf names = { 0 }, all = { 0 };
	_cleanup_(strings_done) struct strings lost = { 0 };
	const char *from = g->options->from ? g->options->from : "";

	for (size_t i = 0; i < g->n_verdicts; i++)
		if (gate_refuses(&g->verdicts[i]))
			gate_lost(g->verdicts[i].ruling, &lost);
	if (lost.n == 0)
		return NULL;
	for (size_t i = 0; i < lost.n; i++)
		buf_addf(&all, "%s%s", i ? ";" : "", lost.items[i]);
	buf_add(&names, "", 0);
	add_names(g, &names);
	if (streq(from, "apt"))
		return xasprintf("apt-get -o 'HvCompat::Allow=%s' install%s", all.text, names.text);
	if (streq(from, "dpkg"))
		return xasprintf("HVCOMPAT_ALLOW='%s' dpkg -i …", all.text);
	return xasprintf("hvcompat host allow '%s', then the command again", all.text);
}

void gate_say_way_out(const struct host_gate *g)
{
	_cleanup_(freep) char *way = gate_way_out(g);

	if (!way)
		return;
	if (g->kept)
		say("It is noted (hvcompat host learned): run the update again, and it goes on without this kernel.");
	say("To install it all the same, once: %s", way);
}

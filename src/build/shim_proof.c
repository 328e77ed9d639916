/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/shim_parts.h"

#include <errno.h>

#include "compat/judge.h"

/* A built kernel held against the proof of a shim: what speaks for it, and what is missing. */
struct trial {
	const struct support *built;
	struct bench bench;
	struct buf evidence, missing;
};

static const struct spoken *find_spoken(const struct support *s, const char *interface)
{
	for (size_t i = 0; i < s->knowledge->n_ifaces; i++)
		if (streq(s->knowledge->ifaces[i]->name, interface))
			return &s->spoken[i];
	return NULL;
}

static bool speaks_version(const struct spoken *s, const char *text)
{
	version_t wanted;

	if (version_parse(text, &wanted) < 0)
		return false;
	for (size_t i = 0; i < s->n_versions; i++)
		if (s->versions[i] == wanted)
			return true;
	return false;
}

/* "1.1, 0.13": those of the proof that the kernel does not speak. Owned; NULL: none. */
static char *missing_versions(const struct spoken *s, const struct shim_proof *p)
{
	struct buf b = { 0 };

	for (unsigned i = 0; i < p->versions_count; i++)
		if (!s->versions_known || !speaks_version(s, p->versions[i]))
			buf_addf(&b, "%s%s", b.len ? ", " : "", p->versions[i]);
	return b.text;
}

static void add_missing(struct trial *t, const char *interface, const char *what)
{
	buf_addf(&t->missing, "%s%s: %s", t->missing.len ? "; " : "", interface, what);
}

static void miss_versions(struct trial *t, const struct spoken *s, const char *wanted)
{
	struct buf b = { 0 };

	buf_addf(&b, "the kernel does not speak version %s, but ", wanted);
	if (s->versions_known)
		say_versions(s->versions, s->n_versions, s->parts, &b);
	else
		buf_addf(&b, "others that could not be read");
	add_missing(t, s->iface->name, b.text);
	buf_done(&b);
}

/* "vmbus 5.3 … 0.13: table vmbus_versions of hv_vmbus present, …/hv_vmbus.ko", a line. */
static void add_evidence(struct trial *t, const struct spoken *s)
{
	buf_addf(&t->evidence, "%s", s->iface->name);
	if (s->versions_known && s->n_versions > 0) {
		buf_addf(&t->evidence, " ");
		say_versions(s->versions, s->n_versions, s->parts, &t->evidence);
	}
	for (size_t i = 0; i < s->n_evidence; i++) {
		buf_addf(&t->evidence, "%s", i ? "; " : ": ");
		say_fact(&t->bench, s->evidence[i], &t->evidence);
	}
	buf_addf(&t->evidence, "\n");
}

static bool in_full(const struct spoken *s)
{
	return s && s->present == TRUTH_YES && s->grade == GRADE_FULL && !s->way_out;
}

static void hold_one(struct trial *t, const struct shim_proof *p)
{
	const struct spoken *s = find_spoken(t->built, p->interface);
	_cleanup_(freep) char *lacks = s ? missing_versions(s, p) : NULL;

	if (!in_full(s))
		add_missing(t, p->interface, s && s->why ? s->why : "the kernel speaks it in part only");
	else if (lacks)
		miss_versions(t, s, lacks);
	else
		add_evidence(t, s);
}

static void hold_any(struct trial *t, const struct shim_proof *p)
{
	_cleanup_(freep) char *names = strings_text(p->one_of, p->one_of_count);

	for (unsigned i = 0; i < p->one_of_count; i++) {
		const struct spoken *s = find_spoken(t->built, p->one_of[i]);

		if (!in_full(s))
			continue;
		add_evidence(t, s);
		return;
	}
	add_missing(t, names, "the kernel speaks none of these in full");
}

int shim_proved(const struct shim *s, const struct support *built, char **ret_evidence, struct error *err)
{
	struct trial t = { .built = built, .bench = { .k = built->knowledge, .facts = built->facts } };
	int r = 0;

	for (unsigned i = 0; i < s->proof_count; i++) {
		if (s->proof[i].interface)
			hold_one(&t, &s->proof[i]);
		else
			hold_any(&t, &s->proof[i]);
	}
	if (t.missing.len > 0)
		r = error_set(err, EINVAL, "shim %s is not effective: %s", s->name, t.missing.text);
	else if (ret_evidence)
		*ret_evidence = TAKE_PTR(t.evidence.text);
	buf_done(&t.missing);
	buf_done(&t.evidence);
	return r;
}

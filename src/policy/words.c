/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "policy/decide.h"

/* Why the path is as it is; "" when there is nothing to say. */
static const char *path_reason(const struct path *p)
{
	if (p && p->reason)
		return p->reason;
	if (p && p->spoken && p->spoken->why)
		return p->spoken->why;
	return "";
}

/* "vmbus (or NAME, NAME): the reason" */
static char *because(const struct draft *d, const struct path *p)
{
	const char *reason = path_reason(p);

	return xasprintf("%s%s%s%s%s%s", d->f.through->name, d->alternatives ? " (or " : "",
			 d->alternatives ? d->alternatives : "", d->alternatives ? ")" : "",
			 *reason ? ": " : "", reason);
}

static char *say_dropped(const struct draft *d, const char *label, const char *cause)
{
	bool was = d->f.state == STATE_NEW;

	if (d->named && stands(d->new_row))
		return xasprintf("%s on %s, which needs it, through %s",
				 was ? "no longer works" : "does not work", label, cause);
	return xasprintf("%s on %s for want of %s",
			 was && stands(d->old_row) ? "no longer runs" : "does not run", label, cause);
}

static char *say_narrowed(const struct draft *d, const char *label, const char *cause)
{
	const char *how = "runs with less than is required";

	if (d->f.state == STATE_NEW)
		how = stands(d->new_row) ? "runs with less than before" : "lost more";
	return xasprintf("%s on %s: %s", how, label, cause);
}

static char *say_unknown(const struct draft *d, const char *label, const char *cause)
{
	if (d->doubtful)
		return xasprintf(
			"does not run on %s for want of %s; whether it ran there before cannot be told",
			label, cause);
	if (d->maybe && d->new_path && d->new_path->status != STATUS_UNKNOWN)
		return xasprintf(
			"falls short on %s, where %s; whether the policy asks for that cannot be told, for "
			"nothing says this kernel's architecture or flavour",
			label, cause);
	if (stands(d->new_row))
		return xasprintf("cannot be told whether %s works through %s", label, cause);
	return xasprintf("cannot be told whether it runs on %s: %s", label, cause);
}

static char *say_gained(const struct draft *d, const char *label)
{
	if (!stands(d->old_row) && stands(d->new_row))
		return xasprintf("now runs on %s through %s", label, d->f.through->name);
	return xasprintf("works better on %s through %s", label, d->f.through->name);
}

/* A finding about the row as a whole has no interface to name. */
static char *say_whole(const struct draft *d, const char *label)
{
	static const char *const words[] = {
		[FINDING_DROPPED] = "does not run on",
		[FINDING_NARROWED] = "does not run well enough on",
		[FINDING_GAINED] = "now runs on",
		[FINDING_UNKNOWN] = "cannot be told whether it runs on",
		[FINDING_CONTRADICTION] = "contradicts itself about",
		[FINDING_WAIVER] = "is waived on",
	};

	return xasprintf("%s %s", words[d->f.kind], label);
}

void draft_describe(struct draft *d)
{
	_cleanup_(freep) char *label = NULL, *cause = NULL;

	if (d->sentence) {
		d->f.message = TAKE_PTR(d->sentence);
		return;
	}
	label = verdict_label(d->f.host, d->f.version, d->f.mode);
	if (!d->f.through) {
		d->f.message = say_whole(d, label);
		return;
	}
	cause = because(d, d->new_path);
	if (d->f.kind == FINDING_DROPPED)
		d->f.message = say_dropped(d, label, cause);
	else if (d->f.kind == FINDING_NARROWED)
		d->f.message = say_narrowed(d, label, cause);
	else if (d->f.kind == FINDING_UNKNOWN)
		d->f.message = say_unknown(d, label, cause);
	else
		d->f.message = say_gained(d, label);
}

void finding_add_help(struct finding *f, size_t *count, char *sentence)
{
	for (size_t i = 0; i < *count; i++) {
		if (streq(f->help[i], sentence)) {
			free(sentence);
			return;
		}
	}
	f->help = xreallocarray(f->help, *count + 2, sizeof(f->help[0]));
	f->help[(*count)++] = sentence;
	f->help[*count] = NULL;
}

static void help_add_config(struct finding *f, size_t *count, const struct help *h)
{
	struct buf b = { 0 };

	for (unsigned i = 0; i < h->config_count; i++)
		buf_addf(&b, "%sCONFIG_%s", i ? " and " : "build with ", h->config[i]);
	if (b.text)
		finding_add_help(f, count, b.text);
}

/*
 * Cheapest for who reads it first: a word on the command line, a package, a shim, a build of their own. An option
 * brings back what is not there; what is there and speaks the wrong versions has the option already.
 */
static void help_add_all(struct finding *f, size_t *count, const struct help *h, bool absent)
{
	for (unsigned i = 0; i < h->boot_parameter_count; i++)
		finding_add_help(f, count, xasprintf("boot with %s", h->boot_parameter[i]));
	for (unsigned i = 0; i < h->package_count; i++)
		finding_add_help(f, count, xasprintf("install the package %s", h->package[i]));
	for (unsigned i = 0; i < h->shim_count; i++)
		finding_add_help(f, count, xasprintf("apply the shim %s", h->shim[i]));
	if (absent)
		help_add_config(f, count, h);
	if (h->text)
		finding_add_help(f, count, xstrdup(h->text));
}

/* The word that docs/knowledge.md has for each kind of leaf. */
static const char *want_word(enum want_kind kind)
{
	static const char *const words[] = {
		[WANT_CONFIG] = "config",   [WANT_CONFIG_EXISTS] = "config-exists",
		[WANT_DRIVER] = "driver",   [WANT_ALIAS] = "alias",
		[WANT_NOTE] = "note",	    [WANT_SYMBOL] = "symbol",
		[WANT_STRING] = "string",   [WANT_TABLE] = "table",
		[WANT_VALUE] = "u32",	    [WANT_MODINFO] = "modinfo",
		[WANT_PAYLOAD] = "payload", [WANT_VDSO] = "vdso",
	};

	return words[kind];
}

/* What was found, in words, where the fact itself has none. */
static const char *fact_words(const struct fact *fact)
{
	if (fact->state == FACT_UNKNOWN)
		return fact->why ? fact->why : "cannot be told";
	if (fact->text)
		return fact->text;
	if (fact->state == FACT_UNREAD)
		return "was not read";
	return fact->state == FACT_ABSENT ? "is not there" : "is there";
}

void finding_add_evidence(struct finding *f, struct evidence e)
{
	ARRAY_GROW(f->evidence, f->n_evidence);
	f->evidence[f->n_evidence++] = e;
}

/* What was expected of that piece of evidence; NULL: it decided something else, or is told for completeness. */
static const char *expected_of(const struct path *p, size_t fact)
{
	for (size_t i = 0; i < p->n_asked; i++)
		if (p->asked[i] == fact)
			return p->expected;
	return NULL;
}

static void evidence_of_path(struct finding *f, const struct support *s, const struct path *p, bool old)
{
	for (size_t i = 0; i < p->n_evidence; i++) {
		const struct fact *fact = &s->facts->facts[p->evidence[i]];
		const struct want *want = &s->knowledge->wants.wants[p->evidence[i]];
		const char *expected = expected_of(p, p->evidence[i]);

		finding_add_evidence(f, (struct evidence){
					.kind = want_word(want->kind),
					.package = fact->package,
					.member = fact->member,
					.place = fact->place ? fact->place : want->name,
					.expected = expected ? xstrdup(expected) : NULL,
					.found = xstrdup(fact_words(fact)),
					.old = old,
				});
	}
}

void draft_explain(const struct deciding *w, struct draft *d)
{
	const struct spoken *spoken = d->new_path ? d->new_path->spoken : NULL;
	bool absent = !spoken || spoken->present != TRUTH_YES;
	size_t count = 0;

	if (d->new_path && d->f.kind != FINDING_GAINED)
		for (size_t i = 0; i < ARRAY_SIZE(d->new_path->help) && d->new_path->help[i]; i++)
			help_add_all(&d->f, &count, d->new_path->help[i], absent);
	if (d->new_path)
		evidence_of_path(&d->f, w->new_support, d->new_path, false);
	if (d->old_path)
		evidence_of_path(&d->f, w->old_support, d->old_path, true);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/judge.h"

#include <stdarg.h>

/* A path while it is being judged. It starts out supported, and each thing asked can only lower it. */
struct walk {
	const struct site *site;
	const struct offer *offer;
	const struct spoken *spoken;
	struct bench bench;
	struct path *path;
	struct evidence_list evidence;
	struct evidence_list asked; /* what `expected` is about */
	const struct help *way_out; /* of what made it degraded */
	bool worth_help;	    /* the interface's and offer's own help would mend it */
};

/* Lowers the answer, with the reason; what is already as low keeps its first reason. */
static void lower(struct walk *w, enum status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void lower(struct walk *w, enum status status, const char *fmt, ...)
{
	char *reason;
	va_list args;

	if (status >= w->path->status)
		return;
	va_start(args, fmt);
	reason = xvasprintf(fmt, args);
	va_end(args);
	free(w->path->reason);
	w->path->reason = reason;
	w->path->status = status;
}

/* Whoever expects something adds next which facts that is about: w->asked. */
static void expect(struct walk *w, char *expected, char *found)
{
	free(w->path->expected);
	free(w->path->found);
	w->path->expected = expected;
	w->path->found = found;
	w->asked.count = 0;
}

/* It is about what the interface is spoken by; only about what has versions, where they decide. */
static void asked_spoken(struct walk *w, bool versions)
{
	const struct spoken *s = w->spoken;

	for (size_t i = 0; i < s->n_evidence; i++)
		if (!versions || w->bench.facts->facts[s->evidence[i]].n_versions > 0)
			evidence_add(&w->asked, s->evidence[i]);
	if (versions && w->asked.count == 0)
		asked_spoken(w, false);
}

static void add_evidence(struct walk *w, const size_t *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		evidence_add(&w->evidence, items[i]);
}

static void add_rule_evidence(struct walk *w, const struct rule *r)
{
	rule_evidence(&w->bench, r, &w->evidence);
}

static char *say_list(const struct evidence_list *list, const struct bench *b)
{
	struct buf text = { 0 };

	say_facts(b, list, &text);
	return text.text ? text.text : xstrdup("nothing");
}

/* Whether the kernel speaks the interface at all. */
static void ask_presence(struct walk *w)
{
	const struct spoken *s = w->spoken;

	add_evidence(w, s->evidence, s->n_evidence);
	if (s->present == TRUTH_NO) {
		expect(w, xstrdup(s->refusal ? "not refused" : "present"),
		       xstrdup(s->refusal ? "refused" : "absent"));
		asked_spoken(w, false);
		lower(w, STATUS_UNSUPPORTED, "%s", s->why);
		w->worth_help = true;
		return;
	}
	if (s->present == TRUTH_UNKNOWN) {
		expect(w, xstrdup("present"), xstrdup(s->unread ? "not read" : "unknown"));
		asked_spoken(w, false);
		lower(w, STATUS_UNKNOWN, "cannot tell whether the kernel speaks %s: %s", s->iface->name,
		      s->why);
		return;
	}
	expect(w, xstrdup("present"), xstrdup("present"));
	asked_spoken(w, false);
	if (s->grade != GRADE_DEGRADED)
		return;
	lower(w, STATUS_DEGRADED, "%s",
	      s->why	   ? s->why
	      : s->way_out ? "needs something to be done first"
			   : "speaks it in a lesser form only");
	w->way_out = s->way_out;
	w->worth_help = true;
}

static version_t highest(const version_t *v, unsigned n)
{
	version_t most = v[0];

	for (unsigned i = 1; i < n; i++)
		most = v[i] > most ? v[i] : most;
	return most;
}

static bool among(version_t v, const version_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == v)
			return true;
	return false;
}

/* How many of `a` are in `b`. */
static size_t shared(const version_t *a, size_t n, const version_t *b, size_t m)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += among(a[i], b, m);
	return count;
}

static bool versions_meet(enum meets meets, const struct spoken *s, const struct at *at)
{
	size_t n = s->n_versions, m = at->versions_count;

	switch (meets) {
	case MEETS_PRESENCE:
		return true;
	case MEETS_HOST_MAXIMUM:
		for (size_t i = 0; i < n; i++)
			if (s->versions[i] <= highest(at->given, at->versions_count))
				return true;
		return false;
	case MEETS_OVERLAP:
		return shared(s->versions, n, at->given, m) > 0;
	case MEETS_EQUAL:
		return shared(s->versions, n, at->given, m) == n && shared(at->given, m, s->versions, n) == m;
	case MEETS_SUPERSET:
		return shared(at->given, m, s->versions, n) == m;
	}
	return false;
}

/* What `meets` asks, before the host's versions: in `expected`, and in a sentence behind the host's name. */
static const struct {
	const char *sign, *sentence;
} meets_words[] = {
	[MEETS_PRESENCE] = { "", "has " },
	[MEETS_HOST_MAXIMUM] = { "<= ", "accepts at most " },
	[MEETS_OVERLAP] = { "one of ", "accepts only " },
	[MEETS_EQUAL] = { "exactly ", "accepts exactly " },
	[MEETS_SUPERSET] = { "all of ", "asks for all of " },
};

static void say_wanted(const struct offer *o, const struct at *at, struct buf *into)
{
	version_t most;

	if (o->meets == MEETS_HOST_MAXIMUM) {
		most = highest(at->given, at->versions_count);
		say_versions(&most, 1, at->parts, into);
	} else {
		say_versions(at->given, at->versions_count, at->parts, into);
	}
}

static void expect_versions(struct walk *w, const struct at *at)
{
	struct buf wanted = { 0 }, found = { 0 };

	buf_addf(&wanted, "%s", meets_words[w->offer->meets].sign);
	say_wanted(w->offer, at, &wanted);
	say_versions(w->spoken->versions, w->spoken->n_versions, w->spoken->parts, &found);
	if (!found.text)
		buf_addf(&found, w->spoken->versions_known ? "no version"
				 : w->spoken->unread	   ? "not read"
							   : "unknown");
	expect(w, wanted.text, found.text);
	asked_spoken(w, true);
}

/* "speaks vmbus 5.3 … 2.4; Microsoft Hyper-V 2008r2 accepts at most 1.1" */
static void say_unmet(struct walk *w, const struct at *at)
{
	_cleanup_(freep) char *host = say_host(w->site->host, w->site->version);
	_cleanup_(buf_done) struct buf spoken = { 0 }, wanted = { 0 };

	say_versions_short(w->spoken->versions, w->spoken->n_versions, w->spoken->parts, &spoken);
	say_wanted(w->offer, at, &wanted);
	lower(w, STATUS_UNSUPPORTED, "speaks %s %s; %s %s%s", w->offer->interface,
	      spoken.text ? spoken.text : "in no version", host, meets_words[w->offer->meets].sentence,
	      wanted.text);
	w->worth_help = true;
}

static const struct mode *mode_of(const struct site *site)
{
	return &site->host->modes[site->mode];
}

static const struct spoken *spoken_of(const struct site *site, const struct iface *i)
{
	const struct knowledge *k = site->support->knowledge;

	for (size_t n = 0; n < k->n_ifaces; n++)
		if (k->ifaces[n] == i)
			return &site->support->spoken[n];
	return NULL;
}

/* The offer that this one may be inferred from; NULL: inference is not allowed, or there is none here. */
static const struct offer *leader_of(const struct walk *w)
{
	const struct host *h = w->site->host;
	const struct facts *facts = w->bench.facts;

	if (!w->offer->unread_follows || !w->spoken->unread || facts->depth >= DEPTH_DEEP)
		return NULL;
	for (unsigned i = 0; i < h->offers_count; i++)
		if (streq(h->offers[i].interface, w->offer->unread_follows) &&
		    offer_active(&h->offers[i], w->site->version, mode_of(w->site), facts->arch))
			return &h->offers[i];
	return NULL;
}

/* Takes the answer of another interface over, if its own versions were read. Returns whether it did. */
static bool infer(struct walk *w)
{
	const struct offer *leader = leader_of(w);
	const struct spoken *spoken = leader ? spoken_of(w->site, leader->iface) : NULL;
	struct path other;

	if (!spoken || spoken->present == TRUTH_UNKNOWN ||
	    (spoken->present == TRUTH_YES && !spoken->versions_known))
		return false;
	path_judge(w->site, leader, &other);
	if (other.status == STATUS_UNKNOWN) {
		path_done(&other);
		return false;
	}
	w->path->inferred = true;
	add_evidence(w, other.evidence, other.n_evidence);
	if (other.status != STATUS_SUPPORTED)
		lower(w, other.status, "inferred from %s: %s", leader->interface, other.reason);
	path_done(&other);
	return true;
}

static void ask_versions(struct walk *w)
{
	const struct at *at = offer_at(w->offer, w->site->version);

	if (w->offer->meets == MEETS_PRESENCE || !at || w->spoken->present != TRUTH_YES)
		return;
	expect_versions(w, at);
	if (w->spoken->versions_known) {
		if (!versions_meet(w->offer->meets, w->spoken, at))
			say_unmet(w, at);
		return;
	}
	if (!infer(w))
		lower(w, STATUS_UNKNOWN, "speaks %s, but nothing that was read tells in which versions%s",
		      w->offer->interface, w->spoken->unread ? "; read deeper to know" : "");
}

/* What this host alone has against the kernel. */
static void ask_refusals(struct walk *w)
{
	for (unsigned i = 0; i < w->offer->refused_by_count; i++) {
		const struct refusal *refusal = &w->offer->refused_by[i];
		_cleanup_(evidence_done) struct evidence_list list = { 0 };
		_cleanup_(freep) char *facts = NULL;
		enum truth t = rule_truth(&w->bench, refusal->when);
		enum status status = t == TRUTH_UNKNOWN ? STATUS_UNKNOWN
				     : refusal->way_out ? STATUS_DEGRADED
							: STATUS_UNSUPPORTED;

		if (t == TRUTH_NO || status >= w->path->status)
			continue;
		rule_evidence(&w->bench, refusal->when, &list);
		add_rule_evidence(w, refusal->when);
		facts = say_list(&list, &w->bench);
		if (status == STATUS_UNKNOWN)
			lower(w, status, "cannot tell whether the kernel %s (%s)",
			      refusal->why ? refusal->why : "is refused here", facts);
		else
			lower(w, status, "the kernel %s (%s)",
			      refusal->why ? refusal->why : "is refused here", facts);
		expect(w, xstrdup("not refused"), xstrdup(status == STATUS_UNKNOWN ? "unknown" : "refused"));
		rule_evidence(&w->bench, refusal->when, &w->asked);
		w->way_out = refusal->way_out;
	}
}

static bool host_provides(const struct site *site, const char *feature)
{
	const struct host *h = site->host;

	for (unsigned i = 0; i < h->provides_count; i++) {
		const struct provide *p = &h->provides[i];

		if (streq(p->feature, feature) && site->version >= p->first && site->version <= p->last &&
		    mode_listed(p->modes, p->modes_count, mode_of(site)->id))
			return true;
	}
	return false;
}

static void ask_demand(struct walk *w, const struct demand *d)
{
	_cleanup_(freep) char *host = NULL;
	enum truth t;
	enum status status;

	if (!mode_listed(d->modes, d->modes_count, mode_of(w->site)->id))
		return;
	t = rule_truth(&w->bench, d->when);
	status = t == TRUTH_YES ? STATUS_UNSUPPORTED : STATUS_UNKNOWN;
	if (t == TRUTH_NO || host_provides(w->site, d->feature) || status >= w->path->status)
		return;
	host = say_host(w->site->host, w->site->version);
	add_rule_evidence(w, d->when);
	lower(w, status, "the kernel %s %s, which %s does not provide%s%s%s",
	      t == TRUTH_YES ? "insists on" : "may insist on", d->feature, host, d->why ? " (" : "",
	      d->why ? d->why : "", d->why ? ")" : "");
	expect(w, xasprintf("no need of %s, which the host lacks", d->feature),
	       t == TRUTH_YES ? xasprintf("needs %s", d->feature) : xstrdup("unknown"));
	rule_evidence(&w->bench, d->when, &w->asked);
	w->worth_help = true;
}

/* One whose architecture is not told, or of which nothing is known here, may have all the drivers and run nowhere. */
static void ask_arch(struct walk *w)
{
	if (!w->bench.facts->arch && w->path->status > STATUS_UNKNOWN)
		lower(w, STATUS_UNKNOWN, "cannot tell whether the kernel is for x86_64, i686 or aarch64, which are the ones known "
		      "here; give its image or config, too");
}

static void ask_grade(struct walk *w)
{
	if (w->path->status <= STATUS_DEGRADED)
		return;
	if (w->offer->way_out) {
		lower(w, STATUS_DEGRADED, "works only once the host is set up for it");
		w->way_out = w->offer->way_out;
	} else if (w->offer->grade == GRADE_DEGRADED) {
		lower(w, STATUS_DEGRADED, "%s is a makeshift there, not the real thing", w->offer->interface);
	}
}

static void give_help(struct walk *w)
{
	const struct help *candidates[] = {
		w->path->status == STATUS_DEGRADED ? w->way_out : NULL,
		w->worth_help ? w->offer->help : NULL,
		w->worth_help ? w->spoken->iface->help : NULL,
	};
	size_t n = 0;

	if (w->path->status == STATUS_SUPPORTED)
		return;
	w->path->way_out = candidates[0];
	for (size_t i = 0; i < ARRAY_SIZE(candidates); i++)
		if (candidates[i])
			w->path->help[n++] = candidates[i];
}

void path_judge(const struct site *site, const struct offer *o, struct path *ret)
{
	struct walk w = {
		.site = site,
		.offer = o,
		.spoken = spoken_of(site, o->iface),
		.bench = { .k = site->support->knowledge, .facts = site->support->facts },
		.path = ret,
	};

	*ret = (struct path){ .offer = o, .spoken = w.spoken, .status = STATUS_SUPPORTED };
	ask_presence(&w);
	if (ret->status != STATUS_UNSUPPORTED) {
		ask_versions(&w);
		ask_refusals(&w);
		for (unsigned i = 0; i < o->iface->demands_count; i++)
			ask_demand(&w, &o->iface->demands[i]);
		ask_grade(&w);
		ask_arch(&w);
	}
	give_help(&w);
	ret->evidence = w.evidence.items;
	ret->n_evidence = w.evidence.count;
	ret->asked = w.asked.items;
	ret->n_asked = w.asked.count;
}

void path_done(struct path *p)
{
	free(p->expected);
	free(p->found);
	free(p->reason);
	free(p->evidence);
	free(p->asked);
}

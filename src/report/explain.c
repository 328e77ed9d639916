/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/explain.h"
#include "compat/select.h"
#include "report/wording.h"

#include <ctype.h>
#include <errno.h>

/* A finding's id is a verdict's label, and an interface behind it, all joined by '-'. */
struct finding_name {
	const struct host *host;
	unsigned version, mode;
	const struct iface *iface; /* NULL: the whole row */
};

static char *id_of(const struct host *h, unsigned version, unsigned mode)
{
	char *id = verdict_label(h, version, mode);

	for (char *p = id; *p; p++)
		*p = *p == ':' || *p == '/' ? '-' : (char)tolower((unsigned char)*p);
	return id;
}

static bool names_row(const struct knowledge *k, const char *id, struct finding_name *n)
{
	_cleanup_(freep) char *row = id_of(n->host, n->version, n->mode);
	const char *rest = startswith(id, row);

	if (!rest || (*rest && *rest != '-'))
		return false;
	n->iface = *rest ? knowledge_iface(k, rest + 1) : NULL;
	return !*rest || n->iface;
}

static bool find_finding(const struct knowledge *k, const char *id, struct finding_name *n)
{
	for (size_t i = 0; i < k->n_hosts; i++) {
		*n = (struct finding_name){ .host = k->hosts[i] };
		for (n->version = 0; n->version < n->host->versions_count; n->version++)
			for (n->mode = 0; n->mode < n->host->modes_count; n->mode++)
				if (names_row(k, id, n))
					return true;
	}
	return false;
}

/* The one thing of the row that the finding is about, then what that is. */
static void explain_finding(const struct text *t, const struct knowledge *k, const char *id,
			    const struct finding_name *n)
{
	_cleanup_(freep) char *label = verdict_label(n->host, n->version, n->mode);

	text_line(t, 0, INK_BOLD, "%s: a kernel does not run on %s, or not as well, for want of %s", id,
		  label, n->iface->name);
	text_line(t, 0, INK_PLAIN, "%s offers there", n->host->title ? n->host->title : n->host->name);
	for (unsigned i = 0; i < n->host->offers_count; i++)
		if (n->host->offers[i].iface == n->iface &&
		    offer_active(&n->host->offers[i], n->version, &n->host->modes[n->mode], NULL))
			explain_offer(t, 2, &n->host->offers[i], n->version);
	fputc('\n', t->out);
	explain_iface(t, k, n->iface);
}

static int explain_selection(const struct text *t, const struct knowledge *k, const char *id,
			     struct error *err)
{
	struct selection s;
	bool first = true;
	int r = selection_parse(k, id, &s, err);

	if (r < 0)
		return r;
	for (unsigned v = 0; v < s.host->versions_count; v++) {
		for (unsigned m = 0; m < s.host->modes_count; m++) {
			if (!s.versions[v] || !s.modes[m] || v < s.host->modes[m].first ||
			    v > s.host->modes[m].last)
				continue;
			if (!first)
				fputc('\n', t->out);
			explain_verdict(t, s.host, v, m);
			first = false;
		}
	}
	selection_done(&s);
	return 0;
}

/* Findings about what boots showed of a place. Returns whether it is one. */
static bool explain_boots(const struct text *t, const struct knowledge *k, const char *id)
{
	const char *doubt = startswith(id, "contradiction-"), *unproven = startswith(id, "unproven-");
	struct finding_name name;

	if ((!doubt && !unproven) || !find_finding(k, doubt ? doubt : unproven, &name) || (doubt && name.iface))
		return false;
	text_line(t, 0, INK_BOLD, "%s: %s", id,
		  doubt ? "what was read of the kernel and what a boot of it showed cannot both be right"
			: "the policy requires that a boot shows it (proof: required), and none is on record");
	text_line(t, 0, INK_PLAIN, "Boot it there with hvcompat prove --records DIR. It is about:");
	explain_verdict(t, name.host, name.version, name.mode);
	return true;
}

/* Findings about no host (decision.h): two rules of an interface disagree, or a waiver is no good. */
static int explain_other(const struct text *t, const struct knowledge *k, const char *id, struct error *err)
{
	const char *doubt = startswith(id, "contradiction-"), *waived = startswith(id, "waiver-");
	const struct iface *iface = doubt ? knowledge_iface(k, doubt) : NULL;

	if (waived) {
		text_line(t, 0, INK_BOLD, "%s: a waiver that has expired, or that nothing calls for any more",
			  id);
		text_line(t, 0, INK_PLAIN, "Renew or remove it in the policy. It is about:");
		return explain(t, k, waived, err);
	}
	if (!doubt)
		return error_set(err, ENOENT,
				 "%s: neither an interface, nor a host, nor the id of a verdict or finding, as reports and 'policy list' show them",
				 id);
	text_line(t, 0, INK_BOLD, "%s: two pieces of evidence in the kernel cannot both be right", id);
	if (iface)
		explain_iface(t, k, iface);
	return 0;
}

int explain(const struct text *t, const struct knowledge *k, const char *id, struct error *err)
{
	const struct host *host = knowledge_host(k, id);
	const struct iface *iface = knowledge_iface(k, id);
	struct finding_name name;

	if (host)
		explain_host(t, host);
	if (host && iface)
		fputc('\n', t->out);
	if (iface)
		explain_iface(t, k, iface);
	if (host || iface)
		return 0;
	if (strpbrk(id, ":/"))
		return explain_selection(t, k, id, err);
	if (explain_boots(t, k, id))
		return 0;
	if (!find_finding(k, id, &name))
		return explain_other(t, k, id, err);
	if (name.iface)
		explain_finding(t, k, id, &name);
	else
		explain_verdict(t, name.host, name.version, name.mode);
	return 0;
}

static void explain_waiver(const struct text *t, const struct waiver *w)
{
	text_item(t, 2, "%s%s%s", w->finding, w->kernels ? " on kernels " : "", w->kernels ? w->kernels : "");
	text_line(t, 6, INK_PLAIN, "by %s until %s: %s", w->by ? w->by : "?", w->until ? w->until : "?",
		  w->reason ? w->reason : "?");
}

void explain_policy(const struct text *t, const struct policy *p)
{
	text_line(t, 0, INK_BOLD, "%s, version %u", p->name, p->version);
	if (p->about)
		text_line(t, 2, INK_PLAIN, "%s", p->about);
	text_line(t, 2, INK_PLAIN, "What cannot be told %s.",
		  p->unknown == UNKNOWN_BLOCK ? "blocks" : "is reported");
	text_line(t, 2, INK_PLAIN, "What an update would drop %s.",
		  p->drops == DROPS_BLOCK ? "blocks, required or not"
					  : "is reported, and blocks if it is required");
	if (p->requires_count > 0)
		text_line(t, 0, INK_PLAIN, "Requires");
	for (unsigned i = 0; i < p->requires_count; i++) {
		_cleanup_(freep) char *what = requirement_text(&p->requires[i]);

		text_item(t, 2, "%s", what);
		if (p->requires[i].reason)
			text_line(t, 6, INK_PLAIN, "%s", p->requires[i].reason);
	}
	if (p->waivers_count > 0)
		text_line(t, 0, INK_PLAIN, "Waives");
	for (unsigned i = 0; i < p->waivers_count; i++)
		explain_waiver(t, &p->waivers[i]);
	if (p->file)
		text_line(t, 0, INK_DIM, "%s", p->file);
}

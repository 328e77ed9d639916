/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/explain.h"
#include "compat/select.h"
#include "policy/ids.h"
#include "report/wording.h"

#include <errno.h>

/* The one thing of the row that the finding is about, then what that is. */
static void explain_finding(const struct text *t, const struct knowledge *k, const char *id,
			    const struct id_row *n)
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

/* --- ids of their own (policy/ids.h) ------------------------------------------------------------ */

static int unknown_id(const char *id, struct error *err)
{
	return error_set(err, ENOENT,
			 "%s: neither an interface, nor a host, nor the id of a verdict or finding, as reports and 'policy list' show them",
			 id);
}

/* Of what was read and a boot of a row; of two rules or facts about an interface, or the kernel. */
static int explain_contradiction(const struct text *t, const struct knowledge *k, const char *id, const char *rest, struct error *err)
{
	const struct iface *iface = NULL;
	struct id_row row;
	bool place = id_find_row(k, rest, &row) && !row.iface, facts = id_find_doubt(k, rest, &iface);

	if (place) {
		text_line(t, 0, INK_BOLD, "%s: what was read of the kernel and what a boot of it showed cannot both be right", id);
		text_line(t, 0, INK_PLAIN, "Boot it there again with hvcompat prove --records DIR. It is about:");
		explain_verdict(t, row.host, row.version, row.mode);
	}
	if (facts)
		text_line(t, 0, INK_BOLD, "%s: two pieces of evidence in the kernel cannot both be right", id);
	if (iface)
		explain_iface(t, k, iface);
	return place || facts ? 0 : unknown_id(id, err);
}

static int explain_unproven(const struct text *t, const struct knowledge *k, const char *id, const char *rest, struct error *err)
{
	struct id_row row;

	if (!id_find_row(k, rest, &row))
		return unknown_id(id, err);
	text_line(t, 0, INK_BOLD, "%s: the policy requires that a boot shows it (proof: required), and none is on record", id);
	text_line(t, 0, INK_PLAIN, "Boot it there with hvcompat prove --records DIR%s%s. It is about:",
		  row.iface ? ", by a recipe through " : "", row.iface ? row.iface->name : "");
	explain_verdict(t, row.host, row.version, row.mode);
	return 0;
}

static int explain_waived(const struct text *t, const struct knowledge *k, const char *id, const char *rest, struct error *err)
{
	text_line(t, 0, INK_BOLD, "%s: a waiver that has expired, or that nothing calls for any more", id);
	text_line(t, 0, INK_PLAIN, "Renew or remove it in the policy. It is about:");
	return explain(t, k, rest, err);
}

static int explain_kind(const struct text *t, const struct knowledge *k, const char *id, struct error *err)
{
	static const char *const says[ID_KINDS] = {
		[ID_DRIVER] = "a device that this machine needs hangs on that driver, which no interface of the knowledge "
			      "serves; the installed kernel has it, and the new one has not, or is not known to have it. "
			      "hvcompat host tells of the device, hvcompat host allow lets the driver go, once",
		[ID_FAILED] = "the kernel could not be judged: its packages were not found, or could not be opened or read; "
			      "the message beside it says why",
		[ID_HELD] = "a newer kernel stays out because its package is on hold; that is somebody's word, and no doubt",
		[ID_KEPT_BACK] = "a newer kernel is in the repository, and the update does not install it; the message beside "
				 "it is what libsolv says. Put the repository in order, or the package on hold",
		[ID_NO_UPDATE] = "no update could be worked out; the message beside it is what libsolv says. The repository lacks "
				 "something that its packages need",
		[ID_DECISION] = "the exit status of the command says so, and no kernel by itself; its messages tell why",
	};
	enum id_kind kind;
	const char *rest;

	if (!id_parse(id, &kind, &rest))
		return unknown_id(id, err);
	switch (kind) {
	case ID_CONTRADICTION:
		return explain_contradiction(t, k, id, rest, err);
	case ID_UNPROVEN:
		return explain_unproven(t, k, id, rest, err);
	case ID_WAIVER:
		return explain_waived(t, k, id, rest, err);
	default:
		text_line(t, 0, INK_BOLD, "%s: %s", id, says[kind]);
		return 0;
	}
}

/* HOST-ARCH */
static void explain_arch(const struct text *t, const char *id, const struct host *h)
{
	text_line(t, 0, INK_BOLD, "%s: the policy requires %s of kernels for %s, and nothing that it selects exists there", id,
		  h->title ? h->title : h->name, id + strlen(h->name) + 1);
	text_line(t, 0, INK_PLAIN, "No kernel can meet that: take the architecture out of the requirement. What there is:");
	explain_host(t, h);
}

int explain(const struct text *t, const struct knowledge *k, const char *id, struct error *err)
{
	const struct host *host = knowledge_host(k, id);
	const struct iface *iface = knowledge_iface(k, id);
	struct id_row row;
	bool is_row = id_find_row(k, id, &row);

	if (host)
		explain_host(t, host);
	if (host && iface)
		fputc('\n', t->out);
	if (iface)
		explain_iface(t, k, iface);
	/* A place of the same name; where it is all of a host, the host was told. */
	if (iface && !host && is_row) {
		fputc('\n', t->out);
		explain_verdict(t, row.host, row.version, row.mode);
	}
	if (host || iface)
		return 0;
	if (strpbrk(id, ":/"))
		return explain_selection(t, k, id, err);
	host = id_find_arch(k, id);
	if (is_row && row.iface)
		explain_finding(t, k, id, &row);
	else if (is_row)
		explain_verdict(t, row.host, row.version, row.mode);
	else if (host)
		explain_arch(t, id, host);
	else
		return explain_kind(t, k, id, err);
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

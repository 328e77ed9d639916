/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host/machine.h"

#include <errno.h>

static bool possible(const struct machine *m, unsigned version, unsigned mode)
{
	return m->possible[version * m->host->modes_count + mode];
}

/* Of the places that it can be those that are protected. */
static bool chosen(const struct machine *m, const struct support *old, unsigned version, unsigned mode)
{
	const struct verdict *v;

	if (!possible(m, version, mode))
		return false;
	/* Where nothing is in doubt, nothing has to be left out: a kernel that does not run here is to be told so. */
	if (m->first == m->last && m->mode >= 0)
		return true;
	if (!old)
		return (int)version == m->last;
	v = support_find(old, m->host, version, mode);
	return v && v->status != STATUS_UNSUPPORTED && v->status != STATUS_UNKNOWN;
}

/* Whether a way is to be had at all chosen versions of a mode: only then can it be asked for. */
static bool offered(const struct machine *m, const struct support *old, unsigned mode, const struct iface *f)
{
	const struct host *h = m->host;

	for (unsigned v = 0; v < h->versions_count; v++) {
		bool here = false;

		if (!chosen(m, old, v, mode))
			continue;
		for (unsigned o = 0; o < h->offers_count; o++)
			here |= h->offers[o].iface == f && offer_active(&h->offers[o], v, &h->modes[mode], m->arch);
		if (!here)
			return false;
	}
	return true;
}

static void add_through(const struct machine *m, const struct support *old, unsigned mode, struct buf *out)
{
	_cleanup_(strings_done) struct strings names = { 0 };

	for (size_t i = 0; i < m->n_uses; i++) {
		const struct machine_use *u = &m->uses[i];

		if (!u->vital || strings_have(&names, u->iface->name) || !offered(m, old, mode, u->iface) ||
		    m->host->modes[mode].needs[u->iface->class_] == NEED_NONE)
			continue;
		buf_addf(out, "%s%s", names.n ? ", " : "    through: [", u->iface->name);
		strings_add(&names, xstrdup(u->iface->name));
	}
	if (names.n)
		buf_addf(out, "]\n");
}

static bool add_requirement(const struct machine *m, const struct support *old, unsigned mode, struct buf *out)
{
	const struct host *h = m->host;
	bool any = false;

	for (unsigned v = 0; v < h->versions_count; v++) {
		if (!chosen(m, old, v, mode))
			continue;
		if (!any)
			buf_addf(out, "  - hypervisor: %s\n    versions: \"", h->name);
		buf_addf(out, "%s%s", any ? ", " : "", h->versions[v].id);
		any = true;
	}
	if (!any)
		return false;
	buf_addf(out, "\"\n");
	if (*h->modes[mode].id)
		buf_addf(out, "    modes: [\"%s\"]\n", h->modes[mode].id);
	add_through(m, old, mode, out);
	buf_addf(out, "    reason: this machine runs there\n");
	return true;
}

int machine_policy(const struct machine *m, const struct support *old, char **ret_yaml, struct error *err)
{
	_cleanup_(buf_done) struct buf out = { 0 };
	bool any = false;

	if (!m->host && m->doubt)
		return error_set(err, ENODATA, "it cannot be told on which hypervisor this machine runs: %s", m->doubt);
	if (!m->host && streq(m->detect_virt, "none"))
		return error_set(err, ENODATA, "this machine is no guest of a hypervisor: there is nothing to protect");
	if (!m->host)
		return error_set(err, ENODATA, "this machine runs on a hypervisor that is not known (%s)", m->detect_virt);
	if (m->first < 0)
		return error_set(err, ENODATA, "this machine runs on %s, in none of the ways that are known of it",
				 m->host->title);
	buf_addf(&out, "# Made by `hvcompat host policy` from what this machine runs on.\n"
		       "policy: this-machine\nversion: 1\nabout: What this machine needs to go on running where it is.\n"
		       "unknown: block\ndrops: report\nrequires:\n");
	for (unsigned i = 0; i < m->host->modes_count; i++)
		any |= add_requirement(m, old, i, &out);
	/* It does run here: its files must say too little, as those of one that was not installed do. */
	for (unsigned i = 0; !any && i < m->host->modes_count; i++)
		add_requirement(m, NULL, i, &out);
	*ret_yaml = TAKE_PTR(out.text);
	return 0;
}

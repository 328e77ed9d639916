/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/shim_parts.h"

#include <errno.h>

/* Whether what the knowledge says helps is there: each `shim:` of a `help:` or `way-out:`. */
struct helps {
	const struct knowledge *knowledge;
	char **names;        /* of all shims, NULL-terminated */
	struct shim **shims; /* parallel; NULL: flawed, which is told elsewhere */
	knowledge_report report;
	void *ctx;
	struct error *err;
	size_t flaws;
};

static void flaw(struct helps *h, const char *file, const char *interface, const char *shim, const char *what)
{
	_cleanup_(freep) char *line =
		xasprintf("%s: says that the shim '%s' helps where '%s' is missing, but %s", file, shim, interface, what);

	if (h->report)
		h->report(h->ctx, line);
	error_set(h->err, EINVAL, "%s", line);
	h->flaws++;
}

static bool of_class(const struct knowledge *k, const char *interface, enum iface_class class_)
{
	const struct iface *i = interface ? knowledge_iface(k, interface) : NULL;

	return i && i->class_ == class_;
}

static bool proves(const struct knowledge *k, const struct shim *s, enum iface_class class_)
{
	for (unsigned i = 0; i < s->proof_count; i++) {
		if (of_class(k, s->proof[i].interface, class_))
			return true;
		for (unsigned j = 0; j < s->proof[i].one_of_count; j++)
			if (of_class(k, s->proof[i].one_of[j], class_))
				return true;
	}
	return false;
}

/* Another interface of the class will do: where one payload codec is missed, the shim brings another. */
static void check(struct helps *h, const char *file, const struct iface *iface, const char *name)
{
	size_t i = 0;

	while (h->names[i] && !streq(h->names[i], name))
		i++;
	if (!h->names[i])
		flaw(h, file, iface->name, name, "there is no such shim");
	else if (h->shims[i] && !proves(h->knowledge, h->shims[i], iface->class_))
		flaw(h, file, iface->name, name, "that proves nothing of its class");
}

static void check_help(struct helps *h, const char *file, const struct iface *iface, const struct help *help)
{
	for (unsigned i = 0; help && i < help->shim_count; i++)
		check(h, file, iface, help->shim[i]);
}

static void check_iface(struct helps *h, const struct iface *i)
{
	check_help(h, i->file, i, i->help);
	for (unsigned n = 0; n < i->speaks_count; n++)
		check_help(h, i->file, i, i->speaks[n].way_out);
	for (unsigned n = 0; n < i->refused_by_count; n++)
		check_help(h, i->file, i, i->refused_by[n].way_out);
}

static void check_host(struct helps *h, const struct host *host)
{
	for (unsigned i = 0; i < host->offers_count; i++) {
		const struct offer *o = &host->offers[i];

		check_help(h, host->file, o->iface, o->help);
		check_help(h, host->file, o->iface, o->way_out);
		for (unsigned n = 0; n < o->refused_by_count; n++)
			check_help(h, host->file, o->iface, o->refused_by[n].way_out);
	}
}

static void load_all(struct helps *h, const char *const *dirs)
{
	size_t n = 0;

	while (h->names[n])
		n++;
	h->shims = xcalloc(n + 1, sizeof(*h->shims));
	for (size_t i = 0; i < n; i++)
		if (shim_load(h->knowledge, dirs, h->names[i], NULL, NULL, &h->shims[i], NULL) < 0)
			h->shims[i] = NULL;
}

int shim_lint_helps(const struct knowledge *k, const char *const *dirs, knowledge_report report, void *ctx,
		    struct error *err)
{
	_cleanup_(shim_names_freep) char **names = NULL;
	struct helps h = { .knowledge = k, .report = report, .ctx = ctx, .err = err };
	int r = shim_names(dirs, &names, err);

	if (r < 0)
		return r;
	h.names = names;
	load_all(&h, dirs);
	for (size_t i = 0; i < k->n_ifaces; i++)
		check_iface(&h, k->ifaces[i]);
	for (size_t i = 0; i < k->n_hosts; i++)
		check_host(&h, k->hosts[i]);
	for (size_t i = 0; names[i]; i++)
		shim_free(h.shims[i]);
	free(h.shims);
	return h.flaws > 0 ? -EINVAL : 0;
}

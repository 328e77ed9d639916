/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/gate_hosts.h"

#include <errno.h>

#include "gate/apt_conf.h"
#include "gate/apt_pins.h"

void gate_hosts_done(struct gate_hosts *h)
{
	for (size_t i = 0; i < h->n_subjects; i++) {
		free(h->subjects[i].old.name);
		free(h->subjects[i].old.packages);
	}
	free(h->subjects);
	update_free(h->update);
	index_kernels_done(&h->old_kernels);
	index_list_done(&h->olds);
	index_free(h->status);
	free(h->label);
}

bool gate_hosts_holds(const struct gate_hosts *h, const char *name)
{
	for (size_t i = 0; h->status && i < h->status->n_packages; i++)
		if (h->status->packages[i].held && streq(h->status->packages[i].name, name))
			return true;
	return false;
}

static enum exit_status failed(const struct error *err)
{
	complain("%s", err->text);
	return EXIT_FAILED;
}

static enum exit_status check_family(const struct repo *r, const struct index_list *list)
{
	enum index_family family = r->indexes.indexes[0]->family;

	for (size_t i = 0; i < list->count; i++)
		if (list->indexes[i]->family != family) {
			complain("%s and %s are of two families: an update takes either .deb or .rpm", r->indexes.indexes[0]->label,
				 list->indexes[i]->label);
			return EXIT_FAILED;
		}
	return EXIT_OK;
}

/* What a host has by one name and version must be what the repositories have by it: else an update would look like none. */
static enum exit_status check_doubles(const struct repo *r, const struct gate_hosts *h)
{
	_cleanup_(freep) struct index **all = xcalloc(r->indexes.count + h->olds.count, sizeof(*all));
	struct error err = { 0 };

	memcpy(all, r->indexes.indexes, r->indexes.count * sizeof(*all));
	memcpy(all + r->indexes.count, h->olds.indexes, h->olds.count * sizeof(*all));
	return index_check_across(all, r->indexes.count + h->olds.count, &err) < 0 ? failed(&err) : EXIT_OK;
}

static int start(const struct repo *r, const struct index_list *list, struct update_host *host, struct update **ret,
		 struct error *err)
{
	_cleanup_(strings_done) struct strings installonly = { 0 };

	packaging_installonly(r->packaging, list->indexes[0]->family, &installonly);
	/* It is needed until the worker has it, no longer. */
	host->installonly = (const char *const *)installonly.items;
	return update_start((const struct index *const *)list->indexes, list->count, host, index_arch(list->indexes[0]->family), ret,
			    err);
}

/* --- an installed host ------------------------------------------------------------------------ */

static void add_subject(struct gate_hosts *h, const struct index_package *meta, struct index_kernel old)
{
	ARRAY_GROW(h->subjects, h->n_subjects);
	h->subjects[h->n_subjects++] = (struct gate_subject){ .meta = meta, .old = old };
}

/* Whether apt brings along what packages recommend: it does unless it is told otherwise. */
static int set_recommends(const char *root, struct update_host *host, struct error *err)
{
	_cleanup_(freep) char *included = NULL;
	int r;

	host->recommends = true;
	r = apt_conf_bool(root, "APT::Install-Recommends", &host->recommends, &included, err);
	if (included)
		complain("%s/%s: includes another file, which is not read: Recommends are taken to be %s", streq(root, "/") ? "" : root,
			 included, host->recommends ? "installed" : "left out");
	return r;
}

/* Names of what brings kernels, and of their parts. */
static void kernel_names(const struct repo *r, struct strings *names)
{
	for (size_t i = 0; i < r->indexes.count; i++) {
		const struct index *x = r->indexes.indexes[i];

		for (size_t j = 0; j < x->n_packages; j++)
			if (packaging_meta(r->packaging, x->family, x->packages[j].name))
				strings_add(names, xstrdup(x->packages[j].name));
	}
	for (size_t i = 0; i < r->kernels.count; i++)
		for (size_t j = 0; j < r->kernels.kernels[i].n_packages; j++)
			strings_add(names, xstrdup(r->kernels.kernels[i].packages[j]->name));
}

static int tell_pins(const struct repo *r, const char *root, struct error *err)
{
	_cleanup_(strings_done) struct strings names = { 0 };
	_cleanup_(freep) char *file = NULL;
	int code;

	kernel_names(r, &names);
	code = apt_pins_find(root, &names, &file, err);
	if (file)
		complain("%s/%s: pins packages of kernels. Pins are not followed here: apt may take other kernels than those of this forecast",
			 streq(root, "/") ? "" : root, file);
	return code;
}

static enum exit_status begin_installed(struct gate_hosts *h, struct repo *r, const char *root)
{
	struct update_host host = { 0 };
	struct error err = { 0 };

	if (r->indexes.indexes[0]->family == INDEX_RPM)
		host.rpm_root = root;
	else if (index_open_status(root, index_arch(INDEX_DEB), &h->status, &err) < 0 || set_recommends(root, &host, &err) < 0 ||
		 tell_pins(r, root, &err) < 0)
		return failed(&err);
	host.status = h->status;
	if (start(r, &r->indexes, &host, &h->update, &err) < 0)
		return failed(&err);
	while (update_installed(h->update)[h->n_installed])
		h->n_installed++;
	h->label = xasprintf("the host in %s, with %zu packages", root, h->n_installed);
	add_subject(h, NULL, (struct index_kernel){ 0 });
	return EXIT_OK;
}

/* --- a made-up host --------------------------------------------------------------------------- */

/* The newest package of each name that is a meta package, the most general first. */
struct metas {
	const struct index_package **packages;
	size_t n;
};

static void add_meta(struct metas *m, const struct index_package *p)
{
	for (size_t i = 0; i < m->n; i++)
		if (streq(m->packages[i]->name, p->name)) {
			if (strverscmp(m->packages[i]->version, p->version) < 0)
				m->packages[i] = p;
			return;
		}
	ARRAY_GROW(m->packages, m->n);
	m->packages[m->n++] = p;
}

static bool is_part(const struct index_kernels *kernels, const struct index_package *p)
{
	for (size_t i = 0; i < kernels->count; i++)
		for (size_t j = 0; j < kernels->kernels[i].n_packages; j++)
			if (kernels->kernels[i].packages[j] == p)
				return true;
	return false;
}

static void find_metas(const struct repo *r, const struct gate_hosts *h, struct metas *m)
{
	unsigned rank = 1, last = 1;

	for (; rank <= last; rank++)
		for (size_t i = 0; i < h->olds.count; i++) {
			const struct index *x = h->olds.indexes[i];

			for (size_t j = 0; j < x->n_packages; j++) {
				unsigned at = packaging_meta(r->packaging, x->family, x->packages[j].name);

				last = at > last ? at : last;
				/* Of .deb the name of a part holds its version: no update replaces it. */
				if (at == rank && (x->family == INDEX_RPM || !is_part(&h->old_kernels, &x->packages[j])))
					add_meta(m, &x->packages[j]);
			}
		}
}

static bool brought_before(const struct gate_hosts *h, const struct index_package *p)
{
	for (size_t i = 0; i < h->n_subjects; i++)
		for (size_t j = 0; j < h->subjects[i].old.n_packages; j++)
			if (h->subjects[i].old.packages[j] == p)
				return true;
	return false;
}

/* What each of them brings of the old repository. */
static int find_subjects(struct gate_hosts *h, const struct forecast_means *m, const struct metas *metas, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < metas->n; i++) {
		struct index_kernel old;
		struct update_plan plan;

		if (brought_before(h, metas->packages[i]))
			continue;
		r = update_try(m->update, metas->packages[i], &plan, err);
		if (r < 0)
			break;
		forecast_part(m, &plan, &old);
		update_plan_done(&plan);
		/* One that cannot be installed, or that brings no kernel, is on no host. */
		if (old.n_packages > 0)
			add_subject(h, metas->packages[i], old);
	}
	return r;
}

/* The packages that a host has by having all subjects; owned, NULL-terminated. */
static const struct index_package **packages_of(const struct gate_hosts *h)
{
	const struct index_package **list = NULL;
	size_t n = 0;

	for (size_t i = 0; i < h->n_subjects; i++) {
		const struct gate_subject *s = &h->subjects[i];

		list = xreallocarray(list, n + s->old.n_packages + 2, sizeof(*list));
		for (size_t j = 0; j < s->old.n_packages; j++)
			list[n++] = s->old.packages[j];
		if (!brought_before(h, s->meta))
			list[n++] = s->meta;
		list[n] = NULL;
	}
	return list;
}

static enum exit_status begin_made_up(struct gate_hosts *h, struct repo *r)
{
	static const struct index_package *const nothing[] = { NULL };
	_cleanup_(update_freep) struct update *old = NULL;
	_cleanup_(freep) const struct index_package **has = NULL;
	struct update_host host = { .has = nothing, .recommends = true };
	struct forecast_means m = { .packaging = r->packaging, .kernels = &h->old_kernels };
	struct metas metas = { 0 };
	struct error err = { 0 };
	int e;

	for (size_t i = 0; i < h->olds.count; i++)
		packaging_kernels(r->packaging, h->olds.indexes[i], &h->old_kernels);
	if (start(r, &h->olds, &host, &old, &err) < 0)
		return failed(&err);
	m.update = old;
	find_metas(r, h, &metas);
	e = find_subjects(h, &m, &metas, &err);
	free(metas.packages);
	if (e < 0)
		return failed(&err);
	if (h->n_subjects == 0) {
		complain("%s: no package in it brings a kernel to a host and is replaced by updates (packaging/*.yaml, metas), so no host "
			 "can be made up; try check --repo, or --installed", h->olds.indexes[0]->label);
		return EXIT_FAILED;
	}
	has = packages_of(h);
	host.has = has;
	if (start(r, &r->indexes, &host, &h->update, &err) < 0)
		return failed(&err);
	h->label = xasprintf("a host that has the kernels of %s", h->olds.indexes[0]->label);
	return EXIT_OK;
}

enum exit_status gate_hosts_begin(struct gate_hosts *h, struct repo *r)
{
	const struct options *o = r->options;
	enum exit_status status = check_family(r, &r->indexes);

	if (status == EXIT_OK && o->repo_old) {
		status = repo_open(r, &o->repo_old, 1, &h->olds);
		if (status == EXIT_OK)
			status = check_family(r, &h->olds);
		if (status == EXIT_OK)
			status = check_doubles(r, h);
		return status == EXIT_OK ? begin_made_up(h, r) : status;
	}
	return status == EXIT_OK ? begin_installed(h, r, o->installed ? o->installed : "/") : status;
}

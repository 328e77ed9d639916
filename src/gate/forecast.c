/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gate/forecast.h"

/* Reasons of more than that are read by nobody. */
#define KEPT_MAX 16

static void kernel_done(struct index_kernel *k)
{
	free(k->name);
	free(k->packages);
	*k = (struct index_kernel){ 0 };
}

void forecast_done(struct forecast *f)
{
	for (size_t i = 0; i < f->n_kernels; i++)
		kernel_done(&f->kernels[i].kernel);
	free(f->kernels);
	kernel_done(&f->newest.kernel);
	for (size_t i = 0; i < f->n_kept; i++) {
		free(f->kept[i].has);
		texts_free(f->kept[i].why);
	}
	free(f->kept);
	update_plan_done(&f->wanted);
	update_plan_done(&f->left);
	*f = (struct forecast){ 0 };
}

/* --- kernels in a plan ------------------------------------------------------------------------ */

static bool in_plan(const struct update_plan *plan, const struct index_package *package)
{
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].package == package)
			return true;
	return false;
}

static bool on_host(const struct update *u, const struct index_package *package)
{
	const char *const *list = update_installed(u);
	_cleanup_(freep) char *line = xasprintf("%s %s %s", package->name, package->version, package->arch);

	for (size_t i = 0; list[i]; i++)
		if (streq(list[i], line))
			return true;
	return false;
}

/* What the host would have of a kernel after the plan; without packages where the plan brings nothing of it. */
static struct index_kernel part_of(const struct forecast_means *m, const struct update_plan *plan, const struct index_kernel *all)
{
	struct index_kernel part = { .index = all->index };
	bool brings = false;

	for (size_t i = 0; i < all->n_packages; i++)
		brings |= in_plan(plan, all->packages[i]);
	for (size_t i = 0; brings && i < all->n_packages; i++)
		if (in_plan(plan, all->packages[i]) || on_host(m->update, all->packages[i])) {
			ARRAY_GROW(part.packages, part.n_packages);
			part.packages[part.n_packages++] = all->packages[i];
		}
	if (part.n_packages > 0)
		part.name = xstrdup(all->name);
	return part;
}

void forecast_part(const struct forecast_means *m, const struct update_plan *plan, struct index_kernel *ret)
{
	*ret = (struct index_kernel){ 0 };
	for (size_t i = 0; i < m->kernels->count; i++) {
		struct index_kernel part = part_of(m, plan, &m->kernels->kernels[i]);

		if (part.n_packages > ret->n_packages) {
			kernel_done(ret);
			*ret = part;
		} else {
			kernel_done(&part);
		}
	}
}

/* --- judging ---------------------------------------------------------------------------------- */

static bool same_packages(const struct index_kernel *a, const struct index_kernel *b)
{
	return a->n_packages == b->n_packages && memcmp(a->packages, b->packages, a->n_packages * sizeof(*a->packages)) == 0;
}

/* Of the kernel with these packages; judged once. Takes `part`. */
static struct forecast_kernel *ruled(const struct forecast_means *m, struct forecast *f, struct index_kernel part)
{
	struct forecast_kernel *k;

	for (size_t i = 0; i < f->n_kernels; i++)
		if (same_packages(&f->kernels[i].kernel, &part)) {
			kernel_done(&part);
			return &f->kernels[i];
		}
	ARRAY_GROW(f->kernels, f->n_kernels);
	k = &f->kernels[f->n_kernels++];
	*k = (struct forecast_kernel){ .kernel = part, .ruling = m->judge(m->ctx, &part) };
	return k;
}

static int block(const struct forecast_means *m, const struct index_kernel *all, struct error *err)
{
	int r = 0;

	/* All of it: else parts of two kernels would come together. */
	for (size_t i = 0; r == 0 && i < all->n_packages; i++)
		r = update_block(m->update, all->packages[i], err);
	return r;
}

static void add_brought(const struct forecast_means *m, const struct update_plan *plan, struct index_kernels *list)
{
	for (size_t i = 0; i < m->kernels->count; i++) {
		struct index_kernel part = part_of(m, plan, &m->kernels->kernels[i]);

		if (part.n_packages == 0)
			continue;
		ARRAY_GROW(list->kernels, list->count);
		list->kernels[list->count++] = part;
	}
}

int forecast_brings(const struct forecast_means *m, const char *subject, struct index_kernels *kernels, struct error *err)
{
	const char *const only[] = { subject, NULL };
	struct update_plan plan = { 0 };
	int r = update_solve(m->update, subject ? only : NULL, &plan, err);

	if (r == 0)
		add_brought(m, &plan, kernels);
	update_plan_done(&plan);
	return r;
}

void forecast_judge_all(const struct forecast_means *m, const struct index_kernels *kernels)
{
	_cleanup_(freep) const struct index_kernel **list = xcalloc(kernels->count, sizeof(*list));

	for (size_t i = 0; i < kernels->count; i++)
		list[i] = &kernels->kernels[i];
	m->judge_all(m->ctx, list, kernels->count);
}

static void judge_ahead(const struct forecast_means *m, const struct update_plan *plan)
{
	struct index_kernels brought = { 0 };

	add_brought(m, plan, &brought);
	forecast_judge_all(m, &brought);
	index_kernels_done(&brought);
}

/* One round. *ret_blocked tells whether something was. */
static int judge_plan(const struct forecast_means *m, struct forecast *f, const struct update_plan *plan, bool first,
		      bool *ret_blocked, struct error *err)
{
	int r = 0;

	*ret_blocked = false;
	judge_ahead(m, plan);
	for (size_t i = 0; i < f->n_kernels; i++)
		f->kernels[i].left = false;
	for (size_t i = 0; r == 0 && i < m->kernels->count; i++) {
		const struct index_kernel *all = &m->kernels->kernels[i];
		struct index_kernel part = part_of(m, plan, all);
		struct forecast_kernel *k = part.n_packages ? ruled(m, f, part) : NULL;

		if (!k)
			continue;
		k->wanted |= first;
		k->left = k->ruling->result == RULING_ALLOWED;
		if (!k->left) {
			*ret_blocked = true;
			r = block(m, all, err);
		}
	}
	return r;
}

/* --- what was kept ---------------------------------------------------------------------------- */

static bool concerns_kernels(const struct forecast_means *m, const struct update_step *s)
{
	if (packaging_meta(m->packaging, s->index->family, s->package->name))
		return true;
	for (size_t i = 0; i < m->kernels->count; i++)
		for (size_t j = 0; j < m->kernels->kernels[i].n_packages; j++)
			if (m->kernels->kernels[i].packages[j] == s->package)
				return true;
	return false;
}

/* Why the first plan leaves newer kernels alone, so that "nothing to update" is not said of what cannot be installed. */
static int explain_kept(const struct forecast_means *m, struct forecast *f, struct error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < f->wanted.n_kept && f->n_kept < KEPT_MAX; i++) {
		const struct update_step *s = &f->wanted.kept[i];
		struct update_plan plan;
		struct forecast_kept *k;

		if (!concerns_kernels(m, s))
			continue;
		r = update_try(m->update, s->package, &plan, err);
		if (r < 0)
			break;
		ARRAY_GROW(f->kept, f->n_kept);
		k = &f->kept[f->n_kept++];
		*k = (struct forecast_kept){ .package = s->package, .has = xstrdup(s->replaces ? s->replaces : "") };
		k->why = TAKE_PTR(plan.problems);
		update_plan_done(&plan);
	}
	return r;
}

/* --- the newest that is allowed ------------------------------------------------------------------ */

/* What would come with the one of a kernel's packages that brings the most of it. */
static int try_kernel(const struct forecast_means *m, const struct index_kernel *all, struct index_kernel *ret, struct error *err)
{
	int r = 0;

	*ret = (struct index_kernel){ 0 };
	for (size_t i = 0; r == 0 && i < all->n_packages; i++) {
		struct update_plan plan;
		struct index_kernel part;

		r = update_try(m->update, all->packages[i], &plan, err);
		if (r < 0)
			return r;
		part = part_of(m, &plan, all);
		update_plan_done(&plan);
		if (part.n_packages > ret->n_packages) {
			kernel_done(ret);
			*ret = part;
		} else {
			kernel_done(&part);
		}
	}
	return r;
}

static bool of_same_line(const struct forecast *f, const struct index_kernel *k)
{
	for (size_t i = 0; i < f->n_kernels; i++)
		if (f->kernels[i].wanted && packaging_same_line(&f->kernels[i].kernel, k))
			return true;
	return false;
}

/* Also what no meta package leads to any more: an archive keeps older images. */
static int find_newest(const struct forecast_means *m, struct forecast *f, struct error *err)
{
	for (size_t i = m->kernels->count; i-- > 0;) {
		struct index_kernel part;
		const struct ruling *ruling;
		int r;

		if (!of_same_line(f, &m->kernels->kernels[i]))
			continue;
		r = try_kernel(m, &m->kernels->kernels[i], &part, err);
		if (r < 0)
			return r;
		ruling = part.n_packages ? m->judge(m->ctx, &part) : NULL;
		if (ruling && ruling->result == RULING_ALLOWED) {
			f->newest = (struct forecast_kernel){ .kernel = part, .ruling = ruling };
			return 0;
		}
		kernel_done(&part);
	}
	return 0;
}

int forecast(const struct forecast_means *m, const char *subject, struct forecast *ret, struct error *err)
{
	const char *const only[] = { subject, NULL };
	bool blocked = true, any = false;
	int r = 0;

	*ret = (struct forecast){ .subject = subject };
	/* Each round blocks a kernel at least. */
	for (size_t round = 0; r == 0 && blocked && round <= m->kernels->count; round++) {
		struct update_plan plan = { 0 };

		r = update_solve(m->update, subject ? only : NULL, &plan, err);
		if (r == 0)
			r = judge_plan(m, ret, &plan, round == 0, &blocked, err);
		any |= blocked;
		if (r == 0 && round == 0) {
			ret->wanted = plan;
			r = explain_kept(m, ret, err);
		} else {
			update_plan_done(&ret->left);
			ret->left = plan;
		}
	}
	if (r == 0 && any)
		r = find_newest(m, ret, err);
	if (r < 0)
		forecast_done(ret);
	return r;
}

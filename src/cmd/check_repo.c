/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/check_repo.h"

#include "cmd/repo.h"

struct check_repo {
	struct repo repo;
	const struct repo_ruling **rulings; /* parallel to repo.kernels; borrowed */
	enum exit_status exit;
};

static void check_repo_done(struct check_repo *c)
{
	free(c->rulings);
	repo_done(&c->repo);
}

static const char *newest_allowed(const struct check_repo *c)
{
	for (size_t i = c->repo.kernels.count; i-- > 0;)
		if (c->rulings[i]->ruling->result == RULING_ALLOWED)
			return c->repo.kernels.kernels[i].name;
	return NULL;
}

static void print_text(const void *ctx, const struct text *t)
{
	const struct check_repo *c = ctx;
	const struct index_kernels *all = &c->repo.kernels;
	const char *newest = newest_allowed(c);
	size_t width = 0, cached = 0;

	repo_print_head(&c->repo, t);
	for (size_t i = 0; i < all->count; i++) {
		size_t n = text_width(all->kernels[i].name);

		width = n > width ? n : width;
		cached += c->rulings[i]->cached;
	}
	for (size_t i = 0; i < all->count; i++)
		repo_print_kernel(t, &all->kernels[i], c->rulings[i]->ruling, width);
	if (all->count == 0)
		text_line(t, 2, INK_BAD, "no package in it is called as a kernel's: nothing was judged");
	else
		text_line(t, 0, INK_PLAIN, "%zu kernels, %zu of them ruled before; newest allowed: %s", all->count, cached,
			  newest ? newest : "none");
}

static struct json_object *print_json(const void *ctx)
{
	const struct check_repo *c = ctx;
	struct json_object *o = repo_json_head(&c->repo, "check", c->exit), *rows = json_new_array();

	for (size_t i = 0; i < c->repo.kernels.count; i++)
		json_append(rows, repo_json_kernel(&c->repo.kernels.kernels[i], c->rulings[i]));
	json_add(o, "kernels", rows);
	repo_json_put(o, "newest_allowed", newest_allowed(c));
	return o;
}

static void print_ruled(const void *ctx, struct ruled *r)
{
	const struct check_repo *c = ctx;
	const char *newest = newest_allowed(c);
	struct ruled_group *g = ruled_add_group(r, xstrdup(c->repo.indexes.indexes[0]->label));

	r->exit = c->exit;
	for (size_t i = 0; i < c->repo.kernels.count; i++)
		repo_add_case(g, &c->repo.kernels.kernels[i], c->rulings[i]->ruling);
	if (c->repo.kernels.count == 0)
		strings_add(&g->notes, xstrdup("no package in it is called as a kernel's: nothing was judged"));
	else
		strings_add(&g->notes, xasprintf("newest allowed: %s", newest ? newest : "none"));
}

static void rule_all(struct repo *r)
{
	_cleanup_(freep) const struct index_kernel **list = xcalloc(r->kernels.count, sizeof(*list));

	for (size_t i = 0; i < r->kernels.count; i++)
		list[i] = &r->kernels.kernels[i];
	repo_rule_all(r, list, r->kernels.count);
}

static enum exit_status check_all(struct check_repo *c, const struct options *o)
{
	static const struct repo_report how = { print_text, print_json, print_ruled };
	enum exit_status status = repo_begin(&c->repo, o, false);
	size_t n = c->repo.kernels.count;

	if (status != EXIT_OK)
		return status;
	c->rulings = xcalloc(n, sizeof(*c->rulings));
	/* That nothing was judged is no consent. */
	if (n == 0)
		c->exit = EXIT_FAILED;
	rule_all(&c->repo);
	for (size_t i = 0; i < n; i++) {
		c->rulings[i] = repo_rule(&c->repo, &c->repo.kernels.kernels[i]);
		c->exit = status_worse(c->exit, repo_status(c->rulings[i]->ruling));
	}
	return status_worse(c->exit, repo_write(&c->repo, c, &how));
}

enum exit_status check_repos(struct options *o)
{
	_cleanup_(check_repo_done) struct check_repo c = { 0 };

	if (o->n_args > 0)
		return usage_error(o, "check takes kernels or --repo, not both");
	return check_all(&c, o);
}

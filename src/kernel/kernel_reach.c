/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/kernel_set.h"

/*
 * What installing a kernel brings in. Its roots are the package with the image, and the meta packages that
 * somebody would ask for by name; what neither requires, in however many steps, stays away. Without a meta
 * package in the set nobody can tell, and all that was given counts.
 */

/* A name under which a package can be required. */
struct provider {
	const char *name;
	size_t node;
};

/* The packages of one kernel: its parts first, then the metas. */
struct graph {
	const struct origin **nodes;
	size_t n_nodes, n_parts;
	struct provider *providers; /* sorted by name */
	size_t n_providers;
	bool *reached;
};

static void add_provider(struct graph *g, const char *name, size_t node)
{
	ARRAY_GROW(g->providers, g->n_providers);
	g->providers[g->n_providers++] = (struct provider){ name, node };
}

static int by_name(const void *a, const void *b)
{
	const struct provider *x = a, *y = b;
	int r = strcmp(x->name, y->name);

	return r ? r : (x->node > y->node) - (x->node < y->node);
}

/* Sorts them, each once: a package may repeat a name, by the thousand if it means harm. */
static void sort_providers(struct graph *g)
{
	size_t n = 0;

	if (g->n_providers > 1)
		qsort(g->providers, g->n_providers, sizeof(*g->providers), by_name);
	for (size_t i = 0; i < g->n_providers; i++)
		if (n == 0 || by_name(&g->providers[n - 1], &g->providers[i]) != 0)
			g->providers[n++] = g->providers[i];
	g->n_providers = n;
}

static void add_providers(struct graph *g, size_t node)
{
	const struct package_info *info = package_info(g->nodes[node]->package);

	if (info->name)
		add_provider(g, info->name, node);
	for (size_t i = 0; info->provides && info->provides[i]; i++)
		add_provider(g, info->provides[i], node);
}

static void graph_init(struct graph *g, const struct kernel *k, const struct opened_list *opened)
{
	*g = (struct graph){ .n_parts = k->n_parts };
	g->nodes = xcalloc(k->n_parts + opened->count, sizeof(*g->nodes));
	g->reached = xcalloc(k->n_parts + opened->count, sizeof(*g->reached));
	for (size_t i = 0; i < k->n_parts; i++)
		g->nodes[g->n_nodes++] = k->parts[i].origin;
	for (size_t i = 0; i < opened->count; i++)
		if (opened->items[i].meta)
			g->nodes[g->n_nodes++] = opened->items[i].origin;
	for (size_t i = 0; i < g->n_nodes; i++)
		add_providers(g, i);
	sort_providers(g);
}

static void graph_done(struct graph *g)
{
	free(g->nodes);
	free(g->reached);
	free(g->providers);
}

/* The first provider of a name, or n_providers. */
static size_t first_provider(const struct graph *g, const char *name)
{
	size_t low = 0, high = g->n_providers;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(g->providers[mid].name, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

typedef bool (*visit)(struct graph *g, size_t node);

/* Calls `fn` for each node that `node` requires, until it returns true. */
static bool each_required(struct graph *g, size_t node, visit fn)
{
	char **names = package_info(g->nodes[node]->package)->requires;

	for (size_t i = 0; names && names[i]; i++)
		for (size_t j = first_provider(g, names[i]);
		     j < g->n_providers && streq(g->providers[j].name, names[i]); j++)
			if (g->providers[j].node != node && fn(g, g->providers[j].node))
				return true;
	return false;
}

/* A meta package belongs to this kernel when it leads to a part of it, perhaps through another one. */
static bool leads_here(struct graph *g, size_t node)
{
	return node < g->n_parts || g->reached[node];
}

static size_t mark_metas(struct graph *g)
{
	size_t count = 0;

	for (bool more = true; more;) {
		more = false;
		for (size_t i = g->n_parts; i < g->n_nodes; i++) {
			if (g->reached[i] || !each_required(g, i, leads_here))
				continue;
			g->reached[i] = more = true;
			count++;
		}
	}
	return count;
}

static bool reach(struct graph *g, size_t node)
{
	g->reached[node] = true;
	return false;
}

static void mark_parts(struct graph *g, const struct kernel *k)
{
	bool *done = xcalloc(g->n_nodes, sizeof(*done));

	for (size_t i = 0; i < k->n_parts; i++)
		g->reached[i] = k->parts[i].files.image >= 0;
	for (bool more = true; more;) {
		more = false;
		for (size_t i = 0; i < g->n_nodes; i++) {
			if (!g->reached[i] || done[i])
				continue;
			each_required(g, i, reach);
			done[i] = more = true;
		}
	}
	free(done);
}

static void keep_metas(const struct graph *g, struct kernel *k)
{
	for (size_t i = g->n_parts; i < g->n_nodes; i++) {
		if (!g->reached[i])
			continue;
		ARRAY_GROW(k->metas, k->n_metas);
		k->metas[k->n_metas++] = origin_ref((struct origin *)g->nodes[i]);
	}
}

void kernel_reach(struct kernel *k, const struct opened_list *opened)
{
	struct graph g;

	graph_init(&g, k, opened);
	if (mark_metas(&g) > 0) {
		keep_metas(&g, k);
		mark_parts(&g, k);
		for (size_t i = 0; i < k->n_parts; i++)
			k->parts[i].required = g.reached[i];
	}
	graph_done(&g);
}

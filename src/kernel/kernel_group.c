/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/kernel_set.h"

const struct package_info *part_info(const struct part *p)
{
	return package_info(p->origin->package);
}

/* Packages of no architecture go with any. */
static bool arch_goes(const char *a, const char *b)
{
	static const char *const any[] = { "all", "noarch" };

	if (!a || !b || streq(a, b))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(any); i++)
		if (streq(a, any[i]) || streq(b, any[i]))
			return true;
	return false;
}

/* A kernel has one image; and two bare configs are two kernels, whatever they are called. */
static bool same_kind(const struct part *a, const struct part *b)
{
	if (a->files.image >= 0 && b->files.image >= 0)
		return true;
	if (part_info(a)->format != PACKAGE_FILE || part_info(b)->format != PACKAGE_FILE)
		return false;
	return (a->files.image >= 0) == (b->files.image >= 0);
}

/* Whether a part may stand beside those that a kernel has: one package cannot be there in two versions. */
static bool goes_with(const struct kernel *k, const struct part *p)
{
	const struct package_info *info = part_info(p);

	for (size_t i = 0; i < k->n_parts; i++) {
		const struct package_info *other = part_info(&k->parts[i]);

		if (k->parts[i].origin == p->origin || same_kind(&k->parts[i], p) ||
		    !arch_goes(other->arch, info->arch) ||
		    (info->name && other->name && streq(info->name, other->name)))
			return false;
	}
	return true;
}

static bool has_version(const struct kernel *k, const char *version)
{
	for (size_t i = 0; i < k->n_parts; i++)
		if (streq_null(part_info(&k->parts[i])->version, version))
			return true;
	return false;
}

static struct kernel *kernel_for(struct kernel_list *list, const struct part *p,
				 const struct kernel_options *options)
{
	struct kernel *best = NULL, *k;

	for (size_t i = 0; i < list->count; i++) {
		k = list->kernels[i];
		if (!streq_null(k->release, p->files.release) || !goes_with(k, p))
			continue;
		if (has_version(k, part_info(p)->version))
			return k;
		if (!best)
			best = k;
	}
	if (best)
		return best;
	k = xcalloc(1, sizeof(*k));
	k->release = p->files.release ? xstrdup(p->files.release) : NULL;
	k->options = *options;
	ARRAY_GROW(list->kernels, list->count);
	list->kernels[list->count++] = k;
	return k;
}

static void add_part(struct kernel *k, struct part p)
{
	ARRAY_GROW(k->parts, k->n_parts);
	k->parts[k->n_parts++] = p;
}

/* Moves all files of what was opened into kernels. */
static void sort_parts(struct opened_list *opened, const struct kernel_options *options,
		       struct kernel_list *list)
{
	for (size_t i = 0; i < opened->count; i++) {
		struct opened *o = &opened->items[i];

		for (size_t j = 0; j < o->n_files; j++) {
			struct part p = { .origin = o->origin, .files = o->files[j], .required = true };

			add_part(kernel_for(list, &p, options), p);
			origin_ref(o->origin);
		}
		free(o->files);
		o->files = NULL;
		o->n_files = 0;
	}
}

static bool takes_all(const struct kernel *to, const struct kernel *from)
{
	for (size_t i = 0; i < from->n_parts; i++)
		if (!goes_with(to, &from->parts[i]))
			return false;
	return true;
}

/* Takes kernel `i` out of the list. */
static struct kernel *list_take(struct kernel_list *list, size_t i)
{
	struct kernel *k = list->kernels[i];

	list->count--;
	memmove(&list->kernels[i], &list->kernels[i + 1], (list->count - i) * sizeof(*list->kernels));
	return k;
}

static void merge(struct kernel *to, struct kernel *from)
{
	for (size_t i = 0; i < from->n_parts; i++)
		add_part(to, from->parts[i]);
	from->n_parts = 0;
	kernel_free(from);
}

/* Files whose paths tell no release go with the only release there is. */
static void join_nameless(struct kernel_list *list)
{
	if (list->count != 2)
		return;
	for (size_t i = 0; i < 2; i++) {
		struct kernel *k = list->kernels[i], *other = list->kernels[1 - i];

		if (k->release || !other->release || !takes_all(other, k))
			continue;
		merge(other, list_take(list, i));
		return;
	}
}

static bool has_core(const struct kernel *k)
{
	for (size_t i = 0; i < k->n_parts; i++)
		if (k->parts[i].files.image >= 0 || k->parts[i].files.config >= 0)
			return true;
	return false;
}

/* Modules that a removed kernel left behind, or that were built for one, are no kernel beside real ones. */
static void drop_leftovers(struct kernel_list *list)
{
	bool any = false;

	for (size_t i = 0; i < list->count; i++)
		any = any || has_core(list->kernels[i]);
	for (size_t i = list->count; any && i-- > 0;)
		if (!has_core(list->kernels[i]))
			kernel_free(list_take(list, i));
}

static char *label_of(const struct kernel *k)
{
	const struct part *p = &k->parts[0];
	const struct package_info *info;

	for (size_t i = 0; i < k->n_parts; i++)
		if (k->parts[i].files.image >= 0)
			p = &k->parts[i];
	info = part_info(p);
	if (info->name)
		return xstrdup(info->name);
	if (info->format == PACKAGE_TREE && k->release)
		return xasprintf("%s (%s)", info->path, k->release);
	return xstrdup(info->path);
}

/* strverscmp(3) orders 6.1.0-9 before 6.1.0-10, and 5.10 before 6.1. */
static int by_release(const void *a, const void *b)
{
	const struct kernel *x = *(struct kernel *const *)a, *y = *(struct kernel *const *)b;
	int r = strverscmp(x->release ? x->release : "", y->release ? y->release : "");

	return r ? r : strcmp(x->label, y->label);
}

static void finish(struct kernel *k, const struct opened_list *opened)
{
	for (size_t i = 0; i < k->n_parts; i++)
		if (part_info(&k->parts[i])->format != PACKAGE_FILE)
			k->listed = true;
	k->label = label_of(k);
	kernel_reach(k, opened);
}

static bool is_package(const struct opened *o)
{
	enum package_format format = package_info(o->origin->package)->format;

	return format == PACKAGE_DEB || format == PACKAGE_RPM;
}

/* Leaves out of a tree's files what a package has of the same kernel. */
static void yield_to(struct kernel_files *tree, const struct opened *package)
{
	for (size_t i = 0; tree->release && i < package->n_files; i++) {
		const struct kernel_files *f = &package->files[i];

		if (!streq_null(tree->release, f->release))
			continue;
		tree->image = f->image >= 0 ? -1 : tree->image;
		tree->config = f->config >= 0 ? -1 : tree->config;
	}
}

/* Given with a tree, packages are what is to be installed there: what they bring replaces what it has. */
static void prefer_packages(struct opened_list *opened)
{
	for (size_t i = 0; i < opened->count; i++)
		for (size_t j = 0; !is_package(&opened->items[i]) && j < opened->items[i].n_files; j++)
			for (size_t k = 0; k < opened->count; k++)
				if (is_package(&opened->items[k]))
					yield_to(&opened->items[i].files[j], &opened->items[k]);
}

void kernels_group(struct opened_list *opened, const struct kernel_options *options, bool directory,
		   struct kernel_list *list)
{
	struct kernel_list found = { 0 };

	if (!directory)
		prefer_packages(opened);
	sort_parts(opened, options, &found);
	join_nameless(&found);
	/* What somebody named is never passed over. */
	if (directory)
		drop_leftovers(&found);
	for (size_t i = 0; i < found.count; i++)
		finish(found.kernels[i], opened);
	if (found.count > 1)
		qsort(found.kernels, found.count, sizeof(*found.kernels), by_release);
	for (size_t i = 0; i < found.count; i++) {
		ARRAY_GROW(list->kernels, list->count);
		list->kernels[list->count++] = found.kernels[i];
	}
	free(found.kernels);
}

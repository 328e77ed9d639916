/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel/kernel_locate.h"

#include <ctype.h>

enum role { ROLE_NONE, ROLE_IMAGE, ROLE_CONFIG, ROLE_BUILTIN, ROLE_BUILTIN_MODINFO, ROLE_MODULE };

/* What one path turned out to be. */
struct found {
	enum role role;
	unsigned rank;       /* of several files in one role the lowest counts */
	const char *release; /* into the path; NULL: not told */
	size_t release_length;
};

void kernel_files_done(struct kernel_files *f)
{
	free(f->release);
	free(f->modules);
	*f = (struct kernel_files){ 0 };
}

static bool is_release(const char *s, size_t n)
{
	return n > 0 && isdigit((unsigned char)s[0]);
}

/* Length of a module's name in its file name, 0 when it is no module. */
static size_t module_name_length(const char *base, size_t n)
{
	static const char *const suffixes[] = { ".ko", ".ko.xz", ".ko.zst", ".ko.gz" };

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		size_t m = strlen(suffixes[i]);

		if (n > m && memcmp(base + n - m, suffixes[i], m) == 0)
			return n - m;
	}
	return 0;
}

/* Names in a module directory, best image first. */
static enum role role_in_module_dir(const char *rest, unsigned *ret_rank)
{
	static const struct {
		const char *name;
		enum role role;
	} names[] = {
		{ "vmlinuz", ROLE_IMAGE },	   { "vmlinuz.unsigned", ROLE_IMAGE },
		{ "Image", ROLE_IMAGE },	   { "vmlinux", ROLE_IMAGE },
		{ "config", ROLE_CONFIG },	   { "modules.builtin", ROLE_BUILTIN },
		{ "modules.builtin.modinfo", ROLE_BUILTIN_MODINFO },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (!streq(rest, names[i].name))
			continue;
		*ret_rank = (unsigned)i;
		return names[i].role;
	}
	if (module_name_length(path_base(rest), strlen(path_base(rest))) == 0)
		return ROLE_NONE;
	/* depmod's default order: what was put into updates/ replaces what came with the kernel. */
	*ret_rank = startswith(rest, "updates/") ? 0 : startswith(rest, "kernel/") ? 1 : 2;
	return ROLE_MODULE;
}

/* R/… */
static bool in_module_tree(const char *path, struct found *f)
{
	const char *slash = strchr(path, '/');

	if (!slash || !is_release(path, (size_t)(slash - path)))
		return false;
	f->role = role_in_module_dir(slash + 1, &f->rank);
	f->release = path;
	f->release_length = (size_t)(slash - path);
	return f->role != ROLE_NONE;
}

const char *locate_release_in_name(const char *base)
{
	static const char *const prefixes[] = { "vmlinuz-", "vmlinux-", "Image-", "bzImage-", "config-" };
	/* Copies that installers keep, and things beside an image that are named after it. */
	static const char *const not_these[] = { ".old", ".bak", ".gz", ".xz", ".zst", ".hmac", ".sig" };
	const char *release = NULL;

	for (size_t i = 0; !release && i < ARRAY_SIZE(prefixes); i++)
		release = startswith(base, prefixes[i]);
	if (!release || !is_release(release, strlen(release)) || startswith(release, "0-rescue"))
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(not_these); i++)
		if (endswith(release, not_these[i]))
			return NULL;
	return release;
}

/* boot/…; the module directory's own copy is preferred (rank). */
static bool in_boot(const char *base, struct found *f)
{
	if (strchr(base, '/'))
		return false;
	f->release = locate_release_in_name(base);
	if (!f->release)
		return false;
	f->release_length = strlen(f->release);
	f->role = startswith(base, "config-") ? ROLE_CONFIG : ROLE_IMAGE;
	f->rank = startswith(base, "vmlinux-") ? 101 : 100;
	return true;
}

/* A tree that somebody built or unpacked; no path in it names the release. */
static bool in_bare_tree(const char *path, struct found *f)
{
	static const char *const images[] = { "vmlinuz", "bzImage", "Image", "vmlinux" };
	const char *rest = startswith(path, "arch/");

	if (rest && strchr(rest, '/') && startswith(strchr(rest, '/'), "/boot/"))
		path = strchr(rest, '/') + strlen("/boot/");
	for (size_t i = 0; i < ARRAY_SIZE(images); i++) {
		if (!streq(path, images[i]))
			continue;
		f->role = ROLE_IMAGE;
		f->rank = 200 + (unsigned)i;
		return true;
	}
	if (streq(path, "config") || streq(path, ".config"))
		f->role = ROLE_CONFIG;
	else if (startswith(path, "kernel/") || startswith(path, "modules.") || startswith(path, "updates/"))
		f->role = role_in_module_dir(path, &f->rank);
	return f->role != ROLE_NONE;
}

static bool classify(const char *path, bool tree, struct found *f)
{
	const char *rest;

	*f = (struct found){ 0 };
	rest = startswith(path, "boot/");
	if (rest)
		return in_boot(rest, f);
	rest = startswith(path, "usr/");
	rest = startswith(rest ? rest : path, "lib/modules/");
	if (rest)
		return in_module_tree(rest, f);
	return tree && (in_module_tree(path, f) || in_boot(path, f) || in_bare_tree(path, f));
}

static bool same_release(const struct kernel_files *k, const struct found *f)
{
	if (!k->release || !f->release)
		return !k->release && !f->release;
	return strncmp(k->release, f->release, f->release_length) == 0 &&
	       k->release[f->release_length] == '\0';
}

/* Members come sorted, so the last one found is nearly always the right one. */
static struct kernel_files *files_for(struct kernel_files **list, size_t *n, const struct found *f)
{
	struct kernel_files *k;

	for (size_t i = *n; i-- > 0;)
		if (same_release(&(*list)[i], f))
			return &(*list)[i];
	ARRAY_GROW(*list, *n);
	k = &(*list)[(*n)++];
	*k = (struct kernel_files){ .image = -1, .config = -1, .builtin = -1, .builtin_modinfo = -1 };
	k->release = f->release ? xstrndup(f->release, f->release_length) : NULL;
	return k;
}

static void take_better(ssize_t *slot, unsigned *rank, size_t member, unsigned new_rank)
{
	if (*slot >= 0 && *rank <= new_rank)
		return;
	*slot = (ssize_t)member;
	*rank = new_rank;
}

/* '-' and '_' are one character in the names of modules. */
static int name_char(char c)
{
	return c == '-' ? '_' : (unsigned char)c;
}

static uint64_t head_of(const char *name, size_t n)
{
	uint64_t head = 0;

	for (size_t i = 0; i < sizeof(head); i++)
		head = head << 8 | (uint64_t)(i < n ? name_char(name[i]) : 0);
	return head;
}

static void add_module(struct kernel_files *k, const char *path, size_t member, unsigned rank)
{
	struct module_ref m = { .base = path_base(path), .member = member, .rank = rank };

	m.length = (uint32_t)module_name_length(m.base, strlen(m.base));
	m.head = head_of(m.base, m.length);
	ARRAY_GROW(k->modules, k->n_modules);
	k->modules[k->n_modules++] = m;
}

static void add(struct kernel_files *k, const struct found *f, const char *path, size_t member)
{
	switch (f->role) {
	case ROLE_IMAGE:
		take_better(&k->image, &k->image_rank, member, f->rank);
		break;
	case ROLE_CONFIG:
		take_better(&k->config, &k->config_rank, member, f->rank);
		break;
	case ROLE_BUILTIN:
		k->builtin = (ssize_t)member;
		break;
	case ROLE_BUILTIN_MODINFO:
		k->builtin_modinfo = (ssize_t)member;
		break;
	case ROLE_MODULE:
		add_module(k, path, member, f->rank);
		break;
	case ROLE_NONE:
		break;
	}
}

static int compare_names(const char *a, size_t n, const char *b, size_t m)
{
	for (size_t i = 0; i < n && i < m; i++)
		if (name_char(a[i]) != name_char(b[i]))
			return name_char(a[i]) - name_char(b[i]);
	return (n > m) - (n < m);
}

static int by_name(const void *a, const void *b)
{
	const struct module_ref *x = a, *y = b;
	int r;

	if (x->head != y->head)
		return x->head < y->head ? -1 : 1;
	r = compare_names(x->base, x->length, y->base, y->length);

	if (r == 0)
		r = (x->rank > y->rank) - (x->rank < y->rank);
	return r ? r : (x->member > y->member) - (x->member < y->member);
}

void locate_files(const struct package *p, struct kernel_files **ret, size_t *ret_n)
{
	const struct member *members;
	size_t n = package_members(p, &members), count = 0;
	bool tree = package_info(p)->format == PACKAGE_TREE;
	struct kernel_files *list = NULL;
	struct found f;

	for (size_t i = 0; i < n; i++)
		if (classify(members[i].path, tree, &f))
			add(files_for(&list, &count, &f), &f, members[i].path, i);
	for (size_t i = 0; i < count; i++)
		if (list[i].n_modules > 1)
			qsort(list[i].modules, list[i].n_modules, sizeof(*list[i].modules), by_name);
	*ret = list;
	*ret_n = count;
}

const struct module_ref *locate_module(const struct kernel_files *f, const char *name)
{
	size_t low = 0, high = f->n_modules, n = strlen(name);

	/* The first that is not less than `name`: of namesakes that is the one depmod takes. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (compare_names(f->modules[mid].base, f->modules[mid].length, name, n) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == f->n_modules || compare_names(f->modules[low].base, f->modules[low].length, name, n) != 0)
		return NULL;
	return &f->modules[low];
}

bool locate_same_name(const char *s, size_t n, const char *name)
{
	return compare_names(s, n, name, strlen(name)) == 0;
}

bool locate_is_module(const char *path, size_t length, const char *name)
{
	const char *slash = memrchr(path, '/', length);
	const char *base = slash ? slash + 1 : path;
	size_t n = module_name_length(base, length - (size_t)(base - path));

	return n > 0 && locate_same_name(base, n, name);
}

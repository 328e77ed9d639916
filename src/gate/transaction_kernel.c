/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One kernel of a transaction: its packages, and what is installed of it. */
#include "gate/transaction.h"

#include <errno.h>

#include "base/command.h"

/* Where a kernel's files are when it is installed; the first that is there counts. "%s" is its release. */
static const char *const boot_images[] = { "boot/vmlinuz-%s", "boot/Image-%s", "boot/vmlinux-%s", NULL };
static const char *const dir_images[] = {
	"usr/lib/modules/%s/vmlinuz", "usr/lib/modules/%s/vmlinuz.unsigned", "usr/lib/modules/%s/Image",
	"usr/lib/modules/%s/vmlinux", "lib/modules/%s/vmlinuz",		     "lib/modules/%s/vmlinuz.unsigned",
	"lib/modules/%s/Image",	      "lib/modules/%s/vmlinux",		     NULL
};
static const char *const boot_configs[] = { "boot/config-%s", NULL };
static const char *const dir_configs[] = { "usr/lib/modules/%s/config", "lib/modules/%s/config", NULL };
static const char *const module_dirs[] = { "usr/lib/modules/%s", "lib/modules/%s", NULL };

/* Path of the first of them that is there; owned, NULL: none is. */
static char *installed(const char *root, const char *release, const char *const *formats)
{
	for (; *formats; formats++) {
		const char *at = strstr(*formats, "%s");
		_cleanup_(freep) char *path = xasprintf("%s%s%.*s%s%s", root, endswith(root, "/") ? "" : "/",
							(int)(at - *formats), *formats, release, at + 2);

		if (access(path, R_OK) == 0)
			return TAKE_PTR(path);
	}
	return NULL;
}

static bool add_installed(struct buf *arg, const char *root, const char *release, const char *const *formats)
{
	_cleanup_(freep) char *path = installed(root, release, formats);

	if (path)
		buf_addf(arg, ",%s", path);
	return path;
}

struct sought {
	const char *name;
	bool found;
};

/* A line of dpkg-query: a name, and a state. Of packages in these two there are no files but for configuration. */
static void take_state(void *ctx, const char *line)
{
	struct sought *sought = ctx;
	const char *state = startswith(line, sought->name);

	if (state && *state == ' ')
		sought->found |= !streq(state + 1, "not-installed") && !streq(state + 1, "config-files");
}

/*
 * Whether a package takes the place of another version of itself, whose files go. Where there is no dpkg-query, no
 * package of its family is installed; where it fails, one may be. -EINTR: we are to stop.
 */
static int replaces(const struct transaction_package *p, const char *root, bool *ret, struct error *err)
{
	_cleanup_(freep) char *where = xasprintf("--root=%s", root);
	const char *const argv[] = { "dpkg-query", where, "--show",
				     "--showformat=${Package} ${db:Status-Status}\n", NULL };
	struct sought sought = { .name = p->name ? p->name : "" };
	const struct command query = { .argv = argv, .log = -1, .line = take_state, .ctx = &sought };
	struct error why = { 0 };
	int r;

	if (!streq(p->family, "deb"))
		return 0;
	r = command_run(&query, &why);
	if (r == -EINTR)
		return error_set(err, EINTR, "%s", why.text);
	*ret |= r == 0 ? sought.found : r != -ENOENT;
	return 0;
}

/*
 * Adds what is installed of a release and the packages do not bring. Where modules are replaced, the old ones must not
 * be taken for the new. Returns whether there is an image then.
 */
static bool complete(struct buf *arg, const char *root, const char *release, const struct transaction_package *has,
		     bool replaced)
{
	if (!(has->image && has->modules) && !replaced)
		add_installed(arg, root, release, module_dirs);
	if (!has->config && !add_installed(arg, root, release, boot_configs))
		add_installed(arg, root, release, dir_configs);
	return has->image || add_installed(arg, root, release, boot_images) ||
	       add_installed(arg, root, release, dir_images);
}

int transaction_kernel(const struct transaction *t, const char *release, const char *root, char **ret,
		       struct error *err)
{
	_cleanup_(buf_done) struct buf arg = { 0 };
	struct transaction_package has = { 0 };
	bool replaced = false;
	int r = 0;

	for (size_t i = 0; i < t->count && r == 0; i++) {
		const struct transaction_package *p = &t->packages[i];

		if (!streq_null(p->release, release))
			continue;
		buf_addf(&arg, "%s%s", arg.len ? "," : "", p->link);
		has.image |= p->image;
		has.modules |= p->modules;
		has.config |= p->config;
		if (p->modules)
			r = replaces(p, root, &replaced, err);
	}
	if (r < 0)
		return r;
	*ret = complete(&arg, root, release, &has, replaced) ? TAKE_PTR(arg.text) : NULL;
	return 0;
}

void transaction_dependents(const struct transaction *t, const char *release, bool *ret)
{
	bool more = true;

	for (size_t i = 0; i < t->count; i++)
		ret[i] = streq_null(t->packages[i].release, release);
	while (more) {
		more = false;
		for (size_t i = 0; i < t->count; i++) {
			for (size_t j = 0; j < t->count && !ret[i]; j++)
				if (ret[j] && t->packages[j].name && strings_have(&t->packages[i].requires, t->packages[j].name))
					ret[i] = more = true;
		}
	}
}

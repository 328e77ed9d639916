/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/options.h"

#include <errno.h>

/* NULL-terminated after each. */
static int add(const char ***list, size_t *n, const char *arg)
{
	if (!*arg)
		return -EINVAL;
	*list = xreallocarray(*list, *n + 2, sizeof(**list));
	(*list)[(*n)++] = arg;
	(*list)[*n] = NULL;
	return 0;
}

int apply_repo(struct options *o, const char *arg)
{
	return add(&o->repos, &o->n_repos, arg);
}

int apply_keyring(struct options *o, const char *arg)
{
	return add(&o->keyrings, &o->n_keyrings, arg);
}

int apply_pool(struct options *o, const char *arg)
{
	return add(&o->pools, &o->n_pools, arg);
}

int apply_allow_unsigned(struct options *o, const char *arg)
{
	(void)arg;
	o->allow_unsigned = true;
	return 0;
}

int apply_cache(struct options *o, const char *arg)
{
	o->cache = arg;
	return *arg ? 0 : -EINVAL;
}

int apply_no_cache(struct options *o, const char *arg)
{
	(void)arg;
	o->cache = "";
	return 0;
}

static int set(const char **where, const char *arg)
{
	if (!*arg || *where)
		return -EINVAL;
	*where = arg;
	return 0;
}

int apply_repo_old(struct options *o, const char *arg)
{
	return set(&o->repo_old, arg);
}

int apply_installed(struct options *o, const char *arg)
{
	return set(&o->installed, arg);
}

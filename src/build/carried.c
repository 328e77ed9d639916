/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/carried.h"
#include "kernel/kernel_locate.h"
#include "pkg/package.h"

void carried_done(struct carried *c)
{
	free(c->name);
	free(c->version);
	free(c->arch);
	strings_done(&c->provides);
	strings_done(&c->requires);
	*c = (struct carried){ 0 };
}

/* Whether a name that is provided is one of ours. */
static bool is_ours(const char *name, bool rpm)
{
	return startswith(name, rpm ? "hypervisor(" : "hypervisor-") ||
	       startswith(name, rpm ? "userspace(" : "userspace-");
}

static void take(const struct package *p, struct carried *c)
{
	const struct package_info *info = package_info(p);

	c->rpm = info->format == PACKAGE_RPM;
	c->deb = info->format == PACKAGE_DEB;
	c->name = xstrdup(info->name);
	c->version = xstrdup(info->version);
	c->arch = xstrdup(info->arch);
	for (size_t i = 0; info->provides[i]; i++) {
		const char *name = info->provides[i], *version = info->provides_versions[i];

		if (!is_ours(name, c->rpm))
			continue;
		strings_add(&c->provides, !*version ? xstrdup(name) :
					  c->rpm    ? xasprintf("%s = %s", name, version) :
						      xasprintf("%s (= %s)", name, version));
	}
	for (size_t i = 0; info->requires[i]; i++)
		strings_add(&c->requires, xstrdup(info->requires[i]));
}

int carried_read(const char *path, struct carried *ret, struct error *err)
{
	_cleanup_(package_freep) struct package *p = NULL;
	struct kernel_files *files = NULL;
	size_t n = 0;
	int r = package_open(path, NULL, &p, err);

	*ret = (struct carried){ 0 };
	if (r < 0)
		return r;
	if (package_info(p)->format != PACKAGE_DEB && package_info(p)->format != PACKAGE_RPM)
		return 0;
	take(p, ret);
	locate_files(p, &files, &n);
	for (size_t i = 0; i < n; i++) {
		ret->kernel = true;
		ret->image |= files[i].image >= 0;
		kernel_files_done(&files[i]);
	}
	free(files);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fs.h"
#include "build/package_parts.h"

/* Fedora's: kernel, kernel-core, and where there can be modules kernel-modules and kernel-devel. */

static int run(const struct packing *p, const char *top, const char *spec, struct error *err)
{
	_cleanup_(freep) char *topdir = xasprintf("_topdir %s", top), *out = xasprintf("_rpmdir %s", p->out);
	_cleanup_(freep) char *tmp = xasprintf("_tmppath %s", top), *stage = xasprintf("HVCOMPAT_STAGE=%s", p->stage);
	_cleanup_(freep) char *home = xasprintf("HOME=%s", top);
	const char *const argv[] = { "rpmbuild", "-bb", "--target", p->names.rpm_arch, "--define", topdir,
				     "--define", out, "--define", tmp, "--define",
				     "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm", spec, NULL };
	/* The user's own ~/.rpmmacros would make other packages of the same kernel. */
	const char *const env[] = { "LC_ALL=C", p->epoch, stage, home, NULL };

	return package_run(p->job, argv, env, "making the RPM packages", "rpm", err);
}

int package_rpm(const struct packing *p, struct error *err)
{
	_cleanup_(freep) char *template = xasprintf("%s/kernel.spec.in", p->job->spec);
	_cleanup_(freep) char *top = xasprintf("%s/rpm", p->work), *build = xasprintf("%s/BUILD", top);
	_cleanup_(freep) char *spec = xasprintf("%s/kernel.spec", top);
	int r;

	r = fs_make_dir(build, err);
	if (r == 0)
		r = template_fill(template, spec, p->values, p->n_values, true, err);
	return r < 0 ? r : run(p, top, spec, err);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fs.h"
#include "build/package_parts.h"

/* Debian's: linux-image-RELEASE, and linux-headers-RELEASE where there can be modules. */

struct deb_kind {
	const char *name;         /* the directory of its templates */
	const char *const *files; /* for DEBIAN/, each made of FILE.in; NULL-terminated */
};

static int fill(const struct packing *p, const char *from, const char *to, const char *package,
		struct error *err)
{
	_cleanup_(freep) char *template = xasprintf("%s/debian/%s.in", p->job->spec, from);
	struct template_value values[ARRAY_SIZE(p->values) + 1];

	memcpy(values, p->values, p->n_values * sizeof(*values));
	values[p->n_values] = (struct template_value){ "PACKAGE", package };
	return template_fill(template, to, values, p->n_values + 1, false, err);
}

static int fill_kind(const struct packing *p, const struct deb_kind *kind, const char *root,
		     const char *package, struct error *err)
{
	static const char *const docs[] = { "changelog", "copyright", NULL };
	_cleanup_(freep) char *control = xasprintf("%s/DEBIAN", root), *doc = xasprintf("%s.doc", root);
	int r;

	r = fs_make_dir(control, err);
	if (r == 0)
		r = fs_make_dir(doc, err);
	for (size_t i = 0; r == 0 && kind->files[i]; i++) {
		_cleanup_(freep) char *from = xasprintf("%s/%s", kind->name, kind->files[i]);
		_cleanup_(freep) char *to = xasprintf("%s/%s", control, kind->files[i]);

		r = fill(p, from, to, package, err);
	}
	for (size_t i = 0; r == 0 && docs[i]; i++) {
		_cleanup_(freep) char *to = xasprintf("%s/%s", doc, docs[i]);

		r = fill(p, docs[i], to, package, err);
	}
	return r;
}

static int make_kind(const struct packing *p, const struct deb_kind *kind, struct error *err)
{
	_cleanup_(freep) char *script = xasprintf("%s/debian/pack", p->job->spec);
	_cleanup_(freep) char *root = xasprintf("%s/deb-%s", p->work, kind->name);
	_cleanup_(freep) char *package = xasprintf("linux-%s-%s", kind->name, p->names.name);
	const char *const argv[] = { "sh", script, kind->name, p->stage, p->job->release, root, p->out, NULL };
	const char *const env[] = { "LC_ALL=C", p->epoch, NULL };
	_cleanup_(freep) char *step = xasprintf("making the Debian package %s", package);
	int r;

	r = fill_kind(p, kind, root, package, err);
	if (r < 0)
		return r;
	return package_run(p->job, argv, env, step, "dash", err);
}

int package_deb(const struct packing *p, struct error *err)
{
	static const char *const image[] = { "control", "preinst", "postinst", "prerm", "postrm", NULL };
	static const char *const headers[] = { "control", NULL };
	static const struct deb_kind kinds[] = { { "image", image }, { "headers", headers } };
	int r = 0;

	for (size_t i = 0; r == 0 && i < (p->modules ? 2 : 1); i++)
		r = make_kind(p, &kinds[i], err);
	return r;
}

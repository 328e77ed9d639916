/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fs.h"
#include "base/scratch.h"
#include "build/package_parts.h"
#include "build/policy_package.h"

#include <ctype.h>
#include <errno.h>
#include <sys/stat.h>
#include <time.h>

static bool made_of(const char *s, const char *more)
{
	for (const char *p = s; *p; p++)
		if (!isascii(*p) || (!isalnum((unsigned char)*p) && !strchr(more, *p)))
			return false;
	return *s != '\0';
}

/* These go into a spec, a control file and a pin, where a blank or a new line would say something else. */
static int vet(const struct policy_package *p, struct error *err)
{
	if (!islower((unsigned char)p->name[0]) || !made_of(p->name, "+.-") ||
	    strpbrk(p->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
		return error_set(err, EINVAL,
				 "\"%s\" cannot be the name of a package: it begins with a letter, and has lower-case "
				 "letters, digits, and + . -; give another with --name", p->name);
	if (!made_of(p->revision, ".+~"))
		return error_set(err, EINVAL, "package revision \"%s\" must be letters, digits, and . + ~",
				 p->revision);
	if (!p->maintainer[0] || strpbrk(p->maintainer, "\n\r"))
		return error_set(err, EINVAL, "the maintainer must be one line: Name <address>");
	if (p->terms && !made_of(p->kernel, "+._-"))
		return error_set(err, EINVAL, "\"%s\" cannot be the name of a kernel package", p->kernel);
	for (size_t i = 0; i < p->n_blocks; i++)
		if (!made_of(p->blocks[i].name, "+._-") || !made_of(p->blocks[i].version, "+.~:^_-"))
			return error_set(err, EINVAL, "\"%s\" in version \"%s\" is no name and version of a package",
					 p->blocks[i].name, p->blocks[i].version);
	return 0;
}

static char *one_line(const char *text)
{
	char *s = xstrdup(text);

	for (char *p = s; *p; p++)
		if (iscntrl((unsigned char)*p))
			*p = ' ';
	return s;
}

static char *conflicts(const struct policy_package *p)
{
	struct buf b = { 0 };

	for (size_t i = 0; p->terms && i < p->terms->n; i++)
		buf_addf(&b, "Conflicts: (%s without %s)\n", p->kernel, p->terms->items[i]);
	for (size_t i = 0; i < p->n_blocks; i++) {
		_cleanup_(freep) char *why = one_line(p->blocks[i].why);

		buf_addf(&b, "# %s\nConflicts: %s = %s\n", why, p->blocks[i].name, p->blocks[i].version);
	}
	return b.text ? b.text : xstrdup("");
}

static char *pins(const struct policy_package *p)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < p->n_blocks; i++) {
		_cleanup_(freep) char *why = one_line(p->blocks[i].why);

		buf_addf(&b, "\nExplanation: %s\nPackage: %s\nPin: version %s\nPin-Priority: -1\n", why,
			 p->blocks[i].name, p->blocks[i].version);
	}
	return b.text ? b.text : xstrdup("");
}

/* The day that packages of the same content shall agree on, if somebody names one. */
static char *day(void)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	time_t t = epoch && isdigit((unsigned char)*epoch) ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&t, &tm))
		strftime(text, sizeof(text), "%a %b %d %Y", &tm);
	return xstrdup(text);
}

static int fill(const struct policy_package *p, const char *template, const char *to, struct error *err)
{
	_cleanup_(freep) char *from = xasprintf("%s/policy-package.%s", p->spec, template);
	_cleanup_(freep) char *version = xasprintf("%u", p->version), *policy = one_line(p->policy), *date = day();
	_cleanup_(freep) char *lines = conflicts(p), *stanzas = pins(p);
	const struct template_value values[] = {
		{ "NAME", p->name }, { "POLICY", policy }, { "VERSION", version }, { "REVISION", p->revision },
		{ "MAINTAINER", p->maintainer }, { "CONFLICTS", lines }, { "PINS", stanzas }, { "DATE", date },
	};

	return template_fill(from, to, values, ARRAY_SIZE(values), p->rpm, err);
}

static int build_rpm(const struct policy_package *p, const char *work, struct error *err)
{
	_cleanup_(freep) char *spec = xasprintf("%s/policy.spec", work), *top = xasprintf("_topdir %s", work);
	_cleanup_(freep) char *out = xasprintf("_rpmdir %s/made", work), *tmp = xasprintf("_tmppath %s", work);
	_cleanup_(freep) char *home = xasprintf("HOME=%s", work), *build = xasprintf("%s/BUILD", work);
	const char *const argv[] = { "rpmbuild", "-bb", "--target", "noarch", "--define", top, "--define", out,
				     "--define", tmp, "--define",
				     "_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm", spec, NULL };
	const char *const env[] = { "LC_ALL=C", home, NULL };
	const struct package_job job = { .log = -1 };
	int r = fs_make_dir(build, err);

	if (r == 0)
		r = fill(p, "spec.in", spec, err);
	return r < 0 ? r : package_run(&job, argv, env, "making the policy package", "rpm", err);
}

static int build_deb(const struct policy_package *p, const char *work, struct error *err)
{
	_cleanup_(freep) char *root = xasprintf("%s/root", work), *control = xasprintf("%s/DEBIAN", root);
	_cleanup_(freep) char *pref = xasprintf("%s/etc/apt/preferences.d", root);
	_cleanup_(freep) char *doc = xasprintf("%s/usr/share/doc/%s", root, p->name);
	_cleanup_(freep) char *made = xasprintf("%s/made", work);
	const struct {
		const char *template;
		char *to;
	} files[] = {
		{ "control.in", xasprintf("%s/control", control) },
		{ "conffiles.in", xasprintf("%s/conffiles", control) },
		{ "pref.in", xasprintf("%s/%s.pref", pref, p->name) },
		{ "copyright.in", xasprintf("%s/copyright", doc) },
	};
	const char *const argv[] = { "dpkg-deb", "--root-owner-group", "-Zxz", "--build", root, made, NULL };
	const char *const env[] = { "LC_ALL=C", NULL };
	const struct package_job job = { .log = -1 };
	int r = fs_make_dir(control, err);

	if (r == 0)
		r = fs_make_dir(pref, err);
	if (r == 0)
		r = fs_make_dir(doc, err);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (r == 0)
			r = fill(p, files[i].template, files[i].to, err);
		free(files[i].to);
	}
	if (r == 0)
		r = fs_make_dir(made, err);
	return r < 0 ? r : package_run(&job, argv, env, "making the policy package", "dpkg", err);
}

/* What the two programs call it. */
static char *file_name(const struct policy_package *p)
{
	return p->rpm ? xasprintf("%s-%u-%s.noarch.rpm", p->name, p->version, p->revision) :
			xasprintf("%s_%u-%s_all.deb", p->name, p->version, p->revision);
}

static int put(const struct policy_package *p, const char *work, char **ret_path, struct error *err)
{
	_cleanup_(freep) char *name = file_name(p), *made = xasprintf("%s/made/%s", work, name);
	_cleanup_(freep) char *path = xasprintf("%s/%s", p->out, name), *text = NULL;
	size_t n;
	int r = fs_read(made, 1 << 20, &text, &n, err);

	if (r == 0)
		r = fs_make_dir(p->out, err);
	if (r == 0)
		r = fs_write(path, text, n, err);
	if (r == 0)
		*ret_path = TAKE_PTR(path);
	return r;
}

int policy_package_make(const struct policy_package *p, char **ret_path, struct error *err)
{
	char *work = NULL;
	mode_t mask;
	int r = vet(p, err);

	if (r == 0)
		r = scratch_make("policy", &work, err);
	if (r < 0)
		return r;
	mask = umask(022);
	r = p->rpm ? build_rpm(p, work, err) : build_deb(p, work, err);
	umask(mask);
	if (r == 0)
		r = put(p, work, ret_path, err);
	scratch_remove(work);
	return r;
}

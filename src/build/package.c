/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fs.h"
#include "build/package_parts.h"
#include "kernel/config.h"

#include <dirent.h>
#include <errno.h>
#include <sys/utsname.h>
#include <time.h>

/* Takes `value`. */
static void add(struct packing *p, const char *name, char *value)
{
	p->values[p->n_values++] = (struct template_value){ name, value };
}

static char *date(long long epoch, const char *format)
{
	time_t t = (time_t)epoch;
	char text[64] = "";
	struct tm tm;

	if (gmtime_r(&t, &tm))
		strftime(text, sizeof(text), format, &tm);
	return xstrdup(text);
}

/* A sentence for descriptions. */
static char *shims_sentence(const char *const *shims)
{
	struct buf b = { 0 };

	if (!shims || !shims[0])
		return xstrdup("It was built without shims.");
	buf_addf(&b, "It was built with the shim%s", shims[1] ? "s" : "");
	for (size_t i = 0; shims[i]; i++)
		buf_addf(&b, "%s %s", i > 0 ? "," : "", shims[i]);
	buf_add(&b, ".", 1);
	return b.text;
}

/* "Provides: hypervisor-vmi (= 3.0), hypervisor-xen-pvh": dpkg and apt take several versions of one name. */
static char *deb_provides(const struct provides *provides)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < provides->n; i++) {
		_cleanup_(freep) char *line = provide_text(&provides->lines[i], PACKAGE_DEB);

		buf_addf(&b, "%s%s", i > 0 ? ",\n " : "Provides: ", line);
	}
	if (b.len > 0)
		buf_add(&b, "\n", 1);
	return b.text ? b.text : xstrdup("");
}

static char *rpm_provides(const struct provides *provides)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < provides->n; i++) {
		_cleanup_(freep) char *line = provide_text(&provides->lines[i], PACKAGE_RPM);

		buf_addf(&b, "Provides: %s\n", line);
	}
	return b.text ? b.text : xstrdup("");
}

/* What the config in the stage says: with modules there are more packages, and not all kernels take an initrd. */
static int read_config(struct packing *p, bool *ret_initrd, struct error *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/boot/config-%s", p->stage, p->job->release);
	_cleanup_(config_freep) struct config *config = NULL;
	_cleanup_(freep) char *text = NULL;
	struct error cause = { 0 };
	size_t n;
	int r;

	r = fs_read(path, CONFIG_MAX_BYTES, &text, &n, err);
	if (r < 0)
		return r;
	r = config_parse(text, n, &config, &cause);
	if (r < 0)
		return error_set(err, r, "%s: %s", path, cause.text);
	p->modules = config_is_set(config, "MODULES");
	*ret_initrd = config_is_set(config, "BLK_DEV_INITRD");
	return 0;
}

static void add_values(struct packing *p, const struct provides *provides, bool initrd)
{
	const struct package_names *n = &p->names;
	struct utsname machine = { 0 };

	uname(&machine);
	add(p, "RELEASE", xstrdup(p->job->release));
	add(p, "KERNEL", xstrdup(n->kernel));
	add(p, "NAME", xstrdup(n->name));
	add(p, "UNAME", xstrdup(n->evr));
	add(p, "VERSION", xstrdup(n->version));
	add(p, "DEB_VERSION", xasprintf("%s-%s", n->version, p->job->revision));
	add(p, "RPM_RELEASE", xstrdup(n->rpm_release));
	add(p, "ARCHITECTURE", xstrdup(n->deb_arch));
	add(p, "MAINTAINER", xstrdup(p->job->maintainer));
	add(p, "SHIMS", shims_sentence(p->job->shims));
	add(p, "DEB_PROVIDES", deb_provides(provides));
	add(p, "RPM_PROVIDES", rpm_provides(provides));
	add(p, "INITRD", xstrdup(initrd ? "Yes" : "No"));
	add(p, "INITRAMFS_DEPENDS", xstrdup(initrd ? ", initramfs-tools | linux-initramfs-tool" : ""));
	add(p, "MODULES", xstrdup(p->modules ? "1" : "0"));
	add(p, "MACHINE", xstrdup(machine.machine));
	add(p, "DATE_DEBIAN", date(p->job->epoch, "%a, %d %b %Y %H:%M:%S +0000"));
	add(p, "DATE_RPM", date(p->job->epoch, "%a %b %d %Y"));
}

static void packing_done(struct packing *p)
{
	struct error ignored = { 0 };

	if (p->work)
		fs_remove(p->work, &ignored);
	if (p->out)
		fs_remove(p->out, &ignored);
	for (size_t i = 0; i < p->n_values; i++)
		free((char *)p->values[i].value);
	package_names_done(&p->names);
	free(p->stage);
	free(p->work);
	free(p->out);
	free(p->epoch);
}

static int packing_begin(struct packing *p, const struct provides *provides, struct error *err)
{
	_cleanup_(freep) char *packages = NULL;
	bool initrd = false;
	int r;

	r = fs_make_dir(p->job->packages, err);
	if (r < 0)
		return r;
	p->stage = realpath(p->job->stage, NULL);
	packages = realpath(p->job->packages, NULL);
	if (!p->stage || !packages)
		return error_set(err, errno, "%s: %m; package_stage() makes it", p->job->stage);
	p->work = xasprintf("%s.packing", p->stage);
	p->out = xasprintf("%s/.packing", packages);
	p->epoch = xasprintf("SOURCE_DATE_EPOCH=%lld", p->job->epoch);
	r = read_config(p, &initrd, err);
	if (r == 0)
		r = fs_fresh_dir(p->work, err);
	if (r == 0)
		r = fs_fresh_dir(p->out, err);
	if (r == 0)
		add_values(p, provides, initrd);
	return r;
}

/* Moves finished packages to where they belong, all of them or none. */
static int publish(const struct packing *p, struct error *err)
{
	struct dirent **entries;
	int n = scandir(p->out, &entries, NULL, alphasort), r = 0, moved = 0;

	if (n < 0)
		return error_set(err, errno, "%s: %m", p->out);
	for (; moved < n && r == 0; moved += r == 0) {
		_cleanup_(freep) char *from = xasprintf("%s/%s", p->out, entries[moved]->d_name);
		_cleanup_(freep) char *to = xasprintf("%s/%s", p->job->packages, entries[moved]->d_name);

		if (entries[moved]->d_name[0] != '.' && rename(from, to) < 0)
			r = error_set(err, errno, "%s: the package cannot be put here: %m", to);
	}
	for (int i = 0; r < 0 && i < moved; i++) {
		_cleanup_(freep) char *to = xasprintf("%s/%s", p->job->packages, entries[i]->d_name);

		if (entries[i]->d_name[0] != '.')
			unlink(to);
	}
	for (int i = 0; i < n; i++)
		free(entries[i]);
	free(entries);
	return r;
}

static int make(struct packing *p, const struct provides *provides, struct error *err)
{
	int r = packing_begin(p, provides, err);

	if (r == 0 && (p->job->formats & PACKAGE_DEB))
		r = package_deb(p, err);
	if (r == 0 && (p->job->formats & PACKAGE_RPM))
		r = package_rpm(p, err);
	return r < 0 ? r : publish(p, err);
}

int package_make(const struct package_job *job, const struct provides *provides, struct error *err)
{
	struct packing p = { .job = job };
	int r = package_names_of(job, &p.names, err);

	if (r == 0)
		r = make(&p, provides, err);
	packing_done(&p);
	return r;
}

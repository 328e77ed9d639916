/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fs.h"
#include "build/build_private.h"
#include "build/package_parts.h" /* what packages will be called */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

/* --- before anything is compiled */

/* The two texts that the file names of all packages of this build have one of; the second is of an rpm. */
static int name_parts(const struct build *b, char **ret_deb, char **ret_rpm, struct error *err)
{
	struct package_job job = { .karch = b->karch, .release = b->result->release, .revision = b->request->revision,
				   .maintainer = b->request->maintainer };
	struct package_names names;
	int r = package_names_of(&job, &names, err);

	if (r < 0)
		return r;
	*ret_deb = xasprintf("-%s_%s-%s_", names.name, names.version, b->request->revision);
	*ret_rpm = xasprintf("-%s-%s.%s.", names.version, names.rpm_release, names.rpm_arch);
	package_names_done(&names);
	return 0;
}

static bool would_collide(const struct build *b, const char *name, const char *deb, const char *rpm)
{
	return (b->request->formats & PACKAGE_DEB && endswith(name, ".deb") && strstr(name, deb)) ||
	       (b->request->formats & PACKAGE_RPM && endswith(name, ".rpm") && strstr(name, rpm));
}

int out_check_names(struct build *b, struct error *err)
{
	_cleanup_(freep) char *deb = NULL, *rpm = NULL;
	DIR *d = opendir(b->out);
	struct dirent *e;
	int r = d ? name_parts(b, &deb, &rpm, err) : error_set(err, errno, "%s: %m", b->out);

	while (d && r == 0 && (e = fs_next(d, b->out, &r, err)))
		if (!b->request->force && would_collide(b, e->d_name, deb, rpm))
			r = error_set(err, EEXIST,
				      "%s/%s is there already; give another --revision or --out, or --force to replace it",
				      b->out, e->d_name);
	if (d)
		closedir(d);
	return r;
}

/* --- letting out */

struct parcel {
	char *from, *beside, *to;
	bool placed, replaced;
};

static void parcels_free(struct parcel *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(list[i].from);
		free(list[i].beside);
		free(list[i].to);
	}
	free(list);
}

static int collect(const struct build *b, struct parcel **ret, size_t *ret_n, struct error *err)
{
	struct dirent **entries;
	int n = scandir(b->packages, &entries, NULL, alphasort);
	struct parcel *list = NULL;
	size_t count = 0;

	if (n < 0)
		return error_set(err, errno, "%s: cannot be listed: %m", b->packages);
	for (int i = 0; i < n; i++) {
		const char *name = entries[i]->d_name;

		if (endswith(name, ".deb") || endswith(name, ".rpm")) {
			ARRAY_GROW(list, count);
			list[count++] = (struct parcel){
				.from = xasprintf("%s/%s", b->packages, name),
				.beside = xasprintf("%s/.hvcompat-%s", b->out, name),
				.to = xasprintf("%s/%s", b->out, name),
			};
		}
		free(entries[i]);
	}
	free(entries);
	*ret = list;
	*ret_n = count;
	return 0;
}

/* Onto the disk of `out`, under a name that nobody takes for a package. */
static int put_beside(struct build *b, const struct parcel *p, struct error *err)
{
	_cleanup_(closep) int fd = -1;
	int r = 0;

	unlink(p->beside);
	if (link(p->from, p->beside) < 0)
		r = run_program(b, (const char *const[]){ "cp", "--reflink=auto", p->from, p->beside, NULL }, NULL, err);
	if (r < 0)
		return r;
	fd = open(p->beside, O_RDONLY | O_CLOEXEC);
	return fd < 0 || fsync(fd) < 0 ? error_set(err, errno, "%s: cannot be written: %m", p->beside) : 0;
}

static int place(const struct build *b, struct parcel *p, struct error *err)
{
	p->replaced = fs_exists(p->to);
	if (renameat2(AT_FDCWD, p->beside, AT_FDCWD, p->to, b->request->force ? 0 : RENAME_NOREPLACE) < 0)
		return error_set(err, errno, "%s: %s", p->to,
				 errno == EEXIST ? "is there already; --force replaces it" : strerror(errno));
	p->placed = true;
	return 0;
}

/* What was put in place of an older one cannot be taken back; the rest can. */
static void take_back(struct parcel *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unlink(list[i].beside);
		if (list[i].placed && !list[i].replaced)
			unlink(list[i].to);
	}
}

int out_release(struct build *b, struct error *err)
{
	size_t n = 0;
	struct parcel *list = NULL;
	int r = collect(b, &list, &n, err);

	for (size_t i = 0; r == 0 && i < n; i++)
		r = put_beside(b, &list[i], err);
	if (r == 0 && command_interrupted())
		r = error_set(err, EINTR, "stopped by a signal; nothing was let out; --resume goes on in %s", b->work);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = place(b, &list[i], err);
	if (r < 0) {
		take_back(list, n);
		error_prefix(err, "the packages are not let out, and stay in %s", b->packages);
	}
	for (size_t i = 0; i < n; i++)
		strings_add(&b->result->files, xstrdup(list[i].to));
	parcels_free(list, n);
	return r;
}

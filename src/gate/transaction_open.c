/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the packages of a transaction are. Each is opened in a process of its own, which has no rights. */
#include "gate/transaction.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>

#include "base/scratch.h"
#include "base/worker.h"
#include "pkg/package.h"

#define LOOK_SECONDS 120 /* for the list of one package, which takes a hundredth of one */

static const char *const families[] = { "deb", "rpm" };

static bool is_module(const char *path)
{
	static const char *const ends[] = { ".ko", ".ko.xz", ".ko.zst", ".ko.gz" };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (endswith(path, ends[i]))
			return true;
	return false;
}

static bool is_image(const char *base)
{
	static const char *const starts[] = { "vmlinu", "Image", "bzImage", "zImage", "image-" };

	for (size_t i = 0; i < ARRAY_SIZE(starts); i++)
		if (startswith(base, starts[i]))
			return true;
	return false;
}

static void set_release(struct transaction_package *p, const char *release, size_t n)
{
	/* The first tells; a package for several releases would be several kernels' part, which no distro makes. */
	if (!p->release && n > 0 && isdigit((unsigned char)*release))
		p->release = xstrndup(release, n);
}

static void look_at_member(struct transaction_package *p, const char *path)
{
	const char *rest = startswith(path, "usr/lib/modules/"), *slash, *dash;

	if (!rest)
		rest = startswith(path, "lib/modules/");
	if (rest) {
		slash = strchr(rest, '/');
		if (!slash)
			return;
		if (is_image(slash + 1) && !strchr(slash + 1, '/'))
			p->image = true;
		else if (is_module(slash))
			p->modules = true;
		else if (streq(slash, "/config"))
			p->config = true;
		else if (!startswith(slash, "/modules."))
			return;
		set_release(p, rest, (size_t)(slash - rest));
		return;
	}
	rest = startswith(path, "boot/");
	dash = rest && (is_image(rest) || startswith(rest, "config-")) ? strchr(rest, '-') : NULL;
	if (dash && isdigit((unsigned char)dash[1]) && !strchr(dash, '/')) {
		*(is_image(rest) ? &p->image : &p->config) = true;
		set_release(p, dash + 1, strlen(dash + 1));
	}
}

/* In the worker. */
static int package_look(struct transaction_package *p, struct error *err)
{
	_cleanup_(package_freep) struct package *package = NULL;
	const struct package_info *info;
	const struct member *members;
	int r = package_open(p->path, NULL, &package, err);
	size_t n;

	if (r < 0)
		return r;
	info = package_info(package);
	if (info->format != PACKAGE_DEB && info->format != PACKAGE_RPM)
		return error_set(err, EOPNOTSUPP, "%s: is no package", p->path);
	p->family = families[info->format == PACKAGE_RPM];
	p->name = info->name ? xstrdup(info->name) : NULL;
	p->version = info->version ? xstrdup(info->version) : NULL;
	p->arch = info->arch ? xstrdup(info->arch) : NULL;
	for (size_t i = 0; info->requires[i]; i++)
		strings_add(&p->requires, xstrdup(info->requires[i]));
	n = package_members(package, &members);
	for (size_t i = 0; i < n; i++)
		look_at_member(p, members[i].path);
	return 0;
}

/* --- in a process without rights --------------------------------------------------------------- */

static void wire_package(struct wire *w, struct transaction_package *p)
{
	bool rpm = p->family == families[1];
	size_t n = p->requires.n;

	wire_bool(w, &rpm);
	p->family = families[rpm];
	wire_text(w, &p->name);
	wire_text(w, &p->version);
	wire_text(w, &p->arch);
	wire_text(w, &p->release);
	wire_bool(w, &p->image);
	wire_bool(w, &p->config);
	wire_bool(w, &p->modules);
	wire_count(w, &n, 8);
	for (size_t i = 0; i < n && !w->bad; i++) {
		char *name = w->out ? p->requires.items[i] : NULL;

		wire_text(w, &name);
		if (!w->out && name)
			strings_add(&p->requires, name);
	}
}

static void serve(int fd, const void *ctx)
{
	struct transaction_package p = { .path = (char *)ctx };
	const char *const paths[] = { p.path, NULL };
	struct error err = { 0 };
	struct buf said = { 0 };
	struct wire out = { .out = &said };

	if (worker_confine(fd, paths, &err) == 0)
		package_look(&p, &err);
	worker_say(&out, &err);
	if (!err.code)
		wire_package(&out, &p);
	worker_reply(fd, &said);
	_exit(0);
}

/* It becomes a part of paths. */
static bool release_good(const char *release)
{
	return !release || (isdigit((unsigned char)*release) && strlen(release) <= NAME_MAX && !strchr(release, '/'));
}

static int look_apart(struct transaction_package *p, struct error *err)
{
	const struct worker_task task = { .what = p->path, .done = "looked at it", .seconds = LOOK_SECONDS, .serve = serve,
					  .ctx = p->path };
	_cleanup_(freep) uint8_t *bytes = NULL;
	struct worker *worker = NULL;
	struct wire w;
	int r = worker_start(&task, &worker, err);

	if (r < 0)
		return r;
	bytes = worker_answer(worker, &w, err);
	if (bytes)
		wire_package(&w, p);
	if (!bytes)
		r = err->code;
	else if (w.bad || w.left || !release_good(p->release))
		r = worker_nonsense(worker, err);
	worker_unref(worker);
	return r;
}

/* --- links ------------------------------------------------------------------------------------- */

/* So that messages name the package, and nothing in its path matters. */
static int make_link(struct transaction *t, struct transaction_package *p, struct error *err)
{
	_cleanup_(freep) char *real = NULL, *name = xstrdup(p->name ? p->name : "package");
	int r = t->dir ? 0 : scratch_make("gate", &t->dir, err);

	if (r < 0)
		return r;
	for (char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("+-._", *c))
			*c = '_';
	/* A descriptor's path stays as it is: what it leads to may have no name. */
	real = startswith(p->path, "/proc/") || startswith(p->path, "/dev/") ? xstrdup(p->path) : realpath(p->path, NULL);
	p->link = xasprintf("%s/%zu-%.128s.%s", t->dir, (size_t)(p - t->packages), name, p->family);
	if (!real || symlink(real, p->link) < 0)
		return error_set(err, errno, "%s: cannot be linked to as %s: %m", p->path, p->link);
	return 0;
}

int transaction_open(struct transaction *t, void (*skipped)(void *ctx, const char *why), void *ctx, struct error *err)
{
	size_t kept = 0;
	int r = 0;

	for (size_t i = 0; i < t->count && r == 0; i++) {
		struct transaction_package *p = &t->packages[i];
		struct error why = { 0 };

		if (look_apart(p, &why) < 0) {
			skipped(ctx, why.text);
			transaction_package_done(p);
			continue;
		}
		t->packages[kept] = *p;
		if (kept != i)
			*p = (struct transaction_package){ 0 };
		p = &t->packages[kept++];
		if (p->release)
			r = make_link(t, p, err);
	}
	if (r == 0)
		t->count = kept;
	return r;
}

size_t transaction_releases(const struct transaction *t, const char ***ret)
{
	const char **list = xcalloc(t->count + 1, sizeof(*list));
	size_t n = 0, j;

	for (size_t i = 0; i < t->count; i++) {
		if (!t->packages[i].release)
			continue;
		for (j = 0; j < n && !streq(list[j], t->packages[i].release); j++)
			;
		if (j == n)
			list[n++] = t->packages[i].release;
	}
	*ret = list;
	return n;
}

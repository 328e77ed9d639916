/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/ahead.h"
#include "pkg/ar.h"
#include "pkg/blocks.h"
#include "pkg/control.h"

#include <errno.h>
#include <fcntl.h>

struct deb {
	struct deb_part control, data;
	bool listed;	    /* there is an md5sums, which leaves links out */
	struct xz_index xz; /* of data.tar.xz, once it was needed */
	struct locator finder;
	struct ahead *ahead; /* of the payload's beginning, until its first reading; may be NULL */
};

static void deb_free(struct package *p)
{
	struct deb *d = p->state;

	if (!d)
		return;
	ahead_free(d->ahead);
	xz_index_done(&d->xz);
	free(d->finder.heads);
	free(d);
}

/* Reads the index of data.tar.xz, once. */
static int deb_index(struct package *p, struct error *err)
{
	struct deb *d = p->state;
	int r;

	if (d->xz.blocks)
		return 0;
	r = xz_index_read(&d->data.region, &d->xz, err);
	if (r < 0)
		return r;
	d->finder = (struct locator){ .package = p, .index = &d->xz };
	d->finder.heads = xcalloc(d->xz.n, sizeof(*d->finder.heads));
	return 0;
}

/* The payload from its beginning, for the thread that reads ahead: what it makes is the first reader's. */
static int deb_begin(const void *ctx, struct source **ret, struct error *err)
{
	struct package *p = (struct package *)ctx;
	struct deb *d = p->state;
	int r;

	if (d->data.compression != COMPRESSION_XZ)
		return source_open(&d->data.region, d->data.compression, PKG_UNPACKED_MAX, false, ret, err);
	r = deb_index(p, err);
	return r < 0 ? r : xz_source_open(&d->xz, 0, false, ret, err);
}

/* The payload from its beginning. */
static int deb_payload(const void *ctx, struct source **ret, struct error *err)
{
	const struct package *p = ctx;
	const struct deb *d = p->state;

	*ret = ahead_take(d->ahead);
	if (*ret)
		return 0;
	if (d->xz.blocks)
		return xz_source_open(&d->xz, 0, p->verify, ret, err);
	return source_open(&d->data.region, d->data.compression, PKG_UNPACKED_MAX, p->verify, ret, err);
}

static void deb_read(struct package *p, struct wants *w)
{
	struct deb *d = p->state;
	struct error err = { 0 };

	ahead_opened(d->ahead);
	if (d->data.compression == COMPRESSION_XZ && deb_index(p, &err) < 0) {
		wants_fail_open(w, &err);
		return;
	}
	d->finder.ahead = d->ahead;
	if (d->xz.n > 1)
		blocks_read(p, &d->finder, w);
	pass_straight(w, (struct entry_walk){ .next = tar_next }, (struct source_maker){ deb_payload, p },
		      d->listed ? "md5sums" : "the first listing of the payload");
	d->finder.ahead = d->ahead = ahead_free(d->ahead);
}

static int list_entry(struct package *p, const struct package *old, const struct entry *e, struct error *err)
{
	struct member m = { .size = MEMBER_SIZE_UNKNOWN };
	struct body b = { .offset = e->offset };
	ssize_t i;

	if (e->type == ENTRY_OTHER)
		return 0;
	m.path = package_string(p, e->path, strlen(e->path));
	if (e->type == ENTRY_FILE)
		m.size = e->size;
	if (e->type == ENTRY_SYMLINK)
		m.target = package_string(p, e->target, strlen(e->target));
	if (e->type == ENTRY_HARDLINK)
		b.path = package_string(p, e->target, strlen(e->target));
	i = package_find(old, e->path);
	if (i >= 0)
		b.digest = old->bodies[i].digest;
	return package_add(p, &m, &b, err);
}

static int list_payload(struct package *p, const struct package *old, struct error *err)
{
	_cleanup_(source_freep) struct source *s = NULL;
	_cleanup_(freep) struct entry *e = xmalloc(sizeof(*e));
	int r;

	r = deb_payload(p, &s, err);
	if (r < 0)
		return r;
	while ((r = tar_next(s, NULL, e, err)) > 0) {
		r = list_entry(p, old, e, err);
		if (r == 0)
			r = source_skip(s, e->size + e->padding, e->path, err);
		if (r < 0)
			return r;
	}
	if (r == 0 && p->verify)
		r = source_drain(s, err);
	return r < 0 ? r : package_sort(p, err);
}

/* What md5sums named must be there: a file that is not would otherwise pass for absent. */
static int list_compare(const struct package *p, const struct package *old, struct error *err)
{
	for (size_t i = 0; i < old->n; i++)
		if (package_find(p, old->members[i].path) < 0)
			return error_set(err, EBADMSG, "md5sums names %s, but the payload does not hold it",
					 old->members[i].path);
	return 0;
}

static void swap_lists(struct package *p, struct package *old)
{
	struct package was = *p;

	p->members = old->members;
	p->bodies = old->bodies;
	p->n = old->n;
	old->members = was.members;
	old->bodies = was.bodies;
	old->n = was.n;
}

/* Lists the payload in place of what is known so far. On failure the list is as before. */
static int deb_relist(struct package *p, struct error *err)
{
	struct package old = { 0 };
	struct deb *d = p->state;
	int r = 0;

	ahead_opened(d->ahead);
	if (d->data.compression == COMPRESSION_XZ)
		r = deb_index(p, err);
	if (r < 0)
		return r;
	swap_lists(p, &old);
	r = list_payload(p, &old, err);
	if (r == 0)
		r = list_compare(p, &old, err);
	if (r < 0)
		swap_lists(p, &old);
	else if (d->finder.heads) /* their member numbers are void */
		memset(d->finder.heads, 0, d->xz.n * sizeof(*d->finder.heads));
	package_forget(&old);
	return r;
}

static int deb_list_all(struct package *p, struct error *err)
{
	struct deb *d = p->state;
	int r;

	if (!d->listed)
		return 0;
	r = deb_relist(p, err);
	if (r == 0)
		d->listed = false;
	return r;
}

static int deb_open(struct package *p, const struct package_options *options, struct error *err)
{
	struct deb *d = p->state = xcalloc(1, sizeof(*d));
	int r;

	(void)options;
	p->info.format = PACKAGE_DEB;
	/* Read-ahead would bring in most of a package for the tenth of it that is needed. */
	posix_fadvise(p->fd, 0, 0, POSIX_FADV_RANDOM);
	r = ar_read_deb(&p->file, &d->control, &d->data, err);
	if (r == 0 && p->threads > 1 && !p->verify)
		d->ahead = ahead_start((struct source_maker){ deb_begin, p });
	if (r == 0)
		r = control_read(p, &d->control, &d->listed, err);
	if (r == 0 && !d->listed)
		r = deb_relist(p, err);
	return r;
}

const struct format format_deb = {
	.name = "deb",
	.open = deb_open,
	.read = deb_read,
	.list_all = deb_list_all,
	.free = deb_free,
};

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A repository of rpm packages: repodata/repomd.xml, signed, and the primary.xml that it lists. */
#include "pkg/index_private.h"

#include <errno.h>
#include <unistd.h>

#include "pkg/limits.h"

static int read_primary(struct index *x, const struct repomd *m, const char *path, struct error *err)
{
	struct index_bytes b = { .fd = -1 };
	char digest[65];
	int r = index_bytes_read(path, PKG_INDEX_FILE_MAX, &b, err);

	if (r < 0)
		return r;
	if (b.size != m->size || !streq(b.sha256, m->checksum))
		r = error_set(err, EBADMSG, "it is not the file that repomd.xml lists: it was changed, or cut, or the mirror is being "
			      "updated");
	if (r < 0)
		close(b.fd);
	else
		r = index_read(x, &(struct index_reading){ .bytes = &b, .path = path, .read = primary_read }, digest, err);
	if (r == 0 && m->open_checksum[0] && !streq(m->open_checksum, digest))
		r = error_set(err, EBADMSG, "it does not unpack to what repomd.xml lists");
	if (r < 0)
		error_prefix(err, "%s", path);
	return r;
}

int index_open_rpm(const char *dir, const struct index_options *o, struct index_list *list, struct error *err)
{
	_cleanup_(freep) char *repodata = xasprintf("%s/repodata", dir), *path = NULL;
	_cleanup_(index_freep) struct index *x = xcalloc(1, sizeof(*x));
	struct index_vouched v = { 0 };
	struct repomd m = { 0 };
	int r = index_vouch(repodata, NULL, "repomd.xml", "repomd.xml.asc", o, &v, err);

	if (r == 0)
		r = index_read_repomd(&v, repodata, &m, err);
	if (r == 0) {
		x->label = xstrdup(dir);
		x->base = xstrdup(dir);
		x->signer = v.signer ? xstrdup(v.signer) : NULL;
		path = xasprintf("%s/%s", dir, m.location);
		r = read_primary(x, &m, path, err);
	}
	index_vouched_done(&v);
	free(m.location);
	if (r == 0)
		index_list_add(list, TAKE_PTR(x));
	return r;
}

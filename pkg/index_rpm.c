/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A repository of rpm packages: repodata/repomd.xml, signed, and the primary.xml that it lists. */
#include "pkg/index_private.h"

#include <errno.h>
#include <inttypes.h>
#include <unistd.h>

#include "pkg/index_xml.h"
#include "pkg/limits.h"
#include "pkg/path.h"

/* What repomd.xml says of the primary index. */
struct repomd {
	bool root, in_primary, seen;
	char checksum[65], open_checksum[65];
	char *location; /* owned */
	bool is_checksum, is_open;
	uint64_t size;  /* 0: not said */
};

static int on_start(void *ctx, const char *name, const char **a, struct error *err)
{
	struct repomd *m = ctx;
	bool sha256 = streq_null(xml_attribute(a, "type"), "sha256");

	m->is_checksum = m->is_open = false;
	if (!m->root && !streq(name, "repomd"))
		return error_set(err, EBADMSG, "it is no repomd.xml: its root is <%.40s>", name);
	m->root = true;
	if (streq(name, "data"))
		m->in_primary = streq_null(xml_attribute(a, "type"), "primary");
	if (!m->in_primary)
		return 0;
	if (streq(name, "data") && m->seen)
		return error_set(err, EBADMSG, "it lists two primary indexes");
	m->seen = true;
	m->is_checksum = sha256 && streq(name, "checksum");
	m->is_open = sha256 && streq(name, "open-checksum");
	if (streq(name, "location") && !m->location && xml_attribute(a, "href") && !xml_attribute(a, "xml:base"))
		m->location = xstrdup(xml_attribute(a, "href"));
	return 0;
}

static bool take_checksum(const char *text, char into[65])
{
	if (strlen(text) != 64 || strspn(text, "0123456789abcdef") != 64)
		return false;
	memcpy(into, text, 65);
	return true;
}

static int on_end(void *ctx, const char *name, const char *text, struct error *err)
{
	struct repomd *m = ctx;

	if (m->in_primary && ((m->is_checksum && !take_checksum(text, m->checksum)) ||
			      (m->is_open && !take_checksum(text, m->open_checksum))))
		return error_set(err, EBADMSG, "its primary index has a SHA-256 that is none");
	if (m->in_primary && streq(name, "size"))
		m->size = strtoull(text, NULL, 10);
	if (streq(name, "data"))
		m->in_primary = false;
	m->is_checksum = m->is_open = false;
	return 0;
}

static int read_repomd(const struct index_vouched *v, struct repomd *m, struct error *err)
{
	struct xml_reader reader = { on_start, on_end, m };
	_cleanup_(xml_freep) struct xml *x = xml_new(&reader);
	char clean[PKG_PATH_MAX + 1];
	int r = x ? xml_feed(x, v->text, v->size, true, err) : error_set(err, ENOMEM, "no memory");

	if (r < 0)
		return r;
	if (!m->location || !m->checksum[0] || m->size == 0)
		return error_set(err, EBADMSG, "it lists no primary index with a location, a SHA-256 and a size");
	if (m->location[0] == '/' || !path_clean(m->location, strlen(m->location), clean))
		return error_set(err, EBADMSG, "its primary index lies outside of the repository");
	return 0;
}

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
		r = index_unpack(x, &b, path, primary_read, digest, err);
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

	if (r == 0) {
		r = read_repomd(&v, &m, err);
		if (r < 0)
			error_prefix(err, "%s/repomd.xml", repodata);
	}
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

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* repomd.xml of rpm-md: where the primary index is, and what it is. */
#include "pkg/index_private.h"

#include <errno.h>

#include "pkg/index_xml.h"
#include "pkg/path.h"

struct reading {
	struct repomd *into;
	bool root, in_primary, seen;
	bool is_checksum, is_open;
};

static int on_start(void *ctx, const char *name, const char **a, struct error *err)
{
	struct reading *m = ctx;
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
	if (streq(name, "location") && !m->into->location && xml_attribute(a, "href") && !xml_attribute(a, "xml:base"))
		m->into->location = xstrdup(xml_attribute(a, "href"));
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
	struct reading *m = ctx;

	if (m->in_primary && ((m->is_checksum && !take_checksum(text, m->into->checksum)) ||
			      (m->is_open && !take_checksum(text, m->into->open_checksum))))
		return error_set(err, EBADMSG, "its primary index has a SHA-256 that is none");
	if (m->in_primary && streq(name, "size"))
		m->into->size = strtoull(text, NULL, 10);
	if (streq(name, "data"))
		m->in_primary = false;
	m->is_checksum = m->is_open = false;
	return 0;
}

int repomd_read(const char *text, size_t n, struct repomd *ret, struct error *err)
{
	struct repomd found = { 0 };
	struct reading m = { .into = &found };
	struct xml_reader reader = { on_start, on_end, &m };
	_cleanup_(xml_freep) struct xml *x = xml_new(&reader);
	int r = x ? xml_feed(x, text, n, true, err) : error_set(err, ENOMEM, "no memory");

	if (r == 0)
		*ret = found;
	else
		free(found.location);
	return r;
}

void repomd_wire(struct wire *w, struct repomd *m)
{
	wire_text(w, &m->location);
	wire_chars(w, m->checksum, sizeof(m->checksum));
	wire_chars(w, m->open_checksum, sizeof(m->open_checksum));
	wire_number(w, &m->size);
}

int repomd_check(const struct repomd *m, struct error *err)
{
	char clean[PKG_PATH_MAX + 1];

	if (!m->location || !m->checksum[0] || m->size == 0)
		return error_set(err, EBADMSG, "it lists no primary index with a location, a SHA-256 and a size");
	if (m->location[0] == '/' || !path_clean(m->location, strlen(m->location), clean) || !clean[0])
		return error_set(err, EBADMSG, "its primary index is no file of the repository");
	return 0;
}

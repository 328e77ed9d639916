/* SPDX-License-Identifier: GPL-2.0-or-later */
/* primary.xml of rpm-md (createrepo_c): what each package is, checked; the text itself goes to the solver as it is. */
#include "pkg/index_private.h"

#include <errno.h>

#include "pkg/index_xml.h"
#include "pkg/limits.h"
#include "pkg/path.h"

enum part { NAME, VERSION, ARCH, SOURCE, SOURCE_VERSION, LOCATION, PARTS };

struct primary {
	struct index *index;
	struct index_package package; /* the one that is being read */
	struct buf parts[PARTS];
	bool seen[PARTS], in_package, has_size, has_digest;
	bool is_digest;               /* the element that is being read is the digest of the file */
	bool root;
	unsigned long long said;      /* packages= */
	struct buf strings;
	size_t *offsets;
	size_t n_offsets;
};

static int wrong(const struct primary *p, struct error *err, const char *why)
{
	return error_set(err, EBADMSG, "package %zu%s%s: %s", p->index->n_packages + 1, p->seen[NAME] ? ", " : "",
			 p->seen[NAME] ? p->parts[NAME].text : "", why);
}

/* Names and versions as rpm has them, and nothing that a shell, a file or a terminal would take for something else. */
static bool plain(const char *s)
{
	for (const char *c = s; *c; c++)
		if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || strchr("+-._~^:", *c)))
			return false;
	return *s && *s != '-';
}

static int set_part(struct primary *p, enum part i, const char *text, struct error *err)
{
	if (p->seen[i])
		return wrong(p, err, "says the same thing twice");
	p->parts[i].len = 0;
	buf_add(&p->parts[i], text, strlen(text));
	p->seen[i] = true;
	return 0;
}

static int take_version(struct primary *p, const char **a, struct error *err)
{
	const char *epoch = xml_attribute(a, "epoch"), *version = xml_attribute(a, "ver"), *release = xml_attribute(a, "rel");
	_cleanup_(freep) char *all = NULL;

	if (!version || !release || !plain(version) || !plain(release) || strchr(version, '-') || strchr(release, '-') ||
	    (epoch && strspn(epoch, "0123456789") != strlen(epoch)))
		return wrong(p, err, "has a version that is none");
	if (epoch && *epoch && !streq(epoch, "0"))
		all = xasprintf("%s:%s-%s", epoch, version, release);
	else
		all = xasprintf("%s-%s", version, release);
	return set_part(p, VERSION, all, err);
}

static int take_location(struct primary *p, const char **a, struct error *err)
{
	const char *href = xml_attribute(a, "href");
	char clean[PKG_PATH_MAX + 1];

	if (xml_attribute(a, "xml:base"))
		return wrong(p, err, "lies in another repository (xml:base)");
	if (!href || href[0] == '/' || strstr(href, "://") || !path_clean(href, strlen(href), clean) || !clean[0])
		return wrong(p, err, "lies outside of the repository");
	return set_part(p, LOCATION, href, err);
}

static int take_size(struct primary *p, const char **a, struct error *err)
{
	const char *size = xml_attribute(a, "package");

	if (!size || !*size || strlen(size) > 15 || strspn(size, "0123456789") != strlen(size))
		return wrong(p, err, "has a size that is none");
	p->package.size = strtoull(size, NULL, 10);
	p->has_size = true;
	return 0;
}

/* libsolv goes down a step for each parenthesis of a rich dependency, and for each "or" of it. */
static int check_dependency(const char **a, struct error *err)
{
	const char *name = xml_attribute(a, "name");
	size_t steps = 0;

	for (const char *c = name; c && *c; c++)
		steps += *c == '(' || (c > name && c[-1] == ' ' && (startswith(c, "or ") || startswith(c, "and ") ||
								    startswith(c, "if ") || startswith(c, "with ") ||
								    startswith(c, "without ") || startswith(c, "unless ")));
	return steps <= PKG_INDEX_ALTERNATIVES_MAX
		       ? 0
		       : error_set(err, E2BIG, "a dependency with more than %u parts", PKG_INDEX_ALTERNATIVES_MAX);
}

static void begin_package(struct primary *p)
{
	memset(p->seen, 0, sizeof(p->seen));
	p->package = (struct index_package){ 0 };
	p->has_size = p->has_digest = false;
	p->in_package = true;
}

static int take_root(struct primary *p, const char *name, const char **a, struct error *err)
{
	const char *count = xml_attribute(a, "packages");

	if (!streq(name, "metadata") || !count || strspn(count, "0123456789") != strlen(count) || strlen(count) > 9)
		return error_set(err, EBADMSG, "it is no list of packages: its root is not <metadata packages=\"N\">");
	p->root = true;
	p->said = strtoull(count, NULL, 10);
	return 0;
}

static int on_start(void *ctx, const char *name, const char **a, struct error *err)
{
	struct primary *p = ctx;

	p->is_digest = false;
	if (!p->root)
		return take_root(p, name, a, err);
	if (streq(name, "package")) {
		if (p->in_package)
			return error_set(err, EBADMSG, "a package inside of a package");
		begin_package(p);
		return 0;
	}
	if (!p->in_package)
		return 0;
	if (streq(name, "version"))
		return take_version(p, a, err);
	if (streq(name, "location"))
		return take_location(p, a, err);
	if (streq(name, "size"))
		return take_size(p, a, err);
	if (streq(name, "checksum"))
		p->is_digest = streq_null(xml_attribute(a, "type"), "sha256") && streq_null(xml_attribute(a, "pkgid"), "YES");
	return streq(name, "rpm:entry") ? check_dependency(a, err) : 0;
}

/* "NAME-VERSION-RELEASE.src.rpm" */
static int take_source(struct primary *p, const char *text, struct error *err)
{
	_cleanup_(freep) char *name = xstrdup(text);
	char *release, *version, *end = strstr(name, ".src.rpm");
	_cleanup_(freep) char *both = NULL;
	int r;

	if (end)
		*end = '\0';
	release = strrchr(name, '-');
	if (!release || !plain(name))
		return wrong(p, err, "has a source package that is none");
	*release++ = '\0';
	version = strrchr(name, '-');
	if (!version)
		return wrong(p, err, "has a source package that is none");
	*version++ = '\0';
	both = xasprintf("%s-%s", version, release);
	r = set_part(p, SOURCE, name, err);
	return r < 0 ? r : set_part(p, SOURCE_VERSION, both, err);
}

static int take_digest(struct primary *p, const char *text, struct error *err)
{
	if (p->has_digest || strlen(text) != 64 || strspn(text, "0123456789abcdef") != 64)
		return wrong(p, err, "has a SHA-256 that is none");
	memcpy(p->package.sha256, text, 65);
	p->has_digest = true;
	return 0;
}

static int end_package(struct primary *p, struct error *err)
{
	struct index *x = p->index;

	p->in_package = false;
	if (!p->seen[NAME] || !p->seen[VERSION] || !p->seen[ARCH] || !p->seen[LOCATION] || !p->has_size || !p->has_digest)
		return wrong(p, err, "has not all of name, arch, version, SHA-256, size and location");
	if (x->n_packages == PKG_INDEX_PACKAGES_MAX)
		return error_set(err, E2BIG, "more than %u packages", PKG_INDEX_PACKAGES_MAX);
	for (enum part i = 0; i < PARTS; i++) {
		/* Where no source is told, the package is its own. */
		enum part from = p->seen[i] ? i : i == SOURCE ? NAME : VERSION;

		ARRAY_GROW(p->offsets, p->n_offsets);
		p->offsets[p->n_offsets++] = p->strings.len;
		buf_add(&p->strings, p->parts[from].text, p->parts[from].len + 1);
	}
	ARRAY_GROW(x->packages, x->n_packages);
	x->packages[x->n_packages++] = p->package;
	return 0;
}

static int on_end(void *ctx, const char *name, const char *text, struct error *err)
{
	struct primary *p = ctx;

	if (!p->in_package)
		return 0;
	if (streq(name, "package"))
		return end_package(p, err);
	if (streq(name, "name") || streq(name, "arch")) {
		if (!plain(text))
			return wrong(p, err, "has a name or an architecture that no package has");
		return set_part(p, streq(name, "name") ? NAME : ARCH, text, err);
	}
	if (streq(name, "checksum") && p->is_digest)
		return take_digest(p, text, err);
	if (streq(name, "rpm:sourcerpm") && *text)
		return take_source(p, text, err);
	return 0;
}

static void point(struct primary *p)
{
	for (size_t i = 0; i < p->index->n_packages; i++) {
		struct index_package *q = &p->index->packages[i];
		const char **to[PARTS] = { &q->name, &q->version, &q->arch, &q->source, &q->source_version, &q->location };

		for (size_t j = 0; j < PARTS; j++)
			*to[j] = p->strings.text + p->offsets[i * PARTS + j];
	}
}

static int read_all(struct primary *p, struct source *s, struct xml *x, struct buf *text, struct hash *h,
		    struct error *err)
{
	int r;

	while ((r = source_more(s, err)) > 0) {
		size_t n = s->left;

		hash_add(h, s->at, n);
		buf_add(text, (const char *)s->at, n);
		r = xml_feed(x, s->at, n, false, err);
		if (r < 0)
			return r;
		source_take(s, n);
	}
	if (r == 0)
		r = xml_feed(x, "", 0, true, err);
	if (r == 0 && p->said != p->index->n_packages)
		r = error_set(err, EBADMSG, "it says that it has %llu packages, and has %zu", p->said, p->index->n_packages);
	return r;
}

int primary_read(struct index *index, struct source *s, char ret_sha256[65], struct error *err)
{
	struct primary p = { .index = index, .strings = index_room_buf(index, true) };
	struct xml_reader reader = { on_start, on_end, &p };
	_cleanup_(xml_freep) struct xml *x = xml_new(&reader);
	_cleanup_(hash_freep) struct hash *h = NULL;
	struct buf text = index_room_buf(index, false);
	int r = x ? hash_new(HASH_SHA256, &h, err) : error_set(err, ENOMEM, "no memory");

	if (r == 0)
		r = read_all(&p, s, x, &text, h, err);
	if (r == 0) {
		hash_hex(h, ret_sha256);
		point(&p);
		r = index_check_doubles(index, err);
	}
	for (size_t i = 0; i < PARTS; i++)
		buf_done(&p.parts[i]);
	free(p.offsets);
	index->family = INDEX_RPM;
	index->strings = p.strings.text;
	index->text = text.text;
	index->text_size = text.len;
	return r;
}

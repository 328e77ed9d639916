/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Debian's Packages (deb-control(5)), as libsolv may see it: the fields that a solver needs, in stanzas that are whole, with
 * names and versions that are ones. libsolv itself takes what is cut, doubled or malformed without a word.
 */
#include "pkg/index_private.h"

#include <errno.h>
#include <inttypes.h>
#include <strings.h>

#include "pkg/limits.h"
#include "pkg/path.h"

enum field {
	PACKAGE, VERSION, ARCHITECTURE, FILENAME, SHA256, /* each stanza has these */
	MULTI_ARCH, DEPENDS, PRE_DEPENDS, PROVIDES, CONFLICTS, BREAKS, RECOMMENDS, /* libsolv gets these, too */
	SIZE, SOURCE, STATUS, /* these are for us */
	FIELDS,
};
static const char *const names[] = {
	"Package", "Version", "Architecture", "Filename", "SHA256", "Multi-Arch", "Depends", "Pre-Depends", "Provides",
	"Conflicts", "Breaks", "Recommends", "Size", "Source", "Status",
};

struct filter {
	struct index *index;
	const char *host;    /* dpkg's status file of a host of this architecture; NULL: the index of a repository */
	size_t line, stanza; /* numbers, from 1, for messages */
	struct buf fields[FIELDS];
	bool seen[FIELDS];
	bool any;            /* the stanza has a field, be it none of these */
	enum field current;  /* of a continuation; FIELDS: one that is passed over */
	bool in_field;
	struct buf partial;  /* a line that goes on in the next piece */
	struct buf text, strings;
	size_t *offsets;     /* of name, version, arch, source, source version, location of each package in `strings` */
	size_t n_offsets;
};

static int bad(struct filter *f, struct error *err, const char *why)
{
	return error_set(err, EBADMSG, "line %zu: %s", f->line, why);
}

/* --- words ------------------------------------------------------------------------------------ */

static bool all_of(const char *s, const char *more, bool upper)
{
	size_t n = 0;

	for (; s[n]; n++)
		if (!((s[n] >= 'a' && s[n] <= 'z') || (s[n] >= '0' && s[n] <= '9') || (upper && s[n] >= 'A' && s[n] <= 'Z') ||
		      strchr(more, s[n])))
			return false;
	return n > 0;
}

static bool name_good(const char *s)
{
	return s[0] != '+' && s[0] != '.' && s[0] != '-' && s[1] && all_of(s, "+.-", false);
}

static bool location_good(const char *s)
{
	char clean[PKG_PATH_MAX + 1];

	return s[0] != '/' && !strstr(s, "://") && path_clean(s, strlen(s), clean);
}

static bool digest_good(const char *s)
{
	return strlen(s) == 64 && strspn(s, "0123456789abcdef") == 64;
}

static bool size_good(const char *s)
{
	return all_of(s, "", false) && strspn(s, "0123456789") == strlen(s) && strlen(s) < 16;
}

/* --- stanzas ---------------------------------------------------------------------------------- */

static const char *value(const struct filter *f, enum field i)
{
	return f->seen[i] ? f->fields[i].text : NULL;
}

static int check_stanza(struct filter *f, struct error *err)
{
	static const enum field needed[] = { PACKAGE, VERSION, ARCHITECTURE, FILENAME, SHA256, SIZE };

	for (size_t i = 0; i < (f->host ? 3 : ARRAY_SIZE(needed)); i++)
		if (!f->seen[needed[i]])
			return error_set(err, EBADMSG, "line %zu: stanza %zu has no %s", f->line, f->stanza,
					 names[needed[i]]);
	if (!name_good(value(f, PACKAGE)))
		return bad(f, err, "the stanza before it has a name that no package has");
	if (!all_of(value(f, VERSION), ".+-:~", true))
		return bad(f, err, "the stanza before it has a version that is none");
	if (!all_of(value(f, ARCHITECTURE), "-", false))
		return bad(f, err, "the stanza before it has an architecture that is none");
	if (f->host)
		return 0;
	if (!location_good(value(f, FILENAME)))
		return bad(f, err, "the stanza before it has a Filename outside of the repository");
	if (!digest_good(value(f, SHA256)))
		return bad(f, err, "the stanza before it has a SHA256 that is none");
	if (!size_good(value(f, SIZE)))
		return bad(f, err, "the stanza before it has a Size that is none");
	return 0;
}

static void keep_string(struct filter *f, const char *s, size_t n)
{
	ARRAY_GROW(f->offsets, f->n_offsets);
	f->offsets[f->n_offsets++] = f->strings.len;
	buf_add(&f->strings, s, n);
	buf_add(&f->strings, "", 1);
}

/* "NAME (VERSION)", either of which is the package's own where it is not said. */
static void keep_source(struct filter *f)
{
	const char *source = value(f, SOURCE), *open = source ? strchr(source, '(') : NULL;
	const char *close = open ? strchr(open, ')') : NULL;
	const char *name = source ? source : value(f, PACKAGE), *version = close ? open + 1 : value(f, VERSION);

	keep_string(f, name, source ? strcspn(source, " (") : strlen(name));
	keep_string(f, version, close ? (size_t)(close - version) : strlen(version));
}

/* Whether a host has the package, be it not set up in full ("hold ok installed"; dpkg(1)). */
static bool on_host(const struct filter *f)
{
	static const char *const there[] = { "installed", "unpacked", "half-configured", "triggers-awaited", "triggers-pending" };
	const char *status = f->seen[STATUS] ? f->fields[STATUS].text : "", *last = strrchr(status, ' ');

	for (size_t i = 0; last && i < ARRAY_SIZE(there); i++)
		if (streq(last + 1, there[i]))
			return true;
	return false;
}

/* libsolv knows nothing of two architectures side by side. */
static bool passed_over(const struct filter *f)
{
	const char *arch = f->seen[ARCHITECTURE] ? f->fields[ARCHITECTURE].text : "all";

	return f->host && (!on_host(f) || !(streq(arch, f->host) || streq(arch, "all")));
}

static void keep_stanza(struct filter *f)
{
	struct index *x = f->index;
	struct index_package *p;

	/* Where files lie and what they are is for us. */
	for (enum field i = 0; i <= RECOMMENDS; i++)
		if (f->seen[i] && i != FILENAME && i != SHA256)
			buf_addf(&f->text, "%s: %s\n", names[i], f->fields[i].text);
	buf_add(&f->text, "\n", 1);
	ARRAY_GROW(x->packages, x->n_packages);
	p = &x->packages[x->n_packages++];
	*p = (struct index_package){ .size = f->host ? 0 : strtoull(value(f, SIZE), NULL, 10),
				     .held = f->host && startswith(value(f, STATUS), "hold ") };
	if (!f->host)
		memcpy(p->sha256, value(f, SHA256), 65);
	keep_string(f, value(f, PACKAGE), f->fields[PACKAGE].len);
	keep_string(f, value(f, VERSION), f->fields[VERSION].len);
	keep_string(f, value(f, ARCHITECTURE), f->fields[ARCHITECTURE].len);
	keep_source(f);
	keep_string(f, f->host ? "" : value(f, FILENAME), f->host ? 0 : f->fields[FILENAME].len);
}

static int end_stanza(struct filter *f, struct error *err)
{
	int r = 0;

	if (!f->any)
		return 0;
	if (!passed_over(f)) {
		r = check_stanza(f, err);
		if (r == 0 && f->index->n_packages == PKG_INDEX_PACKAGES_MAX)
			r = error_set(err, E2BIG, "more than %u packages", PKG_INDEX_PACKAGES_MAX);
		if (r < 0)
			return r;
		keep_stanza(f);
	}
	memset(f->seen, 0, sizeof(f->seen));
	f->any = f->in_field = false;
	f->stanza++;
	return 0;
}

/* --- lines ------------------------------------------------------------------------------------ */

static enum field field_of(const char *line, size_t n)
{
	for (enum field i = 0; i < FIELDS; i++)
		if (strlen(names[i]) == n && strncasecmp(names[i], line, n) == 0)
			return i;
	return FIELDS;
}

static bool harmless(const char *line, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((uint8_t)line[i] < 0x20 && line[i] != '\t')
			return false;
	return true;
}

/* libsolv goes down a step for each; the deepest known field has 22. */
static bool few_alternatives(const char *s, size_t n)
{
	size_t bars = 0;

	for (size_t i = 0; i < n; i++)
		bars = s[i] == ',' ? 0 : bars + (s[i] == '|');
	return bars <= PKG_INDEX_ALTERNATIVES_MAX;
}

static int take_value(struct filter *f, const char *s, size_t n, struct error *err)
{
	struct buf *b = &f->fields[f->current];

	while (n > 0 && (*s == ' ' || *s == '\t')) {
		s++;
		n--;
	}
	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	if (memchr(s, '\t', n))
		return bad(f, err, "a tab inside a field");
	if (b->len > 0)
		buf_add(b, " ", 1);
	buf_add(b, s, n);
	if (b->len > PKG_INDEX_LINE_MAX)
		return error_set(err, E2BIG, "line %zu: a field of more than %zu bytes", f->line, PKG_INDEX_LINE_MAX);
	if (!few_alternatives(b->text, b->len))
		return error_set(err, E2BIG, "line %zu: more than %u alternatives", f->line,
				 PKG_INDEX_ALTERNATIVES_MAX);
	return 0;
}

static int take_field(struct filter *f, const char *line, size_t n, struct error *err)
{
	const char *colon = memchr(line, ':', n);
	size_t length = colon ? (size_t)(colon - line) : 0;

	if (length == 0 || memchr(line, ' ', length))
		return bad(f, err, "neither a field nor the end of a stanza");
	f->any = f->in_field = true;
	f->current = field_of(line, length);
	if (f->current == FIELDS)
		return 0;
	if (f->seen[f->current])
		return bad(f, err, "a field that the stanza has already");
	f->seen[f->current] = true;
	f->fields[f->current].len = 0;
	return take_value(f, colon + 1, n - length - 1, err);
}

static int take_line(struct filter *f, const char *line, size_t n, struct error *err)
{
	f->line++;
	if (n > PKG_INDEX_LINE_MAX)
		return error_set(err, E2BIG, "line %zu: more than %zu bytes", f->line, PKG_INDEX_LINE_MAX);
	if (n == 0)
		return end_stanza(f, err);
	if (!harmless(line, n))
		return bad(f, err, "a control character");
	if (line[0] != ' ' && line[0] != '\t')
		return take_field(f, line, n, err);
	if (!f->in_field)
		return bad(f, err, "goes on with a field that has not begun");
	if (strspn(line, " \t") >= n)
		return bad(f, err, "a line of blanks, which would join two stanzas");
	return f->current == FIELDS ? 0 : take_value(f, line, n, err);
}

/* Lines lie in one piece, but for the last of each. */
static int take_piece(struct filter *f, const char *s, size_t n, struct error *err)
{
	int r = 0;

	while (r == 0 && n > 0) {
		const char *end = memchr(s, '\n', n);
		size_t length = end ? (size_t)(end - s) : n;

		if (end && f->partial.len == 0) {
			r = take_line(f, s, length, err);
		} else {
			buf_add(&f->partial, s, length);
			if (end || f->partial.len > PKG_INDEX_LINE_MAX) {
				r = take_line(f, f->partial.text, f->partial.len, err);
				f->partial.len = 0;
			}
		}
		s += length + (end != NULL);
		n -= length + (end != NULL);
	}
	return r;
}

/* --- all of it -------------------------------------------------------------------------------- */

static int read_all(struct filter *f, struct source *s, struct hash *h, struct error *err)
{
	int r;

	while ((r = source_more(s, err)) > 0) {
		size_t n = s->left;

		hash_add(h, s->at, n);
		r = take_piece(f, (const char *)s->at, n, err);
		if (r < 0)
			return r;
		source_take(s, n);
	}
	if (r == 0 && f->partial.len > 0)
		return bad(f, err, "truncated: the last line has no end");
	return r < 0 ? r : end_stanza(f, err);
}

/* Strings have moved while they grew. */
static void point(struct filter *f)
{
	for (size_t i = 0; i < f->index->n_packages; i++) {
		const char **to[] = { &f->index->packages[i].name, &f->index->packages[i].version, &f->index->packages[i].arch,
				      &f->index->packages[i].source, &f->index->packages[i].source_version,
				      &f->index->packages[i].location };

		for (size_t j = 0; j < ARRAY_SIZE(to); j++)
			*to[j] = f->strings.text + f->offsets[i * ARRAY_SIZE(to) + j];
	}
}

static int read_index(struct index *index, const char *host, struct source *s, char ret_sha256[65], struct error *err)
{
	struct filter f = { .index = index, .host = host, .stanza = 1, .current = FIELDS, .text = index_room_buf(index, false),
			    .strings = index_room_buf(index, true) };
	_cleanup_(hash_freep) struct hash *h = NULL;
	int r = hash_new(HASH_SHA256, &h, err);

	if (r == 0)
		r = read_all(&f, s, h, err);
	if (r == 0) {
		hash_hex(h, ret_sha256);
		point(&f);
		r = host ? 0 : index_check_doubles(index, err);
	}
	for (size_t i = 0; i < FIELDS; i++)
		buf_done(&f.fields[i]);
	buf_done(&f.partial);
	free(f.offsets);
	index->family = INDEX_DEB;
	index->strings = f.strings.text;
	index->text = f.text.text;
	index->text_size = f.text.len;
	return r;
}

int packages_read(struct index *index, struct source *s, char ret_sha256[65], struct error *err)
{
	return read_index(index, NULL, s, ret_sha256, err);
}

int status_read(struct index *index, const char *arch, struct source *s, struct error *err)
{
	char digest[65];

	return read_index(index, arch, s, digest, err);
}

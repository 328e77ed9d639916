/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/control.h"
#include "pkg/path.h"

#include <errno.h>
#include <strings.h>

#define MD5_DIGITS 32

/* The two files of the control archive that matter; NUL-terminated. */
struct control_files {
	char *control;
	char *md5sums;
	size_t md5sums_size;
};

static int slurp(struct source *s, const struct entry *e, char **ret, struct error *err)
{
	_cleanup_(freep) char *text = NULL;
	int r;

	if (*ret)
		return error_set(err, EBADMSG, "%s: has %s twice", s->what, e->path);
	if (e->size > PKG_CONTROL_MAX)
		return error_set(err, E2BIG, "%s: %s is too large", s->what, e->path);
	text = xmalloc((size_t)e->size + 1);
	r = source_exact(s, text, (size_t)e->size, e->path, err);
	if (r < 0)
		return r;
	text[e->size] = '\0';
	if (strlen(text) != e->size)
		return error_set(err, EBADMSG, "%s: %s has a NUL in it", s->what, e->path);
	*ret = TAKE_PTR(text);
	return 0;
}

static int control_entry(struct source *s, const struct entry *e, struct control_files *f, struct error *err)
{
	uint64_t skip = e->size + e->padding;
	int r;

	if (e->type == ENTRY_FILE && (streq(e->path, "control") || streq(e->path, "md5sums"))) {
		r = slurp(s, e, e->path[0] == 'c' ? &f->control : &f->md5sums, err);
		if (r < 0)
			return r;
		if (e->path[0] == 'm')
			f->md5sums_size = (size_t)e->size;
		skip = e->padding;
	}
	return source_skip(s, skip, e->path, err);
}

/* The whole archive, to its end: it is small, and its checksum stands there. */
static int control_unpack(const struct deb_part *part, struct control_files *f, struct error *err)
{
	_cleanup_(source_freep) struct source *s = NULL;
	_cleanup_(freep) struct entry *e = xmalloc(sizeof(*e));
	int r;

	r = source_open(&part->region, part->compression, PKG_CONTROL_MAX, true, &s, err);
	if (r < 0)
		return r;
	while ((r = tar_next(s, NULL, e, err)) > 0) {
		r = control_entry(s, e, f, err);
		if (r < 0)
			return r;
	}
	return r < 0 ? r : source_drain(s, err);
}

/*
 * deb-control(5): "Name: value"; lines that begin with a space go on with the value. Empty when it is not
 * there.
 */
static bool field(const char *text, const char *name, struct buf *ret)
{
	size_t n = strlen(name), len;
	bool in = false, found = false;

	for (const char *line = text; *line; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		if (line[0] != ' ' && line[0] != '\t') {
			in = !found && strncasecmp(line, name, n) == 0 && line[n] == ':';
			found |= in;
			if (in)
				buf_add(ret, line + n + 1, len - n - 1);
		} else if (in) {
			buf_add(ret, line, len);
		}
	}
	return found;
}

static void trim(const char **text, size_t *n)
{
	while (*n > 0 && strchr(" \t\r", **text))
		(*text)++, (*n)--;
	while (*n > 0 && strchr(" \t\r", (*text)[*n - 1]))
		(*n)--;
}

static const char *field_string(struct package *p, const char *text, const char *name)
{
	struct buf value = { 0 };
	const char *s = NULL, *v;
	size_t n;

	if (field(text, name, &value)) {
		v = value.text;
		n = value.len;
		trim(&v, &n);
		s = n > 0 ? package_string(p, v, n) : NULL;
	}
	buf_done(&value);
	return s;
}

/* deb-control(5), dependencies: names between commas and bars, before version, architecture or profile. */
static int field_names(struct package *p, const char *text, const char *name, struct names *l,
		       struct error *err)
{
	struct buf value = { 0 };
	const char *item;
	size_t n;
	int r = 0;

	field(text, name, &value);
	item = value.text ? value.text : "";
	while (*item && r == 0) {
		item += strspn(item, " \t\r,|");
		n = strcspn(item, " \t\r,|([<:");
		r = names_add(l, p, item, n, err);
		item += n;
		item += strcspn(item, ",|");
	}
	buf_done(&value);
	return r;
}

/* "( = 1.0 )" at the front of what stands behind a name; *ret_n 0: there is none. */
static const char *item_version(const char *s, size_t *ret_n)
{
	size_t n;

	*ret_n = 0;
	s += strspn(s, " \t\r");
	n = strcspn(s, ",|)");
	if (s[0] != '(' || s[n] != ')')
		return "";
	s++, n--;
	trim(&s, &n);
	if (n == 0 || s[0] != '=')
		return "";
	s++, n--;
	trim(&s, &n);
	*ret_n = n;
	return s;
}

/* Provides, whose names may have a version each; deb-control(5) knows no other relation there than "=". */
static int field_provides(struct package *p, const char *text, struct names *l, struct names *versions,
			  struct error *err)
{
	struct buf value = { 0 };
	const char *item, *version;
	size_t n, length;
	int r = 0;

	field(text, "Provides", &value);
	item = value.text ? value.text : "";
	while (*item && r == 0) {
		item += strspn(item, " \t\r,|");
		n = strcspn(item, " \t\r,|([<:");
		version = item_version(item + n, &length);
		r = names_add(l, p, item, n, err);
		if (r == 0 && l->n > versions->n)
			r = names_add_any(versions, p, version, length, err);
		item += n;
		item += strcspn(item, ",|");
	}
	buf_done(&value);
	return r;
}

static int control_info(struct package *p, const char *text, struct error *err)
{
	struct names requires = { 0 }, provides = { 0 }, versions = { 0 };
	int r;

	p->info.name = field_string(p, text, "Package");
	p->info.version = field_string(p, text, "Version");
	p->info.arch = field_string(p, text, "Architecture");
	r = field_names(p, text, "Depends", &requires, err);
	if (r == 0)
		r = field_names(p, text, "Pre-Depends", &requires, err);
	if (r == 0)
		r = field_provides(p, text, &provides, &versions, err);
	p->info.requires = names_end(&requires);
	p->info.provides = names_end(&provides);
	p->info.provides_versions = names_end(&versions);
	if (r == 0 && (!p->info.name || !p->info.version || !p->info.arch))
		r = error_set(err, EBADMSG,
			      "control.tar: the file control lacks one of Package, Version, Architecture");
	return r;
}

/* The one digest that tells a size. */
#define MD5_OF_NOTHING "d41d8cd98f00b204e9800998ecf8427e"

static bool is_md5(const char *text)
{
	return strspn(text, "0123456789abcdef") == MD5_DIGITS;
}

/* A line of md5sum(1): digest, two spaces (the second a star for binary files), path. */
static int md5sums_line(struct package *p, const char *line, size_t n, size_t number, struct error *err)
{
	char path[PKG_PATH_MAX + 1];
	struct member m = { .size = MEMBER_SIZE_UNKNOWN };
	struct body b = { .offset = MEMBER_SIZE_UNKNOWN };

	if (n < MD5_DIGITS + 3 || !is_md5(line) || line[MD5_DIGITS] != ' ' ||
	    (line[MD5_DIGITS + 1] != ' ' && line[MD5_DIGITS + 1] != '*'))
		return error_set(err, EBADMSG, "md5sums: line %zu is not a digest and a path", number);
	if (!path_clean(line + MD5_DIGITS + 2, n - MD5_DIGITS - 2, path))
		return error_set(err, EBADMSG,
				 "md5sums: the path in line %zu leaves the package or is too long", number);
	if (memcmp(line, MD5_OF_NOTHING, MD5_DIGITS) == 0)
		m.size = 0;
	m.path = package_string(p, path, strlen(path));
	b.digest = package_string(p, line, MD5_DIGITS);
	return package_add(p, &m, &b, err);
}

static int md5sums_parse(struct package *p, const char *text, size_t size, struct error *err)
{
	size_t number = 0, n;
	int r;

	if (size > 0 && text[size - 1] != '\n')
		return error_set(err, EBADMSG, "md5sums: truncated in its last line");
	for (const char *line = text; *line; line += n + 1) {
		n = strcspn(line, "\n");
		r = md5sums_line(p, line, n, ++number, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int control_read(struct package *p, const struct deb_part *part, bool *ret_list, struct error *err)
{
	struct control_files f = { 0 };
	int r;

	p->hash = HASH_MD5;
	r = control_unpack(part, &f, err);
	if (r == 0 && !f.control)
		r = error_set(err, EBADMSG, "%s: has no file control", part->name);
	if (r == 0)
		r = control_info(p, f.control, err);
	if (r == 0 && f.md5sums)
		r = md5sums_parse(p, f.md5sums, f.md5sums_size, err);
	if (r == 0)
		*ret_list = f.md5sums != NULL;
	free(f.control);
	free(f.md5sums);
	return r;
}

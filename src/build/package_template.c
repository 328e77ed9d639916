/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/fs.h"
#include "build/package_parts.h"

#include <errno.h>

#define TEMPLATE_MAX_BYTES (1u << 20)

/* Length of NAME in "NAME@…", 0 when it is none. */
static size_t name_length(const char *s)
{
	size_t n = strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");

	return s[n] == '@' ? n : 0;
}

static const char *find(const struct template_value *values, size_t n, const char *name, size_t length)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(values[i].name) == length && memcmp(values[i].name, name, length) == 0)
			return values[i].value;
	return NULL;
}

static void add_value(struct buf *b, const char *value, bool percent)
{
	for (; *value; value++)
		buf_add(b, percent && *value == '%' ? "%%" : value, percent && *value == '%' ? 2 : 1);
}

static unsigned line_of(const char *text, const char *at)
{
	unsigned line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

int template_fill(const char *from, const char *to, const struct template_value *values, size_t n, bool percent,
		  struct error *err)
{
	_cleanup_(buf_done) struct buf b = { 0 };
	_cleanup_(freep) char *text = NULL;
	const char *value;
	size_t length;
	int r;

	r = fs_read(from, TEMPLATE_MAX_BYTES, &text, NULL, err);
	if (r < 0)
		return r;
	for (const char *p = text; *p; p++) {
		length = *p == '@' ? name_length(p + 1) : 0;
		if (length == 0) {
			buf_add(&b, p, 1);
			continue;
		}
		value = find(values, n, p + 1, length);
		if (!value)
			return error_set(err, EINVAL, "%s:%u: @%.*s@ stands for nothing; it is not among the words that "
					 "templates may use", from, line_of(text, p), (int)length, p + 1);
		add_value(&b, value, percent);
		p += length + 1;
	}
	return fs_write(to, b.text ? b.text : "", b.len, err);
}

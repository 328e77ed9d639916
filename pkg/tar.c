/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/entry.h"
#include "pkg/path.h"

#include <errno.h>
#include <inttypes.h>

/* Field places of a header block: tar(5), "POSIX ustar Archives"; GNU's differ only behind byte 345. */
#define NAME_AT	   0
#define NAME_LEN   100
#define SIZE_AT	   124
#define SIZE_LEN   12
#define SUM_AT	   148
#define SUM_LEN	   8
#define TYPE_AT	   156
#define LINK_AT	   157
#define LINK_LEN   100
#define MAGIC_AT   257
#define PREFIX_AT  345
#define PREFIX_LEN 155

/* What the headers before the real one said of it. */
struct extension {
	char path[PKG_PATH_MAX + 1];
	char target[PKG_PATH_MAX + 1];
	uint64_t size;
	bool has_path, has_target, has_size;
};

/* An octal number, padded by spaces or NULs; or GNU's base 256, told by its first bit. */
static bool tar_number(const uint8_t *field, size_t n, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i = 0;

	if (field[0] & 0x80) {
		for (i = 0; i < n; i++) {
			if (v >> 55)
				return false;
			v = v << 8 | (i == 0 ? field[0] & 0x7f : field[i]);
		}
		*ret = v;
		return true;
	}
	while (i < n && field[i] == ' ')
		i++;
	if (i == n || field[i] < '0' || field[i] > '7')
		return false;
	for (; i < n && field[i] >= '0' && field[i] <= '7'; i++)
		v = v << 3 | (uint64_t)(field[i] - '0');
	if (i < n && field[i] != ' ' && field[i] != '\0')
		return false;
	*ret = v;
	return true;
}

static bool tar_sum_right(const uint8_t *b)
{
	uint64_t want, sum = 0;

	for (size_t i = 0; i < TAR_BLOCK; i++)
		sum += i >= SUM_AT && i < SUM_AT + SUM_LEN ? ' ' : b[i];
	return tar_number(b + SUM_AT, SUM_LEN, &want) && want == sum;
}

static size_t field_len(const uint8_t *b, size_t max)
{
	return strnlen((const char *)b, max);
}

static bool tar_path(const uint8_t *b, char ret[PKG_PATH_MAX + 1])
{
	char whole[PREFIX_LEN + 1 + NAME_LEN];
	size_t n = 0, m;

	/* GNU's magic is "ustar  ": it keeps times where POSIX has the prefix. */
	if (memcmp(b + MAGIC_AT, "ustar\0", 6) == 0)
		n = field_len(b + PREFIX_AT, PREFIX_LEN);
	memcpy(whole, b + PREFIX_AT, n);
	if (n > 0)
		whole[n++] = '/';
	m = field_len(b + NAME_AT, NAME_LEN);
	memcpy(whole + n, b + NAME_AT, m);
	return path_clean(whole, n + m, ret);
}

static enum entry_type tar_type(uint8_t t)
{
	switch (t) {
	case '\0':
	case '0':
	case '7':
		return ENTRY_FILE;
	case '1':
		return ENTRY_HARDLINK;
	case '2':
		return ENTRY_SYMLINK;
	default:
		return ENTRY_OTHER;
	}
}

/* Links, devices, directories and fifos have no body, whatever their size field says. */
static bool tar_has_body(uint8_t t)
{
	return t < '1' || t > '6';
}

bool tar_file_header(const uint8_t b[TAR_BLOCK], char ret_path[PKG_PATH_MAX + 1], uint64_t *ret_size)
{
	return memcmp(b + MAGIC_AT, "ustar", 5) == 0 && tar_type(b[TYPE_AT]) == ENTRY_FILE &&
	       tar_sum_right(b) && tar_number(b + SIZE_AT, SIZE_LEN, ret_size) && tar_path(b, ret_path);
}

static int tar_error(const struct source *s, uint64_t at, const char *why, struct error *err)
{
	return error_set(err, EBADMSG, "%s: tar header at offset %" PRIu64 " (unpacked): %s", s->what, at,
			 why);
}

static uint64_t tar_padding(uint64_t size)
{
	return (TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK;
}

/* Reads the body of an extension header; NUL-terminated, free() it. */
static int extension_body(struct source *s, uint64_t size, uint64_t at, char **ret, struct error *err)
{
	_cleanup_(freep) char *body = NULL;
	int r;

	if (size > PKG_TAR_EXTENSION)
		return error_set(err, E2BIG,
				 "%s: tar header at offset %" PRIu64 ": an extension of %" PRIu64
				 " bytes, %" PRIu64 " are allowed",
				 s->what, at, size, PKG_TAR_EXTENSION);
	body = xmalloc((size_t)size + 1);
	r = source_exact(s, body, (size_t)size, "a long name", err);
	if (r < 0)
		return r;
	body[size] = '\0';
	r = source_skip(s, tar_padding(size), "a long name", err);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(body);
	return 0;
}

static bool keep_target(struct extension *x, const char *text, size_t n)
{
	if (n > PKG_PATH_MAX || memchr(text, '\0', n))
		return false;
	memcpy(x->target, text, n);
	x->target[n] = '\0';
	x->has_target = true;
	return true;
}

static bool pax_size(struct extension *x, const char *text)
{
	char *end;

	errno = 0;
	x->size = strtoull(text, &end, 10);
	x->has_size = true;
	return errno == 0 && text[0] >= '0' && text[0] <= '9' && *end == '\0';
}

static bool pax_record(struct extension *x, const char *key, const char *value, size_t n)
{
	if (streq(key, "path"))
		return x->has_path = path_clean(value, n, x->path);
	if (streq(key, "linkpath"))
		return keep_target(x, value, n);
	if (streq(key, "size"))
		return pax_size(x, value);
	return true;
}

/* Records "LENGTH KEY=VALUE\n", where LENGTH counts all of it (pax(1)). */
static bool pax_parse(struct extension *x, char *text, size_t n)
{
	char *end, *key, *value;
	unsigned long len;

	for (; n > 0; text += len, n -= len) {
		errno = 0;
		len = strtoul(text, &end, 10);
		if (errno || *end != ' ' || len > n || len < (size_t)(end - text) + 3 ||
		    text[len - 1] != '\n')
			return false;
		text[len - 1] = '\0';
		key = end + 1;
		value = strchr(key, '=');
		if (!value)
			return false;
		*value++ = '\0';
		if (!pax_record(x, key, value, (size_t)(text + len - 1 - value)))
			return false;
	}
	return true;
}

/* An extension header: keeps what it says. 0: `type` is none. */
static int tar_extension(struct source *s, uint8_t type, uint64_t size, uint64_t at, struct extension *x,
			 struct error *err)
{
	_cleanup_(freep) char *body = NULL;
	bool right = true;
	int r;

	if (type != 'L' && type != 'K' && type != 'x' && type != 'g')
		return 0;
	r = extension_body(s, size, at, &body, err);
	if (r < 0)
		return r;
	if (type == 'L')
		right = x->has_path = path_clean(body, strlen(body), x->path);
	else if (type == 'K')
		right = keep_target(x, body, strlen(body));
	else if (type == 'x')
		right = pax_parse(x, body, (size_t)size);
	return right ? 1 : tar_error(s, at, "its extension (long name, pax record) is malformed", err);
}

static int tar_finish(const struct source *s, const uint8_t *b, const struct extension *x, struct entry *e,
		      struct error *err)
{
	int r;

	if (x->has_path)
		memcpy(e->path, x->path, sizeof(e->path));
	else if (!tar_path(b, e->path))
		return tar_error(s, e->offset, "its path leaves the package or is too long", err);
	e->type = tar_type(b[TYPE_AT]);
	e->target[0] = '\0';
	if (x->has_target)
		memcpy(e->target, x->target, sizeof(e->target));
	else if (e->type == ENTRY_SYMLINK || e->type == ENTRY_HARDLINK)
		snprintf(e->target, sizeof(e->target), "%.*s", (int)field_len(b + LINK_AT, LINK_LEN),
			 b + LINK_AT);
	if (x->has_size)
		e->size = x->size;
	if (!tar_has_body(b[TYPE_AT]))
		e->size = 0;
	e->padding = tar_padding(e->size);
	r = source_holds(s, e->size, e->path, err);
	return r < 0 ? r : 1;
}

static bool tar_clean_hardlink(struct entry *e)
{
	char clean[PKG_PATH_MAX + 1];

	if (e->type != ENTRY_HARDLINK)
		return true;
	if (!path_clean(e->target, strlen(e->target), clean))
		return false;
	memcpy(e->target, clean, sizeof(clean));
	return true;
}

static bool all_zero(const uint8_t *b)
{
	return b[0] == 0 && memcmp(b, b + 1, TAR_BLOCK - 1) == 0;
}

int tar_next(struct source *s, const void *ctx, struct entry *ret, struct error *err)
{
	struct extension x;
	uint8_t b[TAR_BLOCK];
	uint64_t at;
	int r;

	(void)ctx;
	x.has_path = x.has_target = x.has_size = false;
	ret->offset = s->pos;
	do {
		at = s->pos;
		r = source_exact(s, b, sizeof(b), "the tar archive", err);
		if (r < 0)
			return r;
		if (all_zero(b))
			return 0;
		if (!tar_sum_right(b))
			return tar_error(s, at, "its checksum is wrong, so the archive is corrupt", err);
		if (!tar_number(b + SIZE_AT, SIZE_LEN, &ret->size))
			return tar_error(s, at, "its size is not a number", err);
		r = tar_extension(s, b[TYPE_AT], ret->size, at, &x, err);
		if (r < 0)
			return r;
	} while (r > 0);
	r = tar_finish(s, b, &x, ret, err);
	if (r > 0 && !tar_clean_hardlink(ret))
		return tar_error(s, at, "it links to a path outside of the package", err);
	return r;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/entry.h"
#include "pkg/path.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

/* cpio(5), "New ASCII Format": a magic of 6 digits, then 13 fields of 8 hexadecimal digits. */
#define MAGIC_LEN	6
#define FIELD_LEN	8
#define NEWC_FIELDS	13
#define FIELD_MODE	1
#define FIELD_SIZE	6
#define FIELD_NAME_SIZE 11
#define TRAILER		"TRAILER!!!"

/* rpm's stripped header (rpm's lib/cpio.c): the magic and the number of the file in the rpm's header. */
#define MAGIC_STRIPPED "07070X"

static bool hex8(const char *text, uint32_t *ret)
{
	uint32_t v = 0;
	int d;

	for (size_t i = 0; i < FIELD_LEN; i++) {
		char c = text[i];

		if (c >= '0' && c <= '9')
			d = c - '0';
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			d = (c | 32) - 'a' + 10;
		else
			return false;
		v = v << 4 | (uint32_t)d;
	}
	*ret = v;
	return true;
}

static int cpio_error(const struct source *s, uint64_t at, const char *why, struct error *err)
{
	return error_set(err, EBADMSG, "%s: cpio header at offset %" PRIu64 " (unpacked): %s", s->what, at,
			 why);
}

static uint64_t cpio_padding(uint64_t pos)
{
	return (4 - pos % 4) % 4;
}

static enum entry_type cpio_type(uint32_t mode)
{
	return S_ISREG(mode) ? ENTRY_FILE : S_ISLNK(mode) ? ENTRY_SYMLINK : ENTRY_OTHER;
}

/* The rest of a newc header: 1, or 0 for the trailer. */
static int newc_rest(struct source *s, struct entry *e, struct error *err)
{
	char text[NEWC_FIELDS * FIELD_LEN], name[PKG_PATH_MAX + 2];
	uint32_t field[NEWC_FIELDS], n;
	int r;

	r = source_exact(s, text, sizeof(text), "a cpio header", err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < NEWC_FIELDS; i++)
		if (!hex8(text + i * FIELD_LEN, &field[i]))
			return cpio_error(s, e->offset, "a field is not hexadecimal", err);
	n = field[FIELD_NAME_SIZE];
	if (n == 0 || n > sizeof(name))
		return cpio_error(s, e->offset, "its name is empty or too long", err);
	r = source_exact(s, name, n, "a cpio name", err);
	if (r < 0)
		return r;
	if (name[n - 1] != '\0')
		return cpio_error(s, e->offset, "its name does not end", err);
	e->type = cpio_type(field[FIELD_MODE]);
	e->size = field[FIELD_SIZE];
	if (streq(name, TRAILER))
		return 0;
	if (!path_clean(name, n - 1, e->path))
		return cpio_error(s, e->offset, "its path leaves the package", err);
	return 1;
}

static int stripped_rest(struct source *s, const struct cpio_files *files, struct entry *e, struct error *err)
{
	char text[FIELD_LEN];
	uint32_t index;
	int r;

	if (!files)
		return cpio_error(s, e->offset, "it leaves its name to a header that there is none of", err);
	r = source_exact(s, text, sizeof(text), "a cpio header", err);
	if (r < 0)
		return r;
	if (!hex8(text, &index))
		return cpio_error(s, e->offset, "its file number is not hexadecimal", err);
	r = files->file(files->ctx, index, e, err);
	return r < 0 ? r : 1;
}

int cpio_next(struct source *s, const void *ctx, struct entry *ret, struct error *err)
{
	char magic[MAGIC_LEN];
	int r;

	ret->offset = s->pos;
	ret->target[0] = '\0';
	r = source_exact(s, magic, sizeof(magic), "the cpio archive", err);
	if (r < 0)
		return r;
	if (memcmp(magic, "070701", MAGIC_LEN) == 0 || memcmp(magic, "070702", MAGIC_LEN) == 0)
		r = newc_rest(s, ret, err);
	else if (memcmp(magic, MAGIC_STRIPPED, MAGIC_LEN) == 0)
		r = stripped_rest(s, ctx, ret, err);
	else
		return cpio_error(s, ret->offset, "it has none of the magics 070701, 070702, 07070X", err);
	if (r <= 0)
		return r;
	r = source_skip(s, cpio_padding(s->pos), "a cpio header", err);
	if (r < 0)
		return r;
	r = source_holds(s, ret->size, ret->path, err);
	if (r < 0)
		return r;
	ret->padding = cpio_padding(s->pos + ret->size);
	return 1;
}

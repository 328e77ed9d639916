/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/ar.h"
#include "pkg/limits.h"

#include <errno.h>
#include <inttypes.h>

/* ar(5): a magic of 8 bytes; before each member 60 bytes of text; members begin at even offsets. */
#define AR_MAGIC_LEN  8
#define AR_HEADER_LEN 60
#define AR_NAME_LEN   16
#define AR_SIZE_AT    48
#define AR_SIZE_LEN   10
#define AR_END_AT     58
#define AR_END	      "`\n"

struct ar_member {
	char name[AR_NAME_LEN + 1];
	uint64_t at, size;
};

/* A decimal number, padded by spaces behind it. */
static bool ar_number(const char *text, size_t n, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i = 0;

	for (; i < n && text[i] >= '0' && text[i] <= '9'; i++)
		v = v * 10 + (uint64_t)(text[i] - '0');
	if (i == 0)
		return false;
	for (; i < n; i++)
		if (text[i] != ' ')
			return false;
	*ret = v;
	return true;
}

static void ar_name(const char *text, char ret[AR_NAME_LEN + 1])
{
	size_t n = AR_NAME_LEN;

	while (n > 0 && text[n - 1] == ' ')
		n--;
	/* System V's ar ends names with a slash. */
	if (n > 0 && text[n - 1] == '/')
		n--;
	memcpy(ret, text, n);
	ret[n] = '\0';
}

static int ar_header(const struct region *file, uint64_t at, struct ar_member *ret, struct error *err)
{
	struct region part, body;
	char text[AR_HEADER_LEN];
	int r;

	r = region_part(file, at, AR_HEADER_LEN, "an ar header", &part, err);
	if (r < 0)
		return r;
	r = region_read(&part, 0, text, sizeof(text), err);
	if (r < 0)
		return r;
	if (memcmp(text + AR_END_AT, AR_END, 2) != 0 ||
	    !ar_number(text + AR_SIZE_AT, AR_SIZE_LEN, &ret->size))
		return error_set(err, EBADMSG, "the ar header at byte %" PRIu64 " is corrupt", at);
	ar_name(text, ret->name);
	ret->at = at + AR_HEADER_LEN;
	/* Only to see whether it is all there. */
	return region_part(file, ret->at, ret->size, ret->name, &body, err);
}

static int check_version(const struct region *file, const struct ar_member *m, struct error *err)
{
	char text[4] = "";
	int r;

	if (!streq(m->name, "debian-binary"))
		return error_set(err, EBADMSG,
				 "is an ar archive, but not a Debian package: its first member is \"%s\", "
				 "debian-binary was expected",
				 m->name);
	r = region_read(file, m->at, text, m->size < sizeof(text) ? (size_t)m->size : sizeof(text), err);
	if (r < 0)
		return r;
	if (text[0] != '2' || text[1] != '.')
		return error_set(err, EOPNOTSUPP,
				 "its debian-binary says a format other than 2.x, which deb(5) knows");
	return 0;
}

static bool compression_of(const char *suffix, enum compression *ret)
{
	static const struct {
		const char *suffix;
		enum compression c;
	} known[] = {
		{ "", COMPRESSION_NONE },     { ".gz", COMPRESSION_GZIP },   { ".xz", COMPRESSION_XZ },
		{ ".zst", COMPRESSION_ZSTD }, { ".bz2", COMPRESSION_BZIP2 }, { ".lzma", COMPRESSION_LZMA },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (streq(suffix, known[i].suffix)) {
			*ret = known[i].c;
			return true;
		}
	return false;
}

/* Whether the member is PREFIX or PREFIX.COMPRESSION: 1 and the part; 0: it is another. */
static int take_part(const struct region *file, const struct ar_member *m, const char *prefix,
		     struct deb_part *ret, struct error *err)
{
	const char *suffix = startswith(m->name, prefix);

	if (!suffix || (suffix[0] != '\0' && suffix[0] != '.'))
		return 0;
	if (!compression_of(suffix, &ret->compression))
		return error_set(err, EOPNOTSUPP, "%s: its compression is not known", m->name);
	snprintf(ret->name, sizeof(ret->name), "%s", m->name);
	ret->region = (struct region){ .fd = file->fd, .at = m->at, .size = m->size, .what = ret->name };
	return 1;
}

/* deb(5): control.tar, then data.tar; members that begin with "_" may stand between, others are an error. */
int ar_read_deb(const struct region *file, struct deb_part *control, struct deb_part *data, struct error *err)
{
	static const char *const prefix[] = { "control.tar", "data.tar" };
	struct deb_part *part[] = { control, data };
	struct ar_member m;
	uint64_t at = AR_MAGIC_LEN;
	size_t have = 0;
	int r;

	for (size_t i = 0; i < PKG_AR_MEMBERS; i++, at = m.at + m.size + m.size % 2) {
		if (at >= file->size)
			return error_set(err, EBADMSG, "truncated: it ends at byte %" PRIu64 ", before %s.*",
					 file->size, prefix[have]);
		r = ar_header(file, at, &m, err);
		if (r == 0 && i == 0)
			r = check_version(file, &m, err);
		if (r < 0)
			return r;
		if (i == 0 || m.name[0] == '_')
			continue;
		r = take_part(file, &m, prefix[have], part[have], err);
		if (r == 0)
			r = error_set(err, EBADMSG, "it has \"%s\" where %s.* was expected", m.name,
				      prefix[have]);
		if (r < 0)
			return r;
		if (++have == ARRAY_SIZE(part))
			return 0;
	}
	return error_set(err, E2BIG, "it has more than %d ar members before %s.*", PKG_AR_MEMBERS,
			 prefix[have]);
}

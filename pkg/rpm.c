/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pkg/format.h"
#include "pkg/path.h"
#include "pkg/rpmheader.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

/* librpm promises no thread safety: one thread at a time is inside it, whichever package it works for. */
static pthread_mutex_t rpm_lock = PTHREAD_MUTEX_INITIALIZER;

struct rpm {
	struct region payload;
	enum compression compression;
	uint64_t unpacked;
	rpmfiles files; /* kept for payloads with stripped headers */
	struct cpio_files cpio;
};

static const char *tag_string(struct package *p, Header h, rpmTagVal tag)
{
	const char *s = librpm.headerGetString(h, tag);

	return s && s[0] ? package_string(p, s, strlen(s)) : NULL;
}

static const char *tag_version(struct package *p, Header h)
{
	_cleanup_(freep) char *evr = librpm.headerGetAsString(h, RPMTAG_EVR);

	return evr ? package_string(p, evr, strlen(evr)) : NULL;
}

static int tag_names(struct package *p, Header h, rpmTagVal tag, char ***ret, struct error *err)
{
	struct names l = { 0 };
	struct rpmtd_s td;
	const char *s;
	int r = 0;

	if (librpm.headerGet(h, tag, &td, HEADERGET_MINMEM)) {
		while (r == 0 && (s = librpm.rpmtdNextString(&td)))
			r = names_add(&l, p, s, strlen(s), err);
		librpm.rpmtdFreeData(&td);
	}
	*ret = names_end(&l);
	return r;
}

/* The version of the entry that both stand at; "" where it is not provided in exactly one. */
static const char *exact(const char *version, const uint32_t *flags)
{
	bool equal = flags && (*flags & (RPMSENSE_LESS | RPMSENSE_GREATER | RPMSENSE_EQUAL)) == RPMSENSE_EQUAL;

	return version && equal ? version : "";
}

/* Three arrays of one length, in an honest header; a shorter one leaves the rest without a version. */
static int rpm_provides(struct package *p, Header h, struct error *err)
{
	struct names l = { 0 }, versions = { 0 };
	struct rpmtd_s names, texts, flags;
	const char *s, *version;
	int r = 0;

	if (!librpm.headerGet(h, RPMTAG_PROVIDENAME, &names, HEADERGET_MINMEM))
		return 0;
	librpm.headerGet(h, RPMTAG_PROVIDEVERSION, &texts, HEADERGET_MINMEM);
	librpm.headerGet(h, RPMTAG_PROVIDEFLAGS, &flags, HEADERGET_MINMEM);
	while (r == 0 && (s = librpm.rpmtdNextString(&names))) {
		version = librpm.rpmtdNextString(&texts);
		version = exact(version, librpm.rpmtdNextUint32(&flags));
		r = names_add(&l, p, s, strlen(s), err);
		if (r == 0 && l.n > versions.n)
			r = names_add_any(&versions, p, version, strlen(version), err);
	}
	librpm.rpmtdFreeData(&names);
	librpm.rpmtdFreeData(&texts);
	librpm.rpmtdFreeData(&flags);
	p->info.provides = names_end(&l);
	p->info.provides_versions = names_end(&versions);
	return r;
}

static int rpm_info(struct package *p, Header h, struct error *err)
{
	int r;

	p->info.name = tag_string(p, h, RPMTAG_NAME);
	p->info.version = tag_version(p, h);
	p->info.arch = librpm.headerIsSource(h) ? "src" : tag_string(p, h, RPMTAG_ARCH);
	if (!p->info.name || !p->info.version || !p->info.arch)
		return error_set(err, EBADMSG, "its header lacks one of Name, Version, Release, Arch");
	r = tag_names(p, h, RPMTAG_REQUIRENAME, &p->info.requires, err);
	if (r == 0)
		r = rpm_provides(p, h, err);
	return r;
}

/*
 * Without the tag it is gzip, as in old rpms, or nothing: rpm reads both through zlib, which tells by the
 * magic.
 */
static int payload_guess(const struct region *payload, enum compression *ret, struct error *err)
{
	uint8_t magic[2];
	int r = region_read(payload, 0, magic, sizeof(magic), err);

	if (r == 0)
		*ret = magic[0] == 0x1f && magic[1] == 0x8b ? COMPRESSION_GZIP : COMPRESSION_NONE;
	return r;
}

static int payload_compression(Header h, const struct region *payload, enum compression *ret,
			       struct error *err)
{
	static const struct {
		const char *name;
		enum compression c;
	} known[] = {
		{ "zstd", COMPRESSION_ZSTD }, { "xz", COMPRESSION_XZ },
		{ "gzip", COMPRESSION_GZIP }, { "bzip2", COMPRESSION_BZIP2 },
		{ "lzma", COMPRESSION_LZMA }, { "identity", COMPRESSION_NONE },
		{ "none", COMPRESSION_NONE },
	};
	const char *format = librpm.headerGetString(h, RPMTAG_PAYLOADFORMAT);
	const char *name = librpm.headerGetString(h, RPMTAG_PAYLOADCOMPRESSOR);

	if (format && !streq(format, "cpio"))
		return error_set(err, EOPNOTSUPP, "its payload is in the format \"%.32s\", cpio was expected",
				 format);
	if (!name)
		return payload_guess(payload, ret, err);
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (streq(name, known[i].name)) {
			*ret = known[i].c;
			return 0;
		}
	return error_set(err, EOPNOTSUPP, "the compression of its payload, \"%.32s\", is not known", name);
}

static enum hash_kind digest_algorithm(int rpm_algorithm)
{
	switch (rpm_algorithm) {
	case PGPHASHALGO_MD5:
		return HASH_MD5;
	case PGPHASHALGO_SHA1:
		return HASH_SHA1;
	case PGPHASHALGO_SHA224:
		return HASH_SHA224;
	case PGPHASHALGO_SHA256:
		return HASH_SHA256;
	case PGPHASHALGO_SHA384:
		return HASH_SHA384;
	case PGPHASHALGO_SHA512:
		return HASH_SHA512;
	default:
		return HASH_NONE;
	}
}

static const char *file_digest(struct package *p, rpmfiles files, int ix)
{
	char text[HASH_TEXT_MAX];
	const unsigned char *bytes;
	size_t n = 0;

	bytes = librpm.rpmfilesFDigest(files, ix, NULL, &n);
	if (!p->hash || !bytes || n != hash_size(p->hash))
		return NULL;
	hex_text(bytes, n, text);
	/* Files that have no digest (links, ghosts) have one of zeros. */
	return strspn(text, "0") == 2 * n ? NULL : package_string(p, text, 2 * n);
}

static bool file_clean(rpmfiles files, int ix, char ret[PKG_PATH_MAX + 1])
{
	_cleanup_(freep) char *name = librpm.rpmfilesFN(files, ix);

	return name && path_clean(name, strlen(name), ret);
}

/* Of files linked hard together only the last has its bytes in the payload. */
static int body_index(rpmfiles files, int ix)
{
	const int *set = NULL;
	uint32_t n = librpm.rpmfilesFLinks(files, ix, &set);

	return n > 1 && set ? set[n - 1] : ix;
}

static int file_add(struct package *p, rpmfiles files, int ix, struct error *err)
{
	mode_t mode = librpm.rpmfilesFMode(files, ix);
	char path[PKG_PATH_MAX + 1];
	struct member m = { .size = librpm.rpmfilesFSize(files, ix) };
	struct body b = { .offset = MEMBER_SIZE_UNKNOWN };
	const char *target;
	int carrier;

	if ((librpm.rpmfilesFFlags(files, ix) & RPMFILE_GHOST) || (!S_ISREG(mode) && !S_ISLNK(mode)))
		return 0;
	if (!file_clean(files, ix, path))
		return error_set(err, EBADMSG,
				 "the path of file %d in its header leaves the package or is too long", ix);
	m.path = package_string(p, path, strlen(path));
	if (S_ISLNK(mode)) {
		target = librpm.rpmfilesFLink(files, ix);
		m.target = package_string(p, target ? target : "", target ? strlen(target) : 0);
		return package_add(p, &m, &b, err);
	}
	b.digest = file_digest(p, files, ix);
	carrier = body_index(files, ix);
	if (carrier != ix && file_clean(files, carrier, path))
		b.path = package_string(p, path, strlen(path));
	return package_add(p, &m, &b, err);
}

static int rpm_list(struct package *p, Header h, struct error *err)
{
	struct rpm *rpm = p->state;
	int n, r = 0;

	rpm->files = librpm.rpmfilesNew(NULL, h, RPMTAG_BASENAMES, RPMFI_FLAGS_QUERY);
	if (!rpm->files)
		return error_set(err, EBADMSG, "the file list in its header is corrupt");
	p->hash = digest_algorithm(librpm.rpmfilesDigestAlgo(rpm->files));
	n = librpm.rpmfilesFC(rpm->files);
	for (int i = 0; i < n && r == 0; i++)
		r = file_add(p, rpm->files, i, err);
	return r;
}

/* What a stripped cpio header stands for; as rpm's own reader does, only the last of hard links has bytes. */
static int stripped_file(const void *ctx, uint32_t index, struct entry *ret, struct error *err)
{
	const struct rpm *rpm = ctx;
	mode_t mode;
	bool clean;

	pthread_mutex_lock(&rpm_lock);
	if (index >= (uint32_t)librpm.rpmfilesFC(rpm->files)) {
		pthread_mutex_unlock(&rpm_lock);
		return error_set(err, EBADMSG,
				 "payload: it has a file number %" PRIu32 ", which the header has not",
				 index);
	}
	mode = librpm.rpmfilesFMode(rpm->files, (int)index);
	clean = file_clean(rpm->files, (int)index, ret->path);
	ret->type = S_ISREG(mode) ? ENTRY_FILE : S_ISLNK(mode) ? ENTRY_SYMLINK : ENTRY_OTHER;
	ret->size = ret->type == ENTRY_OTHER || body_index(rpm->files, (int)index) != (int)index
			    ? 0
			    : librpm.rpmfilesFSize(rpm->files, (int)index);
	pthread_mutex_unlock(&rpm_lock);
	return clean ? 0 : error_set(err, EBADMSG, "the path of file %" PRIu32 " leaves the package", index);
}

static int rpm_load(struct package *p, struct error *err)
{
	struct rpm *rpm = p->state;
	struct rpm_parts parts;
	int r;

	r = rpm_parts_read(&p->file, &parts, err);
	if (r < 0)
		return r;
	rpm->payload = parts.payload;
	rpm->unpacked = parts.unpacked;
	r = payload_compression(parts.header, &parts.payload, &rpm->compression, err);
	if (r == 0)
		r = rpm_info(p, parts.header, err);
	if (r == 0)
		r = rpm_list(p, parts.header, err);
	librpm.headerFree(parts.header);
	return r;
}

static int rpm_open(struct package *p, const struct package_options *options, struct error *err)
{
	struct rpm *rpm = p->state = xcalloc(1, sizeof(*rpm));
	int r;

	(void)options;
	r = librpm_load(err);
	if (r < 0)
		return r;
	p->info.format = PACKAGE_RPM;
	rpm->cpio = (struct cpio_files){ stripped_file, rpm };
	pthread_mutex_lock(&rpm_lock);
	r = rpm_load(p, err);
	pthread_mutex_unlock(&rpm_lock);
	return r;
}

static int rpm_payload(const void *ctx, struct source **ret, struct error *err)
{
	const struct package *p = ctx;
	const struct rpm *rpm = p->state;
	struct source *s;
	int r;

	r = source_open(&rpm->payload, rpm->compression, PKG_UNPACKED_MAX, p->verify, &s, err);
	if (r < 0)
		return r;
	if (s->total == SOURCE_SIZE_UNKNOWN)
		s->total = rpm->unpacked;
	*ret = s;
	return 0;
}

static void rpm_read(struct package *p, struct wants *w)
{
	const struct rpm *rpm = p->state;

	pass_straight(w, (struct entry_walk){ cpio_next, &rpm->cpio },
		      (struct source_maker){ rpm_payload, p }, "the header");
}

static void rpm_free(struct package *p)
{
	struct rpm *rpm = p->state;

	if (!rpm)
		return;
	if (rpm->files) {
		pthread_mutex_lock(&rpm_lock);
		librpm.rpmfilesFree(rpm->files);
		pthread_mutex_unlock(&rpm_lock);
	}
	free(rpm);
}

const struct format format_rpm = {
	.name = "rpm",
	.open = rpm_open,
	.read = rpm_read,
	.free = rpm_free,
};

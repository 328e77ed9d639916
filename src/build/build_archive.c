/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "build/build_private.h"
#include "pkg/libarchive.h"

#include <errno.h>
#include <sys/stat.h>

/* A kernel source has 80,000 files of 1.3 GB; what is ten times that is no kernel source. */
#define ENTRIES_MAX 1000000u
#define BYTES_MAX   (16ll << 30)

/* No filter that would start a program. */
static void support_filters(struct archive *a)
{
	libarchive.archive_read_support_filter_gzip(a);
	libarchive.archive_read_support_filter_bzip2(a);
	libarchive.archive_read_support_filter_xz(a);
	libarchive.archive_read_support_filter_lzma(a);
	libarchive.archive_read_support_filter_zstd(a);
	libarchive.archive_read_support_filter_lz4(a);
}

static int archive_failed(struct archive *a, const char *path, struct error *err)
{
	const char *why = libarchive.archive_error_string(a);
	int code = libarchive.archive_errno(a);

	/* The library's words for a file that ends too early are of its own kind ("No progress is possible"). */
	if (code <= 0 || code == EINVAL || code >= 4096)
		return error_set(err, EBADMSG, "%s: cannot be unpacked; is it whole? (%s)", path, why ? why : "no reason given");
	return error_set(err, code, "%s: %s", path, why ? why : strerror(code));
}

/* Directories, files and links; nothing absolute, nothing that climbs out. */
static int vet(struct archive_entry *entry, const char *archive, struct error *err)
{
	const char *name = libarchive.archive_entry_pathname(entry), *hard = libarchive.archive_entry_hardlink(entry);
	mode_t type = libarchive.archive_entry_filetype(entry);

	if (!name || *name == '/' || (hard && *hard == '/'))
		return error_set(err, EBADMSG, "%s: entry '%.100s' has an absolute path; a kernel source has none", archive,
				 name ? name : "");
	if (!hard && type != AE_IFREG && type != AE_IFDIR && type != AE_IFLNK)
		return error_set(err, EBADMSG, "%s: entry '%.100s' is a device or the like; a kernel source has none",
				 archive, name);
	return 0;
}

/* Paths in the archive are below `into`, whatever the working directory is. */
static void relocate(struct archive_entry *entry, const char *into)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", into, libarchive.archive_entry_pathname(entry));
	const char *hard = libarchive.archive_entry_hardlink(entry);

	if (hard) {
		_cleanup_(freep) char *target = xasprintf("%s/%s", into, hard);

		libarchive.archive_entry_copy_hardlink(entry, target);
	}
	libarchive.archive_entry_copy_pathname(entry, path);
	/* The owner is whoever builds, who must be able to write; and no set-user-ID comes in from outside. */
	libarchive.archive_entry_set_perm(entry, (libarchive.archive_entry_perm(entry) & 0755) | 0600 |
					      (libarchive.archive_entry_filetype(entry) == AE_IFDIR ? 0700 : 0));
}

static int copy_data(struct archive *in, struct archive *out, const char *archive, long long *total,
		     struct error *err)
{
	const void *block;
	size_t n;
	la_int64_t offset;

	for (;;) {
		int r = libarchive.archive_read_data_block(in, &block, &n, &offset);

		if (r == ARCHIVE_EOF)
			return 0;
		if (r < ARCHIVE_OK)
			return archive_failed(in, archive, err);
		*total += (long long)n;
		if (*total > BYTES_MAX)
			return error_set(err, E2BIG, "%s: unpacks to more than %lld GB, which no kernel source does", archive,
					 BYTES_MAX >> 30);
		if (command_interrupted())
			return error_set(err, EINTR, "stopped by a signal");
		if (libarchive.archive_write_data_block(out, block, n, offset) < ARCHIVE_OK)
			return archive_failed(out, archive, err);
	}
}

static int copy_entry(struct archive *in, struct archive *out, struct archive_entry *entry, const char *archive,
		      const char *into, long long *total, struct error *err)
{
	int r = vet(entry, archive, err);

	if (r < 0)
		return r;
	relocate(entry, into);
	if (libarchive.archive_write_header(out, entry) < ARCHIVE_OK)
		return archive_failed(out, archive, err);
	if (libarchive.archive_entry_size(entry) > 0 && !libarchive.archive_entry_hardlink(entry))
		r = copy_data(in, out, archive, total, err);
	if (r == 0 && libarchive.archive_write_finish_entry(out) < ARCHIVE_OK)
		return archive_failed(out, archive, err);
	return r;
}

static int copy_all(struct archive *in, struct archive *out, const char *archive, const char *into,
		    long long *newest, struct error *err)
{
	struct archive_entry *entry;
	unsigned count = 0;
	long long total = 0;

	for (;;) {
		int r = libarchive.archive_read_next_header(in, &entry);

		if (r == ARCHIVE_EOF)
			return count > 0 ? 0 : error_set(err, EBADMSG, "%s: holds nothing", archive);
		if (r < ARCHIVE_OK)
			return archive_failed(in, archive, err);
		if (++count > ENTRIES_MAX)
			return error_set(err, E2BIG, "%s: has more than %u entries, which no kernel source has", archive,
					 ENTRIES_MAX);
		if (libarchive.archive_entry_filetype(entry) == AE_IFREG && libarchive.archive_entry_mtime(entry) > *newest)
			*newest = libarchive.archive_entry_mtime(entry);
		r = copy_entry(in, out, entry, archive, into, &total, err);
		if (r < 0)
			return r;
		if (command_interrupted())
			return error_set(err, EINTR, "stopped by a signal");
	}
}

int archive_unpack(const char *archive, const char *into, long long *ret_newest, struct error *err)
{
	struct archive *in, *out;
	int r = libarchive_load(err);

	if (r < 0)
		return r;
	in = libarchive.archive_read_new();
	out = libarchive.archive_write_disk_new();
	support_filters(in);
	libarchive.archive_read_support_format_tar(in);
	/* `into` is ours and named absolutely, so that only what lies below it is looked at for tricks. */
	libarchive.archive_write_disk_set_options(out, ARCHIVE_EXTRACT_TIME | ARCHIVE_EXTRACT_PERM |
						    ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT);
	*ret_newest = 0;
	if (libarchive.archive_read_open_filename(in, archive, 1 << 18) < ARCHIVE_OK)
		r = archive_failed(in, archive, err);
	else
		r = copy_all(in, out, archive, into, ret_newest, err);
	if (r == 0 && libarchive.archive_write_close(out) < ARCHIVE_OK)
		r = archive_failed(out, archive, err);
	libarchive.archive_read_free(in);
	libarchive.archive_write_free(out);
	return r;
}

int archive_read_text(const char *path, size_t max, char **ret, struct error *err)
{
	struct archive *a;
	_cleanup_(buf_done) struct buf b = { 0 };
	struct archive_entry *entry;
	char bytes[65536];
	la_ssize_t n = 0;
	int r = libarchive_load(err);

	if (r < 0)
		return r;
	a = libarchive.archive_read_new();
	support_filters(a);
	libarchive.archive_read_support_format_raw(a);
	libarchive.archive_read_support_format_empty(a);
	buf_add(&b, "", 0);
	if (libarchive.archive_read_open_filename(a, path, 1 << 16) < ARCHIVE_OK)
		r = archive_failed(a, path, err);
	else if (libarchive.archive_read_next_header(a, &entry) == ARCHIVE_OK)
		while (r == 0 && (n = libarchive.archive_read_data(a, bytes, sizeof(bytes))) > 0) {
			if ((size_t)n > max - b.len)
				r = error_set(err, E2BIG, "%s: is too large for a config", path);
			else
				buf_add(&b, bytes, (size_t)n);
		}
	if (r == 0 && n < 0)
		r = archive_failed(a, path, err);
	libarchive.archive_read_free(a);
	if (r == 0 && strlen(b.text) != b.len)
		r = error_set(err, EBADMSG, "%s: holds a zero byte: it is no config", path);
	if (r == 0)
		*ret = TAKE_PTR(b.text);
	return r;
}

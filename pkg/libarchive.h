/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_PKG_LIBARCHIVE_H
#define HVCOMPAT_PKG_LIBARCHIVE_H

#include "base/library.h"

#include <archive.h>
#include <archive_entry.h>

/*
 * libarchive, loaded when something is compressed other than .xz, or is to be unpacked: it brings libxml2, the tables
 * of Unicode and others along.
 */
#define LIBARCHIVE_FUNCTIONS(F) \
	F(archive_entry_copy_hardlink) F(archive_entry_copy_pathname) F(archive_entry_filetype) \
	F(archive_entry_hardlink) F(archive_entry_mtime) F(archive_entry_pathname) \
	F(archive_entry_perm) F(archive_entry_set_perm) F(archive_entry_size) F(archive_errno) \
	F(archive_error_string) F(archive_read_append_filter) F(archive_read_data) \
	F(archive_read_data_block) F(archive_read_free) F(archive_read_new) \
	F(archive_read_next_header) F(archive_read_open) F(archive_read_open_filename) \
	F(archive_read_support_filter_bzip2) F(archive_read_support_filter_gzip) \
	F(archive_read_support_filter_lz4) F(archive_read_support_filter_lzma) \
	F(archive_read_support_filter_xz) F(archive_read_support_filter_zstd) \
	F(archive_read_support_format_empty) F(archive_read_support_format_raw) \
	F(archive_read_support_format_tar) F(archive_set_error) F(archive_write_close) \
	F(archive_write_data_block) F(archive_write_disk_new) F(archive_write_disk_set_options) \
	F(archive_write_finish_entry) F(archive_write_free) F(archive_write_header)

extern struct libarchive {
	LIBRARY_SLOTS(LIBARCHIVE_FUNCTIONS)
} libarchive;

/* Before any of them is called. */
int libarchive_load(struct error *err);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BASE_FS_H
#define HVCOMPAT_BASE_FS_H

#include <dirent.h>

#include "base/error.h"
#include "base/util.h"

/* What is done to whole files and directories. All errors name the path. */

/* What a failing disk or a lack of memory keeps from us is taken to be there: whoever reads it will say why. */
bool fs_is_dir(const char *path);
bool fs_exists(const char *path); /* a dangling link does, too */

/* Makes a directory, and those above it. One that is there is fine. */
int fs_make_dir(const char *path, struct error *err);

/* Removes a file, or a directory with all that is in it; links are not followed. What is not there is fine. */
int fs_remove(const char *path, struct error *err);

/* The same, and an empty one in its place: what a run that was killed left in it is gone. */
int fs_fresh_dir(const char *path, struct error *err);

/*
 * The next entry of a directory, "." and ".." among them; NULL at the end, or where the rest cannot be read: `ret` is then
 * a negative errno, and is left alone otherwise. `path` is for the error.
 */
struct dirent *fs_next(DIR *d, const char *path, int *ret, struct error *err);

/* The paths that a pattern of glob(7) fits, in order; none is fine. The rest of a directory that cannot be read is not. */
int fs_glob(const char *pattern, struct strings *ret, struct error *err);

/* The whole of a regular file (-EINVAL), NUL-terminated, if it has at most `max` bytes (-E2BIG). `ret_size` may be NULL. */
int fs_read(const char *path, size_t max, char **ret, size_t *ret_size, struct error *err);

/* The same of one that need not be there: NULL then. */
int fs_read_if_there(const char *path, size_t max, char **ret, size_t *ret_size, struct error *err);

/* Writes a file beside its place, syncs and renames it: whoever reads sees the old or the new one. */
int fs_write(const char *path, const char *text, size_t n, struct error *err);

/* SHA-256 of bytes, in hex. Fails as hash_new() does. */
int fs_digest(const void *bytes, size_t n, char into[65], struct error *err);

/*
 * A short text that changes when the file, or anything in the directory, does: names, sizes, times, kinds. With
 * `content`, what the files hold counts instead of their times.
 */
int fs_fingerprint(const char *path, bool content, char into[65], struct error *err);

#endif

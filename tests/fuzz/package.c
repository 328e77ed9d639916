/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/fuzz/package.h"
#include "pkg/package.h"

static int take(void *ctx, const uint8_t *bytes, size_t n, struct error *err)
{
	size_t *seen = ctx;

	(void)err;
	must(n > 0);
	*seen += bytes[n - 1];
	return 0;
}

static void read_all(struct package *p)
{
	const struct member *members;
	size_t n = package_members(p, &members), seen = 0;
	struct member_read reads[32];
	struct error err = { 0 };

	n = n < ARRAY_SIZE(reads) ? n : ARRAY_SIZE(reads);
	for (size_t i = 0; i < n; i++)
		reads[i] = (struct member_read){ .member = i, .sink = { take, NULL, &seen } };
	must_tell(package_read(p, reads, n, &err), &err);
}

/* Paths that lead nowhere else, in order, each once: what everybody behind it takes for granted. */
static void check_list(const struct package *p)
{
	const struct member *m;
	size_t n = package_members(p, &m);

	for (size_t i = 0; i < n; i++) {
		must(m[i].path[0] && m[i].path[0] != '/' && !startswith(m[i].path, "../") && !strstr(m[i].path, "/../") &&
		     !endswith(m[i].path, "/.."));
		must(i == 0 || strcmp(m[i - 1].path, m[i].path) < 0);
		must(package_find(p, m[i].path) == (ssize_t)i);
	}
}

static void check_info(const struct package_info *info)
{
	size_t n = 0;

	must(info->requires && info->provides && info->provides_versions);
	while (info->provides[n])
		must(info->provides[n][0] && info->provides_versions[n++]);
	must(!info->provides_versions[n]);
	must(info->format == PACKAGE_FILE || (info->name && info->version && info->arch));
}

int fuzz_package(const uint8_t *bytes, size_t n, bool payload)
{
	struct package_options options = { .threads = 1, .verify = n && bytes[n - 1] & 1 };
	_cleanup_(package_freep) struct package *p = NULL;
	struct error err = { 0 };
	int r = package_open(fuzz_path(0, bytes, n), &options, &p, &err);

	must_tell(r, &err);
	if (r < 0)
		return 0;
	check_info(package_info(p));
	check_list(p);
	if (!payload)
		return 0;
	r = package_list_all(p, &err);
	must_tell(r, &err);
	check_list(p);
	if (r == 0)
		read_all(p);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A .deb, an .rpm or a bare file: its list, and all of its members. */
#include "fuzz/fuzz.h"
#include "pkg/package.h"

static int take(void *ctx, const uint8_t *bytes, size_t n, struct error *err)
{
	size_t *seen = ctx;

	(void)err;
	if (n == 0)
		abort();
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
	for (size_t i = 0; i < n; i++) {
		if (members[i].path[0] == '/' || startswith(members[i].path, "../") || strstr(members[i].path, "/../"))
			abort();
		reads[i] = (struct member_read){ .member = i, .sink = { take, NULL, &seen } };
	}
	must_tell(package_read(p, reads, n, &err), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct package_options options = { .threads = 1, .verify = n && bytes[n - 1] & 1 };
	_cleanup_(package_freep) struct package *p = NULL;
	char path[32];
	_cleanup_(closep) __attribute__((unused)) int fd = fuzz_file(bytes, n, path);
	struct error err = { 0 };
	int r = package_open(path, &options, &p, &err);

	must_tell(r, &err);
	if (r < 0)
		return 0;
	if (package_list_all(p, &err) == 0)
		read_all(p);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A Release file that was vouched for: the digests that it lists. */
#include "fuzz/fuzz.h"
#include "pkg/index_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static const char *const paths[] = { "main/binary-amd64/Packages.xz", "Packages", "a" };
	_cleanup_(freep) char *text = xstrndup((const char *)bytes, n);
	struct release r = { .vouched = { .text = text, .size = strlen(text) } };

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		char digest[65] = "";
		uint64_t size = 0;

		if (release_find(&r, paths[i], &size, digest))
			must(strlen(digest) == 64 && strspn(digest, "0123456789abcdef") == 64 && strstr(text, digest) &&
			     strstr(text, paths[i]));
	}
	return 0;
}

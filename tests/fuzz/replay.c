/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a target over files, where there is no libFuzzer: replay FILE… */
#include "fuzz/fuzz.h"

static int run_file(const char *path)
{
	_cleanup_(fclosep) FILE *f = fopen(path, "re");
	_cleanup_(freep) uint8_t *bytes = xmalloc(1 << 20);
	size_t n;

	if (!f) {
		perror(path);
		return 1;
	}
	n = fread(bytes, 1, 1 << 20, f);
	/* A copy of its own size, so that a sanitizer sees a byte read too far. */
	bytes = xreallocarray(bytes, n ? n : 1, 1);
	LLVMFuzzerTestOneInput(bytes, n);
	printf("%s: %zu bytes\n", path, n);
	return 0;
}

int main(int argc, char **argv)
{
	int failed = 0;

	for (int i = 1; i < argc; i++)
		failed |= run_file(argv[i]);
	return failed;
}

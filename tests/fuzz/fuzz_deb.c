/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A .deb: ar, control archive, payload; changed inside of the archives. */
#include "fuzz/package.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	return fuzz_package(bytes, n, true);
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
	return mutate_deb(bytes, n, max, seed);
}

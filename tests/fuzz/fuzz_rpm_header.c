/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An .rpm as far as its header: lead, signature, header, the list of files. */
#include "fuzz/package.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	return fuzz_package(bytes, n, false);
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
	return mutate_rpm_header(bytes, n, max, seed);
}

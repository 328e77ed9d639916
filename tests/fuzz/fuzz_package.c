/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A package of any kind, or a bare file: its list, and all of its members. */
#include "fuzz/package.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	return fuzz_package(bytes, n, true);
}

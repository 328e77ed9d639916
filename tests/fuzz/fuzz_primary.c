/* SPDX-License-Identifier: GPL-2.0-or-later */
/* primary.xml of rpm-md, as it comes out of its compression. */
#include "fuzz/index.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	return fuzz_index(bytes, n, primary_read);
}

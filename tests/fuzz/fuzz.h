/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_TESTS_FUZZ_H
#define HVCOMPAT_TESTS_FUZZ_H

#include "base/error.h"
#include "base/util.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/*
 * What each target defines, one a file: the same function under libFuzzer (make fuzz) and in the replay of what was
 * found (make check). It must leave nothing behind, and end itself with abort() where an answer breaks a promise.
 */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

/* A promise that every reader makes: a refusal has a negative code and a sentence. */
static inline void must_tell(int result, const struct error *err)
{
	if (result < 0 && (!err->text[0] || err->code == 0))
		abort();
}

/* For readers that take a path: the bytes as a file in memory. `path` has room for one; returns the descriptor. */
int fuzz_file(const uint8_t *bytes, size_t n, char path[32]);

#endif

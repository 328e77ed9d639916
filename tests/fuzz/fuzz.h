/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_TESTS_FUZZ_H
#define HVCOMPAT_TESTS_FUZZ_H

#include "base/error.h"
#include "base/util.h"
#include "pkg/source.h"

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

/* What must hold, in any build. */
static inline void must(bool holds)
{
	if (!holds)
		abort();
}

/*
 * For readers that take a descriptor or a path: the bytes as a file in memory. Slots are files of their own; each is
 * made once and used again by every run, so nothing is to be closed.
 */
#define FUZZ_FILES 4
int fuzz_fd(unsigned slot, const uint8_t *bytes, size_t n);
const char *fuzz_path(unsigned slot, const uint8_t *bytes, size_t n);

/* For readers that take a source: the bytes themselves, handed on in pieces of at most `piece`. */
struct fuzz_source {
	struct source source;
	const uint8_t *bytes;
	size_t left, piece;
};
struct source *fuzz_source(struct fuzz_source *s, const uint8_t *bytes, size_t n, size_t piece);

/* What a target knows of its format beyond bytes: libFuzzer asks it for the next input where it is there. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed);

#endif

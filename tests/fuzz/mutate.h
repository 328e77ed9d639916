/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_TESTS_FUZZ_MUTATE_H
#define HVCOMPAT_TESTS_FUZZ_MUTATE_H

#include "base/util.h"
#include "kernel/payload.h"

/*
 * Behind LLVMFuzzerCustomMutator(): changes that get past checksums, lengths and compressors. Each keeps an input as
 * libFuzzer made it one time in eight, so that the checks themselves are tried, too.
 */

/* Puts right, in place, what a reader checks before it looks any further. */
typedef void (*mend_fn)(uint8_t *bytes, size_t n);

/* Changes bytes as libFuzzer does; NULL `mend`: nothing is put right. Returns the new size, at most `max`. */
size_t mutate_mended(uint8_t *bytes, size_t n, size_t max, unsigned seed, mend_fn mend);

/* The same with `part`, which grows and shrinks. */
void mutate_buf(struct buf *part, size_t max, unsigned seed, mend_fn mend);

/* Whether this time the input should stay as it is made without any care. */
bool mutate_careless(unsigned seed);

/* What is packed, up to 1 MiB; false: it cannot be unpacked. `ret` is added to. */
bool mutate_unpack(enum codec codec, const uint8_t *bytes, size_t n, struct buf *ret);

/* Changes what is packed inside of `part` (or `part` itself, when it is not packed) and packs it again as it was. */
void mutate_packed(struct buf *part, size_t max, unsigned seed, mend_fn mend);

/* The same with an input that is packed as a whole, or not at all. */
size_t mutate_inside(uint8_t *bytes, size_t n, size_t max, unsigned seed);

/* Copies `from` over `bytes` when there is room. Returns the size. */
size_t mutate_result(const struct buf *from, uint8_t *bytes, size_t n, size_t max);

/* What is put right of each format. */
void mend_tar(uint8_t *bytes, size_t n);  /* checksums of headers */
void mend_cpio(uint8_t *bytes, size_t n); /* magics, hexadecimal digits */
void mend_xz(uint8_t *bytes, size_t n);   /* sizes and CRCs of header, blocks, index and footer */

#endif

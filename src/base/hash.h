/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_BASE_HASH_H
#define HVCOMPAT_BASE_HASH_H

#include "base/error.h"
#include "base/util.h"

/*
 * Digests, by libcrypto, which is loaded with the first one: to link it costs each run 1.5 ms, and many have nothing to
 * digest.
 */
struct hash;

enum hash_kind { HASH_NONE, HASH_MD5, HASH_SHA1, HASH_SHA224, HASH_SHA256, HASH_SHA384, HASH_SHA512 };

#define HASH_BYTES_MAX 64
#define HASH_TEXT_MAX  (2 * HASH_BYTES_MAX + 1)

const char *hash_name(enum hash_kind kind);
size_t hash_size(enum hash_kind kind); /* in bytes; 0 for HASH_NONE */

/* -ENOENT without libcrypto, -ENOTSUP where it does not do that one (as FIPS has it with MD5). */
int hash_new(enum hash_kind kind, struct hash **ret, struct error *err);
struct hash *hash_free(struct hash *h);
DEFINE_CLEANUP(struct hash *, hash_free)

void hash_add(struct hash *h, const void *bytes, size_t n);

/* Ends it: in lower-case hexadecimal, hash_size() * 2 characters and a NUL; or in base64 with its padding, one more third. */
void hash_hex(struct hash *h, char *into);
void hash_base64(struct hash *h, char into[HASH_TEXT_MAX]);

/* Bytes as lower-case hexadecimal and a NUL. */
void hex_text(const uint8_t *bytes, size_t n, char *into);

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/hash.h"
#include "base/library.h"

#include <errno.h>
#include <openssl/evp.h>

#define CRYPTO_FUNCTIONS(F) \
	F(EVP_DigestFinal_ex) F(EVP_DigestInit_ex) F(EVP_DigestUpdate) F(EVP_EncodeBlock) F(EVP_MD_CTX_free) \
	F(EVP_MD_CTX_new) F(EVP_md5) F(EVP_sha1) F(EVP_sha224) F(EVP_sha256) F(EVP_sha384) F(EVP_sha512)

static struct crypto {
	LIBRARY_SLOTS(CRYPTO_FUNCTIONS)
} crypto;

static struct library library = LIBRARY_INIT(LIBRARY_CRYPTO, CRYPTO_FUNCTIONS, crypto);

/* The library's own name of a digest, its size, and where its function is. */
static const struct {
	const char *name;
	size_t size;
	const EVP_MD *(**md)(void);
} kinds[] = {
	[HASH_NONE] = { "no digest", 0, NULL },
	[HASH_MD5] = { "MD5", 16, (const EVP_MD *(**)(void))&crypto.EVP_md5 },
	[HASH_SHA1] = { "SHA1", 20, (const EVP_MD *(**)(void))&crypto.EVP_sha1 },
	[HASH_SHA224] = { "SHA2-224", 28, (const EVP_MD *(**)(void))&crypto.EVP_sha224 },
	[HASH_SHA256] = { "SHA2-256", 32, (const EVP_MD *(**)(void))&crypto.EVP_sha256 },
	[HASH_SHA384] = { "SHA2-384", 48, (const EVP_MD *(**)(void))&crypto.EVP_sha384 },
	[HASH_SHA512] = { "SHA2-512", 64, (const EVP_MD *(**)(void))&crypto.EVP_sha512 },
};

struct hash {
	EVP_MD_CTX *ctx;
	enum hash_kind kind;
};

const char *hash_name(enum hash_kind kind)
{
	return kinds[kind].name;
}

size_t hash_size(enum hash_kind kind)
{
	return kinds[kind].size;
}

struct hash *hash_free(struct hash *h)
{
	if (!h)
		return NULL;
	crypto.EVP_MD_CTX_free(h->ctx);
	free(h);
	return NULL;
}

int hash_new(enum hash_kind kind, struct hash **ret, struct error *err)
{
	_cleanup_(hash_freep) struct hash *h = NULL;
	int r = library_load(&library, err);

	if (r < 0)
		return r;
	h = xcalloc(1, sizeof(*h));
	h->kind = kind;
	h->ctx = crypto.EVP_MD_CTX_new();
	if (!h->ctx || !kinds[kind].md || crypto.EVP_DigestInit_ex(h->ctx, (*kinds[kind].md)(), NULL) != 1)
		return error_set(err, ENOTSUP, "libcrypto cannot compute %s here", kinds[kind].name);
	*ret = TAKE_PTR(h);
	return 0;
}

/* What has begun fails for want of memory only. */
static void must(int done)
{
	if (done == 1)
		return;
	out_of_memory();
}

void hash_add(struct hash *h, const void *bytes, size_t n)
{
	must(crypto.EVP_DigestUpdate(h->ctx, bytes, n));
}

void hash_hex(struct hash *h, char *into)
{
	uint8_t sum[HASH_BYTES_MAX];

	must(crypto.EVP_DigestFinal_ex(h->ctx, sum, NULL));
	hex_text(sum, hash_size(h->kind), into);
}

void hash_base64(struct hash *h, char into[HASH_TEXT_MAX])
{
	uint8_t sum[HASH_BYTES_MAX];

	must(crypto.EVP_DigestFinal_ex(h->ctx, sum, NULL));
	crypto.EVP_EncodeBlock((uint8_t *)into, sum, (int)hash_size(h->kind));
}

void hex_text(const uint8_t *bytes, size_t n, char *into)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < n; i++) {
		*into++ = digits[bytes[i] >> 4];
		*into++ = digits[bytes[i] & 15];
	}
	*into = '\0';
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/lib/image_maker.h"

#include <assert.h>
#include <bzlib.h>
#include <elf.h>
#include <lz4.h>
#include <lzma.h>
#include <lzo/lzo1x.h>
#include <zlib.h>
#include <zstd.h>

void put_uint(struct buf *b, uint64_t value, unsigned size, bool big)
{
	for (unsigned i = 0; i < size; i++) {
		char c = (char)(value >> 8 * (big ? size - 1 - i : i));

		buf_add(b, &c, 1);
	}
}

void set_uint(struct buf *b, size_t at, uint64_t value, unsigned size, bool big)
{
	assert(at + size <= b->len);
	for (unsigned i = 0; i < size; i++)
		b->text[at + i] = (char)(value >> 8 * (big ? size - 1 - i : i));
}

void put_zeros(struct buf *b, size_t n)
{
	_cleanup_(freep) char *zeros = xcalloc(n, 1);

	buf_add(b, zeros, n);
}

void put_align(struct buf *b, size_t to)
{
	if (b->len % to)
		put_zeros(b, to - b->len % to);
}

uint64_t made_base(unsigned bits)
{
	return bits == 64 ? 0xffffffff81000000u : 0xc1000000u;
}

struct made_symbol *make_symbols(unsigned bits, bool absolute, bool data, const struct made_symbol *special,
				 size_t n_special, size_t count)
{
	struct made_symbol *s = xcalloc(count, sizeof(*s));
	uint64_t address = made_base(bits);
	size_t n = 0;

	for (; absolute && n < 40; n++)
		s[n] = (struct made_symbol){ xasprintf("percpu_%zu", n), 'A', n * 64 };
	s[n++] = (struct made_symbol){ xstrdup("_text"), 'T', address };
	for (size_t i = 0; n < count; n++) {
		bool wanted = i < n_special && n % 7 == 0;

		address += 16;
		if (wanted) {
			if (special[i].address)
				address = made_base(bits) + special[i].address;
			s[n] = (struct made_symbol){ xstrdup(special[i].name), special[i].type, address };
			i++;
		} else if (n == 500) { /* more than 127 tokens, so that its length takes two bytes */
			s[n] = (struct made_symbol){ xasprintf("long_%0190d", 7), 't', address };
		} else {
			s[n] = (struct made_symbol){ xasprintf("func_%zu", n), data && n % 3 == 0 ? 'd' : 't',
						     address };
		}
	}
	return s;
}

void free_symbols(struct made_symbol *symbols, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free((char *)symbols[i].name);
	free(symbols);
}

/* Token 0x80 stands for "func_", 0x81 for "percpu_": the rest of the range stays empty, as in real tables. */
static const char *token_text(unsigned t, char into[2])
{
	if (t == 0x80)
		return "func_";
	if (t == 0x81)
		return "percpu_";
	into[0] = t == '_' || t == '.' || (t >= '0' && t <= '9') || (t >= 'A' && t <= 'Z') ||
				  (t >= 'a' && t <= 'z')
			  ? (char)t
			  : '\0';
	into[1] = '\0';
	return into;
}

static void put_name(struct buf *b, const struct made_symbol *s)
{
	char tokens[1024];
	size_t n = 0;
	const char *name = s->name, *rest;

	tokens[n++] = s->type;
	while (*name) {
		if ((rest = startswith(name, "func_")))
			tokens[n++] = (char)0x80;
		else if ((rest = startswith(name, "percpu_")))
			tokens[n++] = (char)0x81;
		else {
			tokens[n++] = *name;
			rest = name + 1;
		}
		name = rest;
	}
	if (n > 127) {
		put_uint(b, 0x80 | (n & 0x7f), 1, false);
		put_uint(b, n >> 7, 1, false);
	} else {
		put_uint(b, n, 1, false);
	}
	buf_add(b, tokens, n);
}

static void put_names(struct buf *b, const struct image_plan *plan, struct image_places *at)
{
	unsigned size = plan->marker_size ? plan->marker_size : 4, word = plan->bits / 8;
	_cleanup_(freep) size_t *markers = xcalloc(plan->n_symbols / 256 + 1, sizeof(*markers));

	put_align(b, plan->layout == 4 ? 4 : word);
	at->count = b->len;
	put_uint(b, plan->n_symbols, size == 8 ? 8 : 4, plan->big);
	put_align(b, plan->layout == 4 ? 4 : word);
	at->names = b->len;
	for (size_t i = 0; i < plan->n_symbols; i++) {
		if (i % 256 == 0)
			markers[i / 256] = b->len - at->names;
		put_name(b, &plan->symbols[i]);
	}
	put_align(b, plan->layout == 4 ? 4 : word);
	at->markers = b->len;
	for (size_t i = 0; i < (plan->n_symbols + 255) / 256; i++)
		put_uint(b, markers[i], size, plan->big);
}

static void put_tokens(struct buf *b, const struct image_plan *plan, struct image_places *at)
{
	unsigned offsets[256];
	char into[2];

	put_align(b, plan->layout == 4 ? 4 : plan->bits / 8);
	at->tokens = b->len;
	for (unsigned t = 0; t < 256; t++) {
		const char *text = token_text(t, into);

		offsets[t] = (unsigned)(b->len - at->tokens);
		buf_add(b, text, strlen(text) + 1);
	}
	put_align(b, plan->layout == 4 ? 4 : plan->bits / 8);
	at->index = b->len;
	for (unsigned t = 0; t < 256; t++)
		put_uint(b, offsets[t], 2, plan->big);
}

static void put_seqs(struct buf *b, const struct image_plan *plan, struct image_places *at)
{
	at->seqs = b->len;
	for (size_t i = 0; i < plan->n_symbols; i++) /* any permutation: nobody reads it as an order */
		put_uint(b, plan->n_symbols - 1 - i, 3, true);
}

static void put_address(struct buf *b, const struct image_plan *plan, uint64_t address)
{
	uint64_t base = made_base(plan->bits), here = base + b->len - MADE_TEXT;

	switch (plan->encoding) {
	case 'A':
		put_uint(b, address, plan->bits / 8, plan->big);
		break;
	case 'B':
		put_uint(b, address - base, 4, plan->big);
		break;
	case 'C':
		put_uint(b, address < base ? address : base - 1 - address, 4, plan->big);
		break;
	case 'D':
		put_uint(b, address - here, 4, plan->big);
		break;
	}
}

static void put_addresses(struct buf *b, const struct image_plan *plan, struct image_places *at)
{
	put_align(b, plan->layout == 4 ? 4 : plan->bits / 8);
	at->addresses = b->len;
	for (size_t i = 0; i < plan->n_symbols; i++)
		put_address(b, plan, plan->symbols[i].address);
	if (plan->encoding != 'B' && plan->encoding != 'C')
		return;
	put_align(b, plan->bits / 8);
	at->base = b->len;
	put_uint(b, made_base(plan->bits), plan->bits / 8, plan->big);
}

static void put_table(struct buf *b, const struct image_plan *plan, struct image_places *at)
{
	if (plan->layout <= 2)
		put_addresses(b, plan, at);
	put_names(b, plan, at);
	if (plan->layout == 2) {
		put_align(b, plan->bits / 8);
		put_seqs(b, plan, at);
	}
	put_tokens(b, plan, at);
	if (plan->layout >= 3) {
		put_addresses(b, plan, at);
		put_seqs(b, plan, at);
	}
}

static void put_note(struct buf *b, bool big, const char *owner, unsigned type, const char *desc, size_t n)
{
	put_uint(b, strlen(owner) + 1, 4, big);
	put_uint(b, n, 4, big);
	put_uint(b, type, 4, big);
	buf_add(b, owner, strlen(owner) + 1);
	put_align(b, 4);
	buf_add(b, desc, n);
	put_align(b, 4);
}

static void put_phdr(struct buf *b, const struct image_plan *plan, unsigned type, size_t offset, size_t size,
		     unsigned align)
{
	unsigned word = plan->bits / 8;
	uint64_t address = made_base(plan->bits) + offset - MADE_TEXT;

	put_uint(b, type, 4, plan->big);
	if (word == 8)
		put_uint(b, 7, 4, plan->big);
	put_uint(b, offset, word, plan->big);
	put_uint(b, address, word, plan->big);
	put_uint(b, address, word, plan->big);
	put_uint(b, size, word, plan->big);
	put_uint(b, type == PT_LOAD ? size + 0x4000 : size, word, plan->big);
	if (word == 4)
		put_uint(b, 7, 4, plan->big);
	put_uint(b, align, word, plan->big);
}

static void put_headers(struct buf *b, const struct image_plan *plan, const struct image_places *at)
{
	bool wide = plan->bits == 64;

	buf_add(b, ELFMAG, SELFMAG);
	put_uint(b, wide ? ELFCLASS64 : ELFCLASS32, 1, false);
	put_uint(b, plan->big ? ELFDATA2MSB : ELFDATA2LSB, 1, false);
	put_uint(b, EV_CURRENT, 1, false);
	put_zeros(b, 9);
	put_uint(b, ET_EXEC, 2, plan->big);
	put_uint(b, plan->machine, 2, plan->big);
	put_uint(b, 1, 4, plan->big);
	put_uint(b, made_base(plan->bits), wide ? 8 : 4, plan->big);
	put_uint(b, wide ? 64 : 52, wide ? 8 : 4, plan->big);
	put_uint(b, 0, wide ? 8 : 4, plan->big);
	put_uint(b, 0, 4, plan->big);
	put_uint(b, wide ? 64 : 52, 2, plan->big);
	put_uint(b, wide ? 56 : 32, 2, plan->big);
	put_uint(b, 2, 2, plan->big);
	put_zeros(b, 6);
	put_phdr(b, plan, PT_LOAD, MADE_TEXT, at->end - MADE_TEXT, 0x1000);
	put_phdr(b, plan, PT_NOTE, at->notes, at->notes_end - at->notes, 4);
}

void make_elf(const struct image_plan *plan, struct buf *out, struct image_places *places)
{
	struct image_places at = { 0 };
	struct buf b = { 0 }, head = { 0 };
	uint32_t noise = 1;

	put_zeros(&b, 2 * MADE_TEXT); /* room for the headers, and a page of text */
	at.extra = b.len;
	if (plan->extra)
		buf_add(&b, (const char *)plan->extra, plan->extra_size);
	at.rodata = b.len;
	buf_add(&b, MADE_TEXT_INSIDE, sizeof(MADE_TEXT_INSIDE));
	buf_add(&b, MADE_BANNER, sizeof(MADE_BANNER));
	put_align(&b, 64);
	put_table(&b, plan, &at);
	put_align(&b, 4);
	at.notes = b.len;
	put_note(&b, plan->big, "GNU", 3, "0123456789abcdefghij", 20);
	put_note(&b, plan->big, MADE_NOTE_OWNER, MADE_NOTE_TYPE - 1, "six", 3);
	put_note(&b, plan->big, MADE_NOTE_OWNER, MADE_NOTE_TYPE, MADE_NOTE, sizeof(MADE_NOTE));
	at.notes_end = b.len;
	buf_add(&b, MADE_TEXT_BEHIND, sizeof(MADE_TEXT_BEHIND));
	for (size_t i = 0; i < (plan->behind ? plan->behind : 100000); i += 4) { /* what does not compress, so that stopping early shows */
		noise = noise * 1664525 + 1013904223;
		put_uint(&b, noise >> 8, 4, false);
	}
	at.end = b.len;
	put_headers(&head, plan, &at);
	memcpy(b.text, head.text, head.len);
	buf_done(&head);
	*out = b;
	*places = at;
}

static void pack_lz4(const struct buf *in, struct buf *out)
{
	const int block = 8 << 20;
	_cleanup_(freep) char *packed = xmalloc((size_t)LZ4_compressBound(block));

	put_uint(out, 0x184C2102, 4, false);
	for (size_t at = 0; at < in->len; at += (size_t)block) {
		int n = in->len - at < (size_t)block ? (int)(in->len - at) : block;
		int size = LZ4_compress_default(in->text + at, packed, n, LZ4_compressBound(block));

		assert(size > 0);
		put_uint(out, (unsigned)size, 4, false);
		buf_add(out, packed, (size_t)size);
	}
}

/* The file that lzop writes: with a name, and the Adler-32 of each unpacked block. */
static void pack_lzo(const struct buf *in, struct buf *out)
{
	const size_t block = 256 << 10;
	_cleanup_(freep) uint8_t *packed = xmalloc(block + block / 16 + 64 + 3);
	_cleanup_(freep) void *work = xmalloc(LZO1X_1_MEM_COMPRESS);

	buf_add(out, "\x89LZO\0\r\n\x1a\n", 9);
	put_uint(out, 0x1030, 2, true);
	put_uint(out, 0x2080, 2, true);
	put_uint(out, 0x0940, 2, true);
	put_uint(out, 1, 1, true);
	put_uint(out, 5, 1, true);
	put_uint(out, 1, 4, true); /* F_ADLER32_D */
	put_zeros(out, 12);
	put_uint(out, 4, 1, true);
	buf_add(out, "name", 4);
	put_uint(out, 0, 4, true);
	for (size_t at = 0; at < in->len; at += block) {
		lzo_uint n = in->len - at < block ? in->len - at : block, size = 0;
		const uint8_t *from = (const uint8_t *)in->text + at;

		assert(lzo1x_1_compress(from, n, packed, &size, work) == LZO_E_OK);
		put_uint(out, n, 4, true);
		put_uint(out, size < n ? size : n, 4, true);
		put_uint(out, adler32(1, from, (uInt)n), 4, true);
		buf_add(out, size < n ? (char *)packed : in->text + at, size < n ? size : n);
	}
	put_uint(out, 0, 4, true);
}

static size_t pack_lzma(bool alone, const struct buf *in, uint8_t *to, size_t room)
{
	lzma_stream z = LZMA_STREAM_INIT;
	lzma_options_lzma options;
	size_t size;

	lzma_lzma_preset(&options, 1);
	if (alone)
		assert(lzma_alone_encoder(&z, &options) == LZMA_OK);
	else
		assert(lzma_easy_encoder(&z, 1, LZMA_CHECK_CRC32) == LZMA_OK);
	z.next_in = (const uint8_t *)in->text;
	z.avail_in = in->len;
	z.next_out = to;
	z.avail_out = room;
	assert(lzma_code(&z, LZMA_FINISH) == LZMA_STREAM_END);
	size = z.total_out;
	lzma_end(&z);
	return size;
}

static size_t pack_gzip(const struct buf *in, uint8_t *to, size_t room)
{
	z_stream z = { .next_in = (Bytef *)in->text,
		       .avail_in = (uInt)in->len,
		       .next_out = to,
		       .avail_out = (uInt)room };
	size_t size;

	assert(deflateInit2(&z, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	assert(deflate(&z, Z_FINISH) == Z_STREAM_END);
	size = z.total_out;
	deflateEnd(&z);
	return size;
}

static size_t pack_zstd(const struct buf *in, uint8_t *to, size_t room)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();
	size_t size;

	ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
	size = ZSTD_compress2(c, to, room, in->text, in->len);
	assert(!ZSTD_isError(size));
	ZSTD_freeCCtx(c);
	return size;
}

void pack(enum codec codec, const struct buf *in, struct buf *out)
{
	size_t room = in->len + in->len / 8 + 4096;
	_cleanup_(freep) uint8_t *packed = xmalloc(room);
	unsigned n = (unsigned)room;

	switch (codec) {
	case CODEC_NONE:
		buf_add(out, in->text, in->len);
		return;
	case CODEC_LZ4:
		pack_lz4(in, out);
		return;
	case CODEC_LZO:
		pack_lzo(in, out);
		return;
	case CODEC_GZIP:
		room = pack_gzip(in, packed, room);
		break;
	case CODEC_BZIP2:
		assert(BZ2_bzBuffToBuffCompress((char *)packed, &n, in->text, (unsigned)in->len, 9, 0, 0) ==
		       BZ_OK);
		room = n;
		break;
	case CODEC_LZMA:
	case CODEC_XZ:
		room = pack_lzma(codec == CODEC_LZMA, in, packed, room);
		break;
	case CODEC_ZSTD:
		room = pack_zstd(in, packed, room);
		break;
	}
	buf_add(out, (char *)packed, room);
}

#define SETUP_SECTORS 3
#define PAYLOAD_AWAY 0x123
#define VERSION_AT 0x400

void make_bzimage(enum codec codec, const struct buf *payload, size_t unpacked, const char *version,
		  struct buf *out, size_t *ret_payload)
{
	struct buf b = { 0 };

	put_zeros(&b, (SETUP_SECTORS + 1) * 512 + PAYLOAD_AWAY);
	set_uint(&b, 0x1f1, SETUP_SECTORS, 1, false);
	set_uint(&b, 0x1fe, 0xaa55, 2, false);
	memcpy(b.text + 0x202, "HdrS", 4);
	set_uint(&b, 0x206, 0x20f, 2, false);
	set_uint(&b, 0x20e, VERSION_AT - 0x200, 2, false);
	set_uint(&b, 0x248, PAYLOAD_AWAY, 4, false);
	set_uint(&b, 0x24c, payload->len + (codec == CODEC_GZIP ? 0 : 4), 4, false);
	memcpy(b.text + VERSION_AT, version, strlen(version) + 1);
	*ret_payload = b.len;
	buf_add(&b, payload->text, payload->len);
	if (codec != CODEC_GZIP)
		put_uint(&b, unpacked, 4, false);
	put_zeros(&b, 5000); /* the rest of the protected-mode part */
	*out = b;
}

void make_zboot(const struct buf *payload, struct buf *out)
{
	struct buf b = { 0 };

	put_zeros(&b, 0x180);
	memcpy(b.text, "MZ\0\0zimg", 8);
	set_uint(&b, 8, 0x180, 4, false);
	set_uint(&b, 12, payload->len, 4, false);
	buf_add(&b, payload->text, payload->len);
	put_zeros(&b, 300);
	*out = b;
}

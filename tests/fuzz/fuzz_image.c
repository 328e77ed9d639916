/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel image in any packing, fed in pieces, with its notes, kallsyms, config and vDSOs. */
#include "fuzz/fuzz.h"
#include "fuzz/mutate.h"
#include "kernel/image.h"
#include "lib/image_maker.h"

static void ask_vdso(const struct image *image, unsigned bits)
{
	struct vdso_symbol *symbols = NULL;
	struct error err = { 0 };
	size_t n = 0;

	if (image_vdso(image, bits, &symbols, &n, &err) == 0)
		vdso_symbols_free(symbols, n);
}

static void ask(const struct image *image)
{
	static const char *const texts[] = { "a message", "words" };
	struct image_symbol symbols[] = { { .name = "alpha" }, { .name = "versions" } };
	bool found[2];
	struct error err = { 0 };
	char *config = NULL;
	size_t size, room;
	ssize_t note;
	int code;

	if (!image_codec(image))
		abort();
	image_release(image);
	image_arch(image);
	image_note(image, "Xen", 18, &note);
	if (image_symbols(image, symbols, 2, &err) == 0 && symbols[0].n > 0)
		image_memory(image, symbols[0].address, &room, &code);
	image_strings(image, texts, 2, found, &err);
	if (image_ikconfig(image, &config, &size, &err) == 0)
		free(config);
	ask_vdso(image, 64);
	ask_vdso(image, 32);
	ask_vdso(image, 3264);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	_cleanup_(image_freep) struct image *image =
		image_new(n && bytes[n - 1] & 1 ? IMAGE_WHOLE : IMAGE_TO_NOTES);
	struct error err = { 0 };
	size_t half = n / 2;
	int r;

	if (n == 0)
		return 0;
	r = half ? image_feed(image, bytes, half, &err) : 0;
	if (r == 0)
		r = image_feed(image, bytes + half, n - half, &err);
	if (r == 0)
		r = image_end(image, &err);
	must_tell(r, &err);
	if (r >= 0)
		ask(image);
	return 0;
}

/* The setup header of a bzImage (Documentation/arch/x86/boot.rst). */
#define SETUP_SECTS 0x1f1
#define PAYLOAD_OFFSET 0x248
#define PAYLOAD_LENGTH 0x24c
#define HEADER_END 0x270

static size_t le32(const uint8_t *p)
{
	return p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
}

/* Where the payload is; false: it is no bzImage, or has none. */
static bool payload_place(const uint8_t *bytes, size_t n, size_t *ret_at, size_t *ret_size)
{
	size_t setup;

	if (n < HEADER_END || memcmp(bytes + 0x202, "HdrS", 4) != 0)
		return false;
	setup = ((bytes[SETUP_SECTS] ? bytes[SETUP_SECTS] : 4) + 1u) * 512;
	*ret_at = setup + le32(bytes + PAYLOAD_OFFSET);
	*ret_size = le32(bytes + PAYLOAD_LENGTH);
	return *ret_at < n && *ret_size <= n - *ret_at;
}

/* The kernel inside of the payload is changed and packed again, with the length behind it. */
static void mutate_kernel(const uint8_t *bytes, size_t at, size_t size, size_t max, unsigned seed, struct buf *whole)
{
	enum codec codec = codec_detect(bytes + at, size);
	struct buf elf = { 0 }, payload = { 0 };
	size_t ignored;

	if (mutate_unpack(codec, bytes + at, size, &elf)) {
		mutate_buf(&elf, max, seed, NULL);
		pack(codec, &elf, &payload);
		make_bzimage(codec, &payload, elf.len, "6.66.6-made (n) #1", whole, &ignored);
	}
	buf_done(&elf);
	buf_done(&payload);
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
	struct buf whole = { 0 };
	size_t at, size;

	if (mutate_careless(seed) || !payload_place(bytes, n, &at, &size))
		return mutate_mended(bytes, n, max, seed, NULL);
	mutate_kernel(bytes, at, size, max, seed, &whole);
	n = whole.len ? mutate_result(&whole, bytes, n, max) : mutate_mended(bytes, n, max, seed, NULL);
	buf_done(&whole);
	return n;
}

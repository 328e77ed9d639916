/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kernel image in any packing, fed in pieces, with its notes, kallsyms, config and vDSOs. */
#include "fuzz/fuzz.h"
#include "kernel/image.h"

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

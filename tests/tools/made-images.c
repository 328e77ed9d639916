/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes small kernel images in every packing and layout into DIR: seeds for fuzzing. */
#include "lib/image_maker.h"

#include <elf.h>
#include <stdio.h>

static const struct made_symbol special[] = { { "alpha", 't', 0 }, { "versions", 'r', 0 } };

static void save(const char *dir, const char *name, unsigned number, const struct buf *b)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s-%u", dir, name, number);
	_cleanup_(fclosep) FILE *f = fopen(path, "we");

	if (!f || fwrite(b->text, 1, b->len, f) != b->len) {
		perror(path);
		exit(2);
	}
}

static void make(const char *dir, unsigned bits, int layout, char encoding, unsigned number)
{
	struct image_plan plan = { .bits = bits, .machine = bits == 64 ? EM_X86_64 : EM_386, .layout = layout,
				   .encoding = encoding, .behind = 64 };
	struct made_symbol *symbols = make_symbols(bits, encoding == 'C', false, special, ARRAY_SIZE(special), 1100);
	struct image_places at;
	struct buf elf = { 0 };

	plan.symbols = symbols;
	plan.n_symbols = 1100;
	make_elf(&plan, &elf, &at);
	save(dir, "elf", number, &elf);
	for (enum codec c = CODEC_NONE + 1; number == 0 && c <= CODEC_ZSTD; c++) {
		struct buf payload = { 0 }, image = { 0 };
		size_t offset;

		pack(c, &elf, &payload);
		make_bzimage(c, &payload, elf.len, "6.66.6-made (n) #1", &image, &offset);
		save(dir, "bzimage", c, &image);
		buf_done(&payload);
		buf_done(&image);
	}
	buf_done(&elf);
	free_symbols(symbols, 1100);
}

int main(int argc, char **argv)
{
	static const char encodings[] = "AABD";

	if (argc != 2) {
		fprintf(stderr, "usage: made-images DIR\n");
		return 64;
	}
	for (int layout = 1; layout <= 4; layout++)
		make(argv[1], layout == 2 ? 32 : 64, layout, encodings[layout - 1], (unsigned)layout - 1);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* symbols VMLINUZ NAME...: "kallsyms COUNT" and a line "NAME ADDRESS TYPE" or "NAME -" each, for tests. */
#include "kernel/image.h"

static int feed_file(struct image *image, const char *path, struct error *err)
{
	_cleanup_(fclosep) FILE *f = fopen(path, "re");
	uint8_t piece[65536];
	size_t n;
	int r = 0;

	if (!f)
		return error_set(err, 2, "%s: cannot be opened", path);
	while (r == 0 && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		r = image_feed(image, piece, n, err);
	return r == 0 ? image_end(image, err) : r;
}

int main(int argc, char **argv)
{
	_cleanup_(image_freep) struct image *image = image_new(IMAGE_TO_NOTES);
	size_t n = argc > 2 ? (size_t)argc - 2 : 0, i;
	_cleanup_(freep) struct image_symbol *symbols = xcalloc(n, sizeof(*symbols));
	struct error err = { 0 };

	if (n == 0) {
		fprintf(stderr, "usage: symbols VMLINUZ NAME...\n");
		return 64;
	}
	for (i = 0; i < n; i++)
		symbols[i].name = argv[i + 2];
	if (feed_file(image, argv[1], &err) < 0 || image_symbols(image, symbols, n, &err) < 0) {
		fprintf(stderr, "symbols: %s\n", err.text);
		return 2;
	}
	printf("kallsyms %zu\n", image_symbol_count(image));
	for (i = 0; i < n; i++)
		if (symbols[i].n)
			printf("%s %llx %c\n", symbols[i].name, (unsigned long long)symbols[i].address, symbols[i].type);
		else
			printf("%s -\n", symbols[i].name);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Symbol tables of every layout and encoding, with damage. The input is no table: its first two bytes choose one that
 * is made, each four after them a place in it (which part, how far behind its beginning) and a byte that goes there.
 */
#include "fuzz/fuzz.h"
#include "kernel/kallsyms.h"
#include "lib/image_maker.h"

#include <elf.h>

#define SYMBOLS 800
#define PARTS 9

struct table {
	struct buf elf;
	struct image_places at;
};

static void make(struct table *t, unsigned kind)
{
	static const struct made_symbol special[] = { { "alpha", 't', 0 }, { "versions", 'r', 0 }, { "ab.part.1", 't', 0 } };
	struct image_plan plan = {
		.bits = kind & 1 ? 32 : 64, .big = kind & 2, .machine = kind & 1 ? EM_386 : EM_X86_64,
		.layout = 1 + (kind >> 2) % 4, .encoding = (char)('A' + (kind >> 4) % 4), .marker_size = kind & 64 ? 8 : 0,
		.behind = 64, .n_symbols = SYMBOLS,
	};
	struct made_symbol *symbols = make_symbols(plan.bits, plan.encoding == 'C', kind & 128, special, ARRAY_SIZE(special),
						   SYMBOLS);

	plan.symbols = symbols;
	make_elf(&plan, &t->elf, &t->at);
	free_symbols(symbols, SYMBOLS);
}

static const struct table *table(unsigned kind)
{
	static struct table tables[256];
	struct table *t = &tables[kind];

	if (!t->elf.text)
		make(t, kind);
	return t;
}

static size_t part(const struct image_places *at, unsigned which)
{
	const size_t places[PARTS] = { 0, at->addresses, at->base, at->count, at->names, at->markers, at->tokens, at->index,
				       at->seqs };

	return places[which % PARTS];
}

static uint8_t *damaged(const struct table *t, const uint8_t *bytes, size_t n)
{
	uint8_t *image = xmalloc(t->elf.len);

	memcpy(image, t->elf.text, t->elf.len);
	for (; n >= 4; bytes += 4, n -= 4) {
		size_t at = part(&t->at, bytes[0]) + bytes[1] + (size_t)(bytes[0] / PARTS) * 256;

		/* Numbers are small: what is added matters more than what is put. */
		if (at < t->elf.len)
			image[at] = bytes[2] & 1 ? bytes[3] : (uint8_t)(image[at] + bytes[3]);
	}
	return image;
}

/* Which of them a kernel has had: those must be found as long as they are sound. */
static bool sound(unsigned kind)
{
	unsigned layout = 1 + (kind >> 2) % 4, encoding = 'A' + (kind >> 4) % 4;

	if (kind & 64) /* markers of 8 bytes */
		return !(kind & 1) && layout == 1 && encoding != 'D';
	return layout == 4 ? encoding == 'D' || (encoding == 'A' && kind & 1) : encoding != 'D';
}

static void ask(const struct kallsyms *k, size_t size)
{
	struct image_symbol symbols[] = { { .name = "alpha" }, { .name = "versions" }, { .name = "ab" }, { .name = "f" } };
	size_t entry = kallsyms_entry(k, k->count - 1);
	uint64_t last = 0;
	char name[64];

	must(k->count > 0 && k->count <= KALLSYMS_COUNT_MAX && k->begin < k->end && k->end <= size);
	for (size_t i = 0; i < k->count; i++) {
		must(kallsyms_address(k, i) >= last);
		last = kallsyms_address(k, i);
	}
	must(kallsyms_expand(k, &entry, name, sizeof(name)) < sizeof(name));
	must(kallsyms_lower_bound(k, 0) == 0 || kallsyms_address(k, 0) < 1);
	kallsyms_lookup(k, symbols, 3);
	kallsyms_lookup(k, symbols, ARRAY_SIZE(symbols));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	_cleanup_(freep) uint8_t *image = NULL;
	const struct table *t;
	struct elfimage elf;
	struct kallsyms k;
	struct error err = { 0 };
	int r;

	if (n < 2)
		return 0;
	t = table(bytes[0]);
	image = damaged(t, bytes + 2, n - 2);
	if (bytes[1] & 1) /* an arm64 Image says nothing of where it is loaded */
		memcpy(image + 0x38, "ARM\x64", 4);
	if (elfimage_read(image, t->elf.len, &elf, &err) < 0)
		return 0;
	err = (struct error){ 0 };
	r = kallsyms_find(&elf, &k, &err);
	must_tell(r, &err);
	must(r == 0 || n > 2 || bytes[1] & 1 || !sound(bytes[0]));
	if (r == 0)
		ask(&k, t->elf.len);
	return 0;
}

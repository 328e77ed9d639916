/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The headers of an unpacked kernel, of which more and more is there, and its notes. */
#include "fuzz/fuzz.h"
#include "kernel/elfimage.h"
#include "kernel/elfnotes.h"

#include <elf.h>
#include <errno.h>

static void notes(const struct elfimage *e)
{
	const uint8_t *at = NULL;
	size_t size = 0;

	for (size_t i = 0; i < e->n_segments; i++)
		for (unsigned align = 4; align <= 8; align += 4)
			if (elfnotes_find(&e->view, e->segments[i].offset, e->segments[i].filesz, align, "Xen", 18, &at, &size) == 0)
				must(at >= e->view.bytes && size <= e->view.size &&
				     (size_t)(at - e->view.bytes) <= e->view.size - size);
}

static void addresses(const struct elfimage *e)
{
	uint64_t address;

	for (size_t i = 0; i < e->n_segments; i++) {
		const struct elf_segment *s = &e->segments[i];
		uint64_t tried[] = { s->address, s->address + s->filesz - 1, s->address + s->memsz, s->offset };

		for (size_t j = 0; j < ARRAY_SIZE(tried); j++) {
			size_t room = 0;
			int code = 1;
			const uint8_t *at = elfimage_at(e, tried[j], &room, &code);

			must(at ? room > 0 && room <= e->view.size && at >= e->view.bytes &&
				  (size_t)(at - e->view.bytes) <= e->view.size - room : code == -ENOENT || code == -EAGAIN);
		}
		if (elfimage_address(e, s->offset, &address))
			must(e->flat || elfimage_holds(e, address));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	for (size_t there = n; there > 0; there /= 3) {
		struct elfimage e;
		struct error err = { 0 };
		int r = elfimage_read(bytes, there, &e, &err);

		if (r != -EAGAIN)
			must_tell(r, &err);
		if (r < 0)
			continue;
		notes(&e);
		addresses(&e);
		elfimage_end_of(&e, PT_NOTE);
	}
	return 0;
}

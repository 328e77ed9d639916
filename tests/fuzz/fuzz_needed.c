/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A program of a hypervisor: which interpreter and libraries it names. */
#include "fuzz/fuzz.h"
#include "prove/needs.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	_cleanup_(strings_done) struct strings names = { 0 };
	struct error err = { 0 };

	must_tell(elf_needed(bytes, n, &names, &err), &err);
	/* Each name is one, and all of it is in the file. */
	for (size_t i = 0; i < names.n; i++)
		must(names.items[i][0] != '\0' && strlen(names.items[i]) < n);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A .ko, plain or packed, with its symbols, strings and .modinfo. */
#include "fuzz/fuzz.h"
#include "fuzz/mutate.h"
#include "kernel/module.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	_cleanup_(module_freep) struct module *m = NULL;
	struct error err = { 0 };
	const uint8_t *at = NULL;
	const char *section, *value;
	size_t size = 0, walk = 0;
	int r = module_open(bytes, n, (size_t)4 << 20, &m, &err);

	must_tell(r, &err);
	if (r < 0)
		return 0;
	r = module_symbol(m, "versions", 0, NULL, &at, &size, &section, &err);
	must_tell(r, &err);
	/* Each byte that it hands on is there. */
	for (size_t i = 0; r == 0 && at && i < size; i++)
		if (at[i] == 0x5a)
			walk++;
	err = (struct error){ 0 };
	must_tell(module_symbol(m, "versions", 12, "a.c", &at, &size, &section, &err), &err);
	module_has_symbol(m, "probe", &section, NULL);
	module_has_string(m, "some words");
	walk = 0;
	while ((value = module_modinfo(m, "alias", &walk)))
		if (strlen(value) > n * 1100 + 4096)
			abort();
	return 0;
}

/* What is packed is changed inside. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t n, size_t max, unsigned seed)
{
	return mutate_inside(bytes, n, max, seed);
}

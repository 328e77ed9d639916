/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A vDSO by itself, and an embedded config, anywhere in some bytes. */
#include "fuzz/fuzz.h"
#include "kernel/elfimage.h"
#include "kernel/ikconfig.h"
#include "kernel/vdso.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	struct view v = { .bytes = bytes, .size = n };
	struct vdso_symbol *symbols = NULL;
	struct error err = { 0 };
	size_t count = 0, size;
	char *text = NULL;
	int r = vdso_read(bytes, n, &symbols, &count, &err);

	must_tell(r, &err);
	if (r == 0)
		vdso_symbols_free(symbols, count);
	vdso_begins(bytes, n, 32);
	vdso_begins(bytes, n, 64);
	err = (struct error){ 0 };
	r = ikconfig_read(&v, &text, &size, &err);
	must_tell(r, &err);
	if (r == 0 && text[size] != '\0')
		abort();
	free(text);
	return 0;
}

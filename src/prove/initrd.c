/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prove/initrd.h"

#include "prove/newc.h"

static void index_modules(const struct boot_files *f, struct buf *b)
{
	for (size_t i = 0; i < f->n_modules; i++) {
		const struct boot_module *m = &f->modules[i];

		buf_addf(b, "m %s %s\n", m->name, m->depends);
		for (size_t j = 0; j < m->n_aliases; j++)
			buf_addf(b, "a %s %s\n", m->aliases[j], m->name);
	}
}

void initrd_begin(struct newc *a)
{
	static const char *const directories[] = { "dev", "proc", "sys", "mnt", "modules" };

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		newc_directory(a, directories[i]);
	newc_device(a, "dev/console", 5, 1);
}

void initrd_modules(struct newc *a, const struct boot_files *f)
{
	_cleanup_(buf_done) struct buf index = { 0 };

	index_modules(f, &index);
	newc_file(a, "modules/index", false, index.text, index.len);
	for (size_t i = 0; i < f->n_modules; i++) {
		_cleanup_(freep) char *name = xasprintf("modules/%s.ko", f->modules[i].name);

		newc_file(a, name, false, f->modules[i].bytes, f->modules[i].size);
	}
}

void initrd_make(const struct boot_files *f, const uint8_t *init, size_t init_size, struct buf *into)
{
	struct newc a = { .into = into };

	initrd_begin(&a);
	newc_file(&a, "init", true, init, init_size);
	initrd_modules(&a, f);
	newc_end(&a);
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "prove/kit.h"

#include <errno.h>

#include "base/fs.h"
#include "prove/initrd.h"

#define INIT_MAX ((size_t)1 << 20)

void kit_done(struct kit *k)
{
	boot_files_free(k->files);
	buf_done(&k->initrd);
	free(k->dir);
	*k = (struct kit){ 0 };
}

static void want_driver(struct strings *drivers, const char *name)
{
	if (!strings_have(drivers, name))
		strings_add(drivers, xstrdup(name));
}

static void want_interface(struct strings *drivers, const struct iface *i)
{
	for (unsigned n = 0; i && n < i->drivers_count; n++) {
		want_driver(drivers, i->drivers[n].driver);
		for (unsigned m = 0; m < i->drivers[n].also_count; m++)
			want_driver(drivers, i->drivers[n].also[m]);
	}
}

/* One initrd for all recipes: it holds more than each needs, and loads only what the machine asks for. */
static void want_drivers(const struct recipe_list *all, const struct knowledge *k, struct strings *drivers)
{
	for (size_t i = 0; i < all->count; i++) {
		const struct recipe *r = all->recipes[i];

		for (unsigned j = 0; j < r->drivers_count; j++)
			want_driver(drivers, r->drivers[j]);
		for (unsigned j = 0; j < r->claims_count; j++)
			for (unsigned n = 0; n < r->claims[j].through_count; n++)
				want_interface(drivers, knowledge_iface(k, r->claims[j].through[n]));
	}
}

static int write_in(const char *dir, const char *name, const void *bytes, size_t n, char sum[65], struct error *err)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", dir, name);

	int r = sum ? fs_digest(bytes, n, sum, err) : 0;

	return r < 0 ? r : fs_write(path, bytes, n, err);
}

static int write_elf(struct kernel *kernel, struct kit *kit, struct error *err)
{
	_cleanup_(boot_files_freep) struct boot_files *bare = NULL;
	struct strings none = { 0 };
	int r = kernel_boot_files(kernel, &none, true, &bare, err);

	if (r == 0)
		r = write_in(kit->dir, "elf", bare->image, bare->image_size, NULL, err);
	kit->has_elf = r == 0;
	return r;
}

static int make_initrd(const char *init, const char *init32, struct kit *kit, struct error *err)
{
	_cleanup_(freep) char *program = NULL, *program32 = NULL;
	struct newc a = { .into = &kit->initrd };
	size_t n, n32 = 0;
	int r = fs_read(init, INIT_MAX, &program, &n, err);

	if (r == 0 && init32)
		r = fs_read(init32, INIT_MAX, &program32, &n32, err);
	if (r == 0)
		r = fs_digest(program, n, kit->init_sum, err);
	if (r < 0)
		return r;
	initrd_begin(&a);
	newc_file(&a, "init", true, program, n);
	if (init32)
		newc_file(&a, "init32", true, program32, n32);
	initrd_modules(&a, kit->files);
	newc_end(&a);
	return fs_digest(kit->initrd.text, kit->initrd.len, kit->initrd_sum, err);
}

int kit_make(struct kernel *kernel, const struct recipe_list *all, const struct knowledge *k, const char *init,
	     const char *init32, bool elf, const char *dir, struct kit *ret, struct error *err)
{
	_cleanup_(kit_done) struct kit kit = { .dir = xstrdup(dir) };
	_cleanup_(strings_done) struct strings drivers = { 0 };
	int r = fs_make_dir(dir, err);

	want_drivers(all, k, &drivers);
	if (r == 0)
		r = kernel_boot_files(kernel, &drivers, false, &kit.files, err);
	if (r == 0)
		r = make_initrd(init, init32, &kit, err);
	if (r == 0)
		r = write_in(dir, "kernel", kit.files->image, kit.files->image_size, kit.kernel_sum, err);
	if (r == 0)
		r = write_in(dir, "initrd", kit.initrd.text, kit.initrd.len, NULL, err);
	if (r == 0 && elf)
		r = write_elf(kernel, &kit, err);
	if (r < 0)
		return r;
	*ret = kit;
	kit = (struct kit){ 0 };
	return 0;
}

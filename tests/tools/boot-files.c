/* SPDX-License-Identifier: GPL-2.0-or-later */
/* boot-files KERNEL INIT OUT [--elf] DRIVER...: writes OUT.kernel and OUT.initrd, read in a box as verbs do. */
#include "base/fs.h"
#include "prove/initrd.h"

int main(int argc, char **argv)
{
	const struct kernel_options options = { .boxed = true };
	_cleanup_(kernel_list_done) struct kernel_list list = { 0 };
	_cleanup_(boot_files_freep) struct boot_files *f = NULL;
	_cleanup_(strings_done) struct strings drivers = { 0 };
	_cleanup_(buf_done) struct buf initrd = { 0 };
	_cleanup_(freep) char *init = NULL, *kernel = NULL, *archive = NULL;
	struct error err = { 0 };
	bool bare = false;
	size_t n;

	if (argc < 4)
		return 64;
	for (int i = 4; i < argc; i++) {
		if (streq(argv[i], "--elf"))
			bare = true;
		else
			strings_add(&drivers, xstrdup(argv[i]));
	}
	kernel = xasprintf("%s.kernel", argv[3]);
	archive = xasprintf("%s.initrd", argv[3]);
	if (kernel_open(argv[1], &options, &list, &err) < 0 || fs_read(argv[2], 1 << 20, &init, &n, &err) < 0 ||
	    kernel_boot_files(list.kernels[0], &drivers, bare, &f, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	initrd_make(f, (uint8_t *)init, n, &initrd);
	if (fs_write(kernel, (char *)f->image, f->image_size, &err) < 0 ||
	    fs_write(archive, initrd.text, initrd.len, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 2;
	}
	printf("image %zu bytes, %zu modules, initrd %zu bytes\n", f->image_size, f->n_modules, initrd.len);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HVCOMPAT_TEST_KERNEL_TREE_H
#define HVCOMPAT_TEST_KERNEL_TREE_H

/* Small kernels of an invented distribution, as trees and as packages. */
#include "test_kernel.h"

#include "kernel/kernel.h"

/*
 * Makes "vmlinux-R" for each release: an ELF image with the notes Acme/1 (u32 7), Acme/2 ("yes"), Acme/7
 * (u32 0) and Acme/8 (empty), a banner, and the string "Acme wants magic"; and acme_bus.ko, acme-disk.ko: modules with tables, aliases and
 * strings.
 */
static inline void make_parts(void)
{
	sh("cat >ld.script <<'EOF'\n"
	   "PHDRS { all PT_LOAD; note PT_NOTE; }\n"
	   "SECTIONS { . = 0x100000 + SIZEOF_HEADERS; .text : { *(.text*) } :all\n"
	   ".rodata : { *(.rodata*) } :all\n"
	   ".notes : { KEEP(*(.note.*)) } :all :note /DISCARD/ : { *(.comment) *(.eh_frame) } }\n"
	   "EOF\n"
	   "for r in 6.1.0-9-test 6.1.0-10-test; do cat >image.s <<EOF\n"
	   ".section .text\n.globl _start\n_start: nop\n"
	   ".section .rodata,\"a\"\n.asciz \"Linux version $r (gcc) 1\"\n.asciz \"Acme wants magic\"\n"
	   ".section .note.acme,\"a\",@note\n"
	   ".balign 4; .long 5, 4, 1; .asciz \"Acme\"; .balign 4; .long 7\n"
	   ".balign 4; .long 5, 4, 2; .asciz \"Acme\"; .balign 4; .asciz \"yes\"\n"
	   ".balign 4; .long 5, 4, 7; .asciz \"Acme\"; .balign 4; .long 0\n"
	   ".balign 4; .long 5, 0, 8; .asciz \"Acme\"; .balign 4\n"
	   "EOF\n"
	   "gcc -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-T,ld.script -o vmlinux-$r image.s; done\n"
	   "cat >bus.c <<'EOF'\n"
	   "#define IN __attribute__((section(\".modinfo\"), used, aligned(1)))\n"
	   "#define INFO(n, s) static const char n[] IN = s\n"
	   "INFO(i1, \"version=1.7.0.0-k\"); INFO(i2, \"alias=acme:bus\");\n"
	   "INFO(i3, \"parm=defer:leave it (int)\");\n"
	   "static const unsigned acme_versions[] __attribute__((used)) = { 0x50003, 0x50002, 0x2000d };\n"
	   "unsigned acme_maximum = 42;\n"
	   "const char acme_text[] = \"acme_bus: no magic\";\n"
	   "int acme_probe(void) { return 0; }\n"
	   "EOF\n"
	   "gcc -O2 -fno-pic -c bus.c -o acme_bus.ko; cp acme_bus.ko acme-disk.ko");
}

/* A .config that has the bus and the disk as modules. */
#define CONFIG_TEXT \
	"CONFIG_X86_64=y\nCONFIG_ACME=m\nCONFIG_ACME_DISK=m\nCONFIG_ACME_BUILTIN=y\n" \
	"# CONFIG_ACME_OFF is not set\nCONFIG_HZ=250\nCONFIG_ACME_LOST=m\n"

/* TREE/boot/{vmlinuz,config}-R and TREE/lib/modules/R with both modules. */
static inline void make_tree(const char *tree, const char *release)
{
	sh("t=%s r=%s; mkdir -p $t/boot $t/lib/modules/$r/kernel/drivers; cp vmlinux-$r $t/boot/vmlinuz-$r\n"
	   "printf '%%s' '%s' >$t/boot/config-$r\n"
	   "cp acme_bus.ko acme-disk.ko $t/lib/modules/$r/kernel/drivers\n"
	   "echo kernel/drivers/acme-builtin.ko >$t/lib/modules/$r/modules.builtin\n"
	   "printf 'acme_builtin.alias=acme:builtin\\0acme_builtin.parm=x:y\\0acme_silent.license=GPL\\0'"
	   " >$t/lib/modules/$r/modules.builtin.modinfo",
	   tree, release, CONFIG_TEXT);
}

/* NAME.deb of a tree; `fields` are more lines of its control file. */
static inline void make_deb(const char *name, const char *tree, const char *fields)
{
	sh("n=%s t=%s; rm -rf d; mkdir -p d/DEBIAN; [ ! -d $t ] || cp -a $t/. d\n"
	   "(cd d; find . -type f ! -path './DEBIAN/*' -printf '%%P\\n' | sort |\n"
	   "xargs -r md5sum >DEBIAN/md5sums)\n"
	   "printf 'Package: %%s\\nVersion: 1.0-1\\nArchitecture: amd64\\nMaintainer: A <a@example.org>\\n"
	   "Description: x\\n%s' $n >d/DEBIAN/control; dpkg-deb -Zxz --root-owner-group -b d $n.deb",
	   name, tree, fields);
}

static inline void must_open(const char *arg, struct kernel_list *list, size_t count)
{
	struct error err = { 0 };

	if (kernel_open(arg, NULL, list, &err) < 0)
		fail_msg("%s: %s", arg, err.text);
	assert_int_equal(list->count, count);
}

/* That opening fails so, and says all of `words` (separated by '|'). */
static inline void must_not_open(const char *arg, int code, const char *words)
{
	struct kernel_list list = { 0 };
	struct error err = { 0 };
	int r = kernel_open(arg, NULL, &list, &err);
	char *copy = xstrdup(words), *save = NULL;

	assert_int_equal(list.count, 0);
	if (r != code)
		fail_msg("%s: %d was expected, it gave %d: %s", arg, code, r, err.text);
	for (char *w = strtok_r(copy, "|", &save); w; w = strtok_r(NULL, "|", &save))
		if (!strstr(err.text, w))
			fail_msg("\"%s\" is not in: %s", w, err.text);
	free(copy);
}

#endif

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Modules are compiled here as kbuild does it: objects, joined by ld -r. */
#include "test_kernel.h"

#include "kernel/module.h"

#include <elf.h>

static struct module *open_bytes(const uint8_t *bytes, size_t n, int code, const char *words)
{
	struct module *m = NULL;
	struct error err = { 0 };
	int r = module_open(bytes, n, MODULE_MAX_BYTES, &m, &err);

	if (r != code || (r < 0 && !strstr(err.text, words)))
		fail_msg("%d with \"%s\" was expected, it gave %d: %s", code, words, r, err.text);
	assert_true((r == 0) == (m != NULL));
	return m;
}

static struct module *open_file(const char *name)
{
	size_t n;
	uint8_t *bytes = slurp(name, &n);
	struct module *m = open_bytes(bytes, n, 0, "");

	/* What it needs it has copied. */
	memset(bytes, 0xa5, n);
	free(bytes);
	return m;
}

static int setup(void **state)
{
	test_dir_make(state);
	sh("cat >a.c <<'EOF'\n"
	   "#define IN __attribute__((section(\".modinfo\"), used, aligned(1)))\n"
	   "#define INFO(n, s) static const char n[] IN = s\n"
	   "INFO(i1, \"version=1.7.0.0-k\"); INFO(i2, \"alias=pci:v000015ADd000007B0*\");\n"
	   "INFO(i3, \"alias=xen:vif\");\n"
	   "INFO(i4, \"parm=prefer:leave it (int)\"); INFO(i5, \"aliased=no\");\n"
	   "static const unsigned versions[] __attribute__((used)) = { 0x50003, 0x50002 };\n"
	   "static const unsigned local_v[] __attribute__((used)) = { 1, 2, 3 };\n"
	   "static unsigned features[4] __attribute__((used));\n"
	   "const char *names[] = { \"first name\", \"second name\" };\n"
	   "unsigned maximum = 0x50003;\n"
	   "const unsigned *entry(int i) { static const unsigned list[] = { 7, 8 }; return &list[i]; }\n"
	   "extern int elsewhere; int user(void) { return elsewhere; }\n"
	   "EOF\n"
	   "cat >b.c <<'EOF'\n"
	   "static const unsigned local_v[] __attribute__((used)) = { 9 };\n"
	   "static const unsigned twin[] __attribute__((used)) = { 4 };\n"
	   "EOF\n"
	   "cp b.c c.c; sed -i 's/{ 9 }/{ 8 }/' c.c\n"
	   "for i in a b c; do gcc -O2 -fno-pic -fno-toplevel-reorder -c $i.c; done\n"
	   "ld -r -o m.ko a.o b.o c.o\n"
	   "xz -k --check=crc32 m.ko; zstd -q -k m.ko; gzip -k m.ko\n"
	   "gcc -nostdlib -static -Wl,-e,0 -o program b.c");
	return 0;
}

/* The first u32 of a symbol, and its size. */
static void symbol_is(const struct module *m, const char *name, size_t size, const char *file,
		      size_t want_size, uint32_t want)
{
	const uint8_t *bytes = NULL;
	const char *section = NULL;
	struct error err = { 0 };
	uint32_t got;
	size_t n = 0;

	if (module_symbol(m, name, size, file, &bytes, &n, &section, &err) < 0)
		fail_msg("%s: %s", name, err.text);
	assert_int_equal(n, want_size);
	assert_non_null(bytes);
	memcpy(&got, bytes, sizeof(got));
	assert_int_equal(got, want);
	assert_true(section[0] == '.');
}

static void symbol_fails(const struct module *m, const char *name, size_t size, const char *file, int code)
{
	const uint8_t *bytes = (const uint8_t *)"untouched";
	const char *section;
	struct error err = { 0 };
	size_t n;

	assert_int_equal(module_symbol(m, name, size, file, &bytes, &n, &section, &err), code);
	assert_string_equal((const char *)bytes, "untouched");
	assert_true(err.text[0] != '\0');
}

static void check_all(const char *file)
{
	size_t walk = 0;
	struct module *m = open_file(file);
	const char *section = NULL;

	assert_false(module_big_endian(m));
	symbol_is(m, "versions", 0, NULL, 8, 0x50003);
	symbol_is(m, "maximum", 0, NULL, 4, 0x50003);
	/* gcc calls it list.0 or so */
	symbol_is(m, "list", 0, NULL, 8, 7);
	symbol_is(m, "versions", 8, NULL, 8, 0x50003);
	symbol_fails(m, "versions", 4, NULL, -ENOENT);
	symbol_fails(m, "version", 0, NULL, -ENOENT);
	symbol_fails(m, "elsewhere", 0, NULL, -ENOENT);
	/* An array of pointers is only known when it is loaded. */
	symbol_fails(m, "names", 0, NULL, -ENODATA);
	assert_string_equal(module_modinfo(m, "version", &(size_t){ 0 }), "1.7.0.0-k");
	assert_string_equal(module_modinfo(m, "alias", &walk), "pci:v000015ADd000007B0*");
	assert_string_equal(module_modinfo(m, "alias", &walk), "xen:vif");
	assert_null(module_modinfo(m, "alias", &walk));
	assert_null(module_modinfo(m, "ali", &(size_t){ 0 }));
	assert_true(module_has_string(m, "second name"));
	assert_false(module_has_string(m, "third name"));
	assert_false(module_has_string(m, ""));
	assert_int_equal(module_has_symbol(m, "user", &section, NULL), 1);
	assert_true(section[0] == '.');
	assert_int_equal(module_has_symbol(m, "use", &section, NULL), 0);
	assert_int_equal(module_has_symbol(m, "elsewhere", &section, NULL), 0);
	assert_null(module_free(m));
}

static void test_plain(void **state)
{
	(void)state;
	check_all("m.ko");
}

static void test_compressed(void **state)
{
	(void)state;
	check_all("m.ko.xz");
	check_all("m.ko.zst");
	check_all("m.ko.gz");
}

static void test_namesakes(void **state)
{
	struct module *m = open_file("m.ko");

	(void)state;
	symbol_is(m, "local_v", 0, "a.c", 12, 1);
	symbol_is(m, "local_v", 0, "b.c", 4, 9);
	symbol_is(m, "local_v", 0, "c.c", 4, 8);
	symbol_is(m, "local_v", 12, NULL, 12, 1);
	/* Two of four bytes differ; two that agree are one answer. */
	symbol_fails(m, "local_v", 4, NULL, -ENODATA);
	symbol_fails(m, "local_v", 0, NULL, -ENODATA);
	symbol_is(m, "twin", 0, NULL, 4, 4);
	symbol_fails(m, "local_v", 0, "d.c", -ENOENT);
	symbol_fails(m, "twin", 0, "a.c", -ENOENT);
	module_free(m);
}

static void test_bss(void **state)
{
	struct module *m = open_file("m.ko");
	const uint8_t *bytes = (const uint8_t *)"";
	const char *section;
	size_t n = 0;

	(void)state;
	assert_int_equal(module_symbol(m, "features", 0, NULL, &bytes, &n, &section, NULL), 0);
	assert_null(bytes);
	assert_int_equal(n, 16);
	assert_string_equal(section, ".bss");
	module_free(m);
}

static void test_stripped(void **state)
{
	struct module *m;
	struct error err = { 0 };
	const char *section;

	(void)state;
	sh("objcopy --strip-all m.ko stripped.ko");
	m = open_file("stripped.ko");
	symbol_fails(m, "versions", 0, NULL, -ENODATA);
	assert_int_equal(module_has_symbol(m, "versions", &section, &err), -ENODATA);
	assert_string_equal(module_modinfo(m, "version", &(size_t){ 0 }), "1.7.0.0-k");
	assert_true(module_has_string(m, "first name"));
	module_free(m);
}

/* As Debian strips its modules. */
static void test_files_stripped(void **state)
{
	struct module *m;

	(void)state;
	sh("objcopy --strip-debug m.ko nofiles.ko; ! readelf -sW nofiles.ko | grep -w FILE");
	m = open_file("nofiles.ko");
	symbol_fails(m, "local_v", 0, "a.c", -ENODATA);
	symbol_is(m, "local_v", 12, NULL, 12, 1);
	module_free(m);
}

static void test_not_modules(void **state)
{
	size_t n;
	uint8_t *bytes = slurp("program", &n);

	(void)state;
	open_bytes(bytes, n, -EBADMSG, "relocatable");
	free(bytes);
	open_bytes((const uint8_t *)"hello, world", 12, -EBADMSG, "not an ELF");
	open_bytes(NULL, 0, -EBADMSG, "empty");
}

/* Cut anywhere before the end of the section headers, it is refused, never read as a module that lacks
 * something. */
static void cut(const char *file, size_t step)
{
	size_t n;
	uint8_t *bytes = slurp(file, &n);

	for (size_t i = 0; i < n; i += step) {
		/* A copy of its own size, so that sanitizers see a byte read too far. */
		uint8_t *part = xmalloc(i);

		memcpy(part, bytes, i);
		open_bytes(part, i, -EBADMSG, "");
		free(part);
	}
	free(bytes);
}

static void test_truncated(void **state)
{
	(void)state;
	cut("m.ko", 7);
	cut("m.ko.xz", 11);
	cut("m.ko.zst", 11);
	cut("m.ko.gz", 11);
}

/* Whatever a bent file answers, it neither crashes nor reads outside: this is for the sanitizers. */
static void test_flipped(void **state)
{
	size_t n, refused = 0;
	uint8_t *bytes = slurp("m.ko", &n);
	const uint8_t *at;
	const char *section;
	size_t size;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct module *m = NULL;

		bytes[i] ^= (uint8_t)(0x80 >> i % 8);
		if (module_open(bytes, n, MODULE_MAX_BYTES, &m, NULL) < 0)
			refused++;
		bytes[i] ^= (uint8_t)(0x80 >> i % 8);
		if (!m)
			continue;
		module_symbol(m, "versions", 0, NULL, &at, &size, &section, NULL);
		module_symbol(m, "local_v", 4, "b.c", &at, &size, &section, NULL);
		module_has_symbol(m, "user", &section, NULL);
		module_has_string(m, "second name");
		for (size_t walk = 0; module_modinfo(m, "alias", &walk);)
			;
		module_free(m);
	}
	assert_true(refused > 20);
	free(bytes);
}

/* Checksums of compressed modules are checked. */
static void test_corrupt(void **state)
{
	static const char *const files[] = { "m.ko.xz", "m.ko.zst", "m.ko.gz" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		size_t n;
		uint8_t *bytes = slurp(files[i], &n);

		bytes[n / 2] ^= 0x10;
		open_bytes(bytes, n, -EBADMSG, "");
		free(bytes);
	}
}

/* Each section header claims nearly the whole file: legal one by one, and a bomb together. */
static void test_overlapping(void **state)
{
	size_t n;
	uint8_t *bytes = slurp("m.ko", &n);
	Elf64_Ehdr header;

	(void)state;
	memcpy(&header, bytes, sizeof(header));
	assert_int_equal(header.e_ident[EI_CLASS], ELFCLASS64);
	for (unsigned i = 1; i < header.e_shnum; i++) {
		uint8_t *at = bytes + header.e_shoff + i * sizeof(Elf64_Shdr);
		Elf64_Shdr section;

		memcpy(&section, at, sizeof(section));
		if (section.sh_type == SHT_PROGBITS)
			section.sh_size = n - section.sh_offset;
		memcpy(at, &section, sizeof(section));
	}
	open_bytes(bytes, n, -EBADMSG, "overlap");
	free(bytes);
}

/* Namesakes that all agree are one answer, but only so many are compared. */
static void test_many_namesakes(void **state)
{
	struct module *m;

	(void)state;
	for (unsigned i = 0; i <= 65; i++)
		sh("printf '.data\\nmany: .long 7\\n.type many, @object\\n.size many, 4\\n' | as -o s%u.o", i);
	sh("ld -r -o few.ko s?.o; ld -r -o many.ko s*.o");
	m = open_file("few.ko");
	symbol_is(m, "many", 0, NULL, 4, 7);
	module_free(m);
	m = open_file("many.ko");
	symbol_fails(m, "many", 0, NULL, -ENODATA);
	module_free(m);
}

/* What the modules before it have left. */
static void test_limit(void **state)
{
	struct module *m = NULL;
	struct error err = { 0 };
	size_t n;
	uint8_t *bytes = slurp("m.ko.xz", &n);

	(void)state;
	assert_int_equal(module_open(bytes, n, MODULE_MAX_BYTES, &m, &err), 0);
	module_free(m);
	free(bytes);
	bytes = slurp("m.ko.xz", &n);
	m = NULL;
	assert_int_equal(module_open(bytes, n, n, &m, &err), -E2BIG);
	assert_null(m);
	free(bytes);
	bytes = slurp("m.ko", &n);
	assert_int_equal(module_open(bytes, n, n - 1, &m, &err), -E2BIG);
	assert_int_equal(module_open(bytes, n, n, &m, &err), 0);
	assert_int_equal(module_size(m), n);
	module_free(m);
	free(bytes);
}

static void test_bomb(void **state)
{
	static const char *const files[] = { "bomb.xz", "bomb.zst", "bomb.gz" };

	(void)state;
	sh("truncate -s 300M bomb; xz -0 -k bomb; zstd -q -k bomb; gzip -1 bomb");
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		size_t n;
		uint8_t *bytes = slurp(files[i], &n);

		open_bytes(bytes, n, -E2BIG, "more than 67108864 bytes");
		free(bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),	  cmocka_unit_test(test_compressed),
		cmocka_unit_test(test_namesakes), cmocka_unit_test(test_bss),
		cmocka_unit_test(test_stripped),  cmocka_unit_test(test_files_stripped),
		cmocka_unit_test(test_not_modules), cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_flipped),	  cmocka_unit_test(test_corrupt),
		cmocka_unit_test(test_bomb),	  cmocka_unit_test(test_limit),
		cmocka_unit_test(test_overlapping), cmocka_unit_test(test_many_namesakes),
	};

	return cmocka_run_group_tests(tests, setup, test_dir_remove);
}

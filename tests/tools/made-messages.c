/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes what a reader's process and its master say to each other into DIR/{wire,answer,initrd,left,repomd}, and a
 * record into DIR/record: seeds for fuzzing.
 */
#include "base/error.h"
#include "kernel/boot_files.h"
#include "kernel/wire_facts.h"
#include "pkg/index_file.h"
#include "prove/record.h"

static void save(const char *dir, const char *name, const struct buf *b)
{
	_cleanup_(freep) char *path = xasprintf("%s/%s", dir, name);
	_cleanup_(fclosep) FILE *f = fopen(path, "we");

	if (!f || fwrite(b->text, 1, b->len, f) != b->len) {
		perror(path);
		exit(2);
	}
}

/* A worker's answer: its length, an error that is none, and what was asked for. */
static void save_answer(const char *dir, const char *name, const struct buf *b, struct error *err)
{
	_cleanup_(buf_done) struct buf message = { 0 }, body = { 0 };
	struct wire w = { .out = &body }, head = { .out = &message };
	uint64_t n;

	wire_error(&w, err);
	buf_add(&body, b->text, b->len);
	n = body.len;
	wire_number(&head, &n);
	buf_add(&message, body.text, body.len);
	save(dir, name, &message);
}

static void facts(const char *dir)
{
	version_t versions[] = { VERSION2(5, 3), VERSION2(1, 1) };
	struct fact fact[] = { { .state = FACT_PRESENT, .placement = PLACEMENT_MODULE, .versions = versions, .n_versions = 2,
				 .parts = 2, .text = "5.3 1.1", .package = "p", .member = "m.ko", .place = ".rodata versions" },
			       { .state = FACT_UNKNOWN, .why = "nobody knows" } };
	struct input input = { .path = "a.deb", .package = "a", .version = "1", .arch = "amd64" };
	struct contradiction contradiction = { "both" };
	struct facts f = { .release = "6.1", .arch = "x86_64", .version = "1", .depth = DEPTH_DEEP, .inputs = &input, .n_inputs = 1,
			   .facts = fact, .count = 2, .contradictions = &contradiction, .n_contradictions = 1 };
	struct error none = { 0 }, failed = { .code = -2, .text = "no such file" };
	_cleanup_(buf_done) struct buf b = { 0 }, empty = { 0 };
	struct wire w = { .out = &b };

	wire_facts(&w, &f);
	save(dir, "wire/facts", &b);
	save_answer(dir, "answer/facts", &b, &none);
	save_answer(dir, "answer/failed", &empty, &failed);
}

static void wants(const char *dir)
{
	char *configs[] = { "M", NULL };
	struct want want = { .kind = WANT_TABLE, .name = "versions", .of = "m",
			     .layout = { .element = ELEMENT_U32, .ends = ENDS_ZERO, .file = "m.c", .flag_offset = -1 } };
	struct driver driver = { .name = "m", .configs = configs };
	struct want_list list = { &want, 1, &driver, 1 };
	_cleanup_(buf_done) struct buf b = { 0 };
	struct wire w = { .out = &b };

	wire_wants(&w, &list);
	save(dir, "wire/wants", &b);
}

static void boot_files(const char *dir)
{
	char *aliases[] = { "pci:v00001AF4d*", "virtio:d00000002v*" };
	struct boot_module modules[] = { { .name = "virtio_blk", .depends = "virtio,virtio_ring", .aliases = aliases,
					   .n_aliases = 2, .bytes = (uint8_t *)"\177ELF", .size = 4 },
					 { .name = "virtio", .depends = "", .bytes = (uint8_t *)"x", .size = 1 } };
	struct boot_files f = { .image = (uint8_t *)"image", .image_size = 5, .bare = true, .modules = modules, .n_modules = 2 };
	_cleanup_(buf_done) struct buf b = { 0 };
	struct wire w = { .out = &b };

	wire_boot_files(&w, &f);
	save(dir, "initrd/two", &b);
}

static void record(const char *dir)
{
	static char sum[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct record_input input = { .package = "linux-image", .version = "6.1-1", .arch = "amd64" };
	struct record_file file = { .name = "init" };
	struct record_claim claim = { .host = "xen", .version = "4.17", .mode = "pvh", .holds = HOLDS_YES };
	struct record_value probe = { "cgroup.memory", "errno 22" };
	struct record r = {
		.when = "2026-01-01T00:00:00Z", .hvcompat = "0.1.0", .release = "6.1.0", .arch = "x86_64", .inputs = &input,
		.n_inputs = 1, .family = "qemu", .recipe = "xen-pvh", .program = "qemu", .version = "7.2", .files = &file,
		.n_files = 1, .claims = &claim, .n_claims = 1, .outcome = OUTCOME_BOOTED_WITHOUT_DEVICE, .why = "no net was seen",
		.seconds = 1.5, .attempt = 1, .hypervisor = "xen", .clocksource = "xen", .console_device = "hvc0",
		.disk = { "sda", "scsi:sd<pci:ahci", true }, .probes = &probe, .n_probes = 1, .append = "quiet",
		.console = "Linux version 6.1\n",
	};
	_cleanup_(buf_done) struct buf b = { 0 };
	_cleanup_(freep) char *text = NULL;

	strings_add(&claim.through, xstrdup("xen-pvh"));
	strings_add(&r.command, xstrdup("qemu-system-x86_64"));
	memcpy(r.kernel, sum, sizeof(sum));
	memcpy(r.recipe_digest, sum, sizeof(sum));
	memcpy(input.sha256, sum, sizeof(sum));
	memcpy(file.sha256, sum, sizeof(sum));
	text = record_print(&r);
	buf_add(&b, text, strlen(text));
	save(dir, "record/made", &b);
	strings_done(&claim.through);
	strings_done(&r.command);
}

/* As tests/fuzz/fuzz_left.c takes it: two packages of an index, or of dpkg's status, and their strings. */
static void left(const char *dir, bool status)
{
	char strings[] = "a\0001\0amd64\0a.deb", sum[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct index_package packages[] = {
		{ .name = strings, .version = strings + 2, .arch = strings + 4, .source = strings, .source_version = strings + 2,
		  .location = strings + 10, .size = 7 },
		{ .name = strings, .version = strings + 2, .arch = strings + 4, .source = strings, .source_version = strings + 2,
		  .location = strings + 10, .size = 9, .held = true },
	};
	struct index x = { .packages = packages, .n_packages = 2, .strings = strings, .text_size = 40 };
	struct index_entry entries[2] = { 0 };
	struct index_said said = { 0 };
	char first = status ? 1 : 0;
	_cleanup_(buf_done) struct buf b = { 0 };
	struct wire w = { .out = &b };
	uint64_t n = sizeof(entries);

	for (size_t i = 0; i < 2 && !status; i++)
		memcpy(packages[i].sha256, sum, sizeof(sum));
	memcpy(said.sha256, sum, sizeof(sum));
	index_file_put(entries, &x, &said);
	buf_add(&b, &first, 1);
	index_file_wire(&w, &said);
	wire_number(&w, &n);
	buf_add(&b, (char *)entries, sizeof(entries));
	buf_add(&b, strings, sizeof(strings));
	save(dir, status ? "left/status" : "left/index", &b);
}

static void repomd(const char *dir)
{
	struct repomd m = { .location = "repodata/primary.xml.gz", .size = 7 };
	_cleanup_(buf_done) struct buf b = { 0 };
	struct wire w = { .out = &b };

	memset(m.checksum, 'a', 64);
	buf_add(&b, "\1", 1);
	repomd_wire(&w, &m);
	save(dir, "repomd/said", &b);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: made-messages DIR\n");
		return 64;
	}
	facts(argv[1]);
	wants(argv[1]);
	boot_files(argv[1]);
	record(argv[1]);
	left(argv[1], false);
	left(argv[1], true);
	repomd(argv[1]);
	return 0;
}

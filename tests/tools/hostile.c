/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hostile KIND FILE SEED COUNT POLICIES: reads COUNT seeded mutations of FILE (truncated, bits flipped, bytes
 * overwritten, stretches moved) as KIND: kernel (a package or a bare image, through the whole of "read") or module.
 * Every one must end in facts or in one clear error. Prints how many ended how; a crash is the sanitizer's to tell.
 */
#include "compat/support.h"
#include "kernel/kernel.h"
#include "kernel/module.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

struct tally {
	unsigned facts, refused, mute;
	unsigned better; /* judged supported although the intact kernel is not */
};

static uint64_t state;

/* xorshift64*: the same mutations for the same seed on every machine. */
static uint64_t next(uint64_t bound)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 2685821657736338717u >> 11) % bound;
}

static size_t mutate(uint8_t *bytes, size_t n)
{
	uint64_t i, at, count;

	/* headers are at the front of every format here: half of all damage goes there */
	uint64_t reach = next(2) && n > 4096 ? 4096 : n;

	switch (next(4)) {
	case 0:
		return next(n);
	case 1:
		count = 1 + next(16);
		for (i = 0; i < count; i++)
			bytes[next(reach)] ^= (uint8_t)(1u << next(8));
		return n;
	case 2:
		at = next(reach);
		count = 1 + next(n - at < 64 ? n - at : 64);
		memset(bytes + at, next(2) ? 0xff : 0, count);
		return n;
	default:
		count = 1 + next(reach / 2 + 1);
		memmove(bytes + next(n - count + 1), bytes + next(n - count + 1), count);
		return n;
	}
}

static int write_file(const char *path, const uint8_t *bytes, size_t n)
{
	_cleanup_(fclosep) FILE *f = fopen(path, "we");

	return f && fwrite(bytes, 1, n, f) == n && fflush(f) == 0 ? 0 : -EIO;
}

static uint8_t *read_file(const char *path, size_t *ret_size)
{
	_cleanup_(fclosep) FILE *f = fopen(path, "re");
	struct stat st;
	uint8_t *bytes;

	if (!f || fstat(fileno(f), &st) < 0)
		return NULL;
	bytes = xmalloc((size_t)st.st_size);
	*ret_size = fread(bytes, 1, (size_t)st.st_size, f);
	return bytes;
}

static struct facts *read_kernel(const char *path, const struct knowledge *k, struct error *err)
{
	struct kernel_list list = { 0 };
	struct facts *facts = NULL;
	size_t i;

	if (kernel_open(path, NULL, &list, err) == 0)
		for (i = 0; i < list.count; i++) {
			facts = facts_free(facts);
			if (kernel_read(list.kernels[i], &k->wants, DEPTH_VERIFY, &facts, err) < 0)
				break;
		}
	kernel_list_done(&list);
	return err->code ? facts_free(facts) : facts;
}

static void judge(const struct knowledge *k, const struct facts *facts, const struct support *intact, struct tally *t)
{
	_cleanup_(support_freep) struct support *s = support_judge(k, facts);
	size_t i;

	for (i = 0; i < s->n_verdicts; i++) {
		const struct verdict *v = &s->verdicts[i];
		const struct verdict *was = support_find(intact, v->host, v->version, v->mode);

		if (v->status == STATUS_SUPPORTED && was && was->status == STATUS_UNSUPPORTED)
			t->better++;
	}
}

static void try_kernel(const char *path, const struct knowledge *k, const struct support *intact, struct tally *t)
{
	struct error err = { 0 };
	_cleanup_(facts_freep) struct facts *facts = read_kernel(path, k, &err);

	if (facts) {
		t->facts++;
		judge(k, facts, intact, t);
	} else if (err.text[0]) {
		t->refused++;
	} else {
		t->mute++;
	}
}

static void try_module(const uint8_t *bytes, size_t n, struct tally *t)
{
	_cleanup_(module_freep) struct module *m = NULL;
	struct error err = { 0 };
	const uint8_t *data;
	const char *section;
	size_t size, i;

	if (module_open(bytes, n, MODULE_MAX_BYTES, &m, &err) < 0) {
		err.text[0] ? t->refused++ : t->mute++;
		return;
	}
	module_symbol(m, "vmbus_versions", 0, NULL, &data, &size, &section, NULL);
	module_has_string(m, "a string that is not there");
	for (i = 0; module_modinfo(m, "alias", &i);)
		;
	t->facts++;
}

int main(int argc, char **argv)
{
	size_t n = 0, i, count = argc == 6 ? strtoul(argv[4], NULL, 10) : 0;
	_cleanup_(freep) uint8_t *intact = count ? read_file(argv[2], &n) : NULL;
	_cleanup_(knowledge_freep) struct knowledge *k = NULL;
	_cleanup_(facts_freep) struct facts *facts = NULL;
	_cleanup_(support_freep) struct support *support = NULL;
	_cleanup_(freep) char *path = NULL;
	struct error err = { 0 };
	struct tally t = { 0 };
	const char *dirs[2] = { argc == 6 ? argv[5] : "", NULL };
	bool kernel = argc == 6 && streq(argv[1], "kernel");

	if (!intact || n < 16) {
		fprintf(stderr, "usage: hostile kernel|module FILE SEED COUNT POLICIES\n");
		return 64;
	}
	state = strtoull(argv[3], NULL, 10) * 0x9e3779b97f4a7c15u + 1;
	path = xasprintf("%s/hostile-%d", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", getpid());
	if (kernel) {
		if (knowledge_load(dirs, NULL, NULL, &k, &err) < 0 || !(facts = read_kernel(argv[2], k, &err))) {
			fprintf(stderr, "hostile: %s\n", err.text);
			return 2;
		}
		support = support_judge(k, facts);
	}
	for (i = 0; i < count; i++) {
		_cleanup_(freep) uint8_t *bytes = xmalloc(n);
		size_t size;

		memcpy(bytes, intact, n);
		size = mutate(bytes, n);
		if (!kernel)
			try_module(bytes, size, &t);
		else if (write_file(path, bytes, size) == 0)
			try_kernel(path, k, support, &t);
	}
	unlink(path);
	printf("%u read, %u refused, %u without a word, %u judged better\n", t.facts, t.refused, t.mute, t.better);
	return t.mute || t.better || t.facts + t.refused != count;
}

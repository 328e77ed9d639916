/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mutation POLICIES KERNEL...: for each requirement in the knowledge that a real kernel meets, its facts without the evidence must
 * not be judged as meeting it. Prints the counts; fails when anything stood on nothing.
 */
#include "kernel/kernel.h"
#include "lib/mutate.h"

static void say(void *ctx, const char *sentence)
{
	(void)ctx;
	printf("  %s\n", sentence);
}

static int mutate_kernel(const struct knowledge *k, struct kernel *kernel, struct mutation_count *sum, struct error *err)
{
	_cleanup_(facts_freep) struct facts *facts = NULL;
	struct mutation_count c;

	if (kernel_read(kernel, &k->wants, DEPTH_DEEP, &facts, err) < 0)
		return -1;
	c = mutate_all(k, facts, say, NULL);
	printf("%s: %zu mutations, %zu facts taken away, %zu paths looked at again, %zu failures\n", facts->release,
	       c.mutations, c.changed, c.paths, c.failures);
	sum->mutations += c.mutations;
	sum->failures += c.failures;
	return 0;
}

int main(int argc, char **argv)
{
	const char *dirs[] = { argc > 2 ? argv[1] : "", NULL };
	_cleanup_(knowledge_freep) struct knowledge *k = NULL;
	struct mutation_count sum = { 0 };
	struct kernel_list list = { 0 };
	struct error err = { 0 };
	size_t i;

	if (argc < 3) {
		fprintf(stderr, "usage: mutation POLICIES KERNEL...\n");
		return 64;
	}
	if (knowledge_load(dirs, NULL, NULL, &k, &err) == 0)
		for (i = 2; i < (size_t)argc; i++)
			if (kernel_open(argv[i], NULL, &list, &err) < 0)
				break;
	for (i = 0; i < list.count && !err.code; i++)
		mutate_kernel(k, list.kernels[i], &sum, &err);
	kernel_list_done(&list);
	if (err.code) {
		fprintf(stderr, "mutation: %s\n", err.text);
		return 2;
	}
	printf("%zu mutations of %zu kernels, %zu failures\n", sum.mutations, i, sum.failures);
	return sum.failures || !sum.mutations;
}

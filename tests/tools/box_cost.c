/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * box_cost POLICIES KERNEL [RUNS]: what it costs to open and read a kernel in a process without rights, over doing it in one's
 * own: processor time (of both), and memory of their own that both hold when the facts are there. Reads quickly, as what
 * the box costs does not depend on how much is read, and is seen better so. For `make bench`.
 */
#include "compat/knowledge.h"
#include "kernel/kernel.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>

struct cost {
	double cpu, kib;
};

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare);
	return values[n / 2];
}

/* Memory that no other process shares, or its share of it. */
static double proportional_kib(pid_t pid)
{
	_cleanup_(freep) char *path = xasprintf("/proc/%d/smaps_rollup", (int)pid);
	_cleanup_(fclosep) FILE *f = fopen(path, "re");
	char line[256];
	double kib = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Pss: %lf", &kib) == 1)
			break;
	return kib;
}

/* The one child, where the kernel tells. */
static pid_t child_of(pid_t pid)
{
	_cleanup_(freep) char *path = xasprintf("/proc/%d/task/%d/children", (int)pid, (int)pid);
	_cleanup_(fclosep) FILE *f = fopen(path, "re");
	int child = 0;

	return f && fscanf(f, "%d", &child) == 1 ? child : 0;
}

/* In a process of its own: reads, and says what memory there is. */
static void read_once(const struct knowledge *k, const char *path, bool boxed, int out)
{
	struct kernel_options options = { .boxed = boxed };
	struct kernel_list list = { 0 };
	struct error err = { 0 };
	double kib = -1;

	if (kernel_open(path, &options, &list, &err) == 0 && list.count > 0) {
		_cleanup_(facts_freep) struct facts *facts = NULL;

		if (kernel_read(list.kernels[0], &k->wants, DEPTH_QUICK, &facts, &err) == 0) {
			pid_t child = boxed ? child_of(getpid()) : 0;

			kib = proportional_kib(getpid()) + (child ? proportional_kib(child) : 0);
		}
	}
	if (kib < 0)
		fprintf(stderr, "box_cost: %s\n", err.text);
	kernel_list_done(&list);
	if (write(out, &kib, sizeof(kib)) != sizeof(kib))
		_exit(2);
	_exit(kib < 0 ? 2 : 0);
}

static struct cost measure(const struct knowledge *k, const char *path, bool boxed)
{
	struct cost c = { 0 };
	struct rusage used;
	int ends[2], status;
	pid_t pid;

	if (pipe(ends) < 0)
		exit(2);
	pid = fork();
	if (pid == 0)
		read_once(k, path, boxed, ends[1]);
	close(ends[1]);
	if (pid < 0 || read(ends[0], &c.kib, sizeof(c.kib)) != sizeof(c.kib) || wait4(pid, &status, 0, &used) != pid || status)
		exit(2);
	close(ends[0]);
	c.cpu = (double)used.ru_utime.tv_sec * 1e3 + (double)used.ru_utime.tv_usec / 1e3 + (double)used.ru_stime.tv_sec * 1e3 +
		(double)used.ru_stime.tv_usec / 1e3;
	return c;
}

int main(int argc, char **argv)
{
	const char *dirs[] = { argc > 2 ? argv[1] : NULL, NULL };
	_cleanup_(knowledge_freep) struct knowledge *k = NULL;
	struct error err = { 0 };
	size_t runs = argc > 3 ? strtoul(argv[3], NULL, 10) : 7;
	double cpu[100], kib[100];

	if (argc < 3 || runs == 0 || runs > 100) {
		fprintf(stderr, "usage: box_cost POLICIES KERNEL [RUNS]\n");
		return 64;
	}
	if (knowledge_load(dirs, NULL, NULL, &k, &err) < 0) {
		fprintf(stderr, "box_cost: %s\n", err.text);
		return 2;
	}
	for (size_t i = 0; i < runs; i++) {
		struct cost without = measure(k, argv[2], false), with = measure(k, argv[2], true);

		cpu[i] = with.cpu - without.cpu;
		kib[i] = with.kib - without.kib;
	}
	printf("box           %+.2f ms processor time (3 are allowed), %+.0f KiB (2048 are allowed) a kernel; median of %zu pairs\n",
	       median(cpu, runs), median(kib, runs), runs);
	return 0;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What index_open() hands on, for tests: index-show [-a] [-u] [-k KEYRING]… [-t DAY] [-f NAME] WHERE… */
#include "pkg/index.h"

#include <stdio.h>
#include <unistd.h>

static void show(const struct index *x, bool all)
{
	printf("index %s: %zu packages, %zu bytes, signed by %s\n", x->label, x->n_packages, x->text_size,
	       x->signer ? x->signer : "nobody");
	for (size_t i = 0; all && i < x->n_packages; i++) {
		const struct index_package *p = &x->packages[i];

		printf("%s %s %s %s %s %s %llu %s\n", p->name, p->version, p->arch, p->source, p->source_version, p->location,
		       (unsigned long long)p->size, p->sha256);
	}
}

/* Where the file of a package is, when that is the one. */
static int find(const struct index *x, const char *name, const char *const *pools)
{
	int status = 0;

	for (size_t i = 0; i < x->n_packages; i++) {
		_cleanup_(freep) char *path = NULL;
		struct index_stamp stamp;
		struct error err = { 0 };

		if (!streq(x->packages[i].name, name))
			continue;
		if (index_file(x, &x->packages[i], pools, &path, &stamp, &err) == 0) {
			printf("%s\n", path);
			continue;
		}
		fprintf(stderr, "index-show: %s\n", err.text);
		status = 2;
	}
	return status;
}

int main(int argc, char **argv)
{
	const char *keyrings[9] = { NULL }, *name = NULL, *pools[2] = { NULL };
	struct index_options o = { .arch = "amd64" };
	struct index_list list = { 0 };
	struct error err = { 0 };
	size_t n = 0;
	bool all = false;
	int c, status = 0;

	while ((c = getopt(argc, argv, "auk:t:f:p:")) != -1) {
		all |= c == 'a';
		o.allow_unsigned |= c == 'u';
		if (c == 'k' && n < 8)
			keyrings[n++] = optarg;
		if (c == 't')
			o.today = optarg;
		if (c == 'f')
			name = optarg;
		if (c == 'p')
			pools[0] = optarg;
	}
	o.keyrings = n ? keyrings : NULL;
	for (; optind < argc && status == 0; optind++)
		if (index_open(argv[optind], &o, &list, &err) < 0) {
			fprintf(stderr, "index-show: %s\n", err.text);
			status = -err.code;
		}
	for (size_t i = 0; status == 0 && i < list.count; i++) {
		show(list.indexes[i], all);
		if (name)
			status = find(list.indexes[i], name, pools);
	}
	index_list_done(&list);
	return status;
}

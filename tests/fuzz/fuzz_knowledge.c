/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Knowledge in YAML: an interface, a hypervisor and a userspace, each behind a line "---". They stand beside one of each
 * that is sound, so that names lead somewhere.
 */
#include "fuzz/knowledge.h"

static const char *const files[] = { "interfaces/fuzz.yaml", "hypervisors/fuzz.yaml", "userspace/fuzz.yaml" };

static void make_tree(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(files); i++)
		fuzz_link(files[i], i);
	fuzz_put("interfaces/moat.yaml", "interface: moat\nclass: bus\nkind: paravirtual\nabout: a\nsource: s\n"
		 "speaks: [{config: MOAT, versions: [\"1\"], why: w, source: s}]\n");
	fuzz_put("hypervisors/fort.yaml", "hypervisor: fort\nname: Fort\nabout: a\nsource: s\nversions: [{id: \"1\"}, {id: \"2\"}]\n"
		 "offers: [{interface: moat, meets: presence, source: s}]\n");
	fuzz_put("userspace/old.yaml", "userspace: old\nname: Old\nabout: a\nsource: s\n"
		 "offers: [{interface: moat, meets: presence, source: s}]\n");
}

static void split(const uint8_t *bytes, size_t n)
{
	for (unsigned i = 0; i < ARRAY_SIZE(files); i++) {
		const uint8_t *cut = n ? memmem(bytes, n, "---\n", 4) : NULL;
		size_t size = cut ? (size_t)(cut - bytes) : n;

		fuzz_fd(i, bytes, size);
		bytes += cut ? size + 4 : size;
		n -= cut ? size + 4 : size;
	}
}

static void check(const struct knowledge *k)
{
	for (size_t i = 0; i < k->n_hosts; i++) {
		const struct host *h = k->hosts[i];

		must(h->versions_count > 0 && h->modes_count > 0 && knowledge_host(k, h->name));
		for (unsigned j = 0; j < h->offers_count; j++)
			must(h->offers[j].iface && h->offers[j].first <= h->offers[j].last &&
			     h->offers[j].last < h->versions_count);
	}
	for (size_t i = 0; i < k->n_ifaces; i++)
		must(knowledge_iface(k, k->ifaces[i]->name) == k->ifaces[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
	static bool made;
	const char *dirs[] = { fuzz_tree(), NULL };
	_cleanup_(knowledge_freep) struct knowledge *k = NULL;
	struct error err = { 0 };
	int r;

	if (!made)
		make_tree();
	made = true;
	split(bytes, n);
	r = knowledge_load(dirs, NULL, NULL, &k, &err);
	must_tell(r, &err);
	if (r == 0)
		check(k);
	return 0;
}

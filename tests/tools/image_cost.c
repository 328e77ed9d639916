/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image_cost VMLINUZ [RUNS]: how long the payload takes to decode (to the notes, and whole), and what looking up
 * symbols, strings and notes costs on top of that. For `make bench`.
 */
#include "kernel/image.h"

#include <errno.h>
#include <time.h>

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

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

static uint8_t *read_file(const char *path, size_t *ret_size)
{
	_cleanup_(fclosep) FILE *f = fopen(path, "re");
	struct buf b = { 0 };
	char piece[65536];
	size_t n;

	if (!f)
		return NULL;
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(&b, piece, n);
	*ret_size = b.len;
	return (uint8_t *)b.text;
}

static struct image *decode(const uint8_t *bytes, size_t n, enum image_extent extent, double *ret_ms, struct error *err)
{
	struct image *image = image_new(extent);
	double start = now();
	size_t at, step;
	int r = 0;

	for (at = 0; at < n && r == 0; at += step) {
		step = n - at < 262144 ? n - at : 262144;
		r = image_feed(image, bytes + at, step, err);
	}
	if (r == 0)
		r = image_end(image, err);
	*ret_ms = now() - start;
	return r < 0 ? image_free(image) : image;
}

static const char *const names[] = {
	"xen_start_kernel", "xen_prepare_pvh", "xen_hvm_guest_init", "hypercall_page", "hypervisors", "x86_hyper_kvm",
	"kvm_guest_init", "vmware_platform_setup", "vmware_platform", "ms_hyperv_platform", "tdx_early_init", "vmbus_versions",
	"xen_have_vcpu_info_placement", "xen_init_vga", "ghcb_version", "sev_hv_features", "handle_vc_boot_ghcb",
	"virtio_pci_legacy_probe", "virtio_pci_modern_probe", "jailhouse_detect", "acrn_detect", "bhyve_detect", "pvh_start_xen",
	"kvmclock_init", "vmware_hypercall_slow", "xen_percpu_upcall", "vdso_image_64", "vdso_image_32", "vdso_image_x32",
	"xen_platform_pv",
};
static const char *const texts[] = {
	"XENFEAT_mmu_pt_update_preserve_ad", "XENFEAT_gnttab_map_avail_bits", "x86/hyperv: VP_INDEX MSR not available.",
	"x86/hyperv: HYPERCALL MSR not available.", "SEPT #VE has to be disabled", "IntelTDX    ", "XenVMMXenVMM", "KVMKVMKVM",
	"VMwareVMware", "Microsoft Hv", "ACRNACRNACRN", "Jailhouse",
};

static double look_up(const struct image *image, struct error *err)
{
	struct image_symbol symbols[ARRAY_SIZE(names)] = { 0 };
	bool found[ARRAY_SIZE(texts)];
	struct vdso_symbol *vdso = NULL;
	size_t n_vdso = 0, i;
	ssize_t size;
	double start = now();

	for (i = 0; i < ARRAY_SIZE(names); i++)
		symbols[i].name = names[i];
	if (image_symbols(image, symbols, ARRAY_SIZE(names), err) < 0 ||
	    image_strings(image, texts, ARRAY_SIZE(texts), found, err) < 0)
		return -1;
	image_note(image, "Xen", 1, &size);
	if (image_vdso(image, 64, &vdso, &n_vdso, NULL) == 0)
		vdso_symbols_free(vdso, n_vdso);
	return now() - start;
}

int main(int argc, char **argv)
{
	size_t runs = argc > 2 ? (size_t)atoi(argv[2]) : 5, n = 0, i;
	_cleanup_(freep) uint8_t *bytes = argc > 1 ? read_file(argv[1], &n) : NULL;
	double part[64], whole[64], look[64];
	struct error err = { 0 };

	if (!bytes || runs == 0 || runs > 64) {
		fprintf(stderr, "usage: image_cost VMLINUZ [RUNS, 1 to 64]\n");
		return 64;
	}
	for (i = 0; i < runs; i++) {
		_cleanup_(image_freep) struct image *a = decode(bytes, n, IMAGE_TO_NOTES, &part[i], &err);
		_cleanup_(image_freep) struct image *b = NULL;

		look[i] = a ? look_up(a, &err) : -1;
		b = decode(bytes, n, IMAGE_WHOLE, &whole[i], &err);
		if (!a || !b || look[i] < 0) {
			fprintf(stderr, "image_cost: %s\n", err.text);
			return 2;
		}
	}
	double p = median(part, runs), w = median(whole, runs), l = median(look, runs);
	printf("image: decode to the notes %.1f ms, whole %.1f ms; %zu symbols, %zu strings, notes, vDSO %.1f ms: "
	       "%.3f of the first, %.3f of the second (target 0.25)\n",
	       p, w, ARRAY_SIZE(names), ARRAY_SIZE(texts), l, l / p, l / w);
	return 0;
}

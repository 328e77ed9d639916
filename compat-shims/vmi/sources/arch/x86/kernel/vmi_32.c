// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMI: finds the hypervisor's option ROM, asks it which calls it offers, and wires those that this
 * kernel has a place for. Time is in vmi_time_32.c.
 *
 * The hooks go in where the ROM can run: it is executable in the early page tables, is not any more
 * once init_mem_mapping() has built the final ones, and is again after vmi_init_mem_mapping().
 */

#include <linux/cpuidle.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/reboot.h>
#include <linux/string.h>
#include <linux/tick.h>

#include <asm/apic.h>
#include <asm/cmdline.h>
#include <asm/cpufeature.h>
#include <asm/desc.h>
#include <asm/hypervisor.h>
#include <asm/io.h>
#include <asm/paravirt.h>
#include <asm/realmode.h>
#include <asm/reboot.h>
#include <asm/segment.h>
#include <asm/set_memory.h>
#include <asm/setup.h>
#include <asm/tlbflush.h>
#include <asm/vmi.h>

/* Read from the image by whoever has to know what a kernel speaks: keep the symbol. */
const u32 vmi_api_version = VMI_API_MAJOR << 16;

enum vmi_state {
	VMI_STAYS_NATIVE,
	VMI_IS_CALLED,
	VMI_IS_EMPTY,		/* the ROM says that nothing needs to be done */
};

struct vmi_wanted {
	enum vmi_call	call;
	const char	*name;
	bool		may_be_empty;
};

static const struct vmi_wanted vmi_wanted[] = {
	{ VMI_IO_DELAY,			"IODelay",		true },
	{ VMI_INVAL_PAGE,		"InvalPage",		true },
	{ VMI_FLUSH_TLB,		"FlushTLB",		true },
	{ VMI_SET_LINEAR_MAPPING,	"SetLinearMapping",	true },
	{ VMI_SET_INITIAL_AP_STATE,	"SetInitialAPState",	true },
	{ VMI_APIC_READ,		"APICRead" },
	{ VMI_APIC_WRITE,		"APICWrite" },
	{ VMI_GET_CYCLE_FREQUENCY,	"GetCycleFrequency" },
	{ VMI_GET_CYCLE_COUNTER,	"GetCycleCounter" },
	{ VMI_GET_WALLCLOCK_TIME,	"GetWallclockTime" },
	{ VMI_SET_ALARM,		"SetAlarm" },
	{ VMI_CANCEL_ALARM,		"CancelAlarm" },
	{ VMI_HALT,			"Halt" },
	{ VMI_REBOOT,			"Reboot" },
	{ VMI_SHUTDOWN,			"Shutdown" },
};

#define VMI_NAMES_LEN 256

static struct vmi_rom *vmi_rom __ro_after_init;	/* NULL: none, or not to be used */
static enum vmi_state vmi_state[VMI_CALLS] __ro_after_init;
static void *vmi_target[VMI_CALLS] __ro_after_init;
static void (*vmi_flush)(u32 flags) __ro_after_init;
static void (*vmi_linear_map)(u32 slot, u32 va, u32 pages, u32 pfn) __ro_after_init;
static void (*vmi_set_ap_state)(struct vmi_ap_state *state, u32 apicid) __ro_after_init;
static void (*vmi_reboot)(u32 how) __ro_after_init;
static void (*vmi_shutdown)(void) __ro_after_init;
static void (*native_emergency_restart)(void) __ro_after_init;
static void (*native_power_off)(void) __ro_after_init;

/* --- switches ---------------------------------------------------------------------------------- */

bool vmi_no_timer __initdata;
static bool vmi_off __initdata;
static bool vmi_noidle __initdata;

static struct {
	const char	*name;
	unsigned int	cap;
	bool		clear;
} vmi_caps[] __initdata = {
	{ "disable_pge",	X86_FEATURE_PGE },
	{ "disable_pse",	X86_FEATURE_PSE },
	{ "disable_sep",	X86_FEATURE_SEP },
	{ "disable_tsc",	X86_FEATURE_TSC },
	{ "disable_mtrr",	X86_FEATURE_MTRR },
};

static int __init vmi_parse(char *arg)
{
	int i;

	if (!arg)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(vmi_caps); i++) {
		if (!strcmp(arg, vmi_caps[i].name)) {
			vmi_caps[i].clear = true;
			return 0;
		}
	}
	if (!strcmp(arg, "off"))
		vmi_off = true;
	else if (!strcmp(arg, "disable_timer"))
		vmi_no_timer = true;
	else if (!strcmp(arg, "disable_noidle"))
		vmi_noidle = true;
	else
		pr_warn("VMI: vmi=%s is not known and ignored\n", arg);
	return 0;
}
early_param("vmi", vmi_parse);

/* Only for a kernel that runs on VMI: without the ROM the switches change nothing. */
static void __init vmi_apply_switches(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(vmi_caps); i++) {
		if (!vmi_caps[i].clear)
			continue;
		pr_info("VMI: vmi=%s\n", vmi_caps[i].name);
		setup_clear_cpu_cap(vmi_caps[i].cap);
	}
	if (vmi_no_timer)
		pr_info("VMI: vmi=disable_timer\n");
	if (vmi_noidle) {
		pr_info("VMI: vmi=disable_noidle\n");
#ifdef CONFIG_NO_HZ_COMMON
		tick_nohz_enabled = false;
#endif
	}
}

/* --- finding the ROM --------------------------------------------------------------------------- */

static unsigned int __init vmi_rom_length(const struct vmi_rom *rom)
{
	return rom->length * 512;
}

static u8 __init vmi_rom_sum(const struct vmi_rom *rom)
{
	const u8 *p = (const u8 *)rom;
	u8 sum = 0;
	unsigned int i;

	for (i = 0; i < vmi_rom_length(rom); i++)
		sum += p[i];
	return sum;
}

/* What lies at an offset of the image, all of it inside; NULL: it does not, or there is none. */
static const void *__init vmi_rom_part(const struct vmi_rom *rom, unsigned int offset,
				       unsigned int size)
{
	if (!offset || offset + size > vmi_rom_length(rom))
		return NULL;
	return (const u8 *)rom + offset;
}

/* A text of the image; NULL: there is none that ends inside. */
static const char *__init vmi_rom_text(const struct vmi_rom *rom, unsigned int offset)
{
	const char *text = vmi_rom_part(rom, offset, 1);

	if (!text || strnlen(text, vmi_rom_length(rom) - offset) == vmi_rom_length(rom) - offset)
		return NULL;
	return text;
}

/* The image is as long as it says, and as its maker left it. */
static bool __init vmi_rom_is_whole(const struct vmi_rom *rom, unsigned long phys)
{
	u8 sum;

	if (vmi_rom_length(rom) < sizeof(*rom)) {
		pr_warn("VMI: ROM at 0x%lx refused: %u bytes long, its header alone takes %zu\n",
			phys, vmi_rom_length(rom), sizeof(*rom));
		return false;
	}
	if (phys + vmi_rom_length(rom) > VMI_ROM_END) {
		pr_warn("VMI: ROM at 0x%lx refused: its %u bytes run past 0x%x\n",
			phys, vmi_rom_length(rom), VMI_ROM_END);
		return false;
	}
	sum = vmi_rom_sum(rom);
	if (sum) {
		pr_warn("VMI: ROM at 0x%lx refused: bad checksum, the sum of its bytes is 0x%02x\n",
			phys, sum);
		return false;
	}
	return true;
}

static bool __init vmi_license_is_gpl(const struct vmi_rom *rom)
{
	const char *license = vmi_rom_text(rom, rom->license);

	if (license && (!strcmp(license, "GPL") || !strcmp(license, "GPL v2")))
		return true;
	pr_warn("VMI: Non GPL license '%.40s' of the ROM, which is refused\n",
		license ? license : "unspecified");
	return false;
}

static const char *__init vmi_pnp_text(const struct vmi_rom *rom, bool product)
{
	const struct vmi_pnp *pnp = vmi_rom_part(rom, rom->pnp, sizeof(*pnp));
	const char *text = NULL;

	if (pnp)
		text = vmi_rom_text(rom, product ? pnp->product : pnp->manufacturer);
	return text ? text : "[unknown]";
}

static bool __init vmi_rom_is_good(const struct vmi_rom *rom, unsigned long phys)
{
	const struct vmi_pci *pci;

	if (!vmi_rom_is_whole(rom, phys))
		return false;
	if (rom->api_major != vmi_api_version >> 16) {
		pr_warn("VMI: Found mismatched rom version %u.%u at 0x%lx, only %u.x is spoken\n",
			rom->api_major, rom->api_minor, phys, vmi_api_version >> 16);
		return false;
	}
	if (!rom->pci) {
		pr_warn("VMI: ROM does not contain PCI header, refused\n");
		return false;
	}
	pci = vmi_rom_part(rom, rom->pci, sizeof(*pci));
	if (!pci) {
		pr_warn("VMI: ROM at 0x%lx refused: its PCI header lies outside of it\n", phys);
		return false;
	}
	if (pci->vendor != VMI_PCI_VENDOR || pci->device != VMI_PCI_DEVICE)
		pr_warn("VMI: ROM from unknown manufacturer %04x:%04x\n", pci->vendor, pci->device);
	if (!vmi_license_is_gpl(rom))
		return false;
	if (rom->virtual_top && rom->virtual_top < VMI_LOWEST_TOP) {
		pr_warn("VMI: ROM at 0x%lx refused: it wants the address space from 0x%x up\n",
			phys, rom->virtual_top);
		return false;
	}
	pr_info("VMI: Found %.40s %.40s at 0x%lx, API version %u.%u, ROM version %u.%u\n",
		vmi_pnp_text(rom, false), vmi_pnp_text(rom, true), phys, rom->api_major,
		rom->api_minor, pci->rom_major, pci->rom_minor);
	return true;
}

/*
 * Looks for the ROM, and makes room for a hypervisor that lives at the top of the address space.
 * That has to come before the first fixmap is in use, so that parameters are not parsed yet.
 */
void __init vmi_init(void)
{
	unsigned long phys;

	if (cmdline_find_option_bool(boot_command_line, "vmi=off")) {
		pr_info("VMI: off (vmi=off), no ROM is looked for\n");
		return;
	}
	for (phys = VMI_ROM_START; phys < VMI_ROM_END; phys += VMI_ROM_STRIDE) {
		struct vmi_rom *rom = __va(phys);

		if (rom->signature != VMI_ROM_SIGNATURE || rom->vmi_signature != VMI_SIGNATURE)
			continue;
		if (!vmi_rom_is_good(rom, phys))
			continue;
		vmi_rom = rom;
		if (rom->virtual_top)
			reserve_top_address(-rom->virtual_top);
		return;
	}
}

/* --- what it offers ---------------------------------------------------------------------------- */

/* A target in the ROM, or in the part of the address space that the hypervisor reserved. */
static bool __init vmi_target_is_sane(unsigned long target)
{
	unsigned long rom = (unsigned long)vmi_rom;

	if (target >= rom + sizeof(*vmi_rom) && target < rom + vmi_rom_length(vmi_rom))
		return true;
	return vmi_rom->virtual_top && target >= vmi_rom->virtual_top;
}

/* The ROM's answer for one call. False: the answer is such that the ROM cannot be trusted at all. */
static bool __init vmi_resolve(const struct vmi_wanted *w)
{
	u64 (*get_reloc)(u32 call) = (void *)vmi_rom->get_reloc;
	u64 answer = get_reloc(w->call);
	unsigned long target = (u32)answer;
	u8 type = answer >> 32;

	if (type == VMI_RELOC_NOP && w->may_be_empty) {
		vmi_state[w->call] = VMI_IS_EMPTY;
	} else if (type == VMI_RELOC_CALL) {
		if (!vmi_target_is_sane(target)) {
			pr_warn("VMI: ROM refused: it has %s at 0x%lx, outside of the ROM\n",
				w->name, target);
			return false;
		}
		vmi_state[w->call] = VMI_IS_CALLED;
		vmi_target[w->call] = (void *)target;
	} else if (type == VMI_RELOC_JUMP || type == VMI_RELOC_NOP) {
		pr_warn("VMI: %s cannot be %s, kept native\n", w->name,
			type == VMI_RELOC_NOP ? "left out" : "jumped to");
	} else if (type != VMI_RELOC_NONE) {
		pr_warn("VMI: Unknown relocation type %u for %s, kept native\n", type, w->name);
	}
	return true;
}

static void __init vmi_list(const char *what, enum vmi_state state)
{
	char names[VMI_NAMES_LEN] = "";
	int i;

	for (i = 0; i < ARRAY_SIZE(vmi_wanted); i++) {
		if (vmi_state[vmi_wanted[i].call] != state)
			continue;
		strlcat(names, " ", sizeof(names));
		strlcat(names, vmi_wanted[i].name, sizeof(names));
	}
	if (names[0])
		pr_info("VMI: %s:%s\n", what, names);
}

static bool __init vmi_resolve_all(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(vmi_wanted); i++)
		if (!vmi_resolve(&vmi_wanted[i]))
			return false;
	vmi_list("offered", VMI_IS_CALLED);
	vmi_list("empty", VMI_IS_EMPTY);
	vmi_list("not offered", VMI_STAYS_NATIVE);
	return true;
}

/* Where the ROM has a call; NULL: the kernel keeps its own way. */
void *vmi_function(enum vmi_call call)
{
	return vmi_target[call];
}

void __init vmi_wired(const char *names)
{
	pr_info("VMI: wired %s\n", names);
}

/* --- activation -------------------------------------------------------------------------------- */

/*
 * A hypervisor of the kind that takes ring 0 for itself needs hooks for descriptor tables, control
 * registers, interrupt flag and page tables. This kernel has none on 32 bits: it would go on for a
 * while and then break in ways that nobody could read.
 */
static void __init vmi_check_ring(void)
{
	unsigned int cs;

	asm volatile("movl %%cs, %0" : "=r" (cs));
	if (cs & SEGMENT_RPL_MASK)
		panic("VMI: the ROM moved the kernel to ring %u, where it cannot run; boot with vmi=off\n",
		      cs & SEGMENT_RPL_MASK);
}

static u32 __init vmi_detect(void)
{
	u32 (*init)(void);

	if (vmi_off && vmi_rom) {
		pr_info("VMI: off (vmi=off), the ROM is not used\n");
		vmi_rom = NULL;
	}
	if (!vmi_rom)
		return 0;
	init = (void *)vmi_rom->init;
	if (init()) {
		pr_err("VMI ROM failed to initialize! Booting without it\n");
		vmi_rom = NULL;
		return 0;
	}
	vmi_check_ring();
	if (!vmi_resolve_all()) {
		memset(vmi_state, 0, sizeof(vmi_state));
		memset(vmi_target, 0, sizeof(vmi_target));
		vmi_rom = NULL;
		return 0;
	}
	/* Whoever shows the ROM wants it used, whatever else it shows: before all that CPUID tells. */
	return U32_MAX;
}

static void __init vmi_platform_init(void)
{
	pv_info.name = "vmi";
	vmi_apply_switches();
	vmi_linear_map = vmi_function(VMI_SET_LINEAR_MAPPING);
	if (vmi_linear_map) {
		/* The first call to be made; how much memory there is, is not known yet. */
		vmi_linear_map(VMI_LINEAR_MAP_LOWMEM, PAGE_OFFSET, MAXMEM_PFN, 0);
		vmi_wired("SetLinearMapping");
	}
	vmi_time_platform_init();
}

/* --- translations ------------------------------------------------------------------------------ */

/* Without interrupts: what the ROM does with CR3 and CR4 is not to be seen half done. */
static void vmi_flush_tlb(u32 what)
{
	unsigned long flags;

	raw_local_irq_save(flags);
	vmi_flush(what);
	raw_local_irq_restore(flags);
}

static void vmi_flush_tlb_user(void)
{
	vmi_flush_tlb(VMI_FLUSH_TLB_LOCAL);
}

static void vmi_flush_tlb_kernel(void)
{
	vmi_flush_tlb(VMI_FLUSH_TLB_LOCAL | VMI_FLUSH_TLB_GLOBAL);
}

/* With page table isolation a flush is more than the ROM knows of: the kernel keeps doing it. */
static void __init vmi_wire_mmu(void)
{
	if (boot_cpu_has(X86_FEATURE_PTI)) {
		pr_info("VMI: kept native: InvalPage FlushTLB (page table isolation)\n");
		return;
	}
	if (vmi_state[VMI_INVAL_PAGE] == VMI_IS_EMPTY)
		pv_ops.mmu.flush_tlb_one_user = paravirt_nop;
	if (vmi_state[VMI_INVAL_PAGE] == VMI_IS_CALLED) {
		pv_ops.mmu.flush_tlb_one_user = vmi_function(VMI_INVAL_PAGE);
		vmi_wired("InvalPage");
	}
	if (vmi_state[VMI_FLUSH_TLB] == VMI_IS_EMPTY) {
		pv_ops.mmu.flush_tlb_user = paravirt_nop;
		pv_ops.mmu.flush_tlb_kernel = paravirt_nop;
	}
	if (vmi_state[VMI_FLUSH_TLB] == VMI_IS_CALLED) {
		vmi_flush = vmi_function(VMI_FLUSH_TLB);
		pv_ops.mmu.flush_tlb_user = vmi_flush_tlb_user;
		pv_ops.mmu.flush_tlb_kernel = vmi_flush_tlb_kernel;
		vmi_wired("FlushTLB");
	}
}

/* Makes the pages of the ROM code: executable, and nothing that is written to. */
static bool __init vmi_make_executable(void)
{
	unsigned long start = (unsigned long)vmi_rom & PAGE_MASK;
	unsigned long end = PAGE_ALIGN((unsigned long)vmi_rom + vmi_rom_length(vmi_rom));
	int pages = (end - start) >> PAGE_SHIFT;

	return !set_memory_ro(start, pages) && !set_memory_x(start, pages);
}

static void __init vmi_init_mem_mapping(void)
{
	if (!vmi_make_executable()) {
		pr_err("VMI: the ROM cannot be made executable, nothing of it is used\n");
		memset(vmi_state, 0, sizeof(vmi_state));
		memset(vmi_target, 0, sizeof(vmi_target));
		vmi_linear_map = NULL;
		return;
	}
	if (vmi_state[VMI_IO_DELAY] == VMI_IS_EMPTY)
		pv_ops.cpu.io_delay = paravirt_nop;
	if (vmi_state[VMI_IO_DELAY] == VMI_IS_CALLED) {
		pv_ops.cpu.io_delay = vmi_function(VMI_IO_DELAY);
		vmi_wired("IODelay");
	}
	vmi_wire_mmu();
}

/* --- other processors -------------------------------------------------------------------------- */

/* The first thing that a new processor does: from here on it may use the ROM. */
void vmi_start_secondary(void)
{
	if (vmi_linear_map)
		vmi_linear_map(VMI_LINEAR_MAP_LOWMEM, PAGE_OFFSET, max_low_pfn, 0);
}

#ifdef CONFIG_SMP
/* As startup_32_smp leaves a processor when it calls initial_code, whose return address is never used. */
static void vmi_fill_ap_state(struct vmi_ap_state *ap)
{
	struct desc_ptr idt;

	store_idt(&idt);
	memset(ap, 0, sizeof(*ap));
	ap->cr0 = CR0_STATE;
	ap->cr3 = __pa(swapper_pg_dir);
	ap->cr4 = mmu_cr4_features;
	if (__supported_pte_mask & _PAGE_NX)
		ap->efer = EFER_NX;
	ap->eip = initial_code;
	ap->eflags = X86_EFLAGS_FIXED;
	ap->esp = initial_stack - sizeof(u32);
	ap->cs = __KERNEL_CS;
	ap->ss = __KERNEL_DS;
	ap->ds = __USER_DS;
	ap->es = __USER_DS;
	ap->fs = __KERNEL_PERCPU;
	ap->gdtr_base = early_gdt_descr.address;
	ap->gdtr_limit = early_gdt_descr.size;
	ap->idtr_base = idt.address;
	ap->idtr_limit = idt.size;
}

/* Between INIT and STARTUP: a hypervisor may start the processor from this, past real mode. */
void vmi_startup_ipi_hook(int apicid)
{
	static struct vmi_ap_state state __aligned(PAGE_SIZE);

	if (!vmi_set_ap_state)
		return;
	vmi_fill_ap_state(&state);
	vmi_set_ap_state(&state, apicid);
}
#endif

/* --- APIC, idle, the end ----------------------------------------------------------------------- */

/*
 * The ROM takes register offsets, just as the drivers do. All drivers: another may be chosen yet,
 * and on 32 bits all of them reach the APIC through memory.
 */
static void __init vmi_wire_apic(void)
{
	u32 (*read)(u32 reg) = vmi_function(VMI_APIC_READ);
	void (*write)(u32 reg, u32 value) = vmi_function(VMI_APIC_WRITE);
	struct apic **drv;

	for (drv = __apicdrivers; drv < __apicdrivers_end; drv++) {
		if (read)
			(*drv)->read = read;
		if (write) {
			(*drv)->write = write;
			(*drv)->eoi_write = write;
		}
	}
	if (read)
		vmi_wired("APICRead");
	if (write)
		vmi_wired("APICWrite");
}

static void vmi_emergency_restart(void)
{
	vmi_reboot(reboot_mode == REBOOT_SOFT ? VMI_REBOOT_SOFT : VMI_REBOOT_HARD);
	native_emergency_restart();
}

static void vmi_power_off(void)
{
	if (!reboot_force)
		machine_shutdown();
	vmi_shutdown();
	native_power_off();
}

static void __init vmi_wire_machine(void)
{
	vmi_reboot = vmi_function(VMI_REBOOT);
	if (vmi_reboot) {
		native_emergency_restart = machine_ops.emergency_restart;
		machine_ops.emergency_restart = vmi_emergency_restart;
		vmi_wired("Reboot");
	}
	vmi_shutdown = vmi_function(VMI_SHUTDOWN);
	if (vmi_shutdown) {
		native_power_off = machine_ops.power_off;
		machine_ops.power_off = vmi_power_off;
		vmi_wired("Shutdown");
	}
}

static void __init vmi_wire_halt(void)
{
	void (*halt)(void) = vmi_function(VMI_HALT);

	if (!halt)
		return;
	if (!vmi_set_default_idle(halt)) {
		pr_info("VMI: kept native: Halt (idle=)\n");
		return;
	}
	disable_cpuidle();
	vmi_wired("Halt");
}

static void __init vmi_late_init(void)
{
	vmi_wire_apic();
	vmi_wire_halt();
	vmi_wire_machine();
	vmi_set_ap_state = vmi_function(VMI_SET_INITIAL_AP_STATE);
	if (vmi_set_ap_state && IS_ENABLED(CONFIG_SMP))
		vmi_wired("SetInitialAPState");
	vmi_time_late_init();
}

const __initconst struct hypervisor_x86 x86_hyper_vmi = {
	.name			= "VMI",
	.detect			= vmi_detect,
	.type			= X86_HYPER_VMI,
	.init.init_platform	= vmi_platform_init,
	.init.init_mem_mapping	= vmi_init_mem_mapping,
	.init.guest_late_init	= vmi_late_init,
};

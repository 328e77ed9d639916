/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VMI, a paravirtual interface for 32-bit guests, API 3.x: the hypervisor shows an option ROM,
 * and the kernel calls into it for what it would otherwise do on the hardware.
 */
#ifndef _ASM_X86_VMI_H
#define _ASM_X86_VMI_H

#include <linux/types.h>

#ifdef CONFIG_VMI

#define VMI_ROM_START		0xC0000		/* where the kernel looks: physical, end exclusive */
#define VMI_ROM_END		0xE0000
#define VMI_ROM_STRIDE		2048
#define VMI_ROM_SIGNATURE	0xAA55		/* of every option ROM */
#define VMI_SIGNATURE		0x696D5663	/* "cVmi" */
#define VMI_PCI_VENDOR		0x15AD
#define VMI_PCI_DEVICE		0x0801
#define VMI_API_MAJOR		3		/* has to match; any minor will do */
#define VMI_LOWEST_TOP		0xF0000000	/* a larger part of the address space cannot be spared */

struct vmi_rom {
	u16	signature;
	u8	length;			/* of the image, in units of 512 bytes */
	u8	entry[4];		/* the firmware's, 16-bit code */
	u8	pad0;
	u32	vmi_signature;
	u8	api_minor;
	u8	api_major;
	u8	jump_slots;
	u8	reserved1;
	u32	virtual_top;		/* the address space from here up is the hypervisor's; 0: none */
	u16	reserved2;
	u16	license;		/* offsets in the image */
	u16	pci;
	u16	pnp;
	u32	pad3;
	u8	reserved3[96];
	u8	init[8];		/* code: VMI_Init */
	u8	get_reloc[8];		/* code: VMI_GetRelocationInfo */
} __packed;

struct vmi_pci {
	char	signature[4];
	u16	vendor;
	u16	device;
	u16	vpd;
	u16	size;
	u8	revision;
	u8	class[3];
	u16	length;
	u8	rom_minor;
	u8	rom_major;
	u8	type;
	u8	last;
	u16	reserved;
} __packed;

struct vmi_pnp {
	char	signature[4];
	u8	revision;
	u8	size;
	u16	next;
	u8	reserved;
	u8	checksum;
	u32	id;
	u16	manufacturer;		/* offsets in the image */
	u16	product;
} __packed;

/* The calls that this kernel has a place for; the ABI has 74, README of the shim lists them all. */
enum vmi_call {
	VMI_HALT		= 35,
	VMI_REBOOT		= 36,
	VMI_SHUTDOWN		= 37,
	VMI_INVAL_PAGE		= 46,
	VMI_FLUSH_TLB		= 47,
	VMI_SET_LINEAR_MAPPING	= 48,
	VMI_SET_INITIAL_AP_STATE = 62,
	VMI_APIC_WRITE		= 63,
	VMI_APIC_READ		= 64,
	VMI_IO_DELAY		= 65,
	VMI_GET_CYCLE_FREQUENCY	= 66,
	VMI_GET_CYCLE_COUNTER	= 67,
	VMI_SET_ALARM		= 68,
	VMI_CANCEL_ALARM	= 69,
	VMI_GET_WALLCLOCK_TIME	= 70,
	VMI_CALLS		= 74,
};

/* What VMI_GetRelocationInfo answers, in DL. */
#define VMI_RELOC_NONE		0		/* keep the native code */
#define VMI_RELOC_CALL		1
#define VMI_RELOC_JUMP		2
#define VMI_RELOC_NOP		3		/* nothing needs to be done */

#define VMI_FLUSH_TLB_LOCAL	1
#define VMI_FLUSH_TLB_GLOBAL	2
#define VMI_LINEAR_MAP_LOWMEM	0
#define VMI_REBOOT_SOFT		0
#define VMI_REBOOT_HARD		1

#define VMI_CYCLES_REAL		0
#define VMI_CYCLES_AVAILABLE	1
#define VMI_CYCLES_STOLEN	2
#define VMI_ALARM_PERIODIC	0x00000100
#define VMI_ALARM_WIRED_IRQ0	0x00000000
#define VMI_ALARM_WIRED_LVTT	0x00010000

/* What a processor is to start with (SetInitialAPState). */
struct vmi_ap_state {
	u32	cr0;
	u32	cr2;
	u32	cr3;
	u32	cr4;
	u64	efer;
	u32	eip;
	u32	eflags;
	u32	eax;
	u32	ebx;
	u32	ecx;
	u32	edx;
	u32	esp;
	u32	ebp;
	u32	esi;
	u32	edi;
	u16	cs;
	u16	ss;
	u16	ds;
	u16	es;
	u16	fs;
	u16	gs;
	u16	ldtr;
	u16	gdtr_limit;
	u32	gdtr_base;
	u32	idtr_base;
	u16	idtr_limit;
};

/* The API that this kernel speaks: major << 16 | minor. */
extern const u32 vmi_api_version;

void vmi_init(void);
void vmi_start_secondary(void);
void vmi_startup_ipi_hook(int apicid);
bool vmi_set_default_idle(void (*idle)(void));

/* Between vmi_32.c and vmi_time_32.c. */
extern bool vmi_no_timer;

void *vmi_function(enum vmi_call call);
void vmi_wired(const char *names);
void vmi_time_platform_init(void);
void vmi_time_late_init(void);

#else

static inline void vmi_init(void) { }
static inline void vmi_start_secondary(void) { }
static inline void vmi_startup_ipi_hook(int apicid) { }

#endif /* CONFIG_VMI */
#endif /* _ASM_X86_VMI_H */

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A VMI option ROM, API 3.0, native mode: every call does on the hardware what the kernel would have done
 * itself, and counts. Runs wherever it is put: no absolute address anywhere. README.md names the variants.
 *
 * Order in the image: header, headers of the firmware, 16-bit entry, VMI_Init, the resolver and its table,
 * so that an image that is cut off behind them (TRUNCATED) still answers, with targets that lie outside of
 * it; then the calls.
 */
#include "layout.h"

#ifndef API_MAJOR
#define API_MAJOR 3
#endif
#ifndef LICENSE
#define LICENSE "GPL"
#endif

	.macro calls
	.subsection 1
	.endm
	.macro front
	.subsection 0
	.endm

	.text
	front
	.globl rom
rom:
	.byte 0x55, 0xaa
	.byte 0				/* length: seal */
	.code16
	jmp entry16			/* the firmware calls offset 3 */
	.code32
	.org 0x08
	.ascii "cVmi"
	.byte 0, API_MAJOR, 2, 0	/* minor, major, jump slots, reserved */
	.long 0				/* virtual top: no hole */
	.short 0, license - rom, pci - rom, pnp - rom
	.long 0
	.org ROM_COUNTERS
	.long 0, 0
	.org ROM_HZ
	.quad 0
	.org ROM_SUM
	.byte 0				/* seal */
	.org 0x80
	jmp init
	.org 0x88
	jmp resolve
	.org 0x90

#ifdef HEADERS_OUTSIDE
	.subsection 2
#endif
	.balign 4
pci:	.ascii "PCIR"
	.short 0x15ad, 0x0801, 0, 24
	.byte 0, 0, 0, 5		/* revision; class: memory controller */
	.short 0			/* image length: as in the main header */
	.byte 0, 1, 0, 0x80		/* ROM version 1.0, x86, last image */
	.short 0
license:
	.asciz LICENSE
	front

	.balign 4
pnp:	.ascii "$PnP"
	.byte 1, 2
	.short 0
	.byte 0, 0
	.long 0
	.short vendor - rom, product - rom
	.byte 0, 0, 0, 0
	.short 0, 0, 0, 0, 0
vendor:	.asciz "hvcompat"
product:
	.asciz "VMI test ROM"

/* --- 16-bit entry: the only time when the image can be written --------------------------------- */

	.code16
entry16:
	pushal
	pushw %ds
	pushw %es
	pushfw
	cli
	cld
	call sum16
	movb %al, %bh			/* sum before: a bad one has to stay as bad as it is */

	movw $0x40, %ax			/* one KiB of base memory is ours */
	movw %ax, %ds
	decw 0x13
	movzwl 0x13, %esi
	shll $10, %esi
	movl %esi, %eax
	shrl $4, %eax
	movw %ax, %es
	xorl %eax, %eax
	xorw %di, %di
	movw $PAGE_SIZE / 4, %cx
	rep stosl

	movw %cs, %ax
	movw %ax, %ds
	movzwl %ax, %eax
	shll $4, %eax
	movl $PAGE_MAGIC_VALUE, %es:PAGE_MAGIC
	movl %eax, %es:PAGE_ROM
	movl $COUNT_SLOTS, %es:PAGE_SLOTS
	subl %eax, %esi
	movl %esi, ROM_COUNTERS

	call rate16
	movl %eax, ROM_HZ
	movl %edx, ROM_HZ + 4
	movl %eax, %es:PAGE_HZ

	call sum16
	subb %bh, %al
	subb %al, ROM_SUM
	popfw
	popw %es
	popw %ds
	popal
	lret

/* AL = sum of the image's bytes. Changes CX, SI. */
sum16:
	xorw %si, %si
	movzbw %cs:ROM_LENGTH, %cx
	shlw $9, %cx
	xorb %al, %al
1:	addb %cs:(%si), %al
	incw %si
	loop 1b
	ret

#define PIT_TICKS 23864			/* 20 ms */
#define TRIES 32

/*
 * EDX:EAX = ticks of the time stamp counter in a second, by PIT channel 2. A measurement whose ends are
 * known to less than a thousandth is good; on a busy host that may take a while, and the best of TRIES has
 * to do. Changes ECX, ESI, EDI, EBP, BL; DS is ours.
 */
rate16:
	movb $TRIES, %bl
	movl $~0, ROM_DOUBT
again:
	inb $0x61, %al
	andb $0xfc, %al
	orb $1, %al
	outb %al, $0x61
	movb $0xb0, %al
	outb %al, $0x43
	movb $PIT_TICKS & 0xff, %al
	outb %al, $0x42
	rdtsc
	movl %eax, %esi			/* started after ESI … */
	movb $PIT_TICKS >> 8, %al
	outb %al, $0x42
	rdtsc
	movl %eax, %edi			/* … and before EDI */
1:	movl %eax, %ebp			/* ended after EBP, before the last look that was too early … */
	rdtsc
	movl %eax, %ecx
	inb $0x61, %al
	testb $0x20, %al
	movl %ecx, %eax
	jz 1b
	rdtsc				/* … and before EAX */
	movl %eax, %ecx
	subl %ebp, %ecx
	addl %edi, %ecx
	subl %esi, %ecx			/* ECX: uncertainty */
	subl %esi, %eax			/* EAX: elapsed at most */
	cmpl ROM_DOUBT, %ecx
	jae 2f
	movl %ecx, ROM_DOUBT
	movl %eax, ROM_ELAPSED
2:	shrl $10, %eax
	cmpl %eax, %ecx
	jbe 3f
	decb %bl
	jnz again
3:	movl ROM_DOUBT, %ecx
	movl ROM_ELAPSED, %eax
	shrl $1, %ecx
	subl %ecx, %eax			/* the middle */
	movl $1193182, %ecx
	mull %ecx
	movl $PIT_TICKS, %ecx
	movl %eax, %esi
	movl %edx, %eax
	xorl %edx, %edx
	divl %ecx			/* high half; the remainder goes on */
	movl %eax, %edi
	movl %esi, %eax
	divl %ecx
	movl %edi, %edx
#ifdef HALF_HZ
	shrdl $1, %edx, %eax
	shrl $1, %edx
#endif
	ret

/* --- VMI_Init and VMI_GetRelocationInfo -------------------------------------------------------- */

	.code32
	.macro count slot
	pushl $\slot
	call bump
	.endm

init:
	call rom_base
	cmpl $0, ROM_COUNTERS(%eax)
	movl $1, %eax
	je 1f				/* the firmware never ran us: nowhere to count */
	count COUNT_INIT
#ifndef INIT_FAILS
	xorl %eax, %eax
#endif
1:	ret

/* EAX = call; returns EAX = address in the mapping that we were called through, DL = kind. */
resolve:
	count COUNT_RELOC
	xorl %edx, %edx
	cmpl $VMI_CALLS, %eax
	jae 1f
	pushl %ebx
	movl %eax, %ecx
	call rom_base
	movl %eax, %ebx
	addl ROM_COUNTERS(%eax), %eax
	lock incl PAGE_QUERIES(%eax, %ecx, 4)
	movzwl table - rom(%ebx, %ecx, 4), %eax
	movzwl table - rom + 2(%ebx, %ecx, 4), %edx
	addl %ebx, %eax
	popl %ebx
	testl %edx, %edx
	jnz 2f
1:	xorl %eax, %eax
2:	ret

/* EAX = where the ROM is mapped. Changes nothing else. */
	.globl rom_base
rom_base:
	call 1f
1:	popl %eax
	leal rom - 1b(%eax), %eax
	ret

/*
 * Counts the slot on the stack and drops it. Nothing but flags changes, and only CS and SS are relied on,
 * as the calls around the interrupt flag and IRET demand.
 */
bump:
	pushl %eax
	pushl %ecx
	call rom_base
	movl 12(%esp), %ecx
	addl %cs:ROM_COUNTERS(%eax), %eax
	lock incl %ss:PAGE_CALLS(%eax, %ecx, 4)
	popl %ecx
	popl %eax
	ret $4

/* --- the calls --------------------------------------------------------------------------------- */

	calls
	.balign 512			/* so that an image can be cut off right here */
	/* call_nr NR, KIND: the code of that call follows, behind its count. */
	.macro call_nr nr, kind=RELOC_CALL
	.set kind_\nr, \kind
call_\nr:
	count \nr
	.endm
	/* One instruction and back. */
	.macro simple nr, insn:vararg
	call_nr \nr
	\insn
	ret
	.endm
	/* The rest is C: same registers, same stack. */
	.macro in_c nr, function
	call_nr \nr
	jmp \function
	.endm
	/* An operation that native mode does not need: the kernel may erase it. */
	.macro nop_nr nr
	.set kind_\nr, RELOC_NOP
call_\nr = rom
	.endm

	simple 0, cpuid
	simple 1, wrmsr
	simple 2, rdmsr
	simple 3, lgdt (%eax)
	simple 4, lldt %ax
	simple 5, lidt (%eax)
	simple 6, ltr %ax
	simple 7, sgdt (%eax)
	simple 8, sldt %eax
	simple 9, sidt (%eax)
	simple 10, str %eax

	.macro write_entry nr		/* EAX table, EDX index, ECX low, first stack word high */
	call_nr \nr
	leal (%eax, %edx, 8), %eax
	movl 4(%esp), %edx
	movl %ecx, (%eax)
	movl %edx, 4(%eax)
	ret
	.endm
	write_entry 11
	write_entry 12
	write_entry 13

	nop_nr 14			/* UpdateKernelStack: the kernel wrote its TSS itself */
	simple 15, movl %eax, %cr0
	simple 16, movl %eax, %cr2
	simple 17, movl %eax, %cr3
	simple 18, movl %eax, %cr4
	simple 19, movl %cr0, %eax
	simple 20, movl %cr2, %eax
	simple 21, movl %cr3, %eax
	simple 22, movl %cr4, %eax
	simple 23, wbinvd
	in_c 24, native_set_dr
	in_c 25, native_get_dr
	simple 27, rdtsc
	simple 28, clts
	simple 29, sti
	simple 30, cli

	call_nr 31			/* GetInterruptMask */
	pushfl
	popl %eax
	ret
	call_nr 32			/* SetInterruptMask */
	pushl %eax
	popfl
	ret
	call_nr 33, RELOC_JUMP		/* IRET */
	iret
	call_nr 34, RELOC_JUMP		/* SYSEXIT */
	sti
	sysexit
	call_nr 35			/* Halt */
	sti
	hlt
	ret

	in_c 36, native_reboot
	in_c 37, native_shutdown

	call_nr 38			/* SetPxE: EAX entry, EDX where */
	movl %eax, (%edx)
	ret
	call_nr 39			/* SetPxELong: EDX:EAX entry, ECX where; never half written */
	pushl %ebx
	pushl %esi
	movl %ecx, %esi
	movl %eax, %ebx
	movl %edx, %ecx
	movl (%esi), %eax
	movl 4(%esi), %edx
1:	lock cmpxchg8b (%esi)
	jne 1b
	popl %esi
	popl %ebx
	ret
	nop_nr 40			/* UpdatePxE, UpdatePxELong: the hardware reads the tables itself */
	nop_nr 41
	simple 44, nop			/* AllocatePage, ReleasePage */
	simple 45, nop
	simple 46, invlpg (%eax)
	in_c 47, native_flush_tlb
	simple 48, nop			/* SetLinearMapping */

	call_nr 61			/* SetIOPLMask */
	pushfl
	andl $~0x3000, (%esp)
	orl %eax, (%esp)
	popfl
	ret
	simple 65, outb %al, $0x80	/* IODelay */

#ifndef NO_TIME
	call_nr 66			/* GetCycleFrequency */
	call rom_base
	movl ROM_HZ + 4(%eax), %edx
	movl ROM_HZ(%eax), %eax
	ret
	call_nr 67			/* GetCycleCounter: nothing is ever stolen */
	cmpl $2, %eax
	je 1f
	rdtsc
	ret
1:	xorl %eax, %eax
	xorl %edx, %edx
	ret
	in_c 68, native_set_alarm
	in_c 69, native_cancel_alarm
	in_c 70, native_wallclock
	call_nr 71			/* WallclockUpdated */
	xorl %eax, %eax
	ret
#endif
	simple 73, nop			/* SetLazyMode */

/* --- call -> offset and kind ------------------------------------------------------------------- */

	.macro slot nr
#ifndef NOTHING
	.ifdef call_\nr
	.short call_\nr - rom, kind_\nr
	.else
	.short 0, RELOC_NONE
	.endif
#else
	.short 0, RELOC_NONE
#endif
	.endm

	front
	.balign 4
table:
	.altmacro
	.set nr, 0
	.rept VMI_CALLS
	slot %nr
	.set nr, nr + 1
	.endr
	.noaltmacro
	.globl front_end
front_end:
	.section .note.GNU-stack, "", @progbits

/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Entry of the ROM's unit test, and what of it cannot be C: odd calls, traps, the way to user mode and
 * back.
 */

#define MAGIC 0x1badb002
#define WANT_MEMORY 2

	.section .multiboot, "a"
	.balign 4
	.long MAGIC, WANT_MEMORY, -(MAGIC + WANT_MEMORY)

	.text
	.globl start
start:
	cli
	movl $stack_top, %esp
	movl %ebx, %eax			/* the multiboot information */
	call check_main
1:	hlt
	jmp 1b

/* u32 keeps(u32 target): calls it; 1 when it changed none of EBX, ESI, EDI, EBP. */
	.globl keeps
keeps:
	pushal
	movl $0x11111111, %ebx
	movl $0x22222222, %esi
	movl $0x33333333, %edi
	movl $0x44444444, %ebp
	movl %eax, %ecx
	movl $0, %eax
	call *%ecx
	xorl $0x11111111, %ebx
	xorl $0x22222222, %esi
	xorl $0x33333333, %edi
	xorl $0x44444444, %ebp
	orl %esi, %ebx
	orl %edi, %ebx
	orl %ebp, %ebx
	sete 28(%esp)
	movb $0, 29(%esp)
	movw $0, 30(%esp)
	popal
	ret

/* u32 keeps_all(u32 target): 1 when the call changed no register at all. EAX goes in as the flags of now. */
	.globl keeps_all
keeps_all:
	pushl %ebx
	pushl %esi
	movl %eax, %esi
	pushfl
	popl %ebx
	movl %ebx, %eax
	movl $0x55555555, %ecx
	movl $0x66666666, %edx
	call *%esi
	xorl %ebx, %eax
	xorl $0x55555555, %ecx
	xorl $0x66666666, %edx
	orl %ecx, %eax
	orl %edx, %eax
	sete %al
	movzbl %al, %eax
	popl %esi
	popl %ebx
	ret

/* void by_iret(u32 target): returns to itself by way of an interrupt frame. */
	.globl by_iret
by_iret:
	pushfl
	pushl %cs
	pushl $1f
	jmp *%eax
1:	ret

/*
 * u32 by_sysexit(u32 target, u32 user_stack): to user mode and back by int $0x40; the CS that we came back
 * from.
 */
	.globl by_sysexit, trap_back
by_sysexit:
	pushal
	movl %esp, resume
	movl %edx, %ecx
	movl $in_user, %edx
	jmp *%eax
in_user:
	int $0x40
trap_back:				/* the gate closed interrupts: what matters is the frame */
	movl 4(%esp), %eax
	movl 8(%esp), %edx
	movl resume, %esp
	movl %edx, came_flags
	movw $0x10, %cx			/* SYSEXIT's user mode kept our data segments */
	movw %cx, %ds
	movw %cx, %es
	movl %eax, 28(%esp)
	popal
	ret

	.globl trap_tick, trap_other
trap_tick:
	pushal
	incl ticks
	movb $0x20, %al
	outb %al, $0x20
	popal
	iret
trap_other:
	call check_trapped

	.bss
	.globl ticks, came_flags
ticks:	.long 0
came_flags:
	.long 0
resume:	.long 0
	.balign 16
	.skip 16384
stack_top:
	.section .note.GNU-stack, "", @progbits

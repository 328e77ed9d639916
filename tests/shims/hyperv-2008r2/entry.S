/* SPDX-License-Identifier: GPL-2.0-only */
/* Where compiled kernel code jumps that the C calling convention does not cover. */
	.section .note.GNU-stack, "", @progbits
	.text

/* The hypercall page: control in rcx, input in rdx, status in rax; only r8 to r11 may be lost besides. */
	.globl	hypercall_page_entry
hypercall_page_entry:
	push	%rbp
	mov	%rsp, %rbp
	push	%rdi
	push	%rsi
	push	%rcx
	push	%rdx
	and	$-16, %rsp
	mov	%rcx, %rdi
	mov	%rdx, %rsi
	call	host_hypercall
	lea	-32(%rbp), %rsp
	pop	%rdx
	pop	%rcx
	pop	%rsi
	pop	%rdi
	pop	%rbp
	ret

/* What pv_ops points at: interrupt flags and MSRs, none of which this machine has. */
	.globl	pv_nothing
pv_nothing:
	ret

	.globl	__x86_return_thunk, __fentry__, srso_return_thunk
__x86_return_thunk:
__fentry__:
srso_return_thunk:
	ret

/* Called where the kernel would have put the instruction itself: nothing but rax may change. */
	.globl	__sw_hweight32, __sw_hweight64
__sw_hweight32:
	popcntl	%edi, %eax
	ret
__sw_hweight64:
	popcntq	%rdi, %rax
	ret

	.macro	thunk reg
	.globl	__x86_indirect_thunk_\reg
__x86_indirect_thunk_\reg:
	jmp	*%\reg
	.endm
	.irp	reg, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
	thunk	\reg
	.endr

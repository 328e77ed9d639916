// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ROM's unit test: a kernel of one page that finds the ROM as Linux did, through a direct map at 3 GiB,
 * and makes every call that it offers. Says "ok …" and "not ok …" on the serial line, and at the end how
 * often it made each call, for rom.t to hold against the ROM's own counters.
 */
#include "layout.h"

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

#define DIRECT_MAP 0xc0000000u
#define WINDOW 0x80000000u /* a page whose entry is ours to change */
#define IF 0x200u

/* start.S */
u32 keeps(u32 target);
u32 keeps_all(u32 target);
void by_iret(u32 target);
u32 by_sysexit(u32 target, u32 user_stack);
extern char trap_tick[], trap_other[], trap_back[];
extern volatile u32 ticks, came_flags;
void check_main(const u32 *multiboot);
void check_trapped(void);

static u32 made[COUNT_SLOTS];
static u8 *vmi; /* the ROM in the direct map */

/* --- the serial line --------------------------------------------------------------------------- */

static inline void outb(u8 value, u16 port)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline u8 inb(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static void say(const char *text)
{
	for (; *text; text++) {
		while (!(inb(0x3fd) & 0x20))
			;
		outb(*text, 0x3f8);
	}
}

static void say_number(u32 value)
{
	char digits[11], *at = digits + 10;

	*at = '\0';
	do
		*--at = '0' + value % 10;
	while (value /= 10);
	say(at);
}

static void ok(int good, const char *what)
{
	say(good ? "ok " : "not ok ");
	say(what);
	say("\n");
}

static void fact(const char *name, u32 value)
{
	say(name);
	say(" ");
	say_number(value);
	say("\n");
}

void check_trapped(void)
{
	say("not ok a trap that nothing should raise\n");
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* --- calls ------------------------------------------------------------------------------------- */

static u64 reloc(u32 call)
{
	made[COUNT_RELOC]++;
	return ((u64 (*)(u32))(vmi + 0x88))(call);
}

static u32 kind_of(u32 call)
{
	return reloc(call) >> 32 & 0xff;
}

/* The address of a call that must be there. */
static u32 target(u32 call)
{
	u64 answer = reloc(call);
	u32 kind = answer >> 32 & 0xff;

	if (kind != RELOC_CALL && kind != RELOC_JUMP) {
		fact("not ok there is no call", call);
		for (;;)
			__asm__ volatile("cli; hlt");
	}
	made[call]++;
	return (u32)answer;
}

#define CALL0(nr) ((u32 (*)(void))target(nr))()
#define CALL1(nr, a) ((u32 (*)(u32))target(nr))((u32)(a))
#define CALL2(nr, a, b) ((u32 (*)(u32, u32))target(nr))((u32)(a), (u32)(b))
#define CALL3(nr, a, b, c) ((u32 (*)(u32, u32, u32))target(nr))((u32)(a), (u32)(b), (u32)(c))
#define CALL4(nr, a, b, c, d) \
	((u32 (*)(u32, u32, u32, u32))target(nr))((u32)(a), (u32)(b), (u32)(c), (u32)(d))
#define LONG0(nr) ((u64 (*)(void))target(nr))()
#define LONG1(nr, a) ((u64 (*)(u32))target(nr))((u32)(a))

enum call {
	CPUID, WRMSR, RDMSR, SET_GDT, SET_LDT, SET_IDT, SET_TR, GET_GDT, GET_LDT, GET_IDT, GET_TR,
	WRITE_GDT, WRITE_LDT, WRITE_IDT,
	SET_CR0 = 15, SET_CR2, SET_CR3, SET_CR4, GET_CR0, GET_CR2, GET_CR3, GET_CR4, WBINVD, SET_DR, GET_DR,
	RDTSC = 27, CLTS, STI, CLI, GET_MASK, SET_MASK, IRET, SYSEXIT, HALT, REBOOT, SHUTDOWN, SET_PXE, SET_PXE_LONG,
	ALLOCATE = 44, RELEASE, INVAL_PAGE, FLUSH_TLB, LINEAR_MAP, SET_IOPL = 61,
	IO_DELAY = 65, HZ, COUNTER, SET_ALARM, CANCEL_ALARM, WALLCLOCK, WALLCLOCK_UPDATED, LAZY = 73,
};

/* --- paging ------------------------------------------------------------------------------------ */

static u32 directory[1024] __attribute__((aligned(4096)));
static u32 window_table[1024] __attribute__((aligned(4096)));
static u32 frames[2][1024] __attribute__((aligned(4096)));

/* 4 MiB pages: 16 MiB where they are and again at 3 GiB, open to user mode; the window has a table. */
static void turn_paging_on(void)
{
	u32 cr;

	for (u32 i = 0; i < 4; i++)
		directory[i] = directory[(DIRECT_MAP >> 22) + i] = i << 22 | 0x87;
	directory[WINDOW >> 22] = (u32)window_table | 7;
	__asm__ volatile("movl %%cr4, %0; orl $0x10, %0; movl %0, %%cr4" : "=r"(cr));
	__asm__ volatile("movl %0, %%cr3" : : "r"(directory));
	__asm__ volatile("movl %%cr0, %0; orl $0x80010000, %0; movl %0, %%cr0" : "=r"(cr));
}

static void check_pages(void)
{
	volatile u32 *page = (volatile u32 *)WINDOW;
	u64 wide = 0;

	frames[0][0] = 1;
	frames[1][0] = 2;
	ok(CALL0(GET_CR3) == (u32)directory, "GetCR3");
	CALL3(SET_PXE, (u32)frames[0] | 3, window_table, 1);
	ok(*page == 1, "SetPxE");
	CALL3(SET_PXE, (u32)frames[1] | 3, window_table, 1);
	CALL1(INVAL_PAGE, WINDOW);
	ok(*page == 2, "InvalPage");
	CALL3(SET_PXE, (u32)frames[0] | 3, window_table, 1);
	CALL1(FLUSH_TLB, 1);
	ok(*page == 1, "FlushTLB");
	CALL1(SET_CR4, CALL0(GET_CR4) | 0x80);
	ok(CALL0(GET_CR4) & 0x80, "SetCR4, GetCR4");
	CALL3(SET_PXE, (u32)frames[1] | 0x103, window_table, 1);
	CALL1(FLUSH_TLB, 1);
	ok(*page == 2, "a global page");
	CALL3(SET_PXE, (u32)frames[0] | 3, window_table, 1);
	CALL1(FLUSH_TLB, 3);
	ok(*page == 1, "FlushTLB with global pages");
	ok(CALL0(GET_CR4) & 0x80, "FlushTLB leaves CR4 as it was");
	CALL3(SET_PXE, (u32)frames[1] | 3, window_table, 1);
	CALL1(SET_CR3, directory);
	ok(*page == 2, "SetCR3");
	((void (*)(u64, u64 *, u32))target(SET_PXE_LONG))(0x123456789abcdef0, &wide, 1);
	ok(wide == 0x123456789abcdef0, "SetPxELong");
}

/* --- tables ------------------------------------------------------------------------------------ */

struct table {
	u16 limit;
	u32 base;
} __attribute__((packed));

static u64 gdt[9]; /* kernel code and data, user code and data as SYSEXIT wants them, TSS, LDT */
static u64 idt[256];
static u64 ldt[2];
static u32 tss[26];

static u64 segment(u32 base, u32 limit, u32 access, u32 flags)
{
	return (limit & 0xffff) | (u64)(base & 0xffffff) << 16 | (u64)access << 40 |
	       (u64)(limit >> 16 & 15) << 48 | (u64)flags << 52 | (u64)(base >> 24) << 56;
}

static void set_gate(u32 vector, const void *handler, u32 access)
{
	CALL4(WRITE_IDT, idt, vector, ((u32)handler & 0xffff) | 0x80000,
	      ((u32)handler & 0xffff0000) | access << 8);
}

static void check_tables(void)
{
	struct table want, got = {0, 0};
	u64 local = segment(0x1234, 0xfff, 0x92, 4), task = segment((u32)tss, sizeof(tss) - 1, 0x89, 0);

	gdt[1] = segment(0, 0xfffff, 0x9a, 12);
	gdt[2] = segment(0, 0xfffff, 0x92, 12);
	gdt[3] = segment(0, 0xfffff, 0xfa, 12);
	gdt[4] = segment(0, 0xfffff, 0xf2, 12);
	want = (struct table){sizeof(gdt) - 1, (u32)gdt};
	CALL1(SET_GDT, &want);
	__asm__ volatile("ljmp $0x08, $1f\n1:" : : : "memory");
	__asm__ volatile("movw %w0, %%ds; movw %w0, %%es; movw %w0, %%ss" : : "r"(0x10) : "memory");
	CALL1(GET_GDT, &got);
	ok(got.limit == want.limit && got.base == want.base, "SetGDT, GetGDT");

	tss[2] = 0x10;
	CALL4(WRITE_GDT, gdt, 5, task, task >> 32);
	ok(gdt[5] == task, "WriteGDTEntry");
	CALL1(SET_TR, 5 << 3);
	ok((CALL0(GET_TR) & 0xffff) == 5 << 3, "SetTR, GetTR");

	gdt[6] = segment((u32)ldt, sizeof(ldt) - 1, 0x82, 0);
	CALL4(WRITE_LDT, ldt, 1, local, local >> 32);
	ok(ldt[1] == local, "WriteLDTEntry");
	CALL1(SET_LDT, 6 << 3);
	ok((CALL0(GET_LDT) & 0xffff) == 6 << 3, "SetLDT, GetLDT");
	CALL1(SET_LDT, 0);

	for (u32 i = 0; i < 256; i++)
		set_gate(i, trap_other, 0x8e);
	set_gate(0x20, trap_tick, 0x8e);
	set_gate(0x40, trap_back, 0xee);
	want = (struct table){sizeof(idt) - 1, (u32)idt};
	CALL1(SET_IDT, &want);
	CALL1(GET_IDT, &got);
	ok(got.limit == want.limit && got.base == want.base, "WriteIDTEntry, SetIDT, GetIDT");
}

/* --- the processor ----------------------------------------------------------------------------- */

static u32 flags(void)
{
	u32 value;

	__asm__ volatile("pushfl; popl %0" : "=r"(value));
	return value;
}

static void check_registers(void)
{
	u32 a = 0, b, c = 0, d, a2, b2, c2, d2, cpuid = target(CPUID);
	u64 msr;

	__asm__ volatile("call *%4" : "+a"(a), "=b"(b), "+c"(c), "=d"(d) : "r"(cpuid));
	__asm__("cpuid" : "=a"(a2), "=b"(b2), "=c"(c2), "=d"(d2) : "0"(0), "2"(0));
	ok(a == a2 && b == b2 && c == c2 && d == d2, "CPUID");
	ok((CALL0(GET_CR0) & 0x80010001) == 0x80010001, "GetCR0");
	CALL1(SET_CR0, CALL0(GET_CR0) | 8);
	ok(CALL0(GET_CR0) & 8, "SetCR0");
	CALL0(CLTS);
	ok(!(CALL0(GET_CR0) & 8), "CLTS");
	CALL1(SET_CR2, 0x12345678);
	ok(CALL0(GET_CR2) == 0x12345678, "SetCR2, GetCR2");
	for (u32 i = 0; i < 4; i++)
		CALL2(SET_DR, i, 0x1000 + i);
	ok(CALL1(GET_DR, 0) == 0x1000 && CALL1(GET_DR, 1) == 0x1001 && CALL1(GET_DR, 2) == 0x1002 &&
	   CALL1(GET_DR, 3) == 0x1003, "SetDR, GetDR");
	CALL2(SET_DR, 6, 0xffff0ff1);
	CALL2(SET_DR, 7, 0x400);
	ok((CALL1(GET_DR, 6) & 0xf) == 1 && CALL1(GET_DR, 7) == 0x400, "DR6 and DR7");
	/* WRMSR: ECX index, EDX:EAX value */
	__asm__ volatile("call *%0" : : "r"(target(WRMSR)), "a"(8), "d"(0), "c"(0x174) : "memory");
	__asm__ volatile("call *%1" : "=A"(msr) : "r"(target(RDMSR)), "c"(0x174));
	ok(msr == 8, "WRMSR, RDMSR");
	msr = LONG0(RDTSC);
	ok(LONG0(RDTSC) > msr, "RDTSC advances");
}

static void check_interrupt_flag(void)
{
	CALL0(STI);
	ok(flags() & IF, "EnableInterrupts");
	ok(CALL0(GET_MASK) & IF, "GetInterruptMask, enabled");
	CALL0(CLI);
	ok(!(flags() & IF), "DisableInterrupts");
	ok(!(CALL0(GET_MASK) & IF), "GetInterruptMask, disabled");
	CALL1(SET_MASK, IF);
	ok(flags() & IF, "SetInterruptMask, on");
	CALL1(SET_MASK, 0);
	ok(!(flags() & IF), "SetInterruptMask, off");
	ok(keeps_all(target(STI)) & keeps_all(target(CLI)) & keeps_all(target(SET_MASK)),
	   "the interrupt calls change flags only");
	CALL1(SET_MASK, 0);
	CALL1(SET_IOPL, 3 << 12);
	ok((flags() & 0x3000) == 0x3000, "SetIOPLMask, 3");
	CALL1(SET_IOPL, 0);
	ok((flags() & 0x3000) == 0, "SetIOPLMask, 0");
}

static void check_returns(void)
{
	static u32 user_stack[64], trap_stack[256];

	by_iret(target(IRET));
	ok(1, "IRET");
	tss[1] = (u32)(trap_stack + 256);
	ok(by_sysexit(target(SYSEXIT), (u32)(user_stack + 64)) == 0x1b, "SYSEXIT reaches user mode");
	ok(came_flags & IF, "SYSEXIT enables interrupts");
}

/* What native mode has nothing to do for has to leave everything as it was; so has what returns nothing. */
static void check_quiet(void)
{
	static const u8 quiet[] = {
		WBINVD, ALLOCATE, RELEASE, LINEAR_MAP, IO_DELAY, LAZY, CLTS, RDTSC, INVAL_PAGE, FLUSH_TLB, GET_CR0, HZ,
		COUNTER, CANCEL_ALARM, WALLCLOCK, WALLCLOCK_UPDATED,
	};
	u32 good = 1;

	for (u32 i = 0; i < sizeof(quiet); i++)
		good &= keeps(target(quiet[i]));
	ok(good, "EBX, ESI, EDI and EBP are preserved");
	ok(CALL0(WALLCLOCK_UPDATED) == 0, "WallclockUpdated");
}

/* --- time -------------------------------------------------------------------------------------- */

static u32 khz;

static u64 now(void)
{
	return LONG1(COUNTER, 0);
}

/* Milliseconds; long ones do not occur here, and 64-bit division is not there. */
static u32 since(u64 start)
{
	u64 cycles = now() - start;
	u32 per_16 = khz >> 4;

	return (u32)(cycles >> 4) / per_16;
}

static void set_alarm(u32 how, u64 expiry, u64 period)
{
	((void (*)(u32, u64, u64))target(SET_ALARM))(how, expiry, period);
}

/* Halts until that many ticks came, 2 s at most; returns the milliseconds. */
static u32 await(u32 want, u64 start)
{
	ticks = 0;
	while (ticks < want && since(start) < 2000) {
		CALL0(HALT);
		CALL0(CLI);
	}
	return since(start);
}

/* Vectors from 0x20 on, and nothing gets through: the firmware's timer still ticks. */
static void set_up_pic(void)
{
	outb(0x11, 0x20);
	outb(0x20, 0x21);
	outb(4, 0x21);
	outb(1, 0x21);
	outb(0xff, 0x21);
	outb(0xff, 0xa1);
}

/* Interrupts that came while they were off are not those that a check waits for. */
static void take_pending(void)
{
	u64 start = now();

	CALL0(STI);
	while (since(start) < 2)
		;
	CALL0(CLI);
}

/* A cancelled alarm may come 55 ms later, all the same: where the host let that much time pass, try again. */
static void check_cancel(void)
{
	u32 tries = 50, took;
	u64 start;

	do {
		CALL1(CANCEL_ALARM, 0);
		take_pending();
		start = now();
		set_alarm(0, start + 25 * (u64)khz, 0);
		CALL1(CANCEL_ALARM, 0);
		ticks = 0;
		CALL0(STI);
		while (since(start) < 35)
			;
		CALL0(CLI);
		took = since(start);
	} while (took >= 50 && --tries);
	ok(tries && ticks == 0, "CancelAlarm");
}

static void check_alarms(void)
{
	u64 start;
	u32 took;

	outb(0xfe, 0x21); /* IRQ 0 only */
	CALL1(CANCEL_ALARM, 0);
	take_pending();
	start = now();
	set_alarm(0, start + 10 * (u64)khz, 0);
	took = await(1, start);
	fact("alarm-10ms", took);
	ok(ticks == 1 && took >= 9 && took < 1000, "SetAlarm, one shot, and Halt wakes up by it");
	start = now();
	set_alarm(0, start + 300 * (u64)khz, 0);
	took = await(1, start);
	ok(ticks == 1 && took >= 50, "an alarm too far away for the PIT comes early, not at once");
	start = now();
	set_alarm(0, start - 1, 0);
	await(1, start);
	ok(ticks == 1, "an alarm in the past comes");
	start = now();
	set_alarm(0x100, start + 5 * (u64)khz, 5 * (u64)khz);
	took = await(10, start);
	fact("alarm-10x5ms", took);
	ok(ticks >= 10 && took >= 45 && took < 1500, "SetAlarm, periodic");
	check_cancel();
}

static void check_time(void)
{
	u64 hz = LONG0(HZ), start;

	ok(!(hz >> 32) && hz > 100000000, "GetCycleFrequency");
	fact("hz", (u32)hz);
	khz = (u32)hz / 1000;
	ok(LONG1(COUNTER, 2) == 0, "GetCycleCounter: nothing was stolen");
	start = LONG1(COUNTER, 1);
	ok(start && LONG1(COUNTER, 0) > start, "GetCycleCounter advances");
	{
		u64 ns = LONG0(WALLCLOCK);
		u32 seconds, rest;

		__asm__("divl %4" : "=a"(seconds), "=d"(rest)
			: "0"((u32)ns), "1"((u32)(ns >> 32)), "r"(1000000000));
		fact("wallclock", seconds);
	}
	check_alarms();
	say("wait\n"); /* rom.t holds this against its own clock */
	start = now();
	while (since(start) < 1000)
		;
	say("waited\n");
}

/* --- all of it --------------------------------------------------------------------------------- */

static int find(void)
{
	for (u32 at = 0xc0000; at < 0xe0000; at += 2048) {
		u8 *rom = (u8 *)(DIRECT_MAP + at), sum = 0;

		if (*(u16 *)rom != 0xaa55 || *(u32 *)(rom + 8) != 0x696d5663)
			continue;
		for (u32 i = 0; i < 512u * rom[ROM_LENGTH]; i++)
			sum += rom[i];
		fact("found", at);
		fact("sum", sum);
		fact("major", rom[13]);
		vmi = rom;
		return 1;
	}
	say("absent\n");
	return 0;
}

static void check_kinds(void)
{
	static const char names[] = "0CJN";
	char kinds[VMI_CALLS + 1];
	u32 beyond = 0;

	for (u32 i = 0; i < VMI_CALLS; i++)
		kinds[i] = names[kind_of(i) & 3];
	kinds[VMI_CALLS] = '\0';
	say("kinds ");
	say(kinds);
	say("\n");
	for (u32 i = VMI_CALLS; i < 300; i++)
		beyond |= kind_of(i);
	ok(!beyond && !kind_of(0xffffffff), "calls that do not exist are answered with none");
}

static int word_given(const u32 *multiboot, const char *word)
{
	const char *line = (const char *)multiboot[4];

	if (!(multiboot[0] & 4))
		return 0;
	for (; *line; line++) {
		u32 i = 0;

		while (word[i] && line[i] == word[i])
			i++;
		if (!word[i])
			return 1;
	}
	return 0;
}

static void check_all(void)
{
	set_up_pic();
	check_tables();
	check_pages();
	check_registers();
	check_interrupt_flag();
	check_returns();
	if (kind_of(HZ) == RELOC_CALL) {
		check_time();
		check_quiet();
	}
}

void check_main(const u32 *multiboot)
{
	turn_paging_on();
	if (find()) {
		made[COUNT_INIT]++;
		fact("init", ((u32 (*)(void))(vmi + 0x80))());
		check_kinds();
		if (kind_of(SET_GDT) == RELOC_CALL)
			check_all();
		made[REBOOT] += word_given(multiboot, "reboot");
		made[SHUTDOWN] += word_given(multiboot, "shutdown");
		made[COUNT_RELOC] += made[REBOOT] + made[SHUTDOWN];
		say("made");
		for (u32 i = 0; i < COUNT_SLOTS; i++) {
			say(" ");
			say_number(made[i]);
		}
		say("\n");
	}
	say("end\n");
	if (vmi && word_given(multiboot, "reboot"))
		((void (*)(u32))(u32)reloc(REBOOT))(0);
	else if (vmi && word_given(multiboot, "shutdown"))
		((void (*)(void))(u32)reloc(SHUTDOWN))();
}

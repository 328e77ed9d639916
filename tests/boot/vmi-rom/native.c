// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The calls that are more than an instruction or two. No static data and no tables, so that nothing here
 * has an address that would need relocating; 64-bit division would want libgcc.
 */
#include "native.h"
#include "layout.h"

static inline void outb(u8 value, u16 port)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void outw(u16 value, u16 port)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline u8 inb(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

#define SET(name, value) __asm__ volatile("movl %0, %%" #name : : "r"(value))
#define GET(name, value) __asm__ volatile("movl %%" #name ", %0" : "=r"(value))

void native_set_dr(u32 number, u32 value)
{
	if (number == 0)
		SET(dr0, value);
	else if (number == 1)
		SET(dr1, value);
	else if (number == 2)
		SET(dr2, value);
	else if (number == 3)
		SET(dr3, value);
	else if (number == 6)
		SET(dr6, value);
	else if (number == 7)
		SET(dr7, value);
}

u32 native_get_dr(u32 number)
{
	u32 value = 0;

	if (number == 0)
		GET(dr0, value);
	else if (number == 1)
		GET(dr1, value);
	else if (number == 2)
		GET(dr2, value);
	else if (number == 3)
		GET(dr3, value);
	else if (number == 6)
		GET(dr6, value);
	else if (number == 7)
		GET(dr7, value);
	return value;
}

#define CR4_PGE 0x80

void native_flush_tlb(u32 flags)
{
	u32 cr3, cr4;

	GET(cr4, cr4);
	if ((flags & 2) && (cr4 & CR4_PGE)) {
		SET(cr4, cr4 & ~CR4_PGE);
		SET(cr4, cr4);
	} else {
		GET(cr3, cr3);
		SET(cr3, cr3);
	}
}

/* --- the end ----------------------------------------------------------------------------------- */

static void halt_for_good(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

void native_reboot(u32 hard)
{
	(void)hard; /* one kind of reset serves both */
	outb(0x02, 0xcf9);
	outb(0x06, 0xcf9);
	outb(0xfe, 0x64);
	halt_for_good();
}

/*
 * 0x604 is where SeaBIOS puts the power management control of both of QEMU's PC machines; elsewhere it only
 * halts.
 */
void native_shutdown(void)
{
	outw(0x2000, 0x604);
	halt_for_good();
}

/* --- time -------------------------------------------------------------------------------------- */

#define PIT_HZ 1193182
#define PIT_CONTROL 0x43
#define PIT_CHANNEL0 0x40
#define ONE_SHOT 0x30 /* channel 0, low byte then high byte, mode 0 */
#define PERIODIC 0x34 /* mode 2 */
#define ALARM_IS_PERIODIC 0x100

static void pit(u8 mode, u32 ticks)
{
	outb(mode, PIT_CONTROL);
	outb(ticks & 0xff, PIT_CHANNEL0);
	outb(ticks >> 8 & 0xff, PIT_CHANNEL0);
}

/* Cycles as PIT ticks, rounded up; at least 1, at most what the PIT can count: then the alarm comes early. */
static u32 ticks_of(u64 cycles)
{
	u64 hz = *(const u64 *)(rom_base() + ROM_HZ);
	u32 ratio, rest;
	u64 ticks;

	while (hz >> 32 || cycles >> 32) {
		hz >>= 1;
		cycles >>= 1;
		if (hz <= PIT_HZ)
			return 0xffff;
	}
	/* PIT_HZ / hz, times 2^32 */
	__asm__("divl %4" : "=a"(ratio), "=d"(rest) : "0"(0), "1"(PIT_HZ), "rm"((u32)hz));
	ticks = ((u64)(u32)cycles * ratio >> 32) + 1;
	return ticks > 0xffff ? 0xffff : (u32)ticks;
}

/*
 * Counters 0 and 1 are the same here. The alarm is IRQ 0 whatever the flags say of the local APIC, which a
 * ROM without a mapping of it cannot reach; the kernel has to wire IRQ 0.
 */
void native_set_alarm(u32 flags, u64 expiry, u64 period)
{
	u64 now = __builtin_ia32_rdtsc();

	if ((flags & ALARM_IS_PERIODIC) && period)
		pit(PERIODIC, ticks_of(period));
	else
		pit(ONE_SHOT, expiry > now ? ticks_of(expiry - now) : 1);
}

/* The PIT cannot be stopped, only sent far away: one alarm may still come, 55 ms later. */
u32 native_cancel_alarm(u32 flags)
{
	(void)flags;
	pit(ONE_SHOT, 0);
	return 0;
}

static u8 cmos(u8 index)
{
	outb(index, 0x70);
	return inb(0x71);
}

static u32 from_bcd(u32 value)
{
	return (value >> 4) * 10 + (value & 15);
}

struct moment {
	u32 second, minute, hour, day, month, year, century;
};

static void read_clock(struct moment *m)
{
	while (cmos(0x0a) & 0x80) /* being updated */
		;
	m->second = cmos(0);
	m->minute = cmos(2);
	m->hour = cmos(4);
	m->day = cmos(7);
	m->month = cmos(8);
	m->year = cmos(9);
	m->century = cmos(0x32);
}

static void to_binary(struct moment *m, u8 mode)
{
	u32 pm = m->hour & 0x80;

	m->hour &= 0x7f;
	if (!(mode & 4)) {
		m->second = from_bcd(m->second);
		m->minute = from_bcd(m->minute);
		m->hour = from_bcd(m->hour);
		m->day = from_bcd(m->day);
		m->month = from_bcd(m->month);
		m->year = from_bcd(m->year);
		m->century = from_bcd(m->century);
	}
	if (!(mode & 2))
		m->hour = m->hour % 12 + (pm ? 12 : 0);
	m->year += m->century >= 19 && m->century <= 21 ? 100 * m->century : 2000;
}

/*
 * Days from 1970-01-01 to a day of the Gregorian calendar; years are counted from March, so that leap days
 * come last.
 */
static u32 days_of(u32 year, u32 month, u32 day)
{
	u32 shifted = (month + 9) % 12;

	year -= shifted > 9;
	return 365 * year + year / 4 - year / 100 + year / 400 + (153 * shifted + 2) / 5 + day - 1 - 719468;
}

/* Nanoseconds since 1970-01-01, by the clock of the board, which must run on UTC. */
u64 native_wallclock(void)
{
	struct moment a, b;
	u32 seconds;

	do {
		read_clock(&a);
		read_clock(&b);
	} while (a.second != b.second || a.minute != b.minute || a.hour != b.hour || a.day != b.day);
	to_binary(&a, cmos(0x0b));
	seconds = ((days_of(a.year, a.month, a.day) * 24 + a.hour) * 60 + a.minute) * 60 + a.second;
	return (u64)seconds * 1000000000;
}

/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VMI_ROM_NATIVE_H
#define VMI_ROM_NATIVE_H

/*
 * The calls in C. All are compiled with -mregparm=3, which is VMI's convention: arguments in EAX, EDX, ECX,
 * stack.
 */

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

/* Where the ROM is mapped right now (rom.S). */
u8 *rom_base(void);

void native_set_dr(u32 number, u32 value);
u32 native_get_dr(u32 number);
void native_flush_tlb(u32 flags); /* 1: all, 2: global ones too */
void native_reboot(u32 hard);
void native_shutdown(void);
void native_set_alarm(u32 flags, u64 expiry, u64 period);
u32 native_cancel_alarm(u32 flags);
u64 native_wallclock(void);

#endif

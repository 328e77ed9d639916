/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef VMI_ROM_LAYOUT_H
#define VMI_ROM_LAYOUT_H

/*
 * What the ROM, its assembly and its readers agree on. boot.py reads the counter page from outside the
 * guest and knows the same numbers.
 */

#define VMI_CALLS 74 /* API 3.0 numbers its calls 0..73 */

/* Answers to VMI_GetRelocationInfo. */
#define RELOC_NONE 0
#define RELOC_CALL 1
#define RELOC_JUMP 2
#define RELOC_NOP 3

/*
 * The 16-bit entry fills these bytes of the header, which the ABI leaves to the ROM, while they can be
 * written.
 */
#define ROM_LENGTH 0x02     /* in units of 512 bytes */
#define ROM_COUNTERS 0x20   /* u32: physical address of the counter page less that of the ROM; 0: never ran */
#define ROM_HZ 0x28         /* u64: rate of the time stamp counter */
#define ROM_DOUBT 0x30      /* u32: how well the ends of the best measurement are known, in ticks of that counter */
#define ROM_ELAPSED 0x34    /* u32: and what it measured at most */
#define ROM_SUM 0x7f        /* the byte that makes the sum of all bytes 0 */

/* The counter page: 1 KiB right under the former top of base memory. All are u32. */
#define PAGE_SIZE 1024
#define PAGE_MAGIC 0x00
#define PAGE_MAGIC_VALUE 0x63494d56 /* "VMIc" */
#define PAGE_ROM 0x04               /* physical address of the ROM */
#define PAGE_SLOTS 0x08             /* COUNT_SLOTS */
#define PAGE_HZ 0x0c                /* low half of ROM_HZ */
#define PAGE_CALLS 0x10             /* u32[COUNT_SLOTS]: times that each call was made */
#define COUNT_INIT 74               /* VMI_Init */
#define COUNT_RELOC 75              /* VMI_GetRelocationInfo */
#define COUNT_SLOTS 76
#define PAGE_QUERIES (PAGE_CALLS + 4 * COUNT_SLOTS) /* u32[VMI_CALLS]: relocation queries for each */

#endif

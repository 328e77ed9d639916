/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef INIT_PROBES_H
#define INIT_PROBES_H

/* Each prints records; ../README.md tells what they mean. */

void probe_vdso(const unsigned long *stack); /* as the kernel left it: argc, argv, environment, auxv */
void probe_clock(void);
void probe_drivers(void); /* before the others: what they look at may need one */
void probe_machine(void);
void probe_memory(void);
void probe_log(void);
void probe_cgroup(void);
void probe_vsyscall(void);
void probe_ldt(void);
void probe_x32(void);
void probe_detected(void); /* what the kernel took its hypervisor for, and its console */

/* What is on trial, as the command line says (devices.c). */
void probe_disk(const char *nonce);
void probe_net(const char *addresses);

#endif

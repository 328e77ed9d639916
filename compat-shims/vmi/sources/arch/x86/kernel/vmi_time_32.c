// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time from a VMI ROM. Three counters of one unit: real time, the time that this processor was
 * available to the guest, and the time that was stolen from it; alarms on the first; a wall clock.
 */

#include <linux/clockchips.h>
#include <linux/clocksource.h>
#include <linux/i8253.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/jump_label.h>
#include <linux/math64.h>
#include <linux/sched/clock.h>
#include <linux/static_call.h>
#include <linux/time64.h>

#include <asm/apic.h>
#include <asm/desc.h>
#include <asm/hardirq.h>
#include <asm/idtentry.h>
#include <asm/io_apic.h>
#include <asm/irq_regs.h>
#include <asm/paravirt.h>
#include <asm/time.h>
#include <asm/timer.h>
#include <asm/tsc.h>
#include <asm/vmi.h>
#include <asm/x86_init.h>

#define VMI_MIN_HZ	1000000ULL		/* what could not serve as a clock is not taken for one */
#define VMI_MAX_HZ	100000000000ULL
#define VMI_TRIES	6			/* alarms that have to arrive, in a quarter of a second */
#define VMI_BEST_RATING	1000			/* of timers; no native one comes near */

static u64 (*vmi_counter)(u32 which) __ro_after_init;
static void (*vmi_alarm)(u32 flags, u64 expiry, u64 period) __ro_after_init;
static u32 (*vmi_cancel)(u32 flags) __ro_after_init;
static u64 (*vmi_wallclock)(void) __ro_after_init;
static void (*native_wallclock)(struct timespec64 *now) __ro_after_init;
static void (*native_timer_init)(void) __initdata;
static void (*native_boot_clock)(void) __initdata;

static u64 vmi_hz __ro_after_init;		/* 0: no time from the ROM */
static u32 vmi_mult __ro_after_init;		/* cycles to nanoseconds */
static u32 vmi_shift __ro_after_init;
static u64 vmi_offset __ro_after_init;

static u64 notrace vmi_nanoseconds(u32 which)
{
	return mul_u64_u32_shr(vmi_counter(which), vmi_mult, vmi_shift);
}

static bool __init vmi_elapsed(u64 since, u64 hz_part)
{
	return vmi_counter(VMI_CYCLES_REAL) - since >= div64_u64(vmi_hz, hz_part);
}

/* --- clocks ------------------------------------------------------------------------------------ */

static u64 vmi_clocksource_read(struct clocksource *cs)
{
	return vmi_counter(VMI_CYCLES_REAL);
}

static struct clocksource vmi_clocksource = {
	.name	= "vmi-timer",
	.rating	= 450,
	.read	= vmi_clocksource_read,
	.mask	= CLOCKSOURCE_MASK(64),
	.flags	= CLOCK_SOURCE_IS_CONTINUOUS,
};

static u64 notrace vmi_sched_clock(void)
{
	return vmi_nanoseconds(VMI_CYCLES_AVAILABLE) + vmi_offset;
}

/* A processor reads its own and no other's, which is all that accounting of ticks asks for. */
static u64 notrace vmi_steal_clock(int cpu)
{
	return vmi_nanoseconds(VMI_CYCLES_STOLEN);
}

static int __init vmi_account_steal(void)
{
	if (vmi_hz)
		static_key_slow_inc(&paravirt_steal_enabled);
	return 0;
}
arch_initcall(vmi_account_steal);

static unsigned long vmi_khz(void)
{
	return div_u64(vmi_hz, 1000);
}

/*
 * The unit of the counters is the hypervisor's choice. If it is that of the time stamp counter,
 * the kernel need not measure that one.
 */
static bool __init vmi_counts_tsc(void)
{
	u64 tsc, cycles, off;
	int tries = 5;

	while (boot_cpu_has(X86_FEATURE_TSC) && tries--) {
		tsc = rdtsc_ordered();
		cycles = vmi_counter(VMI_CYCLES_REAL);
		while (rdtsc_ordered() - tsc < 1 << 20)
			cpu_relax();
		tsc = rdtsc_ordered() - tsc;
		cycles = vmi_counter(VMI_CYCLES_REAL) - cycles;
		off = tsc > cycles ? tsc - cycles : cycles - tsc;
		if (off < tsc >> 7)
			return true;
	}
	return false;
}

static void __init vmi_clocks(void)
{
	if (vmi_hz <= U32_MAX)
		clocksource_register_hz(&vmi_clocksource, vmi_hz);
	else
		clocksource_register_khz(&vmi_clocksource, vmi_khz());
	pr_info("vmi: registering clock source khz=%lu\n", vmi_khz());

	/* Other processors count from elsewhere. */
	clear_sched_clock_stable();
	vmi_offset = sched_clock() - vmi_nanoseconds(VMI_CYCLES_AVAILABLE);
	paravirt_set_sched_clock(vmi_sched_clock);
	static_call_update(pv_steal_clock, vmi_steal_clock);
	vmi_wired("GetCycleFrequency GetCycleCounter");
}

/* --- alarms ------------------------------------------------------------------------------------ */

static DEFINE_PER_CPU(struct clock_event_device, vmi_local_event);
static u32 vmi_alarm_hz __ro_after_init;	/* of clock events, which have 32 bits */
static u32 vmi_alarm_shift __ro_after_init;
static u64 vmi_alarm_period __ro_after_init;
static u32 vmi_wiring __read_mostly = VMI_ALARM_WIRED_IRQ0;
static bool vmi_probing;			/* an alarm is being tried out, nobody waits for it */
static int vmi_irq0_seen;
static int vmi_lvtt_seen;

static void vmi_set_oneshot(u32 wiring, u64 cycles)
{
	vmi_alarm(wiring | VMI_CYCLES_REAL, vmi_counter(VMI_CYCLES_REAL) + cycles, 0);
}

/*
 * The device that stands for IRQ 0 must not touch the alarm of the processor any more once that
 * one is delivered through its local APIC.
 */
static bool vmi_event_is_retired(struct clock_event_device *evt)
{
	return vmi_wiring == VMI_ALARM_WIRED_LVTT && evt->irq == 0;
}

static int vmi_event_next(unsigned long delta, struct clock_event_device *evt)
{
	if (vmi_event_is_retired(evt))
		return -ETIME;
	vmi_set_oneshot(vmi_wiring, (u64)delta << vmi_alarm_shift);
	return 0;
}

static int vmi_event_periodic(struct clock_event_device *evt)
{
	if (!vmi_event_is_retired(evt))
		vmi_alarm(vmi_wiring | VMI_CYCLES_REAL | VMI_ALARM_PERIODIC,
			  vmi_counter(VMI_CYCLES_REAL) + vmi_alarm_period, vmi_alarm_period);
	return 0;
}

static int vmi_event_shutdown(struct clock_event_device *evt)
{
	if (!vmi_event_is_retired(evt))
		vmi_cancel(vmi_wiring | VMI_CYCLES_REAL);
	return 0;
}

static struct clock_event_device vmi_irq0_event = {
	.name			= "vmi-timer",
	.features		= CLOCK_EVT_FEAT_PERIODIC | CLOCK_EVT_FEAT_ONESHOT,
	.irq			= 0,
	.set_next_event		= vmi_event_next,
	.set_state_periodic	= vmi_event_periodic,
	.set_state_oneshot	= vmi_event_shutdown,
	.set_state_shutdown	= vmi_event_shutdown,
};

static void vmi_register_event(struct clock_event_device *evt)
{
	evt->cpumask = cpumask_of(smp_processor_id());
	/* From 20 microseconds to half of what 32 bits hold. */
	clockevents_config_and_register(evt, vmi_alarm_hz, vmi_alarm_hz / 50000 + 1, 0x7fffffff);
}

static irqreturn_t vmi_irq0_interrupt(int irq, void *dev)
{
	vmi_irq0_seen++;
	if (!vmi_probing && vmi_irq0_event.event_handler)
		vmi_irq0_event.event_handler(&vmi_irq0_event);
	return IRQ_HANDLED;
}

DEFINE_IDTENTRY_SYSVEC(sysvec_vmi_alarm)
{
	struct clock_event_device *evt = this_cpu_ptr(&vmi_local_event);
	struct pt_regs *old_regs = set_irq_regs(regs);

	ack_APIC_irq();
	inc_irq_stat(irq_hv_callback_count);
	vmi_lvtt_seen++;
	if (!vmi_probing && evt->event_handler)
		evt->event_handler(evt);
	set_irq_regs(old_regs);
}

/*
 * Tries alarms of a millisecond, one after the other: a ROM may say that it has them and deliver
 * them elsewhere, or not at all, and a kernel that waits for them would hang. One that arrives is
 * not enough, what the firmware left behind looks the same. Interrupts are on.
 */
static bool __init vmi_alarms_arrive(u32 wiring)
{
	int *seen = wiring == VMI_ALARM_WIRED_LVTT ? &vmi_lvtt_seen : &vmi_irq0_seen;
	u64 start = vmi_counter(VMI_CYCLES_REAL);
	int arrived, before;

	WRITE_ONCE(vmi_probing, true);
	for (arrived = 0; arrived < VMI_TRIES; arrived++) {
		before = READ_ONCE(*seen);
		local_irq_disable();
		vmi_set_oneshot(wiring, div_u64(vmi_hz, 1000));
		local_irq_enable();
		while (READ_ONCE(*seen) == before && !vmi_elapsed(start, 4))
			cpu_relax();
		if (READ_ONCE(*seen) == before)
			break;
	}
	WRITE_ONCE(vmi_probing, false);
	return arrived == VMI_TRIES;
}

/* In the place of the PIT: the first source of ticks, on IRQ 0. */
static void __init vmi_timer_init(void)
{
	if (request_irq(0, vmi_irq0_interrupt, IRQF_NOBALANCING | IRQF_IRQPOLL | IRQF_TIMER,
			"vmi-timer", NULL)) {
		native_timer_init();
		return;
	}
	clockevent_i8253_disable();
	if (!vmi_alarms_arrive(VMI_ALARM_WIRED_IRQ0)) {
		pr_warn("VMI: alarms do not arrive as IRQ 0, timers kept native\n");
		vmi_cancel(VMI_ALARM_WIRED_IRQ0 | VMI_CYCLES_REAL);
		free_irq(0, NULL);
		vmi_alarm = NULL;
		native_timer_init();
		return;
	}
#ifdef CONFIG_X86_IO_APIC
	no_timer_check = 1;
#endif
	/*
	 * IRQ 0 reaches one processor. If there is only one, it has no better source; where there
	 * are more, the local timers take over, and this one wakes them, as the PIT would.
	 */
	vmi_irq0_event.rating = num_possible_cpus() == 1 ? VMI_BEST_RATING : 50;
	vmi_register_event(&vmi_irq0_event);
	global_clock_event = &vmi_irq0_event;	/* or the I/O APIC leaves IRQ 0 out */
	pr_info("vmi: registering clock event vmi-timer, mult=%u shift=%u\n",
		vmi_irq0_event.mult, vmi_irq0_event.shift);
	vmi_wired("SetAlarm CancelAlarm (IRQ 0)");
}

static void vmi_setup_local_alarm(void)
{
	struct clock_event_device *evt = this_cpu_ptr(&vmi_local_event);

	apic_write(APIC_LVTT, HYPERVISOR_CALLBACK_VECTOR);
	*evt = vmi_irq0_event;
	evt->irq = -1;
	evt->rating = VMI_BEST_RATING + 1;
	evt->event_handler = NULL;
	vmi_register_event(evt);
}

/* Once the local APIC is up: alarms through it serve every processor. */
static void __init vmi_setup_boot_clock(void)
{
	if (!vmi_alarm) {
		native_boot_clock();
		return;
	}
	apic_write(APIC_LVTT, HYPERVISOR_CALLBACK_VECTOR);
	if (vmi_alarms_arrive(VMI_ALARM_WIRED_LVTT)) {
		vmi_cancel(VMI_ALARM_WIRED_IRQ0 | VMI_CYCLES_REAL);
		vmi_wiring = VMI_ALARM_WIRED_LVTT;
		x86_cpuinit.setup_percpu_clockev = vmi_setup_local_alarm;
		vmi_setup_local_alarm();
		vmi_wired("SetAlarm CancelAlarm (local APIC)");
		return;
	}
	pr_info("VMI: alarms do not arrive through the local APIC, IRQ 0 kept\n");
	apic_write(APIC_LVTT, APIC_LVT_MASKED | LOCAL_TIMER_VECTOR);
	if (clockevent_state_periodic(&vmi_irq0_event)) {
		local_irq_disable();
		vmi_event_periodic(&vmi_irq0_event);
		local_irq_enable();
	}
	native_boot_clock();
}

static void __init vmi_alarms(void)
{
	u64 hz = vmi_hz;

	vmi_alarm = vmi_function(VMI_SET_ALARM);
	vmi_cancel = vmi_function(VMI_CANCEL_ALARM);
	if (!vmi_alarm || !vmi_cancel) {
		vmi_alarm = NULL;
		return;
	}
	for (; hz > S32_MAX; hz >>= 1)
		vmi_alarm_shift++;
	vmi_alarm_hz = hz;
	vmi_alarm_period = div_u64(vmi_hz, HZ);
	alloc_intr_gate(HYPERVISOR_CALLBACK_VECTOR, asm_sysvec_vmi_alarm);
	native_timer_init = x86_init.timers.timer_init;
	native_boot_clock = x86_init.timers.setup_percpu_clockev;
	x86_init.timers.timer_init = vmi_timer_init;
	x86_init.timers.setup_percpu_clockev = vmi_setup_boot_clock;
}

/* --- wall clock -------------------------------------------------------------------------------- */

static void vmi_get_wallclock(struct timespec64 *now)
{
	u64 ns = vmi_wallclock();

	if (ns)
		*now = ns_to_timespec64(ns);
	else
		native_wallclock(now);
}

/* It follows the host's. */
static int vmi_set_wallclock(const struct timespec64 *now)
{
	return -ENODEV;
}

/* --- activation -------------------------------------------------------------------------------- */

/* Early, so that the time stamp counter is known before anything asks for it. */
void __init vmi_time_platform_init(void)
{
	u64 (*frequency)(void) = vmi_function(VMI_GET_CYCLE_FREQUENCY);

	vmi_counter = vmi_function(VMI_GET_CYCLE_COUNTER);
	if (vmi_no_timer || !frequency || !vmi_counter)
		return;
	vmi_hz = frequency();
	if (vmi_hz < VMI_MIN_HZ || vmi_hz > VMI_MAX_HZ) {
		pr_warn("VMI: a counter of %llu Hz is no clock, time kept native\n", vmi_hz);
		vmi_hz = 0;
		return;
	}
	clocks_calc_mult_shift(&vmi_mult, &vmi_shift, vmi_khz(), NSEC_PER_MSEC, 0);
	if (!vmi_counts_tsc())
		return;
	x86_platform.calibrate_tsc = vmi_khz;
	x86_platform.calibrate_cpu = vmi_khz;
	setup_force_cpu_cap(X86_FEATURE_TSC_KNOWN_FREQ);
	pr_info("VMI: counts as the time stamp counter does, %lu kHz\n", vmi_khz());
}

/* From here on the ROM can be called for good. */
void __init vmi_time_late_init(void)
{
	vmi_wallclock = vmi_function(VMI_GET_WALLCLOCK_TIME);
	if (vmi_wallclock && !vmi_no_timer) {
		native_wallclock = x86_platform.get_wallclock;
		x86_platform.get_wallclock = vmi_get_wallclock;
		x86_platform.set_wallclock = vmi_set_wallclock;
		vmi_wired("GetWallclockTime");
	}
	/* In case the ROM could not be made executable since. */
	if (!vmi_function(VMI_GET_CYCLE_COUNTER))
		vmi_hz = 0;
	if (!vmi_hz)
		return;
	vmi_clocks();
	vmi_alarms();
}

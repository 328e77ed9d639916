// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel around the modules under test: as much of it as they touch, on one thread. Whoever waits lets the
 * machine run until what he waits for has come; when all is quiet before that, he waits in vain.
 */
#include <linux/acpi.h>
#include <linux/blk-mq.h>
#include <linux/completion.h>
#include <linux/cpuhotplug.h>
#include <linux/efi.h>
#include <linux/interrupt.h>
#include <linux/ioport.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/panic_notifier.h>
#include <linux/reciprocal_div.h>
#include <linux/sched.h>
#include <linux/sched/isolation.h>
#include <linux/screen_info.h>
#include <linux/slab.h>
#include <linux/swait.h>
#include <linux/syscore_ops.h>
#include <linux/vmalloc.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <asm/mshyperv.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_eh.h>
#include <scsi/scsi_tcq.h>
#include <scsi/scsi_transport_fc.h>

#include "hyperv_vmbus.h"
#include "machine.h"

struct machine machine;

/* Data of the kernel proper */

#define MASK {{(1ul << CPUS) - 1}}
struct cpumask __cpu_online_mask = MASK, __cpu_possible_mask = MASK, __cpu_present_mask = MASK;
atomic_t __num_online_cpus = ATOMIC_INIT(CPUS);
unsigned int nr_cpu_ids = CPUS;
unsigned long __per_cpu_offset[NR_CPUS];
pteval_t __default_kernel_pte_mask = ~0ul;
struct kmem_cache *kmalloc_caches[NR_KMALLOC_TYPES][KMALLOC_SHIFT_HIGH + 1];
#ifdef CONFIG_DYNAMIC_MEMORY_LAYOUT
unsigned long page_offset_base, vmemmap_base;
#endif
unsigned long phys_base;
unsigned long volatile jiffies;
struct ms_hyperv_info ms_hyperv;
static u32 vp_index[CPUS];
u32 *hv_vp_index = vp_index;
bool hv_root_partition;
void hypercall_page_entry(void);
void *hv_hypercall_pg = hypercall_page_entry;
struct paravirt_patch_template pv_ops;
struct resource iomem_resource;
struct screen_info screen_info;
struct efi efi;
struct atomic_notifier_head panic_notifier_list;

static struct task_struct *task;
static struct workqueue_struct *a_workqueue = (void *)0x10;

/* CPUs and per-CPU data: one stride each, the first at the pointer itself */

#define STRIDE 4096ul

void machine_cpu(unsigned int cpu)
{
	raw_cpu_write(cpu_number, (int)cpu);
	raw_cpu_write(this_cpu_off, STRIDE * cpu);
}

void __percpu *__alloc_percpu(size_t size, size_t align)
{
	if (size > STRIDE)
		user_fail("per-CPU data of %lu bytes", size);
	return (void __percpu *)machine_pages(STRIDE * CPUS);
}

void free_percpu(void __percpu *pointer) {}

void machine_init(void);
void machine_init(void)
{
	extern void pv_nothing(void);
	void **op = (void **)&pv_ops;

	for (size_t i = 0; i < sizeof(pv_ops) / sizeof(*op); i++)
		op[i] = pv_nothing;
	for (u32 i = 0; i < CPUS; i++) {
		__per_cpu_offset[i] = STRIDE * i;
		vp_index[i] = i;
	}
	machine_cpu(0);
	task = kzalloc(sizeof(*task), GFP_KERNEL);
}

/* Memory: nothing is given back, so that what is used after its end still is what it was */

void *machine_pages(unsigned long size)
{
	static const unsigned long all = 64ul << 20;
	static char *memory;
	static unsigned long used;
	void *at;

	if (!memory)
		memory = user_memory(all);
	size = ALIGN(size, PAGE_SIZE);
	if (size > all - used)
		user_fail("out of memory");
	at = memory + used;
	used += size;
	return at;
}

static void *allocate(size_t size, gfp_t flags)
{
	static char *chunk;
	static size_t left;
	char *at;

	size = ALIGN(size, 64);
	if (size >= PAGE_SIZE) {
		at = machine_pages(size);
	} else {
		if (size > left) {
			chunk = machine_pages(64 * PAGE_SIZE);
			left = 64 * PAGE_SIZE;
		}
		at = chunk;
		chunk += size;
		left -= size;
	}
	memset(at, flags & __GFP_ZERO ? 0 : 0xa5, size);
	return at;
}

void *__kmalloc(size_t size, gfp_t flags) { return allocate(size, flags); }
void *kmalloc_large(size_t size, gfp_t flags) { return allocate(size, flags); }
void *kmalloc_trace(struct kmem_cache *s, gfp_t flags, size_t size) { return allocate(size, flags); }
void kfree(const void *object) {}
void kvfree_call_rcu(struct rcu_head *head, rcu_callback_t func) {}
unsigned long *bitmap_zalloc(unsigned int bits, gfp_t flags) { return allocate(bits / 8 + 8, __GFP_ZERO); }
void bitmap_free(const unsigned long *bitmap) {}

unsigned long __get_free_pages(gfp_t flags, unsigned int order)
{
	return (unsigned long)machine_pages(PAGE_SIZE << order);
}
unsigned long get_zeroed_page(gfp_t flags) { return __get_free_pages(flags, 0); }
struct page *__alloc_pages(gfp_t flags, unsigned int order, int node, nodemask_t *mask)
{
	return virt_to_page(machine_pages(PAGE_SIZE << order));
}
/* Freed pages are filled, so that who reads one afterwards reads nonsense. */
void free_pages(unsigned long at, unsigned int order)
{
	if (at)
		memset((void *)at, 0xff, PAGE_SIZE << order);
}
void __free_pages(struct page *page, unsigned int order) {}
bool is_vmalloc_addr(const void *x) { return false; }
int set_memory_decrypted(unsigned long at, int n) { return 0; }
int set_memory_encrypted(unsigned long at, int n) { return 0; }

void *vmap(struct page **pages, unsigned int n, unsigned long flags, pgprot_t prot)
{
	void **at = allocate(n * sizeof(*at), 0);

	for (unsigned int i = 0; i < n; i++)
		at[i] = page_address(pages[i]);
	return user_remap(at, n);
}
void vunmap(const void *at) {}

/* Waiting, and what ends it */

static LIST_HEAD(works);
static struct tasklet_struct *tasklet_queue[16];
static unsigned int n_tasklets;

bool machine_step(void)
{
	jiffies++;
	if (n_tasklets) {
		struct tasklet_struct *t = tasklet_queue[--n_tasklets];

		clear_bit(TASKLET_STATE_SCHED, &t->state);
		if (t->use_callback)
			t->callback(t);
		else
			t->func(t->data);
		return true;
	}
	if (host_step())
		return true;
	if (!list_empty(&works)) {
		struct work_struct *w = list_first_entry(&works, struct work_struct, entry);

		list_del_init(&w->entry);
		w->func(w);
		return true;
	}
	return false;
}

void complete(struct completion *x) { x->done++; }
bool completion_done(struct completion *x) { return x->done; }

void wait_for_completion(struct completion *x)
{
	while (!x->done)
		if (!machine_step())
			user_fail("the driver waits for ever");
	x->done--;
}

unsigned long wait_for_completion_timeout(struct completion *x, unsigned long timeout)
{
	while (!x->done) {
		if (!machine_step()) {
			machine.timed_out = timeout;
			return 0;
		}
	}
	x->done--;
	return timeout;
}

void schedule(void)
{
	if (!machine_step())
		user_fail("the driver sleeps for ever");
}

void __init_swait_queue_head(struct swait_queue_head *q, const char *name, struct lock_class_key *key) {}
void __init_waitqueue_head(struct wait_queue_head *q, const char *name, struct lock_class_key *key) {}
void init_wait_entry(struct wait_queue_entry *e, int flags) {}
long prepare_to_wait_event(struct wait_queue_head *q, struct wait_queue_entry *e, int state) { return 0; }
void finish_wait(struct wait_queue_head *q, struct wait_queue_entry *e) {}
int __wake_up(struct wait_queue_head *q, unsigned int mode, int n, void *key) { return 0; }
void msleep(unsigned int ms) {}
void usleep_range_state(unsigned long min, unsigned long max, unsigned int state) {}
void __udelay(unsigned long us) {}
void __const_udelay(unsigned long us) {}

bool queue_work_on(int cpu, struct workqueue_struct *wq, struct work_struct *work)
{
	list_add_tail(&work->entry, &works);
	return true;
}
struct workqueue_struct *alloc_workqueue(const char *format, unsigned int flags, int max, ...)
{
	return a_workqueue;
}
void destroy_workqueue(struct workqueue_struct *wq) {}
void drain_workqueue(struct workqueue_struct *wq) {}

void tasklet_init(struct tasklet_struct *t, void (*func)(unsigned long), unsigned long data)
{
	t->func = func;
	t->data = data;
}
void __tasklet_schedule(struct tasklet_struct *t) { tasklet_queue[n_tasklets++] = t; }
void tasklet_unlock_wait(struct tasklet_struct *t) {}
void tasklet_kill(struct tasklet_struct *t) {}

/* Locks: there is one thread */

void __mutex_init(struct mutex *m, const char *name, struct lock_class_key *key) {}
void mutex_lock(struct mutex *m) {}
void mutex_unlock(struct mutex *m) {}
void _raw_spin_lock(raw_spinlock_t *l) {}
#ifndef _raw_spin_unlock
void _raw_spin_unlock(raw_spinlock_t *l) {}
#endif
unsigned long _raw_spin_lock_irqsave(raw_spinlock_t *l) { return 0; }
void _raw_spin_unlock_irqrestore(raw_spinlock_t *l, unsigned long flags) {}
void cpus_read_lock(void) {}
void cpus_read_unlock(void) {}
void migrate_disable(void) {}
void migrate_enable(void) {}

/* Messages */

int _printk(const char *format, ...) { return 0; }
void _dev_err(const struct device *dev, const char *format, ...) { user_printf("# dev_err: %s", format); }
void _dev_warn(const struct device *dev, const char *format, ...) {}
int ___ratelimit(struct ratelimit_state *rs, const char *func) { return 1; }
void __warn_printk(const char *format, ...) {}
void __stack_chk_fail(void) { user_fail("the stack protector"); }

int kernel_warned(unsigned long address)
{
	extern struct bug_entry __start___bug_table[], __stop___bug_table[];

	for (struct bug_entry *b = __start___bug_table; b < __stop___bug_table; b++) {
		if ((unsigned long)&b->bug_addr_disp + b->bug_addr_disp != address)
			continue;
		if (!(b->flags & BUGFLAG_WARNING))
			return 0;
		machine.warnings++;
		return 1;
	}
	return 0;
}

/* Bits and bytes that are no inline functions; all masks here have one word */

static_assert(NR_CPUS <= BITS_PER_LONG);

unsigned long _find_first_bit(const unsigned long *map, unsigned long size)
{
	return _find_next_bit(map, size, 0);
}
unsigned long _find_next_bit(const unsigned long *map, unsigned long size, unsigned long from)
{
	for (; from < size; from++)
		if (map[from / 64] >> from % 64 & 1)
			return from;
	return size;
}
unsigned int __bitmap_weight(const unsigned long *map, unsigned int bits)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < bits; i++)
		n += map[i / 64] >> i % 64 & 1;
	return n;
}
bool __bitmap_intersects(const unsigned long *a, const unsigned long *b, unsigned int bits)
{
	return (a[0] & b[0]) != 0;
}
bool __bitmap_and(unsigned long *to, const unsigned long *a, const unsigned long *b, unsigned int bits)
{
	return (to[0] = a[0] & b[0]) != 0;
}
void __bitmap_xor(unsigned long *to, const unsigned long *a, const unsigned long *b, unsigned int bits)
{
	to[0] = a[0] ^ b[0];
}
struct reciprocal_value reciprocal_value(u32 d)
{
	u32 l = fls(d - 1);
	u64 m = div_u64((1ull << 32) * ((1ull << l) - d), d) + 1;

	return (struct reciprocal_value){.m = (u32)m, .sh1 = min(l, 1u), .sh2 = l ? l - 1 : 0};
}
void sg_init_table(struct scatterlist *sg, unsigned int n)
{
	memset(sg, 0, n * sizeof(*sg));
	sg_mark_end(&sg[n - 1]);
}
struct scatterlist *sg_next(struct scatterlist *sg) { return sg_is_last(sg) ? NULL : sg + 1; }

/* Hyper-V outside of the modules */

bool hv_is_hyperv_initialized(void) { return true; }
bool hv_is_hibernation_supported(void) { return false; }
bool hv_is_isolation_supported(void) { return false; }
bool hv_isolation_type_snp(void) { return false; }
void hv_setup_vmbus_handler(void (*handler)(void)) { machine.interrupt_handler = handler; }
void hv_setup_kexec_handler(void (*handler)(void)) {}
void hv_setup_crash_handler(void (*handler)(struct pt_regs *regs)) {}
void hv_remove_vmbus_handler(void) {}
void hv_setup_dma_ops(struct device *dev, bool coherent) {}
int hv_stimer_legacy_init(unsigned int cpu, int sint) { return 0; }
void hv_stimer0_isr(void) {}
void add_interrupt_randomness(int irq) {}

/* Devices and drivers */

int bus_register(struct bus_type *bus) { return 0; }
void bus_unregister(struct bus_type *bus) {}
int driver_register(struct device_driver *driver)
{
	machine.driver = container_of(driver, struct hv_driver, driver);
	return 0;
}
int acpi_bus_register_driver(struct acpi_driver *driver)
{
	static struct acpi_device device;

	return driver->ops.add(&device);
}
void acpi_bus_unregister_driver(struct acpi_driver *driver) {}
acpi_status acpi_walk_resources(acpi_handle handle, char *name, acpi_walk_resource_callback callback, void *context)
{
	return AE_OK;
}
void register_syscore_ops(struct syscore_ops *ops) {}
#ifdef CONFIG_CPU_ISOLATION
const struct cpumask *housekeeping_cpumask(enum hk_type type) { return cpu_possible_mask; }
#endif
void set_primary_fwnode(struct device *dev, struct fwnode_handle *fwnode) {}
void fc_release_transport(struct scsi_transport_template *t) {}
int dev_set_name(struct device *dev, const char *format, ...) { return 0; }
int dma_set_mask(struct device *dev, u64 mask) { return 0; }
enum dev_dma_attr device_get_dma_attr(struct device *dev) { return DEV_DMA_COHERENT; }
struct device *get_device(struct device *dev) { return dev; }
void put_device(struct device *dev) {}
int device_register(struct device *dev)
{
	machine.devices[machine.n_devices++] = container_of(dev, struct hv_device, device);
	return 0;
}
int driver_set_override(struct device *dev, const char **override, const char *s, size_t len) { return 0; }
struct kset *kset_create_and_add(const char *name, const struct kset_uevent_ops *ops, struct kobject *parent)
{
	return allocate(sizeof(struct kset), __GFP_ZERO);
}
int kobject_init_and_add(struct kobject *k, const struct kobj_type *type, struct kobject *parent,
			 const char *format, ...) { return 0; }
void kobject_put(struct kobject *k) {}
int kobject_uevent(struct kobject *k, enum kobject_action action) { return 0; }
int sysfs_create_group(struct kobject *k, const struct attribute_group *group) { return 0; }
int atomic_notifier_chain_register(struct atomic_notifier_head *h, struct notifier_block *b) { return 0; }
int atomic_notifier_chain_unregister(struct atomic_notifier_head *h, struct notifier_block *b) { return 0; }
int __cpuhp_setup_state(enum cpuhp_state state, const char *name, bool invoke, int (*startup)(unsigned int),
			int (*teardown)(unsigned int), bool multi)
{
	for (unsigned int cpu = 0; invoke && startup && cpu < CPUS; cpu++)
		startup(cpu);
	return 1;
}
void __cpuhp_remove_state(enum cpuhp_state state, bool invoke) {}

/* The SCSI layer */

struct Scsi_Host *scsi_host_alloc(struct scsi_host_template *template, int size)
{
	static struct blk_mq_tags tags = {.nr_tags = ARRAY_SIZE(machine.requests), .rqs = machine.requests};
	static struct blk_mq_tags *queues[] = {&tags};
	struct Scsi_Host *h = allocate(sizeof(*h) + size, __GFP_ZERO);

	h->hostt = template;
	h->can_queue = template->can_queue;
	h->tag_set.tags = queues;
	h->tag_set.nr_hw_queues = 1;
	machine.scsi = h;
	return h;
}
int scsi_add_host_with_dma(struct Scsi_Host *h, struct device *dev, struct device *dma) { return 0; }
void scsi_scan_host(struct Scsi_Host *h) { machine.host_scans++; }
int scsi_add_device(struct Scsi_Host *h, uint channel, uint id, u64 lun) { return 0; }
void scsi_remove_host(struct Scsi_Host *h) {}
void scsi_host_put(struct Scsi_Host *h) {}
struct scsi_device *__scsi_iterate_devices(struct Scsi_Host *h, struct scsi_device *prev) { return NULL; }
void scsi_done(struct scsi_cmnd *cmd) { machine.done = cmd; }
int scsi_dma_map(struct scsi_cmnd *cmd)
{
	for (unsigned int i = 0; i < cmd->sdb.table.nents; i++) {
		struct scatterlist *sg = &cmd->sdb.table.sgl[i];

		sg->dma_address = virt_to_phys(sg_virt(sg));
#ifdef CONFIG_NEED_SG_DMA_LENGTH
		sg->dma_length = sg->length;
#endif
	}
	return (int)cmd->sdb.table.nents;
}
void scsi_dma_unmap(struct scsi_cmnd *cmd) {}
bool scsi_normalize_sense(const u8 *buffer, int size, struct scsi_sense_hdr *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->response_code = buffer[0] & 0x7f;
	ret->sense_key = buffer[2] & 0xf;
	ret->asc = buffer[12];
	ret->ascq = buffer[13];
	return true;
}
u32 blk_mq_unique_tag(struct request *rq) { return (u32)rq->tag; }
struct scsi_transport_template *fc_attach_transport(struct fc_function_template *f) { return (void *)&machine; }

// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the shim must do, case by case, each in a fresh machine. A case of class `old` is one that a kernel
 * without the shim must fail; the others hold for both.
 */
#include <linux/blk-mq.h>
#include <asm/mshyperv.h>
#include <scsi/scsi_cmnd.h>
#include <scsi/scsi_device.h>
#include <scsi/scsi_host.h>

#include "hyperv_vmbus.h"
#include "machine.h"

#define EXPECT(what, is, want)                                                                         \
	do {                                                                                           \
		long long is_ = (long long)(is), want_ = (long long)(want);                            \
                                                                                                       \
		user_printf("# %s: %lld\n", what, is_);                                                \
		if (is_ != want_)                                                                      \
			user_fail("%s: expected %lld (0x%llx), found %lld (0x%llx)", what, want_, want_, is_, is_); \
	} while (0)

/* What insmod would call, and the two modules themselves. */
int init_module(void);
int storvsc_init_module(void);
extern struct module __this_module, storvsc_this_module;

static const struct hv_vmbus_device_id scsi = {HV_SCSI_GUID}, ide = {HV_IDE_GUID};
#define V(major, minor) ((u32)(major) << 16 | (minor))
#define S(major, minor) ((u16)((major) << 8 | (minor)))

/* A module's parameter, as the command line would reach it; NULL: it has none of this name. */
static u32 *parameter(const struct module *module, const char *name)
{
	extern const struct kernel_param __start___param[], __stop___param[];

	for (const struct kernel_param *p = __start___param; p < __stop___param; p++)
		if (p->mod == module && strcmp(p->name, name) == 0)
			return p->arg;
	return NULL;
}

static void cap_storage(u32 version)
{
	u32 *cap = parameter(&storvsc_this_module, "max_version");

	if (!cap)
		user_fail("the driver has no parameter max_version");
	*cap = version;
}

static void settle(void)
{
	while (machine_step())
		;
}

/* Connects to a host that takes versions up to this one. */
static int connect(u32 version)
{
	host.max_version = version;
	return init_module();
}

/*
 * The same for cases that ask what comes behind the negotiation. A kernel that lacks the version is given it by
 * force, and fails by what it does with it.
 */
static void connected(u32 version)
{
	int r = connect(version);

	if (r == -EDOM) {
		r = connect(VERSION_WIN10_V5_3);
		host.version = version;
		host.interrupt_page = vmbus_connection.int_page;
		vmbus_proto_version = version;
		user_printf("# version put in place by force\n");
	}
	EXPECT("connect", r, 0);
	EXPECT("version", vmbus_proto_version, version);
	settle();
}

/* Negotiation */

static void refused_by_id(unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		EXPECT("connection id", host.contacts[i].connection_id, VMBUS_MESSAGE_CONNECTION_ID_4);
}

static void negotiate(u32 version, unsigned int attempts)
{
	struct host_contact *last;

	EXPECT("connect", connect(version), 0);
	EXPECT("attempts", host.n_contacts, attempts);
	refused_by_id(min(attempts, 4u) - (attempts == 1 && version < VERSION_WIN10_V5));
	last = &host.contacts[host.n_contacts - 1];
	EXPECT("version", vmbus_proto_version, version);
	EXPECT("bytes of the message", last->size, 40);
	if (version >= VERSION_WIN10_V5)
		return;
	EXPECT("connection id", last->connection_id, VMBUS_MESSAGE_CONNECTION_ID);
	EXPECT("interrupt page", host.interrupt_page == vmbus_connection.int_page && host.interrupt_page, 1);
}

static void negotiate_1_1(void) { negotiate(V(1, 1), 9); }
static void negotiate_0_13(void) { negotiate(V(0, 13), 10); }
static void negotiate_2_4(void) { negotiate(V(2, 4), 8); }
static void negotiate_5_3(void) { negotiate(V(5, 3), 1); }

static void negotiate_nothing(void)
{
	EXPECT("connect", connect(0), -EDOM);
	EXPECT("last version", host.contacts[host.n_contacts - 1].version, V(0, 13));
}

static void negotiate_capped(void)
{
	*parameter(&__this_module, "max_version") = V(1, 1);
	EXPECT("connect", connect(V(5, 3)), 0);
	EXPECT("attempts", host.n_contacts, 1);
	EXPECT("version", vmbus_proto_version, V(1, 1));
}

/* Interrupts */

static unsigned int calls;
static void on_channel(void *context) { calls++; }

static struct vmbus_channel *first_channel(void)
{
	if (!machine.n_devices)
		user_fail("no device came of the offer");
	return machine.devices[0]->channel;
}

static union hv_synic_event_flags *flags_of(u32 cpu)
{
	struct hv_per_cpu_context *context = per_cpu_ptr(hv_context.cpu_context, cpu);

	return (union hv_synic_event_flags *)context->synic_event_page + VMBUS_MESSAGE_SINT;
}

static void open_first(void)
{
	struct vmbus_channel *channel = first_channel();

	EXPECT("open", vmbus_open(channel, 16 * PAGE_SIZE, 16 * PAGE_SIZE, NULL, 0, on_channel, channel), 0);
}

static void interrupt(u32 version)
{
	struct host_channel *c = host_add_channel(&scsi.guid, 0);

	connected(version);
	open_first();
	host_interrupt(c);
	settle();
	EXPECT("calls of the channel", calls, 1);
	EXPECT("flag 0 left", test_bit(0, flags_of(0)->flags), 0);
	EXPECT("bit left", version < VERSION_WIN8 && test_bit(c->relid, host.interrupt_page), 0);
	host_interrupt(c);
	settle();
	EXPECT("calls of the channel", calls, 2);
}

static void interrupt_1_1(void) { interrupt(V(1, 1)); }
static void interrupt_0_13(void) { interrupt(V(0, 13)); }
static void interrupt_2_4(void) { interrupt(V(2, 4)); }
static void interrupt_5_3(void) { interrupt(V(5, 3)); }

static void interrupt_high(void)
{
	struct host_channel *c;

	host.n_channels = 0;
	c = host_add_channel(&scsi.guid, 0);
	c->relid = 255;
	connected(V(1, 1));
	open_first();
	host_interrupt(c);
	settle();
	EXPECT("calls of channel 255", calls, 1);
}

/* Bits without flag 0: the host has not said that they are ready. */
static void interrupt_no_flag(void)
{
	struct host_channel *c = host_add_channel(&scsi.guid, 0);

	connected(V(1, 1));
	open_first();
	set_bit(c->relid, host.interrupt_page);
	machine.interrupt_handler();
	settle();
	EXPECT("calls of the channel", calls, 0);
	EXPECT("bit left", test_bit(c->relid, host.interrupt_page), 1);
	vmbus_proto_version = 0;
	machine.interrupt_handler();
	EXPECT("bit left, before a version is known", test_bit(c->relid, host.interrupt_page), 1);
}

/* The page is gone with the connection; free pages read as all ones here. */
static void interrupt_disconnected(void)
{
	host_add_channel(&scsi.guid, 0);
	connected(V(1, 1));
	open_first();
	vmbus_disconnect();
	set_bit(0, flags_of(0)->flags);
	machine.interrupt_handler();
	settle();
	EXPECT("calls of the channel", calls, 0);
	EXPECT("bits of the freed page", *(u64 *)host.interrupt_page, -1);
}

/* Offers */

static void offers(u32 version, u32 size)
{
	for (int i = 0; i < 3; i++)
		host_add_channel(&scsi.guid, 0);
	host.offer_size = size;
	connected(version);
}

static void offer_2008(u32 size)
{
	struct vmbus_channel *channel;

	offers(V(0, 13), size);
	EXPECT("warnings", machine.warnings, 0);
	EXPECT("devices", machine.n_devices, 3);
	for (unsigned int i = 0; i < 3; i++) {
		channel = machine.devices[i]->channel;
		EXPECT("event id", channel->sig_event, VMBUS_EVENT_CONNECTION_ID);
		EXPECT("dedicated interrupt", channel->is_dedicated_interrupt, 0);
		EXPECT("CPU", channel->target_cpu, VMBUS_CONNECT_CPU);
	}
	EXPECT("tail of the offer", channel->offermsg.connection_id, size == 190 ? 0 : 0x2009);
}
static void offer_2008_190(void) { offer_2008(190); }
static void offer_2008_192(void)
{
	offers(V(0, 13), 192);
	EXPECT("warnings", machine.warnings, 0);
	EXPECT("devices", machine.n_devices, 3);
	EXPECT("event id", first_channel()->sig_event, VMBUS_EVENT_CONNECTION_ID);
	EXPECT("tail of the offer", first_channel()->offermsg.connection_id, 0);
}
static void offer_2008_196(void) { offer_2008(196); }

static void offer_2008r2(void)
{
	offers(V(1, 1), 196);
	EXPECT("devices", machine.n_devices, 3);
	for (unsigned int i = 0; i < 3; i++) {
		struct vmbus_channel *channel = machine.devices[i]->channel;

		EXPECT("event id", channel->sig_event, 0x2007 + i);
		EXPECT("dedicated interrupt", channel->is_dedicated_interrupt, 1);
		EXPECT("CPU", channel->target_cpu, VMBUS_CONNECT_CPU);
	}
	open_first();
	EXPECT("target of the open message", host.channels[0].target_vp, 0);
}

/* From 1.1 on a short offer is a broken one. */
static void offer_short(void)
{
	offers(V(1, 1), 190);
	EXPECT("devices", machine.n_devices, 0);
	EXPECT("warnings", machine.warnings > 0, 1);
}

static void offer_too_short(void)
{
	offers(V(0, 13), 189);
	EXPECT("devices", machine.n_devices, 0);
	EXPECT("warnings", machine.warnings > 0, 1);
}

static void offer_new(void)
{
	u32 cpus = 0;

	offers(V(5, 3), 196);
	EXPECT("devices", machine.n_devices, 3);
	for (unsigned int i = 0; i < 3; i++) {
		cpus |= 1u << machine.devices[i]->channel->target_cpu;
		EXPECT("event id", machine.devices[i]->channel->sig_event, 0x2007 + i);
	}
	EXPECT("CPUs that three controllers are spread over", hweight32(cpus), 3);
}

/* Signals to the host */

static void signal(u32 version, u32 id, bool bit)
{
	u32 begin[16] = {7};

	host_add_channel(&scsi.guid, 0);
	connected(version);
	open_first();
	EXPECT("send", vmbus_sendpacket(first_channel(), begin, 48, 1, VM_PKT_DATA_INBAND, 0), 0);
	EXPECT("signals", host.signals, 1);
	EXPECT("event id", host.signal_id, id);
	EXPECT("bit in the send half", host.signal_bit, bit);
	EXPECT("packets that the host read", host.channels[0].n_log, 1);
}

static void signal_0_13(void) { signal(V(0, 13), VMBUS_EVENT_CONNECTION_ID, true); }
static void signal_1_1(void) { signal(V(1, 1), 0x2007, false); }
static void signal_5_3(void) { signal(V(5, 3), 0x2007, false); }

/* Storage */

static int probe(unsigned int i, bool is_ide)
{
	struct hv_vmbus_device_id id = {.driver_data = is_ide};

	if (i >= machine.n_devices)
		user_fail("no device came of the offer");
	return machine.driver->probe(machine.devices[i], &id);
}

static void storage_host(u32 bus, u16 storage, u32 reply)
{
	host.max_storage = storage;
	host.reply_size = reply;
	host.multi_channel = true;
	if (!host.n_channels)
		host_add_channel(&scsi.guid, 0);
	connected(bus);
	EXPECT("load of hv_storvsc", storvsc_init_module(), 0);
}

static void packets(const struct host_channel *c, u32 size)
{
	for (unsigned int i = 0; i < c->n_log; i++)
		EXPECT("bytes of a packet", c->log[i].size, size);
}

static void storage(u32 bus, u16 version, u32 reply)
{
	struct host_channel *c;
	int r;

	storage_host(bus, version, reply);
	r = probe(0, false);
	EXPECT("seconds waited in vain", machine.timed_out / HZ, 0);
	EXPECT("probe", r, 0);
	settle();
	c = &host.channels[0];
	EXPECT("storage version", c->storage, version);
	packets(c, 48);
	EXPECT("LUNs", machine.scsi->max_lun, 64);
	EXPECT("targets", machine.scsi->max_id, 1);
	EXPECT("channels", machine.scsi->max_channel, 0);
	EXPECT("queue", machine.scsi->can_queue, 316);
	EXPECT("sub-channels asked for", host.sub_channels_asked, 0);
}

static void storage_1_1(void) { storage(V(1, 1), S(4, 2), 48); }
static void storage_0_13(void) { storage(V(0, 13), S(2, 0), 48); }
static void storage_1_1_long_replies(void) { storage(V(1, 1), S(4, 2), 64); }

static void storage_ide(void)
{
	host_add_channel(&ide.guid, 0);
	storage_host(V(1, 1), S(4, 2), 48);
	EXPECT("probe", probe(0, true), 0);
	packets(&host.channels[0], 48);
	EXPECT("LUNs", machine.scsi->max_lun, 64);
	EXPECT("targets", machine.scsi->max_id, 1);
}

static void storage_new(u32 bus, u16 version)
{
	struct host_channel *c;

	storage_host(bus, version, 0);
	EXPECT("probe", probe(0, false), 0);
	settle();
	c = &host.channels[0];
	EXPECT("storage version", c->storage, version);
	packets(c, 64);
	EXPECT("LUNs", machine.scsi->max_lun, 255);
	EXPECT("targets", machine.scsi->max_id, 2);
	EXPECT("channels", machine.scsi->max_channel, 7);
	EXPECT("queue", machine.scsi->can_queue, 633);
	EXPECT("sub-channels asked for", host.sub_channels_asked, 3);
	for (unsigned int i = 1; i <= 3; i++)
		EXPECT("sub-channel open", host.channels[i].open, 1);
}

static void storage_5_3(void) { storage_new(V(5, 3), S(6, 2)); }
static void storage_2_4(void) { storage_new(V(2, 4), S(5, 1)); }

/* A host of today whose guest may use the storage of 2008 R2 only. */
static void storage_capped(void)
{
	cap_storage(S(4, 2));
	storage_host(V(5, 3), S(6, 2), 0);
	EXPECT("probe", probe(0, false), 0);
	settle();
	EXPECT("storage version", host.channels[0].storage, S(4, 2));
	packets(&host.channels[0], 48);
	EXPECT("sub-channels asked for", host.sub_channels_asked, 0);
}

static void storage_cap_beyond(void)
{
	cap_storage(~0u);
	storage_host(V(5, 3), S(6, 2), 0);
	EXPECT("probe", probe(0, false), 0);
	settle();
	packets(&host.channels[0], 64);
}

static void storage_cap_below(void)
{
	cap_storage(S(1, 0));
	storage_host(V(1, 1), S(4, 2), 48);
	EXPECT("probe", probe(0, false), -EINVAL);
}

static void storage_refused(void)
{
	storage_host(V(5, 3), S(1, 0), 0);
	EXPECT("probe", probe(0, false), -EINVAL);
}

/* Commands */

static struct { struct request rq; struct scsi_cmnd cmd; u8 driver[4096]; } command[4];
static u8 sense[SCSI_SENSE_BUFFERSIZE];
static struct scsi_device disk;
static struct scatterlist sg[2];

static struct scsi_cmnd *prepare(struct Scsi_Host *h, u8 op, enum dma_data_direction direction, u32 length)
{
	struct scsi_cmnd *cmd = &command[1].cmd;

	command[1].rq.tag = 1;
	command[1].rq.state = MQ_RQ_IN_FLIGHT;
	machine.requests[1] = &command[1].rq;
	disk.host = h;
	disk.tagged_supported = 1;
	cmd->device = &disk;
	cmd->cmd_len = 10;
	cmd->cmnd[0] = op;
	cmd->sc_data_direction = direction;
	cmd->sense_buffer = sense;
	memset(sense, 0, sizeof(sense));
	machine.done = NULL;
	if (!length)
		return cmd;
	sg_init_table(sg, 2);
	for (int i = 0; i < 2; i++)
		sg_set_page(&sg[i], virt_to_page(machine_pages(PAGE_SIZE)), length / 2, 0);
	memset(sg_virt(&sg[0]), direction == DMA_TO_DEVICE ? 0x5a : 0, length / 2);
	memset(sg_virt(&sg[1]), direction == DMA_TO_DEVICE ? 0x5a : 0, length / 2);
	cmd->sdb.table = (struct sg_table){.sgl = sg, .nents = 2, .orig_nents = 2};
	cmd->sdb.length = length;
	return cmd;
}

static void run(struct Scsi_Host *h, struct scsi_cmnd *cmd)
{
	EXPECT("queue", h->hostt->queuecommand(h, cmd), 0);
	settle();
	EXPECT("command ended", machine.done == cmd, 1);
}

/* The last packet of the channel, or of the sub-channel that took the command. */
static const struct host_request *last_request(void)
{
	for (unsigned int i = 0; i < host.n_channels; i++) {
		struct host_channel *c = &host.channels[i];
		const struct host_request *r = &c->log[(c->n_log - 1) % ARRAY_SIZE(c->log)];

		if (c->n_log && r->operation == 3)
			return r;
	}
	user_fail("the host saw no command");
}

static void format(bool old)
{
	const struct host_request *r = last_request();

	EXPECT("bytes of the packet", r->size, old ? 48 : 64);
	EXPECT("length of the request", r->srb_length, old ? 0x24 : 0x34);
	EXPECT("room for sense data", r->sense_length, old ? 0x12 : 0x14);
}

static void io(u32 bus, u16 version, u32 reply)
{
	bool old = version < S(5, 1);
	struct Scsi_Host *h;
	struct scsi_cmnd *cmd;
	const u32 length = 2 * PAGE_SIZE;

	storage_host(bus, version, reply);
	EXPECT("probe", probe(0, false), 0);
	settle();
	h = machine.scsi;

	run(h, prepare(h, TEST_UNIT_READY, DMA_NONE, 0));
	format(old);
	EXPECT("packet type", last_request()->packet_type, VM_PKT_DATA_INBAND);
	EXPECT("result", machine.done->result, 0);

	cmd = prepare(h, READ_10, DMA_FROM_DEVICE, length);
	run(h, cmd);
	format(old);
	EXPECT("packet type", last_request()->packet_type, VM_PKT_DATA_USING_GPA_DIRECT);
	EXPECT("bytes asked for", last_request()->data_length, length);
	EXPECT("result", cmd->result, 0);
	EXPECT("bytes not read", cmd->resid_len, 0);
	for (u32 i = 0; i < length / 2; i++)
		if (((u8 *)sg_virt(&sg[0]))[i] != 0x5a || ((u8 *)sg_virt(&sg[1]))[i] != 0x5a)
			user_fail("byte %u was not read", i);

	cmd = prepare(h, WRITE_10, DMA_TO_DEVICE, length);
	run(h, cmd);
	format(old);
	EXPECT("result", cmd->result, 0);
	EXPECT("bytes not written", cmd->resid_len, 0);

	/* Sense data: as much as the host may send, though it claims more */
	host.scsi_status = SAM_STAT_CHECK_CONDITION;
	host.srb_status = 0x84;
	host.sense_length = 0xff;
	cmd = prepare(h, READ_10, DMA_FROM_DEVICE, length);
	run(h, cmd);
	EXPECT("result", cmd->result & 0xff, SAM_STAT_CHECK_CONDITION);
	EXPECT("first byte of the sense data", sense[0], 0x70);
	EXPECT("18th byte of the sense data", sense[17], 0x81);
	EXPECT("19th byte of the sense data", sense[18], old ? 0 : 0x82);
}

static void io_1_1(void) { io(V(1, 1), S(4, 2), 48); }
static void io_0_13(void) { io(V(0, 13), S(2, 0), 48); }
static void io_2_4(void) { io(V(2, 4), S(5, 1), 0); }
static void io_5_3(void) { io(V(5, 3), S(6, 2), 0); }

/* Two controllers on a bus held down to 1.1: each keeps the format of its own version. */
static void io_mixed(void)
{
	struct Scsi_Host *first;

	host_add_channel(&scsi.guid, 0)->max_storage = S(6, 2);
	host_add_channel(&scsi.guid, 0)->max_storage = S(4, 2);
	storage_host(V(1, 1), S(6, 2), 0);
	EXPECT("probe", probe(0, false), 0);
	first = machine.scsi;
	EXPECT("bytes of the first packet", host.channels[0].log[0].size, 48);
	EXPECT("probe", probe(1, false), 0);
	packets(&host.channels[1], 48);
	run(first, prepare(first, TEST_UNIT_READY, DMA_NONE, 0));
	format(false);
	host.channels[0].n_log = 0;
	run(machine.scsi, prepare(machine.scsi, TEST_UNIT_READY, DMA_NONE, 0));
	format(true);
}

static void reset(u32 bus, u16 version, u32 reply)
{
	struct host_channel *c;
	struct host_request *r;
	struct scsi_cmnd *cmd;

	storage_host(bus, version, reply);
	EXPECT("probe", probe(0, false), 0);
	settle();
	cmd = prepare(machine.scsi, TEST_UNIT_READY, DMA_NONE, 0);
	EXPECT("reset", machine.scsi->hostt->eh_host_reset_handler(cmd), SUCCESS);
	EXPECT("seconds waited in vain", machine.timed_out / HZ, 0);
	c = &host.channels[0];
	r = &c->log[c->n_log - 1];
	EXPECT("operation", r->operation, 6);
	EXPECT("bytes of the packet", r->size, version < S(5, 1) ? 48 : 64);
}

static void reset_1_1(void) { reset(V(1, 1), S(4, 2), 48); }
static void reset_0_13(void) { reset(V(0, 13), S(2, 0), 48); }
static void reset_5_3(void) { reset(V(5, 3), S(6, 2), 0); }

/* The host says that its disks have changed, in a packet with no more than that in it. */
static void rescan_1_1(void)
{
	u32 enumerate_bus = 11;

	storage_host(V(1, 1), S(4, 2), 48);
	EXPECT("probe", probe(0, false), 0);
	settle();
	EXPECT("scans", machine.host_scans, 1);
	host_send(&host.channels[0], 0, VM_PKT_DATA_INBAND, &enumerate_bus, sizeof(enumerate_bus));
	settle();
	EXPECT("scans", machine.host_scans, 2);
}

/* A reply that is shorter than any format is dropped. */
static void reply_too_short(void)
{
	storage_host(V(1, 1), S(4, 2), 40);
	EXPECT("probe", probe(0, false), -ETIMEDOUT);
	EXPECT("seconds waited in vain", machine.timed_out / HZ, 180);
}

/* Today's hosts must not send the short ones either. */
static void reply_short_5_3(void)
{
	storage_host(V(5, 3), S(6, 2), 48);
	EXPECT("probe", probe(0, false), -ETIMEDOUT);
	EXPECT("seconds waited in vain", machine.timed_out / HZ, 180);
}

/*
 * bus, storage: the unpatched module of that name alone is enough to make the case fail; a kernel without the
 * shim has neither. both: holds with and without.
 */
static const struct { const char *name, *class; void (*run)(void); } cases[] = {
	{"negotiate-1.1", "bus", negotiate_1_1},
	{"negotiate-0.13", "bus", negotiate_0_13},
	{"negotiate-nothing", "bus", negotiate_nothing},
	{"negotiate-capped", "bus", negotiate_capped},
	{"negotiate-2.4", "both", negotiate_2_4},
	{"negotiate-5.3", "both", negotiate_5_3},
	{"interrupt-1.1", "bus", interrupt_1_1},
	{"interrupt-0.13", "bus", interrupt_0_13},
	{"interrupt-1.1-channel-255", "bus", interrupt_high},
	{"interrupt-1.1-no-flag", "both", interrupt_no_flag},
	{"interrupt-1.1-disconnected", "both", interrupt_disconnected},
	{"interrupt-2.4", "both", interrupt_2_4},
	{"interrupt-5.3", "both", interrupt_5_3},
	{"offer-0.13-190-bytes", "bus", offer_2008_190},
	{"offer-0.13-192-bytes", "bus", offer_2008_192},
	{"offer-0.13-196-bytes", "bus", offer_2008_196},
	{"offer-0.13-189-bytes", "both", offer_too_short},
	{"offer-1.1", "bus", offer_2008r2},
	{"offer-1.1-190-bytes", "both", offer_short},
	{"offer-5.3", "both", offer_new},
	{"signal-0.13", "bus", signal_0_13},
	{"signal-1.1", "both", signal_1_1},
	{"signal-5.3", "both", signal_5_3},
	{"storage-1.1", "storage", storage_1_1},
	{"storage-0.13", "storage", storage_0_13},
	{"storage-1.1-replies-of-64-bytes", "storage", storage_1_1_long_replies},
	{"storage-1.1-ide", "storage", storage_ide},
	{"storage-2.4", "both", storage_2_4},
	{"storage-5.3", "both", storage_5_3},
	{"storage-5.3-capped", "storage", storage_capped},
	{"storage-5.3-cap-beyond", "storage", storage_cap_beyond},
	{"storage-1.1-cap-below", "storage", storage_cap_below},
	{"storage-5.3-refused", "both", storage_refused},
	{"io-1.1", "storage", io_1_1},
	{"io-0.13", "storage", io_0_13},
	{"io-1.1-two-controllers", "storage", io_mixed},
	{"io-2.4", "both", io_2_4},
	{"io-5.3", "both", io_5_3},
	{"reset-1.1", "storage", reset_1_1},
	{"reset-0.13", "storage", reset_0_13},
	{"reset-5.3", "both", reset_5_3},
	{"rescan-1.1", "storage", rescan_1_1},
	{"reply-1.1-too-short", "both", reply_too_short},
	{"reply-5.3-short", "both", reply_short_5_3},
};

void kernel_list(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		user_printf("%s %s\n", cases[i].name, cases[i].class);
}

int kernel_case(const char *name)
{
	void machine_init(void);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (strcmp(cases[i].name, name) != 0)
			continue;
		machine_init();
		cases[i].run();
		user_printf("passed\n");
		return 0;
	}
	user_printf("no such case\n");
	return 2;
}

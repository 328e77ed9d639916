// SPDX-License-Identifier: GPL-2.0-only
/*
 * A fake Hyper-V as seen through the hypercall page: it takes the guest's messages and signals, reads and writes
 * its rings, and serves one kind of device, a storage controller.
 */
#include <asm/mshyperv.h>

#include "hyperv_vmbus.h"
#include "machine.h"

struct host host;

static struct { /* memory that the guest shares, the ring of a channel */
	u32 id, relid;
	unsigned int n;
	u64 pfns[256];
} shared[16];
static unsigned int n_shared;

/* Messages to the guest, in the slot of the bus in the first CPU's message page */

static struct { u8 data[HV_MESSAGE_PAYLOAD_BYTE_COUNT]; u32 size; } messages[64];
static unsigned int first_message, n_messages;
static u32 due[32]; /* channels to interrupt for */
static unsigned int n_due;

static void post(const void *data, u32 size)
{
	unsigned int at = (first_message + n_messages++) % ARRAY_SIZE(messages);

	memcpy(messages[at].data, data, size);
	messages[at].size = size;
}

static bool deliver_message(void)
{
	struct hv_per_cpu_context *cpu = per_cpu_ptr(hv_context.cpu_context, 0);
	struct hv_message *slot = (struct hv_message *)cpu->synic_message_page + VMBUS_MESSAGE_SINT;

	if (!n_messages || slot->header.message_type != HVMSG_NONE)
		return false;
	memset(slot->u.payload, 0xee, sizeof(slot->u.payload));
	memcpy(slot->u.payload, messages[first_message].data, messages[first_message].size);
	slot->header.payload_size = (u8)messages[first_message].size;
	slot->header.message_type = 1;
	first_message = (first_message + 1) % ARRAY_SIZE(messages);
	n_messages--;
	machine_cpu(0);
	machine.interrupt_handler();
	return true;
}

/* Up to 1.1 the shared page has the channel's bit and flag 0 says so; since 2.4 the channel has a flag. */
void host_interrupt(struct host_channel *c)
{
	bool old = host.version < VERSION_WIN8;
	u32 cpu = old ? 0 : c->target_vp;
	struct hv_per_cpu_context *context = per_cpu_ptr(hv_context.cpu_context, cpu);
	union hv_synic_event_flags *event =
		(union hv_synic_event_flags *)context->synic_event_page + VMBUS_MESSAGE_SINT;

	if (old) {
		set_bit(c->relid, host.interrupt_page);
		set_bit(0, event->flags);
	} else {
		set_bit(c->relid, event->flags);
	}
	machine_cpu(cpu);
	machine.interrupt_handler();
	machine_cpu(0);
}

bool host_step(void)
{
	if (deliver_message())
		return true;
	if (!n_due)
		return false;
	host_interrupt(host_channel(due[--n_due]));
	return true;
}

/* Channels */

struct host_channel *host_channel(u32 relid)
{
	for (unsigned int i = 0; i < host.n_channels; i++)
		if (host.channels[i].relid == relid)
			return &host.channels[i];
	user_fail("the guest names channel %u, which is none", relid);
}

struct host_channel *host_add_channel(const guid_t *type, u16 sub_index)
{
	struct host_channel *c = &host.channels[host.n_channels];

	c->relid = 7 + host.n_channels;
	c->connection_id = 0x2000 + c->relid;
	c->dedicated = true;
	c->type = *type;
	c->instance = (u8)(sub_index ? 1 : host.n_channels + 1);
	c->sub_index = sub_index;
	host.n_channels++;
	return c;
}

void host_offer(struct host_channel *c)
{
	struct vmbus_channel_offer_channel m = {
		.header.msgtype = CHANNELMSG_OFFERCHANNEL,
		.offer.if_type = c->type,
		.offer.sub_channel_index = c->sub_index,
		.child_relid = c->relid,
		.is_dedicated_interrupt = c->dedicated,
		.connection_id = c->connection_id,
	};

	m.offer.if_instance.b[0] = c->instance;
	c->offered = true;
	post(&m, host.offer_size ?: sizeof(m));
}

static void open_channel(const struct vmbus_channel_open_channel *m)
{
	struct host_channel *c = host_channel(m->child_relid);
	struct vmbus_channel_open_result result = {
		.header.msgtype = CHANNELMSG_OPENCHANNEL_RESULT,
		.child_relid = m->child_relid,
		.openid = m->openid,
	};

	for (unsigned int i = 0; i < n_shared; i++) {
		u64 *pfns = shared[i].pfns;
		u32 in = m->downstream_ringbuffer_pageoffset;

		if (shared[i].id != m->ringbuffer_gpadlhandle)
			continue;
		for (unsigned int j = 1; j < shared[i].n; j++)
			if (pfns[j] != pfns[0] + j)
				user_fail("ring in pieces");
		c->out = phys_to_virt(pfns[0] << PAGE_SHIFT);
		c->in = phys_to_virt(pfns[in] << PAGE_SHIFT);
		c->out_size = (in - 1) << PAGE_SHIFT;
		c->in_size = (shared[i].n - in - 1) << PAGE_SHIFT;
		c->open = true;
	}
	c->target_vp = m->target_vp;
	result.status = c->open ? 0 : 1;
	post(&result, sizeof(result));
}

/* Rings: a packet and behind it 8 bytes; an index runs from 0 to the end of the data. */

static void from_ring(struct host_channel *c, u32 at, void *data, u32 size)
{
	for (u32 i = 0; i < size; i++)
		((u8 *)data)[i] = c->out->buffer[(at + i) % c->out_size];
}

static u32 to_ring(struct host_channel *c, u32 at, const void *data, u32 size)
{
	for (u32 i = 0; i < size; i++)
		c->in->buffer[(at + i) % c->in_size] = ((const u8 *)data)[i];
	return (at + size) % c->in_size;
}

void host_send(struct host_channel *c, u64 id, u16 type, const void *data, u32 size)
{
	struct vmpacket_descriptor d = {.type = type, .offset8 = sizeof(d) / 8, .trans_id = id};
	u32 padded = ALIGN(size, 8), start = c->in->write_index, at;
	u64 zero = 0, trailer = (u64)start << 32;

	d.len8 = (u16)((sizeof(d) + padded) / 8);
	at = to_ring(c, start, &d, sizeof(d));
	at = to_ring(c, at, data, size);
	at = to_ring(c, at, &zero, padded - size);
	c->in->write_index = to_ring(c, at, &trailer, sizeof(trailer));
	due[n_due++] = c->relid;
}

/* Storage: what the driver says is logged, and answered as a host does that has a disk full of 0x5a. */

enum {
	COMPLETE_IO = 1, EXECUTE_SRB = 3, RESET_BUS = 6, BEGIN = 7, END = 8, QUERY_VERSION = 9, QUERY_PROPERTIES = 10,
	CREATE_SUB_CHANNELS = 13,
};

struct packet { /* of storage, as long as it has been since Windows 8 */
	u32 operation, flags, status;
	union {
		struct {
			u16 length;
			u8 srb_status, scsi_status, port, path, target, lun;
			u8 cdb_length, sense_length, data_in, reserved;
			u32 data_length;
			u8 cdb[20]; /* or sense data */
		} __packed srb;
		struct { u32 reserved; u16 max_channels, reserved1; u32 flags, max_transfer; u64 reserved2; } __packed p;
		u16 version;
		u16 sub_channels;
		u8 all[52];
	};
} __packed;

/* `gpa`: the packet from its descriptor on, which ends in the pages to read or write; NULL: it has none. */
static void execute(struct packet *p, const u8 *gpa, u32 data_length)
{
	struct vmbus_packet_mpb_array ranges;
	u8 command = p->srb.cdb[0], value = 0x5a;

	if (gpa) {
		const u64 *pfns = (const u64 *)(gpa + sizeof(ranges));

		memcpy(&ranges, gpa, sizeof(ranges));
		for (u32 i = 0; i < data_length; i++) {
			u32 at = ranges.range.offset + i;
			u8 *byte = (u8 *)phys_to_virt(pfns[at / PAGE_SIZE] << PAGE_SHIFT) + at % PAGE_SIZE;

			if (p->srb.data_in)
				*byte = value;
			else if (*byte != value)
				user_fail("byte %u of what the guest writes is 0x%x", i, *byte);
		}
	}
	p->srb.scsi_status = host.scsi_status;
	p->srb.srb_status = host.srb_status ?: 1;
	p->srb.cdb[0] = command;
	if (!host.scsi_status)
		return;
	p->srb.sense_length = host.sense_length;
	for (u32 i = 0; i < sizeof(p->srb.cdb); i++)
		p->srb.cdb[i] = (u8)(0x70 + i);
}

static void serve(struct host_channel *c, struct packet *p)
{
	u32 max = c->max_storage ?: host.max_storage;
	const guid_t type = c->type;

	p->status = 0;
	switch (p->operation) {
	case QUERY_VERSION:
		p->status = p->version > max;
		if (!p->status)
			c->storage = p->version;
		break;
	case QUERY_PROPERTIES:
		p->p.max_channels = 3;
		p->p.flags = host.multi_channel;
		p->p.max_transfer = 0x40000;
		break;
	case CREATE_SUB_CHANNELS:
		host.sub_channels_asked = p->sub_channels;
		for (u16 i = 1; i <= p->sub_channels; i++)
			host_offer(host_add_channel(&type, i));
		break;
	default:
		break;
	}
	p->operation = COMPLETE_IO;
}

/* One packet of the guest's: `head` are the descriptor and what stands before the storage packet. */
static void receive(struct host_channel *c, const u8 *head, const struct vmpacket_descriptor *d, u32 size)
{
	struct packet p = {0};
	u32 length = size - d->offset8 * 8;
	struct host_request *log = &c->log[c->n_log++ % ARRAY_SIZE(c->log)];
	const u8 *gpa = NULL;

	if (length > sizeof(p))
		user_fail("storage packet of %u bytes", length);
	memcpy(&p, head + d->offset8 * 8, length);
	*log = (struct host_request){
		.operation = p.operation, .packet_type = d->type, .size = length, .version = p.version,
		.srb_length = p.srb.length, .sense_length = p.srb.sense_length, .data_length = p.srb.data_length,
	};
	if (d->type == VM_PKT_DATA_USING_GPA_DIRECT)
		gpa = head;
	if (p.operation == EXECUTE_SRB)
		execute(&p, gpa, p.srb.data_length);
	serve(c, &p);
	host_send(c, d->trans_id, VM_PKT_COMP, &p, host.reply_size ?: length);
}

static void read_ring(struct host_channel *c)
{
	while (c->open && c->out->read_index != c->out->write_index) {
		static u8 packet[4096];
		struct vmpacket_descriptor d;
		u32 at = c->out->read_index, size;

		from_ring(c, at, &d, sizeof(d));
		size = d.len8 * 8u;
		if (size > sizeof(packet) || size < sizeof(d) + 8)
			user_fail("packet of %u bytes in the ring", size);
		from_ring(c, at, packet, size);
		c->out->read_index = (at + size + 8) % c->out_size;
		receive(c, packet, &d, size);
	}
}

/* Hypercalls */

static u64 contact(const struct hv_input_post_message *in)
{
	const struct vmbus_channel_initiate_contact *m = (const void *)in->payload;
	struct host_contact *c = &host.contacts[host.n_contacts++];
	struct vmbus_channel_version_response r = {.header.msgtype = CHANNELMSG_VERSION_RESPONSE};
	u32 id = in->connectionid.asu32;

	*c = (struct host_contact){m->vmbus_version_requested, id, in->payload_size};
	if (id == VMBUS_MESSAGE_CONNECTION_ID_4 && host.max_version < VERSION_WIN10_V5)
		return HV_STATUS_INVALID_CONNECTION_ID;
	if (m->vmbus_version_requested <= host.max_version) {
		r.version_supported = 1;
		r.msg_conn_id = id;
		host.version = m->vmbus_version_requested;
		if (host.version < VERSION_WIN10_V5)
			host.interrupt_page = phys_to_virt(m->interrupt_page);
	}
	post(&r, sizeof(r));
	return HV_STATUS_SUCCESS;
}

static void take_pfns(u32 id, const u64 *pfns, u32 bytes)
{
	for (unsigned int i = 0; i < n_shared; i++)
		for (; shared[i].id == id && bytes >= 8; bytes -= 8)
			shared[i].pfns[shared[i].n++] = *pfns++;
}

static u32 gpadl_wants; /* pages of the last header */

static void gpadl_header(const struct vmbus_channel_gpadl_header *m, u32 size)
{
	shared[n_shared].id = m->gpadl;
	shared[n_shared++].relid = m->child_relid;
	gpadl_wants = m->range[0].byte_count >> PAGE_SHIFT;
	take_pfns(m->gpadl, m->range[0].pfn_array, size - sizeof(*m) - sizeof(struct gpa_range));
}

static void gpadl_done(void)
{
	struct vmbus_channel_gpadl_created r = {
		.header.msgtype = CHANNELMSG_GPADL_CREATED,
		.child_relid = shared[n_shared - 1].relid,
		.gpadl = shared[n_shared - 1].id,
	};

	if (shared[n_shared - 1].n == gpadl_wants)
		post(&r, sizeof(r));
}

static void request_offers(void)
{
	struct vmbus_channel_message_header end = {.msgtype = CHANNELMSG_ALLOFFERS_DELIVERED};

	for (unsigned int i = 0; i < host.n_channels; i++)
		if (!host.channels[i].offered)
			host_offer(&host.channels[i]);
	post(&end, sizeof(end));
}

static u64 take_message(const struct hv_input_post_message *in)
{
	const struct vmbus_channel_message_header *h = (const void *)in->payload;
	u32 size = in->payload_size;

	switch (h->msgtype) {
	case CHANNELMSG_INITIATE_CONTACT:
		return contact(in);
	case CHANNELMSG_REQUESTOFFERS:
		request_offers();
		break;
	case CHANNELMSG_GPADL_HEADER:
		gpadl_header((const void *)h, size);
		gpadl_done();
		break;
	case CHANNELMSG_GPADL_BODY: {
		const struct vmbus_channel_gpadl_body *b = (const void *)h;

		take_pfns(b->gpadl, b->pfn, size - sizeof(*b));
		gpadl_done();
		break;
	}
	case CHANNELMSG_OPENCHANNEL:
		open_channel((const void *)h);
		break;
	case CHANNELMSG_CLOSECHANNEL:
		host_channel(((const struct vmbus_channel_close_channel *)h)->child_relid)->open = false;
		break;
	case CHANNELMSG_GPADL_TEARDOWN: {
		struct vmbus_channel_gpadl_torndown r = {
			.header.msgtype = CHANNELMSG_GPADL_TORNDOWN,
			.gpadl = ((const struct vmbus_channel_gpadl_teardown *)h)->gpadl,
		};

		post(&r, sizeof(r));
		break;
	}
	case CHANNELMSG_UNLOAD: {
		struct vmbus_channel_message_header r = {.msgtype = CHANNELMSG_UNLOAD_RESPONSE};

		post(&r, sizeof(r));
		break;
	}
	default:
		user_fail("message %u from the guest", h->msgtype);
	}
	return HV_STATUS_SUCCESS;
}

/* 2008 knows one event for all channels, and looks for theirs in the send half of the page. */
static u64 take_signal(u32 id)
{
	unsigned long *send = host.interrupt_page ? host.interrupt_page + PAGE_SIZE / 2 : NULL;
	bool for_one = false;

	host.signal_id = id;
	host.signals++;
	host.signal_bit = false;
	for (unsigned int i = 0; i < host.n_channels; i++) {
		struct host_channel *c = &host.channels[i];
		bool bit = send && test_and_clear_bit(c->relid, send);

		host.signal_bit |= bit;
		if (host.version == VERSION_WS2008 ? bit : c->connection_id == id) {
			for_one = true;
			read_ring(c);
		}
	}
	return for_one ? HV_STATUS_SUCCESS : HV_STATUS_INVALID_CONNECTION_ID;
}

u64 host_hypercall(u64 control, u64 input);
u64 host_hypercall(u64 control, u64 input)
{
	switch (control & 0xffff) {
	case HVCALL_POST_MESSAGE:
		return take_message(phys_to_virt(input));
	case HVCALL_SIGNAL_EVENT:
		return take_signal((u32)input);
	default:
		user_fail("hypercall 0x%lx", (unsigned long)control);
	}
}

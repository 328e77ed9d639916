/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef MACHINE_H
#define MACHINE_H

#include <linux/hyperv.h>
#include <linux/types.h>
#include <scsi/scsi_host.h>

#include "user.h"

#define CPUS 8u

/* kenv.c: the kernel around the modules under test, on one thread. */

/* Runs one piece of what is due: a message or interrupt of the host, or a work. False: all is quiet. */
bool machine_step(void);

/* The CPU on which the next piece of kernel code runs. */
void machine_cpu(unsigned int cpu);

/* Zeroed pages of the machine's memory. */
void *machine_pages(unsigned long size);

struct machine {
	unsigned int warnings;    /* WARN() in its shapes */
	unsigned long timed_out;  /* jiffies of the wait that nothing ended; 0: none did */
	struct hv_device *devices[8]; /* registered on the bus, in this order */
	unsigned int n_devices;
	struct Scsi_Host *scsi;   /* the last one that a driver made */
	struct scsi_cmnd *done;   /* the last command that ended */
	struct request *requests[4]; /* by tag */
	unsigned int host_scans;
	void (*interrupt_handler)(void); /* of the bus */
	struct hv_driver *driver; /* the last one that was registered on it */
};
extern struct machine machine;

/* host.c: the fake Hyper-V. */

struct host_request { /* one packet of a guest's storage driver */
	u32 operation;
	u16 packet_type;
	u32 size; /* of the storage packet */
	u16 version; /* that it asks for */
	u16 srb_length;
	u8 sense_length;
	u32 data_length; /* of the pages that go with it */
};

struct host_channel {
	u32 relid, connection_id;
	bool dedicated, offered, open;
	guid_t type;
	u8 instance;
	u16 sub_index;
	u32 target_vp;
	struct hv_ring_buffer *out, *in; /* as the guest calls them */
	u32 out_size, in_size;           /* of the data */
	u16 max_storage;                 /* 0: the host's */
	u16 storage;                     /* negotiated */
	struct host_request log[32];
	unsigned int n_log;
};

struct host_contact { /* one attempt of the guest to connect */
	u32 version, connection_id, size;
};

struct host {
	/* Set by a case */
	u32 max_version;   /* of the bus; 0: takes none */
	u16 max_storage;   /* of the storage */
	u32 reply_size;    /* of a storage packet, whatever was asked; 0: as long as the guest's */
	u32 offer_size;    /* of an offer message; 0: all of it */
	bool multi_channel; /* says that storage has sub-channels */
	u8 scsi_status, srb_status, sense_length; /* the next command's end */
	bool forced;       /* the guest never took this version: it was put in place */
	/* What came */
	struct host_contact contacts[16];
	unsigned int n_contacts;
	u32 version;       /* of the bus, taken */
	void *interrupt_page;
	struct host_channel channels[16];
	unsigned int n_channels;
	u32 signal_id;     /* of the last signal */
	bool signal_bit;   /* the channel's bit was set in the send half of the page then */
	unsigned int signals;
	u16 sub_channels_asked;
};
extern struct host host;

/* Makes a channel, which is offered when the guest asks, or now. */
struct host_channel *host_add_channel(const guid_t *type, u16 sub_index);
void host_offer(struct host_channel *c);
void host_interrupt(struct host_channel *c);
struct host_channel *host_channel(u32 relid);
/* A packet from the host on its own account. */
void host_send(struct host_channel *c, u64 id, u16 type, const void *data, u32 size);
/* Delivers a message or an interrupt that is due. */
bool host_step(void);

#endif

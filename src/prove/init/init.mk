# SPDX-License-Identifier: GPL-2.0-or-later
# How the init is compiled: freestanding, without libc, by a compiler that need not have one for that architecture.

INIT_DIR := $(dir $(lastword $(MAKEFILE_LIST)))
INIT_SRC := $(sort $(wildcard $(INIT_DIR)*.c))
INIT_DEPS := $(INIT_SRC) $(wildcard $(INIT_DIR)*.h) $(INIT_DIR)init.mk
INIT_CC ?= gcc
INIT_ARM_CC ?= aarch64-linux-gnu-gcc
INIT_FLAGS = -std=gnu11 -Os -ffreestanding -fno-pic -fno-stack-protector -fno-asynchronous-unwind-tables -Wall -Wextra -Werror \
	-nostdlib -static -Wl,--build-id=none,-s
INIT_COMPILE_x86_64 = $(INIT_CC) -m64 -fcf-protection=none $(INIT_FLAGS)
INIT_COMPILE_i686 = $(INIT_CC) -m32 -march=i686 -fcf-protection=none -mgeneral-regs-only -fno-jump-tables \
	-fno-tree-loop-distribute-patterns $(INIT_FLAGS)
INIT_COMPILE_aarch64 = $(INIT_ARM_CC) -mgeneral-regs-only -mno-outline-atomics $(INIT_FLAGS)

# What this machine's compilers can make.
INIT_ARCHES := $(if $(filter x86_64-% i686-%,$(shell $(INIT_CC) -dumpmachine)),x86_64 i686) \
	$(if $(shell command -v $(INIT_ARM_CC)),aarch64)

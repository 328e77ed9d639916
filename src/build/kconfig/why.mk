# hvcompat: begin (added to a private copy of scripts/kconfig/Makefile, and taken out again)
hostprogs += why
why-objs := why.o $(common-objs)
HOSTCFLAGS_why.o := -D_GNU_SOURCE -I $(srctree)/scripts/kconfig -DSYMBOL_HASHSIZE_OURS=16384 \
	$(if $(shell grep 'const char \*filename' $(srctree)/scripts/kconfig/expr.h),'-DMENU_FILE(m)=(m)->filename','-DMENU_FILE(m)=(m)->file->name')
PHONY += whyconfig
whyconfig: $(obj)/why
	$(Q)$< $(Kconfig)

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The steps of a build, with each call made to fail in turn, and the builder killed at each change of what it keeps: an error, no
# package let out that was not verified, and --resume ends as a build without faults. The source is a toy whose makefile
# has what hvcompat asks of a kernel's; make, cp, dpkg-deb and the stage script are the real ones.
. "$(dirname "$0")/world.sh"
mkdir -p "$dir/data/spec" "$dir/data/kconfig"
cp -r "$top"/spec/stage "$top"/spec/debian "$dir/data/spec/"
cp "$top"/src/build/kconfig/why.* "$dir/data/kconfig/"
export SOURCE_DATE_EPOCH=1700000000 PATH=$PATH:/usr/sbin:/sbin
release=6.1.7-toy

source=$dir/source
mkdir -p "$source/scripts/kconfig" "$source/drivers"
echo mainmenu >"$source/Kconfig"
echo '# programs' >"$source/scripts/kconfig/Makefile"
echo 'obj-y += wall.o' >"$source/drivers/Makefile"
make_image kernel "$release"
gzip -n "$dir/kernel"
mv "$dir/kernel.gz" "$source/image"
cat >"$source/Makefile" <<-END
	.RECIPEPREFIX = >
	VERSION = 6
	PATCHLEVEL = 1
	SUBLEVEL = 7
	all:
	>mkdir -p arch/x86/boot
	>cp image arch/x86/boot/bzImage
	>echo 'ffffffff81000000 T _text' >System.map
	olddefconfig mrproper:
	>@:
	include/config/auto.conf: .config
	>mkdir -p include/config
	>cp .config \$@
	kernelrelease:
	>@echo $release
	image_name:
	>@echo arch/x86/boot/bzImage
	whyconfig:
	>@: >\$\$WHY_ANSWERS
	.PHONY: all olddefconfig mrproper kernelrelease image_name whyconfig
END
make_kernel config 6.1.7 FORT_OLD FORT_NEW OLD_ABI
mv "$dir/config" "$dir/toy.config"

# With --resume where there is something to go on with.
cat >"$dir/go-on" <<-'END'
	#!/bin/bash
	work=${!#}/.hvcompat-build
	[ ! -d "$work" ] || rmdir "$work" 2>/dev/null || set -- "$@" --resume
	exec "$@"
END
chmod +x "$dir/go-on"
options=(--by "$dir/go-on" --always-reset --between '^(out$|out/.hvcompat-build)' --remains '^out/.hvcompat-build')
again='is there already; give another|is there already; --force'
builds=(build --source "$source" --config "$dir/toy.config" --policy keep --arch x86_64 --format deb --jobs 1 --out "$world/out")

# Each call of a whole build takes hours: a part of them, spread over all.
[ "$FAULTS" = 0 ] && most=60 || most=1
faults "a build" "${options[@]}" --again "$again" --most $most --kinds "$(plain_kinds)" -- "${builds[@]}"
rm -rf "${world:?}"/out
[ "$FAULTS" = 0 ] && most=0 || most=4
faults "one that is killed" "${options[@]}" --again "$again" --most $most --kinds state:kill,state:late -- "${builds[@]}"
done_testing

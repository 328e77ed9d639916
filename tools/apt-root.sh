# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
# A private apt root, whose sources are the machine's configured mirror with every suite that carries kernels and
# hypervisors: the machine's own apt is not touched. Read by fetch-kernels and fetch-hypervisors, with $root set to its
# directory; they call make_root and update, then private PROGRAM…, newest PATTERN ARCH.

suites="bullseye bookworm trixie forky sid" # oldest first

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# One URI that the machine has for the release itself, one for its security updates.
mirror_of() {
	apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
		awk -v want="$1" '{ kind = ($2 ~ /-security/) ? "security" : ($2 ~ /-/) ? "other" : "main" }
			kind == want { print $1; exit }'
}

make_root() {
	mkdir -p "$root/etc/apt/preferences.d" "$root/etc/apt/apt.conf.d" "$root/var/lib/apt/lists/partial" \
		"$root/var/cache/apt/archives/partial" "$root/var/lib/dpkg"
	: >"$root/var/lib/dpkg/status"
	main=$(mirror_of main)
	[ -n "$main" ] || { apt-get update -q >/dev/null 2>&1 || true; main=$(mirror_of main); }
	[ -n "$main" ] || die "this machine's apt has no Debian release in its sources; add one and run apt-get update"
	security=$(mirror_of security)
	key=/usr/share/keyrings/debian-archive-keyring.gpg
	: >"$root/etc/apt/sources.list"
	for suite in $suites; do
		case $suite in
		bullseye | bookworm) archs=amd64,i386,arm64 ;;
		*) archs=amd64,arm64 ;; # no i386 kernels since trixie
		esac
		echo "deb [signed-by=$key arch=$archs] $main $suite main" >>"$root/etc/apt/sources.list"
		# bullseye: its last point release, which is what the expected values were read from; forky and sid: none
		case $suite in bullseye | forky | sid) continue ;; esac
		[ -z "$security" ] ||
			echo "deb [signed-by=$key arch=$archs] $security $suite-security main" >>"$root/etc/apt/sources.list"
	done
	# A mirror that lags behind serves indexes past their date: they are signed all the same, and nothing
	# fetched here is ever installed.
	cat >"$root/apt.conf" <<-CONF
		Dir "$root";
		APT::Architecture "amd64";
		APT::Architectures { "amd64"; "i386"; "arm64"; };
		APT::Sandbox::User "root";
		Acquire::Languages "none";
		Acquire::Check-Valid-Until "false";
		Acquire::Retries "3";
	CONF
}

private() {
	APT_CONFIG=$root/apt.conf "$@"
}

update() {
	[ -e "$root/.updated" ] && return
	# A suite that is just being synced fails alone; the others do, and what is missing is told below.
	private apt-get update -q >"$root/update.log" 2>&1 || private apt-get update -q >"$root/update.log" 2>&1 || true
	private apt-cache dumpavail 2>/dev/null | awk '/^Package: linux-/ { p = $2 } /^Version:/ { v = $2 }
		/^Architecture:/ { a = $2 } /^$/ { if (p) print p, v, a; p = "" }' >"$root/packages"
	: >"$root/.updated"
}

# Newest package (by version) whose name matches the pattern, for that architecture: "NAME VERSION ARCH".
newest() {
	best=
	while read -r name version arch; do
		[ "$arch" = "$2" ] || continue
		[ -z "$best" ] || dpkg --compare-versions "$version" gt "${best#* }" || continue
		best="$name $version"
	done <<-LIST
		$(grep -E "^$1 " "$root/packages" || true)
	LIST
	[ -n "$best" ] && echo "$best"
}

# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of hvcompat: verbs and options are asked of hvcompat itself.

_hvcompat_words() {
	"$1" "${@:2}" 2>/dev/null | cut -f1
}

_hvcompat_shims() {
	"$1" shim list 2>/dev/null | grep -v '^ '
}

_hvcompat() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} bin=${COMP_WORDS[0]} verb=${COMP_WORDS[1]}
	local words=

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		words="$(_hvcompat_words "$bin" --list-verbs) help --help --version"
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
		return
	fi
	case $prev in
	--format | -f) words="text json junit sarif html" ;;
	--color) words="auto always never" ;;
	--policy | -p) words=$(_hvcompat_words "$bin" policy list | sed -n 's/^\([^ ].*\) [0-9]*$/\1/p') ;;
	--shim) words=$(_hvcompat_shims "$bin") ;;
	--arch) words="x86_64 i686 aarch64" ;;
	--on | --today | --jobs | -j) return ;;
	--policy-dir | --shim-dir)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	--output | -o)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	esac
	if [ -z "$words" ]; then
		case $verb in
		help) words=$(_hvcompat_words "$bin" --list-verbs) ;;
		policy) [ "$COMP_CWORD" -eq 2 ] && words="lint show list cat package" ;;
		shim)
			[ "$COMP_CWORD" -eq 2 ] && words="list show lint apply"
			case ${COMP_WORDS[2]} in
			show | apply) [ "$COMP_CWORD" -gt 2 ] && words=$(_hvcompat_shims "$bin") ;;
			esac
			;;
		esac
	fi
	case $cur in
	-*) words=$(_hvcompat_words "$bin" --list-options "$verb" | tr -d =) ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	if [ "$verb" = shim ] && [ "${COMP_WORDS[2]}" = apply ] && [ "${#COMPREPLY[@]}" -eq 0 ]; then
		words= # the last one is a tree
	fi
	if [ -z "$words" ] && [ ${#COMPREPLY[@]} -eq 0 ]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
	fi
}
complete -o filenames -F _hvcompat hvcompat

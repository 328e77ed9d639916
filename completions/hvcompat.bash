# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion of hvcompat: verbs, their words, options and what these take are asked of hvcompat itself.

_hvcompat_first() { # BIN LIST...: the first column
	"$1" "${@:2}" 2>/dev/null | cut -f1
}

_hvcompat_policies() {
	"$1" policy list 2>/dev/null | sed -n 's/^\([^ ].*\) [0-9]*$/\1/p'
}

_hvcompat_shims() {
	"$1" shim list 2>/dev/null | grep -v '^ '
}

# BIN VERB OPTION: what its argument may be; "-" where nobody knows; nothing where it takes none
_hvcompat_argument() {
	"$1" --list-options "$2" 2>/dev/null |
		awk -F '\t' -v option="$3" '$1 == option "=" || ($4 == option && $1 ~ /=$/) { print $3 ? $3 : "-" }'
}

_hvcompat_reply() { # WORDS
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

_hvcompat_files() { # -f or -d
	mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

# What an option takes; 1: the word before is none that takes anything.
_hvcompat_complete_argument() {
	local takes

	takes=$(_hvcompat_argument "$bin" "$verb" "$prev")
	case $takes in
	'') return 1 ;;
	-) ;;
	FILE) _hvcompat_files -f ;;
	DIR) _hvcompat_files -d ;;
	SHIM) _hvcompat_reply "$(_hvcompat_shims "$bin")" ;;
	POLICY)
		_hvcompat_reply "$(_hvcompat_policies "$bin")"
		[ ${#COMPREPLY[@]} -gt 0 ] || _hvcompat_files -f
		;;
	*) _hvcompat_reply "$takes" ;;
	esac
}

_hvcompat() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} bin=${COMP_WORDS[0]} verb=${COMP_WORDS[1]}

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		_hvcompat_reply "$(_hvcompat_first "$bin" --list-verbs) help --help --version"
		return
	fi
	# "--format=json" is three words here
	if [ "$cur" = = ]; then
		cur=
	elif [ "$prev" = = ]; then
		prev=${COMP_WORDS[COMP_CWORD-2]}
	fi
	_hvcompat_complete_argument && return
	case $cur in
	-*)
		_hvcompat_reply "$(_hvcompat_first "$bin" --list-options "$verb" | tr -d =)"
		return
		;;
	esac
	case $COMP_CWORD:$verb:${COMP_WORDS[2]} in
	*:help:*) _hvcompat_reply "$(_hvcompat_first "$bin" --list-verbs)"; return ;;
	2:*) _hvcompat_reply "$(_hvcompat_first "$bin" --list-words "$verb")" ;;
	*:policy:show | *:policy:cat) _hvcompat_reply "$(_hvcompat_policies "$bin")" ;;
	*:shim:show | *:shim:apply) _hvcompat_reply "$(_hvcompat_shims "$bin")" ;;
	3:*) _hvcompat_reply "$(_hvcompat_first "$bin" --list-words "$verb" "${COMP_WORDS[2]}")" ;;
	esac
	[ ${#COMPREPLY[@]} -gt 0 ] || _hvcompat_files -f
}
complete -o filenames -F _hvcompat hvcompat

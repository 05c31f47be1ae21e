#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# install-packages.sh [--list] TARGET...: install what is missing of what these targets of the Makefile need, by
# config/packages.txt; all: what any of them needs. Touches nothing when all is there. --list: print their names only.

set -eu

list=$(dirname "$0")/packages.txt
targets=$(awk '!/^#/ && NF > 2 { gsub(",", " ", $2); print $2 }' "$list" | tr ' ' '\n' | sort -u | tr '\n' ' ')
listing=
if [ "${1:-}" = --list ]; then
	listing=1
	shift
fi
wanted=
for target in "$@"; do
	case " $targets all " in
	*" $target "*) wanted="$wanted $target" ;;
	*) set -- ;;
	esac
done
if [ $# -eq 0 ]; then
	echo "usage: $0 [--list] TARGET..., of: ${targets}all" >&2
	exit 2
fi

names=$(awk -v wanted=" run$wanted " '
!/^#/ && NF > 2 {
	cnt = split($2, needs, ",")
	for (i = 1; i <= cnt; i++) {
		if (index(wanted, " " needs[i] " ") || index(wanted, " all ")) {
			printf "%s ", $1
			break
		}
	}
}' "$list")
if [ -n "$listing" ]; then
	echo "$names"
	exit 0
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
	echo "no apt here: install by hand what these Debian packages hold:" "$names" >&2
	exit 0
fi

is_installed() { # PACKAGE
	dpkg-query -W -f '${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed
}

# One that goes by several names is there when any of them is.
is_there() { # NAME[|NAME...]
	for each in $(echo "$1" | tr '|' ' '); do
		! is_installed "$each" || return 0
	done
	return 1
}

# Of several names, the first that apt can install here.
known() { # NAME[|NAME...]
	for each in $(echo "$1" | tr '|' ' '); do
		if LC_ALL=C apt-cache policy "$each" | grep -q 'Candidate: [^(]'; then
			echo "$each"
			return
		fi
	done
	echo "$1"
}

missing=
for name in $names; do
	is_there "$name" || missing="$missing $name"
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		echo "packages are missing and there is no sudo; as root: apt-get install$missing" >&2
		exit 1
	fi
	as_root=sudo
fi

echo "installing:$missing"
$as_root apt-get update -q
packages=
for name in $missing; do
	packages="$packages $(known "$name")"
done
# shellcheck disable=SC2086 # words on purpose
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $packages

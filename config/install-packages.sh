#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# install-packages.sh run|perf|test|ci: install what is missing of config/packages.txt. Touches nothing when all is there.

set -eu

scope=${1:-}
case $scope in
run) wanted='run' ;;
perf) wanted='run perf' ;;
test) wanted='run perf test' ;;
ci) wanted='run perf test ci' ;;
*)
	echo "usage: $0 run|perf|test|ci" >&2
	exit 2
	;;
esac

list=$(dirname "$0")/packages.txt
names=$(awk -v wanted=" $wanted " '!/^#/ && index(wanted, " " $2 " ") { printf "%s ", $1 }' "$list")

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

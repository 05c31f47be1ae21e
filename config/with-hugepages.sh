#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# with-hugepages.sh BYTES -- COMMAND...: run a command with at least BYTES of free hugepages.
#
# Reserves them, 1 GiB pages if they are available, else 2 MiB pages, and gives them back when the command has ended, also
# after Ctrl-C or SIGTERM. The command finds what it got in GROOVE_HUGEPAGES: gigantic, huge or none; set before, it
# says what to try. Exits with the command's status.
#
# Several runs may overlap: each adds all that it needs to the kernel's number and takes off as much. Pages that somebody
# else reserved serve when no more are available, unless another run is there, which may need them.

set -eu

if [ $# -lt 3 ] || [ "$2" != -- ] || [[ ! $1 =~ ^[1-9][0-9]*[KMG]?$ ]]; then
	echo "usage: $0 BYTES[K|M|G] -- COMMAND..." >&2
	exit 2
fi
bytes=$1
shift 2
# EAL and the shared region need some besides
want_kb=$(($(numfmt --from=iec "$bytes") / 1024 + 65536))
pool=
added=0

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif [ -t 0 ]; then
		sudo "$@"
	else
		sudo -n "$@"
	fi
}

# Change the size of a pool by a difference, to the full or not at all. A tenth of memory stays for everything else.
# shellcheck disable=SC2016 # for the inner shell
resize() { # PAGES PAGE_KB
	as_root flock "$pool" sh -ec '
		cd "$1"
		available_kb=$(awk "/^MemAvailable:/ { print \$2 }" /proc/meminfo)
		[ $(($2 * $3 * 10)) -lt $((available_kb * 9)) ]
		read -r before <nr_hugepages
		echo $((before + $2)) >nr_hugepages
		read -r after <nr_hugepages
		[ "$2" -gt 0 ] && [ "$after" -lt $((before + $2)) ] || exit 0
		echo "$before" >nr_hugepages
		exit 1' sh "$pool" "$1" "$2" 2>/dev/null
}

# shellcheck disable=SC2317 # the trap calls it
give_back() {
	[ "$added" -eq 0 ] || resize "-$added" 0 || true
	added=0
}

# The pages that are free already suffice, and no other run is there that could have reserved them.
others_suffice() { # PAGES
	local free resv

	flock --nonblock --exclusive 9 || return 1
	read -r free <"$pool/free_hugepages"
	read -r resv <"$pool/resv_hugepages"
	flock --shared 9
	[ $((free - resv)) -ge "$1" ]
}

# Make sure that a pool has room, or say that it has not. Runs that use a pool share a lock on it, by descriptor 9.
reserve() { # PAGE_KB
	local page_kb=$1 need

	pool=/sys/kernel/mm/hugepages/hugepages-${page_kb}kB
	[ -r "$pool/nr_hugepages" ] || return 1
	# EAL extends its heap by whole pages, after one that it has begun
	need=$(((want_kb + page_kb - 1) / page_kb + 1))
	exec 9<"$pool/free_hugepages"
	flock --shared 9
	if resize "$need" "$page_kb"; then
		added=$need
		return
	fi
	others_suffice "$need" && return
	exec 9<&-
	return 1
}

# Answer the largest page size that has room.
choose() {
	local page

	for page in ${GROOVE_HUGEPAGES:-gigantic huge}; do
		case $page in
		gigantic) reserve 1048576 || continue ;;
		huge) reserve 2048 || continue ;;
		none) continue ;;
		*)
			echo "GROOVE_HUGEPAGES is \"$page\", give gigantic, huge or none" >&2
			exit 2
			;;
		esac
		GROOVE_HUGEPAGES=$page
		return
	done
	GROOVE_HUGEPAGES=none
}

trap give_back EXIT
choose
export GROOVE_HUGEPAGES
case $GROOVE_HUGEPAGES in
gigantic) echo "hugepages: 1 GiB, $added reserved for this run" ;;
huge) echo "hugepages: 2 MiB, $added reserved for this run" ;;
none) echo "hugepages: none available for $bytes, going on with normal pages" ;;
esac

# In the background, so that this shell can act on signals: Ctrl-C reaches the command by itself, others are passed on.
# By default a command in the background ignores Ctrl-C and has no input, hence env and <&0. The lock stays here.
env --default-signal=INT,QUIT "$@" <&0 9<&- &
child=$!
trap 'interrupted=1' INT QUIT
trap 'interrupted=1; kill -TERM "$child" 2>/dev/null || true' TERM HUP

# a signal ends wait, too: then ask again, bash remembers the status
interrupted=1
while [ "$interrupted" ]; do
	interrupted=
	status=0
	wait "$child" || status=$?
done
exit "$status"

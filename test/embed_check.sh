#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# embed_check.sh BUILD SOURCE README: install a build into a temporary folder, and build and run the embedding example,
# and region.c and two_processes.c in its folder, with what pkg-config says there: against libgroove.so, and against
# libgroove.a with shared and with static DPDK, as the guide says. A program may have functions of its own of every name
# that the library keeps to itself. The README shows the first example, and before it lines that compile. Compiled with
# the headers of the other kind of build (-Ddebug_checks) it must not link.

set -eu

build=$(cd "$1" && pwd)
source=$2
readme=$3
cc=${CC:-cc} # may be several words
expected='tag 42, 1500 bytes
free: success, verify: success'

# the guide's words for libgroove.a, and for DPDK's static libraries too
static='pkg-config --cflags --libs libgroove | sed s/-lgroove/-l:libgroove.a/'
static_dpdk='pkg-config --static --cflags --libs libgroove | sed s/-lgroove/-l:libgroove.a/'
guide=$(dirname "$readme")/doc/guides/howto/embed.rst
for words in "$static" "$static_dpdk"; do
	grep -qF "\$($words)" "$guide" || {
		echo "$guide does not say: $words" >&2
		exit 1
	}
done

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

# the K-th listing of the README
listing() { # K
	awk -v k="$1" '/^```c$/ { on = ++cnt == k; next } /^```$/ { on = 0 } on' "$readme"
}

listing 2 >"$root/readme.c"
tail -n +5 "$source" | diff "$root/readme.c" - || {
	echo "$readme shows another example than $source" >&2
	exit 1
}

DESTDIR=$root meson install -C "$build" --quiet
pc=$(find "$root" -name libgroove.pc)
[ -n "$pc" ] || {
	echo "libgroove.pc was not installed" >&2
	exit 1
}
export PKG_CONFIG_PATH="${pc%/*}"
flags=$(pkg-config --cflags --libs libgroove)

{
	printf '#include <groove_heap.h>\nstruct flow { int packets; };\nvoid first(void);\nvoid first(void)\n{\n'
	listing 1 | grep -v '^\.\.\.$'
	echo '}'
} >"$root/heap.c"
# shellcheck disable=SC2086 # words on purpose
$cc -std=c11 -Wall -Wextra -Werror -fsyntax-only $flags "$root/heap.c"

# what the program needs at run time says which library it got
check() { # NAME WANTS-SHARED FLAGS...
	program=$root/$1
	shared=$2
	shift 2
	# shellcheck disable=SC2086 # words on purpose
	$cc -std=c11 -Wall -Wextra -Werror -o "$program" "$example" ${more:-} "$@"
	needed=$(readelf -d "$program" | grep -c 'NEEDED.*libgroove' || true)
	[ "$needed" -eq "$shared" ] || {
		echo "$program needs libgroove.so $needed times, not $shared" >&2
		exit 1
	}
	output=$(LD_LIBRARY_PATH=${pc%/*/*} "$program" "$root")
	[ "$output" = "$expected" ] || {
		printf '%s printed:\n%s\ninstead of:\n%s\n' "$program" "$output" "$expected" >&2
		exit 1
	}
	echo "$(basename "$program"): ok"
}

example=$source
# shellcheck disable=SC2086 # words on purpose
check embed-shared 1 $flags
# shellcheck disable=SC2046 # words on purpose
check embed-static 0 $(eval "$static")

# the drivers are there, and the default is the same, however the library is linked
example=${source%/*}/region.c
expected='driver memfd of memfd, hugetlbfs, file
free: success, verify: success'
# shellcheck disable=SC2086 # words on purpose
check region-shared 1 $flags
# shellcheck disable=SC2046 # words on purpose
check region-static 0 $(eval "$static")

# names within the library, as functions of the program, which end it when the library calls one
globals() { # ARCHIVE...
	nm -g --defined-only --format=posix "$@" | awk 'NF >= 3 { print $1 }' | sort -u
}
globals "$build/lib/libgroove_objects.a" "$build"/drivers/libgroove_*_objects.a | grep -v '^groove_' >"$root/names"
for name in mark_all trim_all zone_release; do
	grep -qx "$name" "$root/names" || {
		echo "$name: not among the names within the library: name another here" >&2
		exit 1
	}
done
{
	echo 'void abort(void);'
	sed 's/.*/void &(void);\nvoid &(void) { abort(); }/' "$root/names"
} >"$root/names.c"
$cc -std=c11 -c -fno-builtin -o "$root/names.o" "$root/names.c"
more=$root/names.o
# shellcheck disable=SC2086 # words on purpose
check own-names-shared 1 $flags -rdynamic
# with a plug-in that is linked in: whole, since nothing calls it
libdir=${pc%/pkgconfig/*}
more="$more -Wl,--whole-archive $libdir/libgroove_volume_memzone.a -Wl,--no-whole-archive"
without=$expected
expected=$(echo "$expected" | sed '1s/ of / of memzone, /')
# shellcheck disable=SC2046 # words on purpose
check own-names-static 0 $(eval "$static")
expected=$without
more=

# with no more of DPDK than EAL, as before the library had telemetry
# shellcheck disable=SC2046 # words on purpose
check region-static-eal 0 $(pkg-config --cflags libgroove) "-L$libdir" -Wl,--whole-archive -l:libgroove.a \
	-Wl,--no-whole-archive -lrte_eal -lnuma -lpthread

# DPDK static as well: libdpdk-dev does not bring the libsystemd.so that its static libraries ask for
mkdir "$root/lib"
systemd=$(ldconfig -p | awk '/libsystemd\.so\.0 / { print $NF; exit }')
if [ -n "$systemd" ]; then
	ln -s "$systemd" "$root/lib/libsystemd.so"
	# shellcheck disable=SC2046 # words on purpose
	check region-static-dpdk 0 "-L$root/lib" \
		$(eval "$static_dpdk")
	! readelf -d "$root/region-static-dpdk" | grep -q 'NEEDED.*librte' || {
		echo "DPDK is shared" >&2
		exit 1
	}
fi

example=${source%/*}/two_processes.c
expected=$(cat "${source%/*}/two_processes.out")
# shellcheck disable=SC2086 # words on purpose
check two-processes-shared 1 $flags
# shellcheck disable=SC2046 # words on purpose
check two-processes-static 0 $(eval "$static")

mkdir "$root/other"
sed '/^#define GROOVE_DEBUG_CHECKS /s/[01]$/!&/; s/!0$/1/; s/!1$/0/' "$(find "$root" -name groove_build_config.h)" \
	>"$root/other/groove_build_config.h"
# shellcheck disable=SC2086 # words on purpose
if $cc -std=c11 -I"$root/other" -o "$root/mixed" "$source" $flags 2>"$root/mixed.log"; then
	echo "a program for the other kind of build links" >&2
	exit 1
fi
grep -q 'undefined reference to .groove_data_join' "$root/mixed.log" || {
	cat "$root/mixed.log" >&2
	exit 1
}
echo "other kind of build: does not link"

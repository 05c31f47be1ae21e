#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The groove authors
#
# debian13.sh DIR run|test|remove [ARGUMENTS]: build groove in a Debian 13, in a folder. The next Debian has a newer DPDK,
# compiler and tools.
#
# run: build, and the main job once. test: that, and every test that starts no guest, with more arguments for meson test.
# The first run fills DIR/root with debootstrap, from the source that apt of this machine has; it stays, and so does
# DIR/root/build. remove: remove DIR.
#
# All mounts are made in a mount namespace of this script. They end with its last process, however that ends; the
# machine has none of them at any time. Needs root, or sudo.

set -eu

suite=trixie

die() {
	echo "$0: $*" >&2
	exit 1
}

if [ $# -lt 2 ] || [[ ! $2 =~ ^(run|test|remove)$ ]]; then
	echo "usage: $0 DIR run|test|remove [ARGUMENTS]" >&2
	exit 2
fi
if [ "$2" = remove ] && [ ! -e "$1" ]; then
	exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || die "debootstrap and chroot need root, and there is no sudo"
	exec sudo --preserve-env=GROOVE_HUGEPAGES,http_proxy,https_proxy,no_proxy "$0" "$@"
fi
mkdir -p "$1"
dir=$(cd "$1" && pwd -P)
source=$(cd "$(dirname "$0")/.." && pwd -P)
root=$dir/root

# in the namespace already: the descriptor of the lock comes along
if [ "${GROOVE_DEBIAN13:-}" != "$dir" ]; then
	exec 8<"$dir"
	flock --nonblock 8 || die "$dir is in use by another run"
	export GROOVE_DEBIAN13=$dir
	[ "$2" = remove ] || exec unshare --mount --propagation private -- "$0" "$@"
fi

# A mount that somebody made below by hand is neither entered nor removed.
remove() { # FOLDER
	local below

	below=$(awk -v folder="$1" '$5 == folder || index($5, folder "/") == 1 { print $5; exit }' /proc/self/mountinfo)
	[ -z "$below" ] || die "$below is mounted: umount it first"
	rm -rf --one-file-system "$1"
}

# The site of Debian's packages, as apt has it.
site() {
	# shellcheck disable=SC2016 # apt fills them in
	apt-get indextargets --format '$(SITE)|$(LABEL)|$(COMPONENT)' 'Created-By: Packages' |
		awk -F '|' '$2 == "Debian" && $3 == "main" { print $1; exit }'
}

# Whole or not at all.
bootstrap() {
	local from

	command -v debootstrap >/dev/null || die "no debootstrap: config/install-packages.sh debian13"
	from=$(site)
	[ -n "$from" ] || die "apt of this machine has no source of Debian's packages (apt-get indextargets)"
	remove "$root.new"
	debootstrap --variant=minbase --include=ca-certificates "$suite" "$root.new" "$from" "$(debootstrap_script)"
	printf '%s\n' force-unsafe-io 'path-exclude=/usr/share/doc/*' 'path-exclude=/usr/share/man/*' \
		'path-exclude=/usr/share/locale/*' >"$root.new/etc/dpkg/dpkg.cfg.d/90fast"
	# no service starts there
	printf '#!/bin/sh\nexit 101\n' >"$root.new/usr/sbin/policy-rc.d"
	chmod +x "$root.new/usr/sbin/policy-rc.d"
	mkdir -p "$root.new/source" "$root.new/build"
	mv "$root.new" "$root"
}

# A debootstrap that is older than the suite makes it as it makes sid.
debootstrap_script() {
	local each

	for each in "$suite" sid; do
		if [ -e "/usr/share/debootstrap/scripts/$each" ]; then
			echo "/usr/share/debootstrap/scripts/$each"
			return
		fi
	done
}

# How this machine reaches the network is how its guest does.
network() {
	apt-config dump Acquire::http Acquire::https >"$root/etc/apt/apt.conf.d/90host" 2>/dev/null || true
	cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
}

# The root is a mount of its own, as on a machine: tests change how mounts below it spread.
mounts() {
	mount --bind "$root" "$root"
	mount -t proc proc "$root/proc"
	mount --rbind /sys "$root/sys"
	mount --rbind /dev "$root/dev"
	mount --bind "$source" "$root/source"
	mount -o remount,bind,ro "$root/source"
}

inside() { # COMMAND...
	env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
		TERM="${TERM:-dumb}" PYTHONDONTWRITEBYTECODE=1 \
		${GROOVE_HUGEPAGES:+GROOVE_HUGEPAGES="$GROOVE_HUGEPAGES"} ${http_proxy:+http_proxy="$http_proxy"} \
		${https_proxy:+https_proxy="$https_proxy"} ${no_proxy:+no_proxy="$no_proxy"} \
		chroot "$root" "$@"
}

if [ "$2" = remove ]; then
	remove "$dir"
	exit 0
fi
[ -d "$root" ] || bootstrap
network
mounts
make=(make --no-print-directory -C /source BUILD=/build)
inside /source/config/install-packages.sh run
inside "${make[@]}" all
inside "${make[@]}" run VOLUMES=1 RUN_ARGS='--alloc-cnt 200000'
[ "$2" = run ] || inside "${make[@]}" test TEST_ARGS="--no-suite guest ${*:3}"

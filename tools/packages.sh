# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# Debian packages that the two commands need; sourced by quickstart and run-tests.

# shellcheck disable=SC2034
packages_build="gcc libc6-dev make autoconf automake pkgconf libfcgi-dev libsqlite3-dev libssl-dev \
libjson-c-dev libjwt-dev libexpat1-dev libisal-dev uthash-dev libinih-dev libcrypt-dev"
# shellcheck disable=SC2034
packages_test="libcmocka-dev nginx-light apache2 s3cmd rclone chromium shellcheck cppcheck curl \
python3 python3-venv xz-utils openssl clang-14 libclang-rt-14-dev strace spawn-fcgi e2fsprogs"
# Clients, which the tests can do without.
# shellcheck disable=SC2034
packages_clients="awscli python3-boto3 restic duplicity s3fs"

# Prints those of its arguments that are not installed.
packages_missing() {
	for p in "$@"; do
		case $p in
		nginx-light)
			[ -x /usr/sbin/nginx ] && continue ;;
		esac
		dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q '^install ok installed$' || echo "$p"
	done
}

# What the console's build needs, unless npm is there already or the console comes built.
packages_console() {
	[ -f "$1/htdocs/dist/index.html" ] || command -v npm >/dev/null 2>&1 || echo nodejs npm
}

# packages_install MAY_INSTALL PACKAGE...: installs what is missing, or names the command and fails.
# A front server's package would start it on port 80: that is prevented while we install.
packages_install() {
	may=$1
	shift
	missing=$(packages_missing "$@" | tr '\n' ' ')
	[ -n "$missing" ] || return 0
	as_root=
	if [ "$(id -u)" -ne 0 ]; then
		as_root=sudo
		sudo -n true 2>/dev/null || may=no
	fi
	if [ "$may" = no ]; then
		echo "Missing packages. Install them with:" >&2
		echo "  ${as_root:+sudo }apt-get install --no-install-recommends $missing" >&2
		return 1
	fi
	echo "installing $missing" >&2
	policy=/usr/sbin/policy-rc.d
	made_policy=no
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
		$as_root chmod 755 $policy
		made_policy=yes
	fi
	rc=0
	# shellcheck disable=SC2086
	{ $as_root apt-get -qq update &&
		$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends \
			$missing; } >&2 || rc=1
	[ $made_policy = no ] || $as_root rm -f $policy
	return $rc
}

#!/bin/sh
# SPDX-License-Identifier: MIT
# Every shell script of the sources passes shellcheck; skipped where that is not installed.
set -eu

if ! command -v shellcheck >/dev/null; then
	echo "shellcheck is not installed"
	exit 77
fi
cd "${srcdir:-.}"
grep -rlIE --exclude-dir=node_modules '^#! ?(/usr)?/bin/(env )?(ba|da)?sh|^# shellcheck shell=' \
	.ci apache bench docs htdocs nginx packaging quickstart run-tests tests tools |
	xargs shellcheck -x

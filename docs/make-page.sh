#!/bin/sh
# SPDX-License-Identifier: MIT
# Prints a page that is made from the tables, by programs of the build directory it runs in.
set -eu

case $1 in
docs/maxiofs.1) exec ./maxiofs help man ;;
docs/operations.md)
	./docs/manual operations | python3 "$(dirname "$0")/../tests/lint/operations.py" "$(dirname "$0")/.."
	;;
docs/*.md)
	page=${1#docs/}
	exec ./docs/manual "${page%.md}"
	;;
esac

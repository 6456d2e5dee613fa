#!/bin/sh
# SPDX-License-Identifier: MIT
# The pages that are made from tables are those that the tables make.
set -u

srcdir=${srcdir:-.}
rc=0
for page in docs/maxiofs.1 docs/metrics.md docs/operations.md docs/settings.md; do
	if ! sh "$srcdir/docs/make-page.sh" $page | diff -u "$srcdir/$page" -; then
		echo "$page is old: make pages"
		rc=1
	fi
done
exit $rc

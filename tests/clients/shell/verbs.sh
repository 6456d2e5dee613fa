# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Reads verbs (../README.md) from standard input and calls the functions of these names, which print values, one a line.

set -o pipefail
said=$(mktemp)
trap 'rm -f "$said"' EXIT

serve_verbs() {
	local words values
	while IFS= read -r line; do
		IFS=$'\t' read -ra words <<<"$line"
		if values=$("verb_${words[0]}" "${words[@]:1}" 2>"$said" </dev/null); then
			printf 'ok%s\n' "${values:+$'\t'${values//$'\n'/$'\t'}}"
		else
			printf 'error\t%s\n' "$(tr '\n\t' '  ' <"$said")"
		fi
	done
}

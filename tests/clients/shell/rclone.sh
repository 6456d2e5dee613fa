#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# rclone; ../README.md has the verbs.
set -u
# shellcheck source=tests/clients/shell/verbs.sh
. "$(dirname "$0")/verbs.sh"

[ "$S3_STYLE" = path ] && path_style=true || path_style=false
unset AWS_CA_BUNDLE # which its library takes no other transport with; it trusts SSL_CERT_FILE
export RCLONE_CONFIG=/dev/null RCLONE_RETRIES=1 RCLONE_LOW_LEVEL_RETRIES=1
export RCLONE_CONFIG_M_TYPE=s3 RCLONE_CONFIG_M_PROVIDER=Other RCLONE_CONFIG_M_ENDPOINT=$S3_ENDPOINT \
	RCLONE_CONFIG_M_REGION=$S3_REGION RCLONE_CONFIG_M_ACCESS_KEY_ID=$S3_ACCESS_KEY \
	RCLONE_CONFIG_M_SECRET_ACCESS_KEY=$S3_SECRET_KEY RCLONE_CONFIG_M_FORCE_PATH_STYLE=$path_style \
	RCLONE_CONFIG_M_CHUNK_SIZE=5M RCLONE_CONFIG_M_LIST_CHUNK=2

of() { printf 'M:%s/%s' "$S3_BUCKET" "$1"; }

verb_put() { rclone copyto "$2" "$(of "$1")"; }
verb_upload() { rclone copyto --s3-upload-cutoff 5M "$2" "$(of "$1")"; }
verb_get() { rclone copyto "$(of "$1")" "$2"; }
verb_range() { rclone cat --offset "$3" --count $(($4 - $3 + 1)) "$(of "$1")" >"$2"; }
verb_list() { rclone lsf --recursive --files-only "$(of "$1")" | sed "s|^|$1|"; }
verb_copy() { rclone copyto "$(of "$1")" "$(of "$2")"; }
verb_presign-get() { rclone link --expire 10m "$(of "$1")"; }

verb_delete() {
	local key
	for key in "$@"; do
		rclone deletefile "$(of "$key")" || return
	done
}

serve_verbs

#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# s3cmd; ../README.md has the verbs.
set -u
# shellcheck source=tests/clients/shell/verbs.sh
. "$(dirname "$0")/verbs.sh"

config=$(mktemp)
trap 'rm -f "$said" "$config"' EXIT
host=${S3_ENDPOINT#*://}
[ "$S3_STYLE" = path ] && host_bucket=$host || host_bucket="%(bucket)s.$host"
[ "${S3_ENDPOINT%%:*}" = https ] && https=True || https=False
cat >"$config" <<EOF
[default]
access_key = $S3_ACCESS_KEY
secret_key = $S3_SECRET_KEY
bucket_location = $S3_REGION
host_base = $host
host_bucket = $host_bucket
use_https = $https
signurl_use_https = $https
ca_certs_file = ${SSL_CERT_FILE:-}
multipart_chunk_size_mb = 5
max_retries = 0
EOF

s3() { s3cmd -c "$config" --no-progress --quiet "$@"; }
of() { printf 's3://%s/%s' "$S3_BUCKET" "$1"; }

verb_put() { s3 put --disable-multipart "$2" "$(of "$1")"; }
verb_upload() { s3 put "$2" "$(of "$1")"; }
verb_get() { s3 get --force "$(of "$1")" "$2"; }
verb_list() { s3cmd -c "$config" ls --recursive --limit=1000 "$(of "$1")" | sed "s|.* s3://$S3_BUCKET/||"; }
verb_copy() { s3 cp "$(of "$1")" "$(of "$2")"; }
verb_presign-get() { s3cmd -c "$config" signurl "$(of "$1")" +600; }

verb_delete() {
	local key targets=()
	for key in "$@"; do
		targets+=("$(of "$key")")
	done
	s3 del "${targets[@]}"
}

serve_verbs

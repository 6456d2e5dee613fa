#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The AWS command line, any version: aws.sh PROGRAM; ../README.md has the verbs.
set -u
# shellcheck source=tests/clients/shell/verbs.sh
. "$(dirname "$0")/verbs.sh"
program=$1

AWS_CONFIG_FILE=$(mktemp)
export AWS_CONFIG_FILE AWS_ACCESS_KEY_ID=$S3_ACCESS_KEY AWS_SECRET_ACCESS_KEY=$S3_SECRET_KEY AWS_PAGER=
cat >"$AWS_CONFIG_FILE" <<EOF
[default]
region = $S3_REGION
s3 =
  addressing_style = $S3_STYLE
  multipart_threshold = 5MB
  multipart_chunksize = 5MB
EOF
trap 'rm -f "$said" "$AWS_CONFIG_FILE"' EXIT

aws() { "$program" --endpoint-url "$S3_ENDPOINT" "$@"; }
api() { aws s3api "$1" --bucket "$S3_BUCKET" "${@:2}"; }

verb_put() { api put-object --key "$1" --body "$2" >/dev/null; }
verb_upload() { aws s3 cp --quiet "$2" "s3://$S3_BUCKET/$1"; }
verb_get() { aws s3 cp --quiet "s3://$S3_BUCKET/$1" "$2"; }
verb_range() { api get-object --key "$1" --range "bytes=$3-$4" "$2" >/dev/null; }
verb_list() { api list-objects-v2 --prefix "$1" --page-size 2 --query 'Contents[].[Key]' --output text; }
verb_copy() { aws s3 cp --quiet "s3://$S3_BUCKET/$1" "s3://$S3_BUCKET/$2"; }
verb_presign-get() { aws s3 presign "s3://$S3_BUCKET/$1" --expires-in 600; }

verb_delete() {
	local key entries=
	if [ $# -eq 1 ]; then
		aws s3 rm --quiet "s3://$S3_BUCKET/$1"
		return
	fi
	for key in "$@"; do
		entries+=${entries:+,}"{Key=$key}"
	done
	api delete-objects --delete "Objects=[$entries]" >/dev/null
}

serve_verbs

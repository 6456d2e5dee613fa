# SPDX-License-Identifier: MIT
# From the whole configuration in nginx/maxiofs.conf.in a file for conf.d of the system's nginx: upstreams and
# map as they are, and in both servers the directives that the template gives once for all, where a server has
# no own.
/^http \{/ { inside = 1; next }
!inside { next }
/^\}/ { inside = 0; next }
{ sub(/^\t/, "") }
/^(include|default_type|sendfile|tcp_|[a-z_]*_temp_path)/ { next }
/^#/ { comment = comment $0 "\n"; next }
/^(upstream|map|server) / { block = 1; text = text comment; comment = "" }
block {
	text = text $0 "\n"
	if (/server_name/) text = text "\001"
	if (/^\}/) { block = 0; text = text "\n" }
	next
}
/./ { common = common indent(comment) "\t" $0 "\n"; comment = "" }

function indent(lines) {
	gsub(/[^\n]+\n/, "\t&", lines)
	return lines
}

# The common directives, without those that the rest of this server gives itself.
function common_for(rest,    lines, n, i, name, out) {
	n = split(common, lines, "\n")
	for (i = 1; i < n; i++) {
		name = lines[i]
		sub(/ .*/, " ", name)
		if (name ~ /#/ || !index(rest, "\n" name)) out = out lines[i] "\n"
	}
	return out
}

END {
	printf "# SPDX-License-Identifier: MIT\n# MaxIOFS for the system's nginx: /etc/nginx/conf.d/maxiofs.conf\n\n"
	n = split(text, parts, "\001")
	for (i = 1; i <= n; i++)
		printf "%s%s", parts[i], i < n ? common_for(parts[i + 1]) : ""
}

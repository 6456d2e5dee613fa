# SPDX-License-Identifier: MIT
# From the whole configuration in apache/maxiofs.conf.in a file for sites-available of the system's Apache: both
# virtual hosts, and in each the directives that the template gives once for all.
/^# Every key/ { common = 1 }
common && /^$/ { common = 0 }
common { lines = lines "\t" $0 "\n" }
/^Timeout|^MaxKeepAliveRequests|^KeepAliveTimeout|^TraceEnable/ { lines = lines "\t" $0 "\n" }
/^# Connections to the responders/ {
	printf "# SPDX-License-Identifier: MIT\n# MaxIOFS for the system's Apache: /etc/apache2/sites-available/maxiofs.conf\n"
	print "# a2enmod proxy_fcgi headers rewrite deflate reqtimeout ssl http2"
	print "Listen @S3_PORT@\nListen @CONSOLE_PORT@\n"
	body = 1
}
body { print }
body && /^<VirtualHost/ { printf "%s", lines }

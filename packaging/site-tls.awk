# SPDX-License-Identifier: MIT
# From a site, of nginx or of Apache, the same over TLS: both servers on one port, told apart by their names.
/@S3_PORT@|@CONSOLE_PORT@/ {
	name = /@S3_PORT@/ ? "s3.example.com" : "console.example.com"
	other = /@S3_PORT@/ ? "*.s3.example.com" : ""
	if (/^Listen/) next
	if (/^<VirtualHost/) {
		print "<VirtualHost *:443>\n\tServerName " name
		if (other) print "\tServerAlias " other
		print "\tProtocols h2 http/1.1\n\tSSLEngine on"
		print "\tSSLCertificateFile /etc/ssl/certs/" name ".pem\n\tSSLCertificateKeyFile /etc/ssl/private/" name ".key"
		next
	}
	default_server = other ? " default_server" : ""
	print "\tlisten 443 ssl http2" default_server ";\n\tlisten [::]:443 ssl http2" default_server ";"
	print "\tserver_name " name (other ? " " other : "") ";"
	print "\tssl_certificate /etc/ssl/certs/" name ".pem;\n\tssl_certificate_key /etc/ssl/private/" name ".key;"
	next
}
/^\tserver_name _;/ { next }
{ print }

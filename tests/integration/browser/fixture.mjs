// SPDX-License-Identifier: MIT
/*
 * A stand-in for the front server and console.fcgi, to work on the console and its browser test without them:
 * node fixture.mjs DIR PORT [empty|many]. Serves a built console with the policy of the front servers.
 */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';

const [dir, port = '8081', mode = 'some'] = process.argv.slice(2);
const policy =
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
	"font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types 'none'";
const types = {
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript',
	'.css': 'text/css',
	'.svg': 'image/svg+xml',
};
const sessions = new Set();
const user = { id: 'f'.repeat(64), name: 'admin', displayName: 'Administrator', email: '', role: 'globalAdmin' };
const owner = { id: user.id, displayName: user.displayName };
const names = {
	empty: [],
	some: ['seen-in-browser', 'backups', 'media.archive.2026', 'a-rather-long-bucket-name-that-goes-on-until-sixty-three-letters'],
	many: Array.from({ length: 250 }, (_, i) => `bucket-${String(i).padStart(3, '0')}`),
}[mode];

const buckets = names.map((name, i) => ({
	name,
	tenantId: i % 3 === 1 ? 'tenant-1234abcd' : null,
	tenantName: i % 3 === 1 ? 'Acme Incorporated' : null,
	owner,
	createdAt: new Date(Date.UTC(2026, 10, 23, 8, 49, i)).toISOString(),
	objects: i * 12_345,
	bytes: i * i * 987_654_321,
}));

function send(res, status, body) {
	const type = status < 400 ? 'application/json' : 'application/problem+json';
	res.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' });
	res.end(status === 204 ? undefined : JSON.stringify(body));
}

function problem(res, status, code) {
	send(res, status, { type: 'about:blank', title: code, status, code, requestId: '0123456789ABCDEF' });
}

function session(res, token) {
	sessions.add(token);
	send(res, 200, { token, expiresAt: new Date(Date.now() + 3_600_000).toISOString(), user, tenant: null });
}

function login(req, res) {
	let text = '';
	req.on('data', (chunk) => {
		text += chunk;
	});
	req.on('end', () => {
		const { user: name, password } = JSON.parse(text);
		if (name !== (process.env.MAXIOFS_USER ?? 'admin') || password !== process.env.MAXIOFS_PASSWORD) {
			problem(res, 401, 'InvalidCredentials');
		} else {
			session(res, `t${Math.random()}`);
		}
	});
}

function list(res, query) {
	const from = Number(query.get('cursor') ?? 0);
	const items = buckets.slice(from, from + 100);
	const next = from + 100 < buckets.length ? String(from + 100) : null;
	send(res, 200, { items, nextCursor: next });
}

function api(req, res, { pathname, searchParams }) {
	const route = `${req.method} ${pathname.slice('/api/v1'.length)}`;
	const token = (req.headers.authorization ?? '').replace('Bearer ', '');
	if (route === 'POST /auth/login') {
		login(req, res);
	} else if (!sessions.has(token)) {
		problem(res, 401, 'SessionEnded');
	} else if (route === 'POST /auth/refresh') {
		session(res, token);
	} else if (route === 'POST /auth/logout') {
		sessions.delete(token);
		send(res, 204);
	} else if (route === 'GET /me') {
		send(res, 200, {
			user,
			tenant: null,
			capabilities: ['buckets.list', 'tenants.all'],
			limits: { pageSize: 1000, passwordMinBytes: 8, passwordMaxBytes: 72, sessionSeconds: 3600 },
			s3Url: 'http://127.0.0.1:8080',
			sessionExpiresAt: new Date(Date.now() + 3_600_000).toISOString(),
		});
	} else if (route === 'GET /buckets') {
		list(res, searchParams);
	} else {
		problem(res, 404, 'NotFound');
	}
}

function file(res, pathname) {
	let path = join(dir, normalize(pathname));
	if (!existsSync(path) || !statSync(path).isFile()) {
		path = join(dir, 'index.html');
	}
	res.writeHead(200, {
		'Content-Type': types[extname(path)] ?? 'application/octet-stream',
		'Content-Security-Policy': policy,
		'Cache-Control': 'no-cache',
		'X-Content-Type-Options': 'nosniff',
	});
	createReadStream(path).pipe(res);
}

createServer((req, res) => {
	const target = new URL(req.url, 'http://fixture');
	if (target.pathname.startsWith('/api/')) {
		api(req, res, target);
	} else {
		file(res, target.pathname);
	}
}).listen(Number(port), '127.0.0.1');

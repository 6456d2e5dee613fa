// SPDX-License-Identifier: MIT
/* Size budgets of the built console, in bytes after gzip; the argument is the folder it was built into. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const KIB = 1024;
const dir = process.argv[2] ?? 'out';
const manifest = JSON.parse(readFileSync(join(dir, '.vite', 'manifest.json'), 'utf8'));
const size = (file) => gzipSync(readFileSync(join(dir, file)), { level: 9 }).length;

/* The scripts a chunk needs before it can run. */
function needed(key, seen = new Set()) {
	if (!seen.has(key)) {
		seen.add(key);
		for (const next of manifest[key].imports ?? []) {
			needed(next, seen);
		}
	}
	return seen;
}

function scripts(keys) {
	const all = new Set(keys.flatMap((key) => [...needed(key)]));
	return [...all].reduce((sum, key) => sum + size(manifest[key].file), 0);
}

const chunk = (name) => Object.keys(manifest).find((key) => manifest[key].name === name);
const shell = ['index.html', chunk('SignedIn')];
const routes = Object.keys(manifest).filter((key) => key.startsWith('src/features/'));
const css = readdirSync(join(dir, 'assets')).filter((file) => file.endsWith('.css'));
const rows = [
	['login', scripts(['index.html']), 110 * KIB],
	['shell and buckets', scripts([...shell, 'src/features/buckets/BucketsPage.tsx']), 220 * KIB],
	...routes.map((key) => [key, scripts([...shell, key]) - scripts(shell), 40 * KIB]),
	['style sheets', css.reduce((sum, file) => sum + size(join('assets', file)), 0), 25 * KIB],
];

let failed = false;
for (const [name, bytes, most] of rows) {
	const verdict = bytes <= most ? 'ok' : 'TOO LARGE';
	failed ||= bytes > most;
	console.log(`${name}: ${(bytes / KIB).toFixed(1)} of ${most / KIB} KiB ${verdict}`);
}

/* What the Content-Security-Policy would refuse must not be built in the first place. */
const html = readFileSync(join(dir, 'index.html'), 'utf8');
if (/<style|style=|<script(?![^>]*\ssrc=)|\son[a-z]+=|https?:\/\//.test(html)) {
	failed = true;
	console.error('index.html holds inline code, inline style or an outside address');
}
process.exit(failed ? 1 : 0);

// SPDX-License-Identifier: MIT
/* The lock file must not say where packages are downloaded from: that is the installer's own matter. */
import { readFileSync } from 'node:fs';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const bad = Object.entries(lock.packages).filter(([, p]) => p.resolved !== undefined);
const unsure = Object.entries(lock.packages).filter(
	([path, p]) => path && !p.integrity && !p.optional,
);
for (const [path] of bad) {
	console.error(`package-lock.json: ${path} names a download address`);
}
for (const [path] of unsure) {
	console.error(`package-lock.json: ${path} has no integrity`);
}
process.exit(bad.length + unsure.length > 0 ? 1 : 0);

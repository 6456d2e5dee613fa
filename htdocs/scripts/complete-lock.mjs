// SPDX-License-Identifier: MIT
/*
 * Names every optional package of other platforms in the lock file, also those that the registry in use does
 * not serve: `npm ci` compares the names with what the packages ask for, and installs only its own platform's.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const systems = ['android', 'darwin', 'freebsd', 'linux', 'openbsd', 'openharmony', 'win32'];
const processors = { 'arm-': 'arm', loong64: 'loong64', ppc64: 'ppc64', riscv64: 'riscv64' };
Object.assign(processors, { s390x: 's390x', arm64: 'arm64', x64: 'x64', ia32: 'ia32' });

function platformOf(name) {
	const os = systems.find((s) => name.includes(s));
	const cpu = Object.entries(processors).find(([part]) => name.includes(part))?.[1];
	if (!os || !cpu) {
		throw new Error(`${name}: for which platform is it?`);
	}
	const libc = /musl/.test(name) ? ['musl'] : /linux/.test(name) ? ['glibc'] : undefined;
	return { cpu: [cpu], ...(libc ? { libc } : {}), os: [os] };
}

for (const [path, entry] of Object.entries(lock.packages)) {
	for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
		if (
			!lock.packages[`node_modules/${name}`] &&
			!lock.packages[`${path}/node_modules/${name}`]
		) {
			lock.packages[`node_modules/${name}`] = {
				version,
				...platformOf(name),
				dev: true,
				optional: true,
			};
		}
	}
}
const byName = ([a], [b]) => (a < b ? -1 : 1);
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(byName));
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, '\t')}\n`);

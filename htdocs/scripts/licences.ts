// SPDX-License-Identifier: MIT
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/* The folder of the package a module belongs to. */
function packageOf(module: string): string | null {
	const found = /^(?:\0)?(.*\/node_modules\/(?:@[^/]+\/)?[^/?\0]+)/.exec(module);
	return found?.[1] ?? null;
}

function noticeOf(folder: string): string {
	const { name, version, license } = JSON.parse(
		readFileSync(join(folder, 'package.json'), 'utf8'),
	);
	const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
	const text = file ? readFileSync(join(folder, file), 'utf8').trim() : `License: ${license}`;
	return `${name} ${version}\n\n${text}\n`;
}

/* Puts the licences of everything that was bundled beside it, as they ask for. */
export function licences(): Plugin {
	return {
		name: 'licences',
		apply: 'build',
		generateBundle(_, bundle) {
			const modules = Object.values(bundle).flatMap((c) =>
				c.type === 'chunk' ? c.moduleIds : [],
			);
			const folders = new Set(modules.map(packageOf).filter((f): f is string => f !== null));
			const notices = [...folders]
				.filter((folder) => existsSync(join(folder, 'package.json')))
				.sort()
				.map(noticeOf);
			this.emitFile({
				type: 'asset',
				fileName: 'licences.txt',
				source: notices.join(`\n${'-'.repeat(78)}\n\n`),
			});
		},
	};
}

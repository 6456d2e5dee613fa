// SPDX-License-Identifier: MIT
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { licences } from './scripts/licences';

export default defineConfig({
	plugins: [react(), licences()],
	build: {
		target: 'es2022',
		outDir: 'out',
		/* No data: addresses, no inline polyfill: nothing that the Content-Security-Policy would refuse. */
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		/* scripts/budget.mjs reads the manifest; it is not installed. */
		manifest: true,
		sourcemap: false,
	},
	server: {
		proxy: { '/api': 'http://127.0.0.1:8081' },
	},
	test: {
		environment: 'jsdom',
		environmentOptions: { jsdom: { url: 'http://console.test/' } },
		setupFiles: ['src/testing/setup.ts'],
		include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.{ts,mjs}'],
		restoreMocks: true,
		testTimeout: 30_000,
	},
});

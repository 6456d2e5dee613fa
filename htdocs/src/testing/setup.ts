// SPDX-License-Identifier: MIT
import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

/* The first test that signs in loads half the console, perhaps on a busy machine. */
configure({ asyncUtilTimeout: 15_000 });

/* jsdom has no media queries; the module of the theme asks at once. */
window.matchMedia ??= (query: string) =>
	Object.assign(new EventTarget(), {
		matches: false,
		media: query,
		onchange: null,
		addListener: () => undefined,
		removeListener: () => undefined,
	});

const { startI18n } = await import('../lib/i18n');
await startI18n();

afterEach(() => {
	cleanup();
	localStorage.clear();
	delete document.documentElement.dataset.theme;
	vi.useRealTimers();
});

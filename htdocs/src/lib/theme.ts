// SPDX-License-Identifier: MIT
import { useSyncExternalStore } from 'react';
import { store } from './storage';

/* The system's theme unless one was chosen. public/theme.js applies the choice before the first paint. */
export type Theme = 'light' | 'dark';

const listeners = new Set<() => void>();
const systemDark = window.matchMedia('(prefers-color-scheme: dark)');

function current(): Theme {
	const chosen = document.documentElement.dataset.theme;
	if (chosen === 'light' || chosen === 'dark') {
		return chosen;
	}
	return systemDark.matches ? 'dark' : 'light';
}

function subscribe(listener: () => void): () => void {
	listeners.add(listener);
	systemDark.addEventListener('change', listener);
	return () => {
		listeners.delete(listener);
		systemDark.removeEventListener('change', listener);
	};
}

export function setTheme(theme: Theme): void {
	document.documentElement.dataset.theme = theme;
	store('maxiofs.theme', theme);
	for (const listener of listeners) {
		listener();
	}
}

export function useTheme(): Theme {
	return useSyncExternalStore(subscribe, current);
}

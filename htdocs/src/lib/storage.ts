// SPDX-License-Identifier: MIT
/* localStorage that never throws: without it (private modes, policies) values live as long as the page. */
const memory = new Map<string, string>();

export function stored(key: string): string | null {
	try {
		return localStorage.getItem(key);
	} catch {
		return memory.get(key) ?? null;
	}
}

export function store(key: string, value: string | null): void {
	try {
		if (value === null) {
			localStorage.removeItem(key);
		} else {
			localStorage.setItem(key, value);
		}
	} catch {
		if (value === null) {
			memory.delete(key);
		} else {
			memory.set(key, value);
		}
	}
}

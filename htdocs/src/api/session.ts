// SPDX-License-Identifier: MIT
import { useSyncExternalStore } from 'react';
import { store, stored } from '../lib/storage';

/*
 * The session of this browser: its token, kept in localStorage, shared by all tabs. Being bound to the
 * console's origin it reaches neither the S3 port nor, unlike a cookie, a forged request.
 */
export interface Session {
	token: string;
	expiresAt: string;
}
export type SessionEnd = 'expired' | 'loggedOut';

const key = 'maxiofs.session';
const listeners = new Set<() => void>();
let current: Session | null = parse(stored(key));
let lastEnd: SessionEnd | null = null;

function parse(text: string | null): Session | null {
	try {
		const value: unknown = JSON.parse(text ?? 'null');
		if (typeof value !== 'object' || value === null) {
			return null;
		}
		const { token, expiresAt } = value as Partial<Session>;
		return typeof token === 'string' && typeof expiresAt === 'string'
			? { token, expiresAt }
			: null;
	} catch {
		return null;
	}
}

function tell(): void {
	for (const listener of listeners) {
		listener();
	}
}

window.addEventListener('storage', (event) => {
	if (event.key === key || event.key === null) {
		current = parse(stored(key));
		tell();
	}
});

export function getSession(): Session | null {
	return current;
}

export function setSession(session: Session): void {
	current = { token: session.token, expiresAt: session.expiresAt };
	lastEnd = null;
	store(key, JSON.stringify(current));
	tell();
}

export function endSession(why: SessionEnd): void {
	current = null;
	lastEnd = why;
	store(key, null);
	tell();
}

/* Why there is no session any more; null after a fresh start. */
export function sessionEnd(): SessionEnd | null {
	return lastEnd;
}

export function subscribeSession(listener: () => void): () => void {
	listeners.add(listener);
	return () => listeners.delete(listener);
}

export function useSession(): Session | null {
	return useSyncExternalStore(subscribeSession, getSession);
}

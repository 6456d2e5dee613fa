// SPDX-License-Identifier: MIT
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sessionBody, startServer, type TestServer } from '../testing/server';
import { startKeeper } from './keeper';
import { endSession, getSession, sessionEnd, setSession } from './session';

const minute = 60_000;
let server: TestServer;
let stop: () => void;

beforeEach(() => {
	vi.useFakeTimers();
	server = startServer();
	let n = 0;
	server.on('POST /auth/refresh', () => ({ body: sessionBody(`renewed-${++n}`) }));
	setSession(sessionBody('first'));
	stop = startKeeper();
});

afterEach(() => {
	stop();
	endSession('loggedOut');
});

async function pass(minutes: number, active: boolean) {
	for (let i = 0; i < minutes; i++) {
		if (active) {
			window.dispatchEvent(new Event('keydown'));
		}
		await vi.advanceTimersByTimeAsync(minute);
	}
}

describe('the keeper', () => {
	it('renews the session of a person who is there, not more often than needed', async () => {
		await pass(29, true);
		expect(server.count('POST /auth/refresh')).toBe(0);
		await pass(120, true);
		expect(getSession()?.token).toMatch(/^renewed-/);
		expect(server.count('POST /auth/refresh')).toBeGreaterThanOrEqual(3);
		expect(server.count('POST /auth/refresh')).toBeLessThanOrEqual(5);
	});

	it('signs out who walked away', async () => {
		await pass(61, false);
		expect(server.count('POST /auth/refresh')).toBe(0);
		expect(getSession()).toBeNull();
		expect(sessionEnd()).toBe('expired');
	});

	it('tries again when the server could not be reached', async () => {
		server.on('POST /auth/refresh', 'unreachable');
		await pass(35, true);
		expect(getSession()?.token).toBe('first');
		server.on('POST /auth/refresh', () => ({ body: sessionBody('late') }));
		await pass(1, true);
		expect(getSession()?.token).toBe('late');
	});
});

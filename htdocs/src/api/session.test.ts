// SPDX-License-Identifier: MIT
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { problem, sessionBody, startServer } from '../testing/server';
import { getMe, login, logout, refresh } from './client';
import { ApiError } from './problem';
import { endSession, getSession, sessionEnd, setSession } from './session';

const credentials = { user: 'admin', password: 'secret' };
const never = () => new AbortController().signal;

beforeEach(() => endSession('loggedOut'));

describe('the session', () => {
	it('starts with a login and is kept without the password', async () => {
		const server = startServer();
		server.on('POST /auth/login', { body: sessionBody('abc') });
		await login(credentials);
		expect(getSession()?.token).toBe('abc');
		const kept = JSON.stringify({ ...localStorage });
		expect(kept).toContain('abc');
		expect(kept).not.toContain('secret');
	});

	it('goes with each call, and a refusal of its token ends it', async () => {
		const server = startServer();
		setSession(sessionBody('abc'));
		server.on('GET /me', problem(401, 'SessionEnded'));
		await expect(getMe(never())).rejects.toMatchObject({ code: 'SessionEnded', status: 401 });
		expect(server.requests[0]?.headers.get('Authorization')).toBe('Bearer abc');
		expect(getSession()).toBeNull();
		expect(sessionEnd()).toBe('expired');
	});

	it('survives the refusal of a token that was replaced meanwhile', async () => {
		const server = startServer();
		setSession(sessionBody('old'));
		server.on('GET /me', () => {
			setSession(sessionBody('new'));
			return problem(401, 'SessionEnded');
		});
		await expect(getMe(never())).rejects.toBeInstanceOf(ApiError);
		expect(getSession()?.token).toBe('new');
	});

	it('survives other errors and a server that cannot be reached', async () => {
		const server = startServer();
		setSession(sessionBody('abc'));
		server.on('GET /me', problem(500, 'InternalError'));
		await expect(getMe(never())).rejects.toMatchObject({ requestId: '0123456789ABCDEF' });
		server.on('GET /me', 'unreachable');
		await expect(getMe(never())).rejects.toMatchObject({ code: 'network', status: 0 });
		expect(getSession()?.token).toBe('abc');
	});

	it('is renewed, but not revived after it was ended meanwhile', async () => {
		const server = startServer();
		setSession(sessionBody('one'));
		server.on('POST /auth/refresh', { body: sessionBody('two') });
		await refresh();
		expect(getSession()?.token).toBe('two');
		server.on('POST /auth/refresh', () => {
			endSession('loggedOut');
			return { body: sessionBody('three') };
		});
		await refresh();
		expect(getSession()).toBeNull();
	});

	it('ends here even when the server cannot be told', async () => {
		const server = startServer();
		setSession(sessionBody('abc'));
		server.on('POST /auth/logout', 'unreachable');
		await logout();
		expect(getSession()).toBeNull();
		expect(localStorage.length).toBe(0);
	});

	it('follows other tabs', () => {
		const text = JSON.stringify({ token: 'elsewhere', expiresAt: new Date().toISOString() });
		localStorage.setItem('maxiofs.session', text);
		window.dispatchEvent(new StorageEvent('storage', { key: 'maxiofs.session' }));
		expect(getSession()?.token).toBe('elsewhere');
		localStorage.clear();
		window.dispatchEvent(new StorageEvent('storage', { key: null }));
		expect(getSession()).toBeNull();
	});

	it.each(['', '{', '[]', '"x"', '{"token":1}', '{"token":"x"}'])(
		'ignores %j in the storage',
		(text) => {
			localStorage.setItem('maxiofs.session', text);
			window.dispatchEvent(new StorageEvent('storage', { key: 'maxiofs.session' }));
			expect(getSession()).toBeNull();
		},
	);

	it('works without storage', async () => {
		vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
			throw new DOMException('denied', 'SecurityError');
		});
		setSession(sessionBody('abc'));
		expect(getSession()?.token).toBe('abc');
	});
});

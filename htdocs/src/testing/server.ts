// SPDX-License-Identifier: MIT
import { vi } from 'vitest';
import type { Bucket, Me } from '../api/client';

/* A stand-in for the server: answers by "METHOD /path", in order of registration; keeps what was asked. */
type Reply =
	| { status?: number; body?: unknown; headers?: Record<string, string> }
	| 'unreachable';
type Route = Reply | ((request: Request) => Reply | Promise<Reply>);

export interface TestServer {
	requests: Request[];
	bodies: unknown[];
	on(route: string, reply: Route): void;
	count(route: string): number;
}

const routeOf = (request: Request) =>
	`${request.method} ${new URL(request.url).pathname.replace('/api/v1', '')}`;

export function startServer(): TestServer {
	const routes = new Map<string, Route>();
	const server: TestServer = {
		requests: [],
		bodies: [],
		on: (route, reply) => {
			routes.set(route, reply);
		},
		count: (route) => server.requests.filter((r) => routeOf(r) === route).length,
	};
	vi.spyOn(globalThis, 'fetch').mockImplementation(async (input) => {
		const request = input as Request;
		server.requests.push(request);
		server.bodies.push(request.body ? await request.clone().json() : null);
		const route = routes.get(routeOf(request)) ?? problem(404, 'NotFound');
		const reply = typeof route === 'function' ? await route(request) : route;
		if (reply === 'unreachable') {
			throw new TypeError('fetch failed');
		}
		const { status = 200, body = null, headers = {} } = reply;
		return new Response(status === 204 ? null : JSON.stringify(body), {
			status,
			headers: { 'Content-Type': 'application/json', ...headers },
		});
	});
	return server;
}

export function problem(
	status: number,
	code: string,
	headers: Record<string, string> = {},
): Reply {
	return {
		status,
		headers,
		body: { type: 'about:blank', title: code, status, code, requestId: '0123456789ABCDEF' },
	};
}

const user = { id: 'f'.repeat(64), name: 'admin', displayName: 'Administrator', email: '' };

export function sessionBody(token = 'token-1', lifeMs = 3_600_000) {
	return {
		token,
		expiresAt: new Date(Date.now() + lifeMs).toISOString(),
		user: { ...user, role: 'globalAdmin' },
		tenant: null,
	};
}

export function meBody(change: Partial<Me> = {}): Me {
	return {
		user: { ...user, role: 'globalAdmin' },
		tenant: null,
		capabilities: ['buckets.list', 'tenants.all'],
		limits: { pageSize: 1000, passwordMinBytes: 8, passwordMaxBytes: 72, sessionSeconds: 3600 },
		s3Url: 'http://s3.test:8080',
		sessionExpiresAt: new Date(Date.now() + 3_600_000).toISOString(),
		...change,
	};
}

export function bucketBody(name: string, change: Partial<Bucket> = {}): Bucket {
	return {
		name,
		tenantId: null,
		tenantName: null,
		owner: { id: user.id, displayName: user.displayName },
		createdAt: '2026-11-23T08:49:37.000Z',
		objects: 1234,
		bytes: 5_000_000,
		...change,
	};
}

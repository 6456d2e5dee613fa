// SPDX-License-Identifier: MIT
import createClient, { type Middleware } from 'openapi-fetch';
import { ApiError, problemOf } from './problem';
import type { components, paths } from './schema';
import { endSession, getSession, setSession } from './session';

export type Me = components['schemas']['Me'];
export type Bucket = components['schemas']['Bucket'];
export type BucketPage = components['schemas']['BucketPage'];
export type Credentials = components['schemas']['Credentials'];

const tokenOf = new WeakMap<Request, string>();

const withSession: Middleware = {
	onRequest({ request }) {
		const session = getSession();
		if (session) {
			request.headers.set('Authorization', `Bearer ${session.token}`);
			tokenOf.set(request, session.token);
		}
		return request;
	},
	async onResponse({ request, response }) {
		/* Only the token that was refused ends the session: another tab may have signed in since. */
		const token = tokenOf.get(request);
		if (response.status === 401 && token !== undefined && token === getSession()?.token) {
			const body: unknown = await response
				.clone()
				.json()
				.catch(() => null);
			if (problemOf(body, response).code === 'SessionEnded') {
				endSession('expired');
			}
		}
		return response;
	},
};

const client = createClient<paths>({
	baseUrl: `${window.location.origin}/api/v1`,
	/* Looked up on each call, so that tests can replace it. */
	fetch: (request) => globalThis.fetch(request),
	credentials: 'omit',
	cache: 'no-store',
});
client.use(withSession);

interface Answer<T> {
	data?: T;
	error?: unknown;
	response: Response;
}

async function settle<T>(call: Promise<Answer<T>>): Promise<T> {
	let answer: Answer<T>;
	try {
		answer = await call;
	} catch (cause) {
		if (cause instanceof DOMException && cause.name === 'AbortError') {
			throw cause;
		}
		throw new ApiError('network', 0);
	}
	if (!answer.response.ok) {
		throw problemOf(answer.error, answer.response);
	}
	return answer.data as T;
}

export async function login(credentials: Credentials): Promise<void> {
	setSession(await settle(client.POST('/auth/login', { body: credentials })));
}

export async function refresh(): Promise<void> {
	const before = getSession();
	const session = await settle(client.POST('/auth/refresh'));
	if (before && getSession()?.token === before.token) {
		setSession(session);
	}
}

/* Signs out here whatever happens; the server is told if it can be reached. */
export async function logout(): Promise<void> {
	try {
		await settle(client.POST('/auth/logout'));
	} catch {
		/* the token ends by itself within the hour */
	}
	endSession('loggedOut');
}

export function getMe(signal: AbortSignal): Promise<Me> {
	return settle(client.GET('/me', { signal }));
}

export interface BucketQuery {
	tenant?: string;
	cursor?: string;
}

export function listBuckets(query: BucketQuery, signal: AbortSignal): Promise<BucketPage> {
	return settle(
		client.GET('/buckets', { params: { query: { limit: 100, ...query } }, signal }),
	);
}

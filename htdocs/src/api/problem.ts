// SPDX-License-Identifier: MIT
import type { TFunction } from 'i18next';
import type { components } from './schema';

export type ProblemBody = components['schemas']['Problem'];

/* What every failed call throws. code is the server's, or "network" when it could not be reached. */
export class ApiError extends Error {
	constructor(
		readonly code: string,
		readonly status: number,
		readonly requestId: string | null = null,
		readonly retryAfterSeconds = 0,
	) {
		super(code);
		this.name = 'ApiError';
	}
}

export function problemOf(body: unknown, response: Response): ApiError {
	const problem = (
		typeof body === 'object' && body !== null ? body : {}
	) as Partial<ProblemBody>;
	const code = typeof problem.code === 'string' ? problem.code : `HTTP ${response.status}`;
	const retry = Number(response.headers.get('Retry-After') ?? 0);
	return new ApiError(
		code,
		response.status,
		typeof problem.requestId === 'string' ? problem.requestId : null,
		Number.isFinite(retry) ? retry : 0,
	);
}

const known = [
	'InvalidCredentials',
	'SessionEnded',
	'Forbidden',
	'NotFound',
	'Busy',
	'InternalError',
] as const;

/* A sentence for people. */
export function describeError(error: unknown, t: TFunction): string {
	if (!(error instanceof ApiError)) {
		return t('problem.unknown', { code: 'client' });
	}
	if (error.code === 'network') {
		return t('error.network');
	}
	if (error.code === 'TooManyAttempts') {
		return t('problem.TooManyAttempts', { count: Math.max(1, error.retryAfterSeconds) });
	}
	const code = known.find((k) => k === error.code);
	return code ? t(`problem.${code}`) : t('problem.unknown', { code: error.code });
}

// SPDX-License-Identifier: MIT
import { render, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, it } from 'vitest';
import { endSession, getSession, setSession } from '../api/session';
import {
	bucketBody,
	meBody,
	problem,
	sessionBody,
	startServer,
	type TestServer,
} from '../testing/server';
import { App } from './App';

let server: TestServer;

beforeEach(() => {
	endSession('loggedOut');
	window.history.replaceState(null, '', '/');
	server = startServer();
	server.on('POST /auth/login', { body: sessionBody() });
	server.on('POST /auth/logout', { status: 204 });
	server.on('GET /me', { body: meBody() });
	server.on('GET /buckets', {
		body: {
			items: [
				bucketBody('backups', { tenantId: 'tenant-1234abcd', tenantName: 'Acme' }),
				bucketBody('photos'),
			],
			nextCursor: null,
		},
	});
});

async function signIn(password = 'right') {
	const person = userEvent.setup();
	await person.type(screen.getByLabelText('User'), 'admin');
	await person.type(screen.getByLabelText('Password'), password);
	await person.click(screen.getByRole('button', { name: 'Sign in' }));
	return person;
}

function show() {
	setSession(sessionBody());
	render(<App />);
	return userEvent.setup();
}

describe('signing in', () => {
	it('leads to the buckets', async () => {
		render(<App />);
		await signIn();
		expect(await screen.findByRole('heading', { level: 1, name: 'Buckets' })).toBeVisible();
		expect(server.bodies[0]).toEqual({ user: 'admin', password: 'right' });
		expect(window.location.pathname).toBe('/buckets');
	});

	it('names the tenant when there is one', async () => {
		render(<App />);
		await userEvent.type(screen.getByLabelText(/^Tenant/), ' acme ');
		await signIn();
		expect(server.bodies[0]).toEqual({ tenant: 'acme', user: 'admin', password: 'right' });
	});

	it('asks for what is missing and sends nothing', async () => {
		render(<App />);
		await userEvent.click(screen.getByRole('button', { name: 'Sign in' }));
		expect(screen.getByLabelText('User')).toBeInvalid();
		expect(screen.getAllByText('Please fill in this field.').length).toBeGreaterThan(0);
		expect(server.requests).toHaveLength(0);
	});

	it('tells a wrong password and keeps what was typed', async () => {
		server.on('POST /auth/login', problem(401, 'InvalidCredentials'));
		render(<App />);
		await signIn('wrong');
		expect(await screen.findByRole('alert')).toHaveTextContent(
			'User, password or tenant is wrong.',
		);
		expect(screen.getByLabelText('User')).toHaveValue('admin');
		expect(getSession()).toBeNull();
	});

	it('tells how long to wait after too many attempts', async () => {
		server.on('POST /auth/login', problem(429, 'TooManyAttempts', { 'Retry-After': '8' }));
		render(<App />);
		await signIn();
		expect(await screen.findByRole('alert')).toHaveTextContent('in 8 seconds');
	});

	it('tells that the server cannot be reached', async () => {
		server.on('POST /auth/login', 'unreachable');
		render(<App />);
		await signIn();
		expect(await screen.findByRole('alert')).toHaveTextContent('cannot be reached');
	});

	it('shows and hides the password', async () => {
		render(<App />);
		await userEvent.click(screen.getByRole('button', { name: 'Show password' }));
		expect(screen.getByLabelText('Password')).toHaveAttribute('type', 'text');
		await userEvent.click(screen.getByRole('button', { name: 'Hide password' }));
		expect(screen.getByLabelText('Password')).toHaveAttribute('type', 'password');
	});
});

describe('the bucket list', () => {
	it('shows name, tenant, objects and size', async () => {
		show();
		const row = await screen.findByRole('row', { name: /backups/ });
		expect(within(row).getAllByText('Acme').length).toBeGreaterThan(0);
		expect(within(row).getByText('1,234')).toBeVisible();
		expect(within(row).getByText('4.77 MiB')).toBeVisible();
		expect(screen.getByText('2 buckets')).toBeVisible();
		expect(server.requests.at(-1)?.url).toContain('tenant=all');
		expect(screen.getByText('http://s3.test:8080')).toBeVisible();
	});

	it('has no tenants for who may see only one', async () => {
		server.on('GET /me', { body: meBody({ capabilities: ['buckets.list'] }) });
		show();
		await screen.findByRole('rowheader', { name: /^photos/ });
		expect(screen.queryByRole('columnheader', { name: 'Tenant' })).toBeNull();
		expect(server.requests.at(-1)?.url).not.toContain('tenant=');
	});

	it('goes on with the next page', async () => {
		server.on('GET /buckets', (request) =>
			new URL(request.url).searchParams.get('cursor') === 'next'
				? { body: { items: [bucketBody('zebra')], nextCursor: null } }
				: { body: { items: [bucketBody('aardvark')], nextCursor: 'next' } },
		);
		const person = show();
		await person.click(await screen.findByRole('button', { name: 'Load more' }));
		expect(await screen.findByRole('rowheader', { name: /^zebra/ })).toBeVisible();
		expect(screen.getByRole('rowheader', { name: /^aardvark/ })).toBeVisible();
		expect(screen.queryByRole('button', { name: 'Load more' })).toBeNull();
	});

	it('says how to begin when there is none', async () => {
		server.on('GET /buckets', { body: { items: [], nextCursor: null } });
		show();
		expect(await screen.findByText('No buckets yet')).toBeVisible();
		expect(screen.getByText(/--endpoint-url http:\/\/s3.test:8080 s3 mb/)).toBeVisible();
	});

	it('tells an error with its request, and tries again when asked', async () => {
		server.on('GET /buckets', problem(403, 'Forbidden'));
		const person = show();
		const alert = await screen.findByRole('alert');
		expect(alert).toHaveTextContent('You do not have the permission for this.');
		expect(alert).toHaveTextContent('0123456789ABCDEF');
		server.on('GET /buckets', { body: { items: [bucketBody('back')], nextCursor: null } });
		await person.click(screen.getByRole('button', { name: 'Try again' }));
		expect(await screen.findByRole('rowheader', { name: /^back/ })).toBeVisible();
	});

	it('keeps the list, and says so, when loading it again fails', async () => {
		const person = show();
		await screen.findByRole('rowheader', { name: /^photos/ });
		server.on('GET /buckets', problem(403, 'Forbidden'));
		await person.click(screen.getByRole('button', { name: 'Refresh' }));
		expect(await screen.findByRole('alert')).toHaveTextContent('may be out of date');
		expect(screen.getByRole('rowheader', { name: /^photos/ })).toBeVisible();
	});

	it('keeps the pages it has when the next one fails', async () => {
		server.on('GET /buckets', (request) =>
			new URL(request.url).searchParams.has('cursor')
				? problem(403, 'Forbidden')
				: { body: { items: [bucketBody('aardvark')], nextCursor: 'next' } },
		);
		const person = show();
		await person.click(await screen.findByRole('button', { name: 'Load more' }));
		expect(await screen.findByRole('alert')).toHaveTextContent('permission');
		expect(screen.getByRole('rowheader', { name: /^aardvark/ })).toBeVisible();
		expect(screen.getByRole('button', { name: 'Load more' })).toBeVisible();
	});

	it('shows hostile names as text', async () => {
		const name = '<img src=x onerror=alert(1)>';
		server.on('GET /buckets', { body: { items: [bucketBody(name)], nextCursor: null } });
		show();
		expect(
			await screen.findByRole('rowheader', { name: /^<img src=x onerror=alert\(1\)>/ }),
		).toBeVisible();
		expect(document.querySelector('img')).toBeNull();
	});
});

describe('the end of a session', () => {
	it('leads from signing out to the login page', async () => {
		const person = show();
		await person.click(await screen.findByRole('button', { name: 'Sign out' }));
		expect(await screen.findByText('You are signed out.')).toBeVisible();
		expect(server.count('POST /auth/logout')).toBe(1);
		expect(window.location.pathname).toBe('/login');
	});

	it('keeps the address when the server ended it', async () => {
		window.history.replaceState(null, '', '/buckets');
		const person = show();
		await screen.findByRole('rowheader', { name: /^photos/ });
		server.on('GET /buckets', problem(401, 'SessionEnded'));
		await person.click(screen.getByRole('button', { name: 'Refresh' }));
		expect(await screen.findByText(/Your session has ended/)).toBeVisible();
		expect(window.location.pathname).toBe('/buckets');
	});

	it('leaves nothing of one person for the next', async () => {
		show();
		await screen.findByRole('rowheader', { name: /^photos/ });
		endSession('expired');
		server.on('GET /buckets', { body: { items: [bucketBody('other')], nextCursor: null } });
		await screen.findByRole('heading', { name: 'Sign in' });
		setSession(sessionBody('another'));
		expect(await screen.findByRole('rowheader', { name: /^other/ })).toBeVisible();
		expect(screen.queryByRole('rowheader', { name: /^photos/ })).toBeNull();
	});
});

describe('the shell', () => {
	it('tells an unknown address and leads back', async () => {
		window.history.replaceState(null, '', '/no/such/page');
		const person = show();
		await person.click(await screen.findByRole('link', { name: 'To your buckets' }));
		expect(await screen.findByRole('heading', { level: 1, name: 'Buckets' })).toBeVisible();
		await waitFor(() => expect(screen.getByRole('main')).toHaveFocus());
	});

	it('switches and keeps the theme', async () => {
		const person = show();
		await person.click(await screen.findByRole('button', { name: 'Switch to dark theme' }));
		expect(document.documentElement.dataset.theme).toBe('dark');
		expect(localStorage.getItem('maxiofs.theme')).toBe('dark');
		expect(screen.getByRole('button', { name: 'Switch to light theme' })).toBeVisible();
	});

	it('shows who is signed in', async () => {
		server.on('GET /me', {
			body: meBody({ tenant: { id: 'tenant-1234abcd', name: 'acme', displayName: 'Acme' } }),
		});
		show();
		expect(await screen.findByText('Administrator')).toBeVisible();
		expect(screen.getByText('Acme')).toBeVisible();
	});
});

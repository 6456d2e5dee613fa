// SPDX-License-Identifier: MIT
/*
 * The console in a real browser, as a person uses it: log in, see the buckets, log out. Any violation of the
 * Content-Security-Policy, any error on the browser's console and any finding of axe fails. Needs
 * playwright-core and axe-core beside it (those of htdocs) and the system's chromium.
 *
 * MAXIOFS_CONSOLE_URL, MAXIOFS_USER, MAXIOFS_PASSWORD, MAXIOFS_BUCKET (a bucket that must be seen); OUT: where
 * screenshots go; CHROMIUM: the browser, by default /usr/bin/chromium.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const env = process.env;
const url = new URL(env.MAXIOFS_CONSOLE_URL ?? 'http://127.0.0.1:8081').origin;
const user = env.MAXIOFS_USER ?? 'admin';
const password = env.MAXIOFS_PASSWORD ?? '';
const bucket = env.MAXIOFS_BUCKET ?? '';
const out = env.OUT ?? '.';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const directives = [
	"default-src 'none'",
	"script-src 'self'",
	"style-src 'self'",
	"base-uri 'none'",
	"form-action 'self'",
	"frame-ancestors 'none'",
	"require-trusted-types-for 'script'",
	"trusted-types 'none'",
];

/* What went wrong outside of the steps; a refused call is allowed only where a step expects it. */
const troubles = [];
let expectedRefusals = 0;

function watch(page) {
	page.on('pageerror', (error) => troubles.push(`uncaught: ${error.message}`));
	page.on('console', (message) => {
		if (message.type() !== 'error' && message.type() !== 'warning') {
			return;
		}
		if (/^Failed to load resource.* 401 /.test(message.text()) && expectedRefusals > 0) {
			expectedRefusals--;
			return;
		}
		troubles.push(`console: ${message.text()} (${message.location().url})`);
	});
	page.on('request', (request) => {
		if (new URL(request.url()).origin !== url) {
			troubles.push(`outside request: ${request.url()}`);
		}
	});
	return page.exposeBinding('reportViolation', (_, text) => {
		troubles.push(`CSP: ${text}`);
	});
}

function reportViolations() {
	document.addEventListener('securitypolicyviolation', (event) => {
		window.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
	});
}

async function checkAxe(page, where) {
	await page.evaluate(axe);
	const { violations } = await page.evaluate(
		(values) =>
			window.axe.run(document, { runOnly: { type: 'tag', values }, preload: false, resultTypes: ['violations'] }),
		tags,
	);
	const found = violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join('; ')}`);
	assert.deepEqual(found, [], `axe, ${where}`);
}

async function settled(page) {
	await page.waitForFunction(() => document.getAnimations().every((a) => a.playState !== 'running'));
}

/* Both themes, wide and at 320 pixels. */
async function inspect(page, name) {
	for (const theme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
		for (const [size, width, height] of [['wide', 1280, 800], ['narrow', 320, 640]]) {
			await page.setViewportSize({ width, height });
			await settled(page);
			await page.screenshot({ path: join(out, `${name}-${theme}-${size}.png`) });
			await checkAxe(page, `${name} ${theme} ${size}`);
			const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
			assert.ok(over <= 0, `${name} ${theme} ${size}: ${over} pixels too wide`);
			const cut = await page.evaluate(() =>
				[...document.querySelectorAll('main section')].map((s) => s.scrollWidth - s.clientWidth).filter((n) => n > 0),
			);
			assert.deepEqual(cut, [], `${name} ${theme} ${size}: pixels cut off`);
			const tallest = await page.evaluate(() =>
				Math.max(0, ...[...document.querySelectorAll('tbody tr')].map((r) => r.offsetHeight)),
			);
			assert.ok(tallest <= 240, `${name} ${theme} ${size}: a row of ${tallest} pixels`);
		}
	}
	await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
	await page.setViewportSize({ width: 1280, height: 800 });
}

const tokenOf = (page) => page.evaluate(() => JSON.parse(localStorage.getItem('maxiofs.session') ?? 'null')?.token ?? null);

function call(method, path, token) {
	return fetch(`${url}/api/v1${path}`, { method, headers: { Authorization: `Bearer ${token}` } });
}

async function signInByKeyboard(page, secret) {
	await page.getByLabel('User', { exact: true }).focus();
	await page.keyboard.press('ControlOrMeta+a');
	await page.keyboard.type(user);
	await page.keyboard.press('Tab');
	await page.keyboard.press('ControlOrMeta+a');
	await page.keyboard.type(secret);
	await page.keyboard.press('Enter');
}

const row = (page) => page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: bucket }) });

const fulfill = (status, body) => (route) =>
	route.fulfill({ status, contentType: 'application/json', body: JSON.stringify(body) });
const states = [
	['empty', fulfill(200, { items: [], nextCursor: null }), 'No buckets yet'],
	['forbidden', fulfill(403, { code: 'Forbidden', requestId: '0123456789ABCDEF' }), 'This could not be loaded'],
	['loading', () => undefined, 'Loading buckets'],
];

const steps = [
	['the page comes with the strict policy', async (page) => {
		const response = await page.goto(`${url}/`);
		const policy = response.headers()['content-security-policy'] ?? '';
		for (const directive of directives) {
			assert.ok(policy.includes(directive), `the policy lacks ${directive}: ${policy}`);
		}
		assert.match(response.headers()['cache-control'] ?? '', /no-cache|no-store/);
		await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
		assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('name')), 'user');
	}],
	['the login page is accessible', (page) => inspect(page, 'login')],
	['empty fields are named', async (page) => {
		await page.getByRole('button', { name: 'Sign in' }).click();
		await page.getByText('Please fill in this field.').first().waitFor();
	}],
	['the password can be shown', async (page) => {
		await page.getByRole('button', { name: 'Show password' }).click();
		assert.equal(await page.getByLabel('Password', { exact: true }).getAttribute('type'), 'text');
		await page.getByRole('button', { name: 'Hide password' }).click();
	}],
	['a wrong password is refused', async (page) => {
		expectedRefusals++;
		await signInByKeyboard(page, 'certainly not the password');
		await page.getByRole('alert').getByText('User, password or tenant is wrong.').waitFor();
		assert.equal(await tokenOf(page), null);
		await inspect(page, 'refused');
	}],
	['the language can be changed', async (page) => {
		for (const [language, heading] of [['de', 'Anmelden'], ['es', 'Iniciar sesión'], ['en', 'Sign in']]) {
			await page.getByRole('combobox').selectOption(language);
			await page.getByRole('heading', { level: 1, name: heading }).waitFor();
			assert.equal(await page.evaluate(() => document.documentElement.lang), language);
		}
	}],
	['the keyboard alone signs in', async (page) => {
		await signInByKeyboard(page, password);
		await page.getByRole('heading', { level: 1, name: 'Buckets' }).waitFor();
		assert.equal(new URL(page.url()).pathname, '/buckets');
		assert.match(await page.title(), /^Buckets/);
	}],
	['the bucket is listed', async (page) => {
		if (bucket) {
			await row(page).waitFor();
		}
		await inspect(page, 'buckets');
	}],
	['every state of the list is accessible', async (page) => {
		for (const [name, answer, seen] of states) {
			const other = await page.context().newPage();
			await other.route('**/api/v1/buckets*', answer);
			await other.goto(`${url}/buckets`);
			await other.getByText(seen).waitFor({ state: 'attached' });
			await inspect(other, name);
			await other.close();
		}
	}],
	['a part that an upgrade took away is told', async (page) => {
		const other = await page.context().newPage();
		await other.route('**/assets/SignedIn*.js', (route) => route.fulfill({ status: 404 }));
		await other.goto(`${url}/buckets`);
		await other.getByRole('heading', { level: 1, name: 'Something went wrong' }).waitFor();
		await inspect(other, 'failure');
		await other.close();
	}],
	['a chosen theme is there before the first paint after a reload', async (page) => {
		await page.getByRole('button', { name: 'Switch to dark theme' }).click();
		await page.reload();
		await page.getByRole('heading', { level: 1, name: 'Buckets' }).waitFor();
		assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
		await page.getByRole('button', { name: 'Switch to light theme' }).click();
		await page.evaluate(() => {
			localStorage.removeItem('maxiofs.theme');
			delete document.documentElement.dataset.theme;
		});
	}],
	['an unknown address is told', async (page) => {
		await page.goto(`${url}/no/such/page`);
		await page.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor();
		await checkAxe(page, 'not found');
		await page.getByRole('link', { name: 'To your buckets' }).click();
		await page.getByRole('heading', { level: 1, name: 'Buckets' }).waitFor();
	}],
	['a session that the server ended leads to the login and back', async (page) => {
		const token = await tokenOf(page);
		assert.equal((await call('POST', '/auth/logout', token)).status, 204);
		expectedRefusals += 2;
		await page.getByRole('button', { name: 'Refresh' }).click();
		await page.getByText('Your session has ended. Please sign in again.').waitFor();
		expectedRefusals = 0;
		assert.equal(await tokenOf(page), null);
		assert.equal(new URL(page.url()).pathname, '/buckets');
		await signInByKeyboard(page, password);
		await page.getByRole('heading', { level: 1, name: 'Buckets' }).waitFor();
	}],
	['signing out voids the token', async (page) => {
		const token = await tokenOf(page);
		assert.equal((await call('GET', '/me', token)).status, 200);
		await page.getByRole('button', { name: 'Sign out' }).click();
		await page.getByText('You are signed out.').waitFor();
		assert.equal(await tokenOf(page), null);
		assert.equal(new URL(page.url()).pathname, '/login');
		const refused = await call('GET', '/me', token);
		assert.equal(refused.status, 401);
		assert.equal((await refused.json()).code, 'SessionEnded');
	}],
];

const browser = await chromium.launch({
	executablePath: env.CHROMIUM ?? '/usr/bin/chromium',
	args: [
		'--no-sandbox',
		'--disable-gpu',
		'--disable-quic',
		'--no-first-run',
		'--disable-background-networking',
		'--disable-component-update',
		'--disable-sync',
	],
});
let failed = 0;
let done = 0;
try {
	const context = await browser.newContext({ locale: 'en-US', colorScheme: 'light', reducedMotion: 'reduce' });
	context.setDefaultTimeout(15_000);
	const page = await context.newPage();
	await watch(page);
	await page.addInitScript(reportViolations);
	for (const [name, run] of steps) {
		try {
			await run(page);
			assert.deepEqual(troubles, [], 'troubles');
			console.log(`ok ${++done} - ${name}`);
		} catch (error) {
			failed++;
			console.log(`not ok ${done + 1} - ${name}\n${error.stack}\n${troubles.join('\n')}`);
			await page.screenshot({ path: join(out, 'failed.png') }).catch(() => undefined);
			break;
		}
	}
} finally {
	await browser.close();
}
console.log(`${done} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);

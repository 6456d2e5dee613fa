// SPDX-License-Identifier: MIT
import i18next from 'i18next';
import { afterEach, describe, expect, it } from 'vitest';
import de from '../locales/de.json';
import en from '../locales/en.json';
import es from '../locales/es.json';
import { setLanguage } from './i18n';

type Tree = { [key: string]: string | Tree };

/* Names of all texts; plural forms count as one, as languages have different ones. */
function names(tree: Tree, path = ''): string[] {
	const all = Object.entries(tree).flatMap(([key, value]) =>
		typeof value === 'string'
			? [`${path}${key}`.replace(/_(zero|one|two|few|many|other)$/, '')]
			: names(value, `${path}${key}.`),
	);
	return [...new Set(all)].sort();
}

function variables(tree: Tree): string[] {
	return Object.values(tree).flatMap((value) =>
		typeof value === 'string'
			? [...value.matchAll(/{{(\w+)}}/g)].map(String)
			: variables(value),
	);
}

afterEach(() => setLanguage('en'));

describe('languages', () => {
	it.each([
		['de', de],
		['es', es],
	])('%s has every text and every variable of English', (_, tree) => {
		expect(names(tree)).toEqual(names(en));
		expect(new Set(variables(tree))).toEqual(new Set(variables(en)));
	});

	it('are loaded when chosen, told to the browser, and remembered', async () => {
		await setLanguage('de');
		expect(i18next.t('login.submit')).toBe('Anmelden');
		expect(document.documentElement.lang).toBe('de');
		expect(localStorage.getItem('maxiofs.language')).toBe('de');
	});
});

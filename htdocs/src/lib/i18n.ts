// SPDX-License-Identifier: MIT
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from '../locales/en.json';
import { store, stored } from './storage';

/* English is part of the program; every other language is a chunk of its own, loaded when chosen. */
const loaders = {
	en: async () => en,
	es: async () => (await import('../locales/es.json')).default,
	de: async () => (await import('../locales/de.json')).default,
};

export type Language = keyof typeof loaders;
export const languages: readonly { id: Language; name: string }[] = [
	{ id: 'en', name: 'English' },
	{ id: 'es', name: 'Español' },
	{ id: 'de', name: 'Deutsch' },
];

function isLanguage(id: string | null | undefined): id is Language {
	return id != null && Object.hasOwn(loaders, id);
}

function preferred(): Language {
	const chosen = stored('maxiofs.language');
	const wishes = [chosen, ...navigator.languages.map((l) => l.split('-')[0])];
	return wishes.find(isLanguage) ?? 'en';
}

async function use(language: Language): Promise<void> {
	if (!i18next.hasResourceBundle(language, 'translation')) {
		i18next.addResourceBundle(language, 'translation', await loaders[language]());
	}
	await i18next.changeLanguage(language);
	document.documentElement.lang = language;
}

export async function setLanguage(language: Language): Promise<void> {
	store('maxiofs.language', language);
	await use(language);
}

export async function startI18n(): Promise<void> {
	await i18next.use(initReactI18next).init({
		lng: 'en',
		fallbackLng: 'en',
		resources: { en: { translation: en } },
		interpolation: { escapeValue: false /* JSX escapes */ },
	});
	const language = preferred();
	try {
		await use(language);
	} catch {
		await use('en'); /* its chunk did not come */
	}
}

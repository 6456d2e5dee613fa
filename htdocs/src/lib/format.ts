// SPDX-License-Identifier: MIT
/* Numbers, sizes and times for people, in their language. */
const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

export function formatCount(n: number, language: string): string {
	return new Intl.NumberFormat(language).format(n);
}

/* Binary units, three significant digits: 1.46 MiB. */
export function formatBytes(bytes: number, language: string): string {
	let value = bytes;
	let unit = 0;
	while (value >= 1023.5 && unit < units.length - 1) {
		value /= 1024;
		unit++;
	}
	const digits = value >= 100 || unit === 0 ? 0 : value >= 10 ? 1 : 2;
	const text = new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
	return `${text} ${units[unit]}`;
}

export function formatDate(iso: string, language: string): string {
	return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(
		new Date(iso),
	);
}

// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount } from './format';

describe('formatBytes', () => {
	it.each([
		[0, '0 B'],
		[1023, '1,023 B'],
		[1024, '1 KiB'],
		[1536, '1.5 KiB'],
		[1024 * 1024 - 1, '1 MiB'],
		[5_000_000, '4.77 MiB'],
		[1024 ** 4 * 123.4, '123 TiB'],
		[Number.MAX_SAFE_INTEGER, '8 PiB'],
	])('writes %d as %s', (bytes, text) => {
		expect(formatBytes(bytes, 'en')).toBe(text);
	});

	it('uses the marks of the language', () => {
		expect(formatBytes(1536, 'de')).toBe('1,5 KiB');
		expect(formatCount(1_234_567, 'de')).toBe('1.234.567');
	});
});

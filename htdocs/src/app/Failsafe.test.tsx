// SPDX-License-Identifier: MIT
import { render, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { Failsafe } from './Failsafe';

function Broken(): never {
	throw new TypeError('Failed to fetch dynamically imported module');
}

describe('a page that cannot be shown', () => {
	it('says so and offers to load it again', () => {
		vi.spyOn(console, 'error').mockImplementation(() => undefined);
		render(
			<Failsafe>
				<Broken />
			</Failsafe>,
		);
		expect(screen.getByRole('heading', { name: 'Something went wrong' })).toBeVisible();
		expect(screen.getByRole('button', { name: 'Load again' })).toBeVisible();
	});
});

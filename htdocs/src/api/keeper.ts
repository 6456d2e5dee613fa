// SPDX-License-Identifier: MIT
import { refresh } from './client';
import { endSession, getSession } from './session';

/*
 * Keeps the session of a person who is there: while there was activity in the last minutes and more than
 * half of the token's life is over, it is renewed. Who walks away is signed out when it expires.
 */
const tickMs = 15_000;
const activeMs = 5 * 60_000;

export function startKeeper(): () => void {
	let activeAt = Date.now();
	let seenToken = '';
	let lifeMs = 0;
	let busy = false;

	const noteActivity = () => {
		activeAt = Date.now();
	};

	const tick = async () => {
		const session = getSession();
		if (!session || busy) {
			return;
		}
		const now = Date.now();
		const leftMs = Date.parse(session.expiresAt) - now;
		if (session.token !== seenToken) {
			seenToken = session.token;
			lifeMs = Math.max(leftMs, 0);
		}
		if (!(leftMs > 0)) {
			endSession('expired');
		} else if (now - activeAt < activeMs && leftMs < Math.max(lifeMs / 2, 2 * tickMs)) {
			busy = true;
			await refresh().catch(() => undefined);
			busy = false;
		}
	};

	const events = ['pointerdown', 'keydown', 'focus'] as const;
	for (const event of events) {
		window.addEventListener(event, noteActivity, { passive: true, capture: true });
	}
	const timer = window.setInterval(tick, tickMs);
	void tick();
	return () => {
		window.clearInterval(timer);
		for (const event of events) {
			window.removeEventListener(event, noteActivity, { capture: true });
		}
	};
}

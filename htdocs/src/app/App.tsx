// SPDX-License-Identifier: MIT
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '../api/session';
import { LoginPage } from '../features/auth/LoginPage';
import { Failsafe } from './Failsafe';

/* Everything that is needed only after signing in, the router included, comes only then. */
const SignedIn = lazy(() => import('./SignedIn'));

function Loading() {
	const { t } = useTranslation();
	return (
		<p className="visually-hidden" role="status">
			{t('app.loading')}
		</p>
	);
}

/*
 * Without a session the login page stands at whatever address was asked for, so that signing in leads
 * to it, and a session that ends leaves the address alone.
 */
export function App() {
	const session = useSession();
	return (
		<Failsafe>
			{session ? (
				<Suspense fallback={<Loading />}>
					<SignedIn />
				</Suspense>
			) : (
				<LoginPage />
			)}
		</Failsafe>
	);
}

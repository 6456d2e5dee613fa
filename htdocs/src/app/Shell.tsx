// SPDX-License-Identifier: MIT
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { NavLink, Outlet, useLocation } from 'react-router-dom';
import { logout } from '../api/client';
import { startKeeper } from '../api/keeper';
import { ApiError } from '../api/problem';
import { useMe } from '../features/buckets/useBuckets';
import { Button } from '../ui/Button';
import { BucketIcon, LogoutIcon } from '../ui/icons';
import { Logo } from '../ui/Logo';
import { Preferences } from '../ui/Preferences';
import styles from './Shell.module.css';

/* Tried again: what may pass by itself. A refusal is final. */
function worthRetrying(failures: number, error: Error): boolean {
	const passing = error instanceof ApiError && (error.status === 0 || error.status >= 500);
	return passing && failures < 2;
}

function newQueryClient(): QueryClient {
	return new QueryClient({
		defaultOptions: { queries: { retry: worthRetrying, networkMode: 'always' } },
	});
}

function Person() {
	const { t } = useTranslation();
	const { data: me } = useMe();
	const name = me?.user.displayName || me?.user.name || '';
	return (
		<div className={styles.person}>
			{me ? (
				<span className={styles.name}>
					<span className="visually-hidden">{t('shell.signedInAs', { name: '' })}</span>
					<bdi>{name}</bdi>
					{me.tenant ? <bdi className={styles.tenant}>{me.tenant.displayName}</bdi> : null}
				</span>
			) : null}
		</div>
	);
}

function TopBar() {
	const { t } = useTranslation();
	const [leaving, setLeaving] = useState(false);
	const leave = async () => {
		setLeaving(true);
		/* First the address, so that whoever signs in next starts at the beginning. */
		window.history.replaceState(null, '', '/login');
		await logout();
	};
	return (
		<header className={styles.bar}>
			<span className={styles.logo}>
				<Logo />
			</span>
			<nav aria-label={t('app.navigation')} className={styles.nav}>
				<NavLink className={styles.link ?? ''} to="/buckets">
					<BucketIcon />
					{t('shell.buckets')}
				</NavLink>
			</nav>
			<span className={styles.preferences}>
				<Preferences />
			</span>
			<Person />
			<Button isPending={leaving} onPress={leave}>
				<LogoutIcon />
				<span className={styles.logoutText}>{t('shell.logout')}</span>
			</Button>
		</header>
	);
}

/* After navigation the focus goes to the content, so that a screen reader starts there. */
function useFocusOnNavigation() {
	const main = useRef<HTMLElement>(null);
	const { pathname } = useLocation();
	const last = useRef(pathname);
	useEffect(() => {
		if (last.current !== pathname) {
			last.current = pathname;
			main.current?.focus();
		}
	}, [pathname]);
	return main;
}

/* What everybody who is signed in sees around a page. Its cache dies with it: nothing of one person is
 * left for the next. */
export function Shell() {
	const { t } = useTranslation();
	const [queryClient] = useState(newQueryClient);
	const main = useFocusOnNavigation();
	useEffect(startKeeper, []);
	return (
		<QueryClientProvider client={queryClient}>
			<a className={styles.skip} href="#content">
				{t('app.skip')}
			</a>
			<TopBar />
			<main className={styles.main} id="content" ref={main} tabIndex={-1}>
				<Suspense>
					<Outlet />
				</Suspense>
			</main>
		</QueryClientProvider>
	);
}

// SPDX-License-Identifier: MIT
import { type FormEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { login } from '../../api/client';
import { describeError } from '../../api/problem';
import { sessionEnd } from '../../api/session';
import { Button } from '../../ui/Button';
import { Field, PasswordField } from '../../ui/Field';
import { CheckIcon } from '../../ui/icons';
import { Logo } from '../../ui/Logo';
import { Notice } from '../../ui/Notice';
import { Preferences } from '../../ui/Preferences';
import styles from './LoginPage.module.css';

function Brand() {
	const { t } = useTranslation();
	return (
		<header className={styles.brand}>
			<Logo size={36} />
			<div>
				<p className={styles.lead}>{t('login.lead')}</p>
				<ul className={styles.pitch}>
					{[t('login.pitch1'), t('login.pitch2'), t('login.pitch3')].map((line) => (
						<li key={line}>
							<CheckIcon />
							{line}
						</li>
					))}
				</ul>
			</div>
		</header>
	);
}

function LoginForm() {
	const { t } = useTranslation();
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<unknown>(null);
	const password = useRef<HTMLInputElement>(null);

	const submit = async (event: FormEvent<HTMLFormElement>) => {
		event.preventDefault();
		const form = new FormData(event.currentTarget);
		const tenant = String(form.get('tenant') ?? '').trim();
		setBusy(true);
		setError(null);
		try {
			await login({
				user: String(form.get('user') ?? '').trim(),
				password: String(form.get('password') ?? ''),
				...(tenant ? { tenant } : {}),
			});
		} catch (cause) {
			setError(cause);
			setBusy(false);
			password.current?.select();
		}
	};

	return (
		<form className={styles.form} onSubmit={submit}>
			{error ? (
				<Notice kind="problem">{describeError(error, t)}</Notice>
			) : sessionEnd() ? (
				<Notice kind="info">
					{sessionEnd() === 'expired' ? t('login.expired') : t('login.loggedOut')}
				</Notice>
			) : null}
			<Field autoComplete="username" autoFocus isRequired label={t('login.user')} name="user" />
			<PasswordField
				autoComplete="current-password"
				inputRef={password}
				isRequired
				label={t('login.password')}
				name="password"
			/>
			<Field
				autoComplete="organization"
				defaultValue={new URLSearchParams(window.location.search).get('tenant') ?? ''}
				hint={t('login.tenantHint')}
				label={t('login.tenant')}
				name="tenant"
				note={t('login.optional')}
			/>
			<Button isPending={busy} look="primary" type="submit" wide>
				{busy ? t('login.busy') : t('login.submit')}
			</Button>
		</form>
	);
}

export function LoginPage() {
	const { t } = useTranslation();
	return (
		<div className={styles.page}>
			<title>{`${t('login.title')} · MaxIOFS`}</title>
			<Brand />
			<main className={styles.main}>
				<div className={styles.top}>
					<Preferences />
				</div>
				<div className={styles.card}>
					<h1 className={styles.title}>{t('login.title')}</h1>
					<LoginForm />
				</div>
			</main>
		</div>
	);
}

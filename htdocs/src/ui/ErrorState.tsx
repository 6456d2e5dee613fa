// SPDX-License-Identifier: MIT
import { useTranslation } from 'react-i18next';
import { ApiError, describeError } from '../api/problem';
import { Button } from './Button';
import { AlertIcon } from './icons';
import styles from './State.module.css';

export function ErrorState({ error, onRetry }: { error: unknown; onRetry: () => void }) {
	const { t } = useTranslation();
	const id = error instanceof ApiError ? error.requestId : null;
	return (
		<div className={styles.state} role="alert">
			<span className={`${styles.badge} ${styles.bad}`}>
				<AlertIcon size={26} />
			</span>
			<h2 className={styles.title}>{t('error.title')}</h2>
			<p className={styles.text}>{describeError(error, t)}</p>
			{id ? <p className={styles.fine}>{t('error.requestId', { id })}</p> : null}
			<Button onPress={onRetry}>{t('error.retry')}</Button>
		</div>
	);
}

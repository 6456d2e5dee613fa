// SPDX-License-Identifier: MIT
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router-dom';
import styles from './NotFound.module.css';

export function NotFound() {
	const { t } = useTranslation();
	return (
		<div className={styles.page}>
			<title>{`${t('notFound.title')} · MaxIOFS`}</title>
			<h1 className={styles.title}>{t('notFound.title')}</h1>
			<p>{t('notFound.text')}</p>
			<Link to="/buckets">{t('notFound.home')}</Link>
		</div>
	);
}

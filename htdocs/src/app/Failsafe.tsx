// SPDX-License-Identifier: MIT
import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/Button';
import { AlertIcon } from '../ui/icons';
import styles from './Failsafe.module.css';

function Failure() {
	const { t } = useTranslation();
	return (
		<main className={styles.page}>
			<AlertIcon size={32} />
			<div role="alert">
				<h1 className={styles.title}>{t('failure.title')}</h1>
				<p>{t('failure.text')}</p>
			</div>
			<Button look="primary" onPress={() => window.location.reload()}>
				{t('failure.reload')}
			</Button>
		</main>
	);
}

/* Instead of an empty page: a fault of ours, or a chunk that an upgrade of the server took away. */
export class Failsafe extends Component<{ children: ReactNode }, { failed: boolean }> {
	override state = { failed: false };

	static getDerivedStateFromError() {
		return { failed: true };
	}

	override render() {
		return this.state.failed ? <Failure /> : this.props.children;
	}
}

// SPDX-License-Identifier: MIT
import type { ReactNode } from 'react';
import { AlertIcon, InfoIcon } from './icons';
import styles from './Notice.module.css';

/* Problems interrupt a screen reader, information waits for its turn. */
export function Notice({ kind, children }: { kind: 'problem' | 'info'; children: ReactNode }) {
	return (
		<div
			className={`${styles.notice} ${styles[kind]}`}
			role={kind === 'problem' ? 'alert' : 'status'}
		>
			{kind === 'problem' ? <AlertIcon /> : <InfoIcon />}
			<div>{children}</div>
		</div>
	);
}

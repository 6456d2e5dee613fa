// SPDX-License-Identifier: MIT
import type { ReactNode } from 'react';
import styles from './State.module.css';

interface Props {
	icon: ReactNode;
	title: string;
	text: string;
	children?: ReactNode;
}

export function EmptyState({ icon, title, text, children }: Props) {
	return (
		<div className={styles.state}>
			<span className={styles.badge}>{icon}</span>
			<h2 className={styles.title}>{title}</h2>
			<p className={styles.text}>{text}</p>
			{children}
		</div>
	);
}

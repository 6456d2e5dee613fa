// SPDX-License-Identifier: MIT
import styles from './Logo.module.css';

/* The mark and the name; the name is text, so the mark needs no description. */
export function Logo({ size = 28 }: { size?: number }) {
	return (
		<span className={styles.logo}>
			<svg aria-hidden="true" focusable="false" height={size} viewBox="0 0 32 32" width={size}>
				<rect className={styles.tile} height="32" rx="8" width="32" />
				<path
					className={styles.lines}
					d="M16 6.5 25 11 16 15.500 7 11zM7 16l9 4.500 9-4.500M7 21l9 4.500 9-4.500"
				/>
			</svg>
			MaxIOFS
		</span>
	);
}

// SPDX-License-Identifier: MIT
import { Button as AriaButton, type ButtonProps } from 'react-aria-components/Button';
import styles from './Button.module.css';

type Look = 'primary' | 'plain' | 'icon';

interface Props extends Omit<ButtonProps, 'className' | 'style'> {
	look?: Look;
	wide?: boolean;
}

/* isPending keeps the focus, announces itself and ignores presses. */
export function Button({ look = 'plain', wide = false, ...props }: Props) {
	return (
		<AriaButton
			{...props}
			className={[styles.button, styles[look], wide && styles.wide].filter(Boolean).join(' ')}
		/>
	);
}

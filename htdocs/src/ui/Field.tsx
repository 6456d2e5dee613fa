// SPDX-License-Identifier: MIT
import { type ReactNode, type Ref, useState } from 'react';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { Text } from 'react-aria-components/Text';
import { TextField, type TextFieldProps } from 'react-aria-components/TextField';
import { useTranslation } from 'react-i18next';
import { Button } from './Button';
import styles from './Field.module.css';
import { EyeIcon, EyeOffIcon } from './icons';

interface Props extends Omit<TextFieldProps, 'className' | 'style' | 'children'> {
	label: string;
	note?: string;
	hint?: string;
	inputRef?: Ref<HTMLInputElement>;
	children?: ReactNode;
}

export function Field({ label, note, hint, inputRef, children, ...props }: Props) {
	const { t } = useTranslation();
	return (
		<TextField {...props} className={styles.field ?? ''}>
			<Label className={styles.label ?? ''}>
				{label}
				{note ? <span className={styles.note}> ({note})</span> : null}
			</Label>
			<div className={styles.box}>
				<Input className={styles.input ?? ''} {...(inputRef ? { ref: inputRef } : {})} />
				{children}
			</div>
			{hint ? (
				<Text className={styles.hint ?? ''} slot="description">
					{hint}
				</Text>
			) : null}
			<FieldError className={styles.error ?? ''}>{t('login.required')}</FieldError>
		</TextField>
	);
}

export function PasswordField(props: Omit<Props, 'type' | 'children'>) {
	const { t } = useTranslation();
	const [shown, setShown] = useState(false);
	return (
		<Field {...props} spellCheck="false" type={shown ? 'text' : 'password'}>
			<Button
				aria-label={shown ? t('login.hidePassword') : t('login.showPassword')}
				look="icon"
				onPress={() => setShown(!shown)}
			>
				{shown ? <EyeOffIcon /> : <EyeIcon />}
			</Button>
		</Field>
	);
}

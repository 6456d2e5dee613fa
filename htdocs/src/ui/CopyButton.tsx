// SPDX-License-Identifier: MIT
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './Button';
import { CheckIcon, CopyIcon } from './icons';

/* Browsers give a page the clipboard only over https or on localhost; elsewhere there is no button. */
export function CopyButton({ text, what }: { text: string; what: string }) {
	const { t } = useTranslation();
	const [done, setDone] = useState(false);

	useEffect(() => {
		if (!done) {
			return;
		}
		const timer = window.setTimeout(() => setDone(false), 2000);
		return () => window.clearTimeout(timer);
	}, [done]);

	if (!navigator.clipboard) {
		return null;
	}
	const copy = () => {
		navigator.clipboard.writeText(text).then(
			() => setDone(true),
			() => setDone(false),
		);
	};
	return (
		<>
			<Button aria-label={t('copy.label', { what })} look="icon" onPress={copy}>
				{done ? <CheckIcon /> : <CopyIcon />}
			</Button>
			<span className="visually-hidden" role="status">
				{done ? t('copy.done') : ''}
			</span>
		</>
	);
}

// SPDX-License-Identifier: MIT
import { useTranslation } from 'react-i18next';
import { type Language, languages, setLanguage } from '../lib/i18n';
import { setTheme, useTheme } from '../lib/theme';
import { Button } from './Button';
import { GlobeIcon, MoonIcon, SunIcon } from './icons';
import styles from './Preferences.module.css';

/* Language and theme: wanted before signing in as well. */
export function Preferences() {
	const { t, i18n } = useTranslation();
	const theme = useTheme();
	return (
		<div className={styles.preferences}>
			<label className={styles.language}>
				<GlobeIcon />
				<span className="visually-hidden">{t('app.language')}</span>
				<select
					className={styles.select}
					onChange={(event) =>
						setLanguage(event.target.value as Language).catch(() => undefined)
					}
					value={i18n.language}
				>
					{languages.map(({ id, name }) => (
						<option key={id} lang={id} value={id}>
							{name}
						</option>
					))}
				</select>
			</label>
			<Button
				aria-label={theme === 'dark' ? t('app.toLight') : t('app.toDark')}
				look="icon"
				onPress={() => setTheme(theme === 'dark' ? 'light' : 'dark')}
			>
				{theme === 'dark' ? <SunIcon /> : <MoonIcon />}
			</Button>
		</div>
	);
}

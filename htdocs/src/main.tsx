// SPDX-License-Identifier: MIT
import './styles/base.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { startI18n } from './lib/i18n';

const root = document.getElementById('root');
if (!root) {
	throw new Error('no #root');
}
void startI18n().then(() =>
	createRoot(root).render(
		<StrictMode>
			<App />
		</StrictMode>,
	),
);

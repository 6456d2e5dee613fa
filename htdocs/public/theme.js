/* SPDX-License-Identifier: MIT */
/* Runs before the first paint, so that a chosen theme does not flash. */
(() => {
	try {
		const theme = localStorage.getItem('maxiofs.theme');
		if (theme === 'light' || theme === 'dark') {
			document.documentElement.dataset.theme = theme;
		}
	} catch {
		/* no storage: the system's theme */
	}
})();

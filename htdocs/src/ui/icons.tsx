// SPDX-License-Identifier: MIT
import type { ReactNode } from 'react';

/* Outline icons of our own, 24 units, drawn in the colour of the text; decoration, so hidden from readers. */
function Icon({ children, size = 18 }: { children: ReactNode; size?: number }) {
	return (
		<svg
			aria-hidden="true"
			fill="none"
			focusable="false"
			height={size}
			stroke="currentColor"
			strokeLinecap="round"
			strokeLinejoin="round"
			strokeWidth="1.8"
			viewBox="0 0 24 24"
			width={size}
		>
			{children}
		</svg>
	);
}

interface Size {
	size?: number;
}

export const BucketIcon = (p: Size) => (
	<Icon {...p}>
		<ellipse cx="12" cy="6" rx="8" ry="3" />
		<path d="M4 6l2 12.200c.200 1.500 2.800 2.800 6 2.800s5.800-1.300 6-2.800L20 6" />
	</Icon>
);
export const EyeIcon = (p: Size) => (
	<Icon {...p}>
		<path d="M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12z" />
		<circle cx="12" cy="12" r="2.800" />
	</Icon>
);
export const EyeOffIcon = (p: Size) => (
	<Icon {...p}>
		<path d="M4 4l16 16M9.900 5.700A8.700 8.700 0 0 1 12 5.500c6 0 9.500 6.500 9.500 6.500a16 16 0 0 1-2.700 3.400M6.200 7.200A16 16 0 0 0 2.500 12S6 18.500 12 18.500a8.800 8.800 0 0 0 4.200-1.100" />
		<path d="M9.900 10a2.800 2.800 0 0 0 4 4" />
	</Icon>
);
export const SunIcon = (p: Size) => (
	<Icon {...p}>
		<circle cx="12" cy="12" r="4" />
		<path d="M12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M5.300 18.700l1.400-1.400M17.300 6.700l1.400-1.400" />
	</Icon>
);
export const MoonIcon = (p: Size) => (
	<Icon {...p}>
		<path d="M20.500 14.500A8.500 8.500 0 1 1 9.500 3.500a7 7 0 0 0 11 11z" />
	</Icon>
);
export const GlobeIcon = (p: Size) => (
	<Icon {...p}>
		<circle cx="12" cy="12" r="9" />
		<path d="M3 12h18M12 3c2.500 2.600 3.800 5.600 3.800 9s-1.300 6.400-3.800 9c-2.500-2.600-3.800-5.600-3.800-9S9.500 5.600 12 3z" />
	</Icon>
);
export const CopyIcon = (p: Size) => (
	<Icon {...p}>
		<rect height="11" rx="2" width="11" x="9" y="9" />
		<path d="M5.500 15H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2h8a2 2 0 0 1 2 2v.500" />
	</Icon>
);
export const CheckIcon = (p: Size) => (
	<Icon {...p}>
		<path d="M5 12.500l4.500 4.500L19 7.500" />
	</Icon>
);
export const AlertIcon = (p: Size) => (
	<Icon {...p}>
		<circle cx="12" cy="12" r="9" />
		<path d="M12 7.500v5M12 16.300v.100" />
	</Icon>
);
export const InfoIcon = (p: Size) => (
	<Icon {...p}>
		<circle cx="12" cy="12" r="9" />
		<path d="M12 11.500v5M12 7.700v.100" />
	</Icon>
);
export const RefreshIcon = (p: Size) => (
	<Icon {...p}>
		<path d="M20 11a8 8 0 0 0-14.300-4L3.500 9.200M3.500 4.500v4.700h4.700M4 13a8 8 0 0 0 14.300 4l2.200-2.200M20.500 19.500v-4.700h-4.700" />
	</Icon>
);
export const LogoutIcon = (p: Size) => (
	<Icon {...p}>
		<path d="M9.500 20.500h-4a2 2 0 0 1-2-2v-13a2 2 0 0 1 2-2h4M15.500 16.500L20 12l-4.500-4.500M20 12H9.500" />
	</Icon>
);

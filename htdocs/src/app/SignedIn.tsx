// SPDX-License-Identifier: MIT
import { lazy } from 'react';
import { BrowserRouter, Navigate, Route, Routes } from 'react-router-dom';
import { NotFound } from './NotFound';
import { Shell } from './Shell';

const BucketsPage = lazy(async () => ({
	default: (await import('../features/buckets/BucketsPage')).BucketsPage,
}));

export default function SignedIn() {
	return (
		<BrowserRouter future={{ v7_startTransition: true, v7_relativeSplatPath: true }}>
			<Routes>
				<Route element={<Shell />}>
					<Route element={<Navigate replace to="/buckets" />} index />
					<Route element={<Navigate replace to="/buckets" />} path="/login" />
					<Route element={<BucketsPage />} path="/buckets" />
					<Route element={<NotFound />} path="*" />
				</Route>
			</Routes>
		</BrowserRouter>
	);
}

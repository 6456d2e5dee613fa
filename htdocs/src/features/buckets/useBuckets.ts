// SPDX-License-Identifier: MIT
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { type BucketQuery, getMe, listBuckets, type Me } from '../../api/client';

export function useMe() {
	return useQuery({
		queryKey: ['me'],
		queryFn: ({ signal }) => getMe(signal),
		staleTime: 60_000,
	});
}

/* Global administrators see the buckets of all tenants, everybody else those of the own namespace. */
export function useBuckets(me: Me | undefined) {
	const all = me?.capabilities.includes('tenants.all') ?? false;
	return useInfiniteQuery({
		queryKey: ['buckets', { all }],
		enabled: me !== undefined,
		initialPageParam: null as string | null,
		queryFn: ({ pageParam, signal }) => {
			const query: BucketQuery = {};
			if (all) {
				query.tenant = 'all';
			}
			if (pageParam !== null) {
				query.cursor = pageParam;
			}
			return listBuckets(query, signal);
		},
		getNextPageParam: (page) => page.nextCursor,
	});
}

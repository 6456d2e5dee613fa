// SPDX-License-Identifier: MIT
import { useTranslation } from 'react-i18next';
import type { Bucket, Me } from '../../api/client';
import { describeError } from '../../api/problem';
import { formatCount } from '../../lib/format';
import { Button } from '../../ui/Button';
import { CopyButton } from '../../ui/CopyButton';
import { EmptyState } from '../../ui/EmptyState';
import { ErrorState } from '../../ui/ErrorState';
import { BucketIcon, RefreshIcon } from '../../ui/icons';
import { Notice } from '../../ui/Notice';
import styles from './BucketsPage.module.css';
import { BucketTable } from './BucketTable';
import { useBuckets, useMe } from './useBuckets';

function Endpoint({ url }: { url: string }) {
	const { t } = useTranslation();
	return (
		<div className={styles.endpoint}>
			<span className={styles.endpointLabel}>{t('buckets.endpoint')}</span>
			<span className={styles.address}>
				<code className={styles.code}>{url}</code>
				<CopyButton text={url} what={t('buckets.endpoint')} />
			</span>
		</div>
	);
}

function NoBuckets({ s3Url }: { s3Url: string }) {
	const { t } = useTranslation();
	const command = `aws --endpoint-url ${s3Url} s3 mb s3://my-first-bucket`;
	return (
		<EmptyState
			icon={<BucketIcon size={26} />}
			text={t('buckets.emptyText')}
			title={t('buckets.emptyTitle')}
		>
			<div className={styles.command}>
				<code className={styles.code}>{command}</code>
				<CopyButton text={command} what={t('copy.command')} />
			</div>
		</EmptyState>
	);
}

function Skeleton() {
	const { t } = useTranslation();
	return (
		<div className={styles.skeleton} role="status">
			<span className="visually-hidden">{t('buckets.loading')}</span>
			{['a', 'b', 'c', 'd'].map((row) => (
				<span className={styles.bone} key={row} />
			))}
		</div>
	);
}

function Count({ buckets, more }: { buckets: readonly Bucket[]; more: boolean }) {
	const { t, i18n } = useTranslation();
	const formatted = formatCount(buckets.length, i18n.language);
	return (
		<p className={styles.count} role="status">
			{more
				? t('buckets.countMore', { formatted })
				: t('buckets.count', { count: buckets.length, formatted })}
		</p>
	);
}

function Listing({ me, query }: { me: Me; query: ReturnType<typeof useBuckets> }) {
	const { t } = useTranslation();
	const buckets = query.data?.pages.flatMap((page) => page.items) ?? [];

	if (buckets.length === 0) {
		return <NoBuckets s3Url={me.s3Url} />;
	}
	return (
		<>
			<BucketTable buckets={buckets} showTenant={me.capabilities.includes('tenants.all')} />
			<div className={styles.foot}>
				<Count buckets={buckets} more={query.hasNextPage} />
				{query.hasNextPage ? (
					<Button isPending={query.isFetchingNextPage} onPress={() => query.fetchNextPage()}>
						{t('buckets.more')}
					</Button>
				) : null}
			</div>
		</>
	);
}

/* What was loaded stays when loading it anew, or more of it, fails. */
function Stale({ error }: { error: unknown }) {
	const { t } = useTranslation();
	return (
		<div className={styles.stale}>
			<Notice kind="problem">
				{describeError(error, t)} {t('error.stale')}
			</Notice>
		</div>
	);
}

export function BucketsPage() {
	const { t } = useTranslation();
	const me = useMe();
	const query = useBuckets(me.data);
	const error = me.error ?? query.error;
	const retry = () => {
		void (me.error ? me.refetch() : query.refetch());
	};

	return (
		<>
			<title>{`${t('buckets.title')} · MaxIOFS`}</title>
			<header className={styles.head}>
				<h1 className={styles.title}>{t('buckets.title')}</h1>
				<Button isPending={query.isRefetching} onPress={retry}>
					<RefreshIcon />
					{t('buckets.refresh')}
				</Button>
			</header>
			{me.data ? <Endpoint url={me.data.s3Url} /> : null}
			<section aria-busy={query.isFetching} className={styles.panel}>
				{me.data && query.data ? (
					<>
						{error ? <Stale error={error} /> : null}
						<Listing me={me.data} query={query} />
					</>
				) : error ? (
					<ErrorState error={error} onRetry={retry} />
				) : (
					<Skeleton />
				)}
			</section>
		</>
	);
}

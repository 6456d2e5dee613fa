// SPDX-License-Identifier: MIT
import { useTranslation } from 'react-i18next';
import type { Bucket } from '../../api/client';
import { formatBytes, formatCount, formatDate } from '../../lib/format';
import { BucketIcon } from '../../ui/icons';
import styles from './BucketTable.module.css';

interface Props {
	buckets: readonly Bucket[];
	showTenant: boolean;
}

function TenantName({ bucket }: { bucket: Bucket }) {
	const { t } = useTranslation();
	return bucket.tenantId === null ? (
		<span className={styles.muted}>{t('buckets.global')}</span>
	) : (
		<bdi>{bucket.tenantName || bucket.tenantId}</bdi>
	);
}

function BucketRow({ bucket, showTenant }: { bucket: Bucket; showTenant: boolean }) {
	const { t, i18n } = useTranslation();
	const objects = formatCount(bucket.objects, i18n.language);
	return (
		<tr>
			<th scope="row">
				<span className={styles.name}>
					<span className={styles.icon}>
						<BucketIcon />
					</span>
					<span className={styles.text}>
						{bucket.name}
						<span className={styles.detail}>
							{showTenant ? <TenantName bucket={bucket} /> : null}
							<span>
								{t('buckets.objectCount', { count: bucket.objects, formatted: objects })}
							</span>
						</span>
					</span>
				</span>
			</th>
			{showTenant ? (
				<td className={`${styles.wide} ${styles.tenant}`}>
					<TenantName bucket={bucket} />
				</td>
			) : null}
			<td className={`${styles.wide} ${styles.time}`}>
				<time dateTime={bucket.createdAt}>{formatDate(bucket.createdAt, i18n.language)}</time>
			</td>
			<td className={`${styles.wide} ${styles.number}`}>{objects}</td>
			<td className={styles.number}>{formatBytes(bucket.bytes, i18n.language)}</td>
		</tr>
	);
}

export function BucketTable({ buckets, showTenant }: Props) {
	const { t } = useTranslation();
	return (
		<table className={styles.table}>
			<caption className="visually-hidden">{t('buckets.title')}</caption>
			<thead>
				<tr>
					<th scope="col">{t('buckets.name')}</th>
					{showTenant ? (
						<th className={styles.wide} scope="col">
							{t('buckets.tenant')}
						</th>
					) : null}
					<th className={styles.wide} scope="col">
						{t('buckets.created')}
					</th>
					<th className={`${styles.wide} ${styles.number}`} scope="col">
						{t('buckets.objects')}
					</th>
					<th className={styles.number} scope="col">
						{t('buckets.size')}
					</th>
				</tr>
			</thead>
			<tbody>
				{buckets.map((bucket) => (
					<BucketRow
						bucket={bucket}
						key={`${bucket.tenantId ?? ''}/${bucket.name}`}
						showTenant={showTenant}
					/>
				))}
			</tbody>
		</table>
	);
}

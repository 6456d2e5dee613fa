// SPDX-License-Identifier: MIT
// minio-js.
import { readFile, writeFile } from 'node:fs/promises';
import { Client, CopyDestinationOptions, CopySourceOptions } from 'minio';

const VALID_S = 600;

export function connect({ endpoint, region, accessKey, secretKey, bucket, pathStyle }) {
	const s3 = new Client({
		endPoint: endpoint.hostname,
		port: Number(endpoint.port),
		useSSL: endpoint.protocol === 'https:',
		region,
		accessKey,
		secretKey,
		pathStyle,
		partSize: 5 << 20,
		retryOptions: { disableRetry: true },
	});

	return {
		async put(key, file) {
			await s3.putObject(bucket, key, await readFile(file));
		},
		async upload(key, file) {
			await s3.fPutObject(bucket, key, file);
		},
		get: (key, file) => s3.fGetObject(bucket, key, file),
		async range(key, file, first, last) {
			const length = Number(last) - Number(first) + 1;
			await writeFile(file, await s3.getPartialObject(bucket, key, Number(first), length));
		},
		async list(prefix) {
			const keys = [];
			for await (const entry of s3.listObjectsV2(bucket, prefix, true)) {
				keys.push(entry.name);
			}
			return keys;
		},
		async copy(from, to) {
			await s3.copyObject(
				new CopySourceOptions({ Bucket: bucket, Object: from }),
				new CopyDestinationOptions({ Bucket: bucket, Object: to }),
			);
		},
		'presign-get': async (key) => [await s3.presignedGetObject(bucket, key, VALID_S)],
		'presign-put': async (key) => [await s3.presignedPutObject(bucket, key, VALID_S)],
		async delete(...keys) {
			if (keys.length === 1) {
				await s3.removeObject(bucket, keys[0]);
				return;
			}
			const failed = await s3.removeObjects(bucket, keys);
			if (failed.some(Boolean)) {
				throw new Error(JSON.stringify(failed));
			}
		},
	};
}

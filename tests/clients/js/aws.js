// SPDX-License-Identifier: MIT
// @aws-sdk/client-s3, version 3.
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import {
	CopyObjectCommand,
	DeleteObjectCommand,
	DeleteObjectsCommand,
	GetObjectCommand,
	PutObjectCommand,
	paginateListObjectsV2,
	S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';

export function connect({ endpoint, region, accessKey, secretKey, bucket, pathStyle }) {
	const settings = {
		endpoint: endpoint.href,
		region,
		credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
		forcePathStyle: pathStyle,
		maxAttempts: 1,
	};
	const s3 = new S3Client(settings);
	// By default a presigned PUT is signed with the checksum of an empty body, and good for no other.
	const signer = new S3Client({ ...settings, requestChecksumCalculation: 'WHEN_REQUIRED' });
	const of = (Key, more) => ({ Bucket: bucket, Key, ...more });

	async function get(key, file, more) {
		const { Body } = await s3.send(new GetObjectCommand(of(key, more)));
		await writeFile(file, Body);
	}
	async function presign(command) {
		return [await getSignedUrl(signer, command, { expiresIn: 600 })];
	}

	return {
		async put(key, file) {
			await s3.send(new PutObjectCommand(of(key, { Body: await readFile(file) })));
		},
		async upload(key, file) {
			const params = of(key, { Body: createReadStream(file) });
			await new Upload({ client: s3, params, partSize: 5 << 20 }).done();
		},
		get: (key, file) => get(key, file),
		range: (key, file, first, last) => get(key, file, { Range: `bytes=${first}-${last}` }),
		async list(prefix) {
			const keys = [];
			for await (const page of paginateListObjectsV2(
				{ client: s3, pageSize: 2 },
				{ Bucket: bucket, Prefix: prefix },
			)) {
				keys.push(...(page.Contents ?? []).map((entry) => entry.Key));
			}
			return keys;
		},
		async copy(from, to) {
			const CopySource = `${bucket}/${encodeURIComponent(from)}`;
			await s3.send(new CopyObjectCommand(of(to, { CopySource })));
		},
		'presign-get': (key) => presign(new GetObjectCommand(of(key))),
		'presign-put': (key) => presign(new PutObjectCommand(of(key))),
		async delete(...keys) {
			if (keys.length === 1) {
				await s3.send(new DeleteObjectCommand(of(keys[0])));
				return;
			}
			const Objects = keys.map((Key) => ({ Key }));
			const { Errors } = await s3.send(
				new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }),
			);
			if (Errors?.length) {
				throw new Error(JSON.stringify(Errors));
			}
		},
	};
}

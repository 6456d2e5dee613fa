// SPDX-License-Identifier: MIT
// The JavaScript clients: `node main.js aws` or `node main.js minio`; ../README.md has the verbs.
import { createInterface } from 'node:readline';

const { connect } = await import(`./${process.argv[2]}.js`);
const { S3_ENDPOINT, S3_REGION, S3_ACCESS_KEY, S3_SECRET_KEY, S3_BUCKET, S3_STYLE } = process.env;
const verbs = connect({
	endpoint: new URL(S3_ENDPOINT),
	region: S3_REGION,
	accessKey: S3_ACCESS_KEY,
	secretKey: S3_SECRET_KEY,
	bucket: S3_BUCKET,
	pathStyle: S3_STYLE !== 'virtual',
});

for await (const line of createInterface({ input: process.stdin })) {
	const [verb, ...words] = line.split('\t');
	try {
		console.log(['ok', ...((await verbs[verb](...words)) ?? [])].join('\t'));
	} catch (e) {
		console.log(`error\t${String(e.stack).replace(/\s+/g, ' ')}`);
	}
}
process.exit();

// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"fmt"
	"net/url"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

type minioClient struct {
	*minio.Client
	bucket string
}

func newMinio(s settings) (client, error) {
	lookup := minio.BucketLookupPath
	if s.virtual {
		lookup = minio.BucketLookupDNS
	}
	c, err := minio.New(s.endpoint.Host, &minio.Options{
		Creds:        credentials.NewStaticV4(s.accessKey, s.secret, ""),
		Secure:       s.endpoint.Scheme == "https",
		Region:       s.region,
		BucketLookup: lookup,
		MaxRetries:   1,
	})
	return &minioClient{c, s.bucket}, err
}

func (c *minioClient) put(ctx context.Context, key, file string) error {
	_, err := c.FPutObject(ctx, c.bucket, key, file, minio.PutObjectOptions{DisableMultipart: true})
	return err
}

func (c *minioClient) upload(ctx context.Context, key, file string) error {
	_, err := c.FPutObject(ctx, c.bucket, key, file, minio.PutObjectOptions{PartSize: partBytes})
	return err
}

func (c *minioClient) get(ctx context.Context, key, file string) error {
	return c.FGetObject(ctx, c.bucket, key, file, minio.GetObjectOptions{})
}

func (c *minioClient) getRange(ctx context.Context, key, file string, first, last int64) error {
	var o minio.GetObjectOptions
	if err := o.SetRange(first, last); err != nil {
		return err
	}
	object, err := c.GetObject(ctx, c.bucket, key, o)
	if err != nil {
		return err
	}
	defer object.Close()
	return save(file, object)
}

func (c *minioClient) list(ctx context.Context, prefix string) (keys []string, err error) {
	for object := range c.ListObjects(ctx, c.bucket,
		minio.ListObjectsOptions{Prefix: prefix, Recursive: true, MaxKeys: pageKeys}) {
		if object.Err != nil {
			return nil, object.Err
		}
		keys = append(keys, object.Key)
	}
	return keys, nil
}

func (c *minioClient) copy(ctx context.Context, from, to string) error {
	_, err := c.CopyObject(ctx, minio.CopyDestOptions{Bucket: c.bucket, Object: to},
		minio.CopySrcOptions{Bucket: c.bucket, Object: from})
	return err
}

func text(u *url.URL, err error) (string, error) {
	if err != nil {
		return "", err
	}
	return u.String(), nil
}

func (c *minioClient) presignGet(ctx context.Context, key string) (string, error) {
	return text(c.PresignedGetObject(ctx, c.bucket, key, validFor, nil))
}

func (c *minioClient) presignPut(ctx context.Context, key string) (string, error) {
	return text(c.PresignedPutObject(ctx, c.bucket, key, validFor))
}

func (c *minioClient) remove(ctx context.Context, keys []string) error {
	if len(keys) == 1 {
		return c.RemoveObject(ctx, c.bucket, keys[0], minio.RemoveObjectOptions{})
	}
	objects := make(chan minio.ObjectInfo, len(keys))
	for _, key := range keys {
		objects <- minio.ObjectInfo{Key: key}
	}
	close(objects)
	for failed := range c.RemoveObjects(ctx, c.bucket, objects, minio.RemoveObjectsOptions{}) {
		return fmt.Errorf("%s: %w", failed.ObjectName, failed.Err)
	}
	return nil
}

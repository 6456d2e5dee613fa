// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"io"
	"net/url"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

type awsClient struct {
	s3     *s3.Client
	bucket *string
}

func newAWS(s settings) (client, error) {
	return &awsClient{
		bucket: &s.bucket,
		s3: s3.New(s3.Options{
			BaseEndpoint:     aws.String(s.endpoint.String()),
			Region:           s.region,
			Credentials:      credentials.NewStaticCredentialsProvider(s.accessKey, s.secret, ""),
			UsePathStyle:     !s.virtual,
			RetryMaxAttempts: 1,
		}),
	}, nil
}

func (c *awsClient) put(ctx context.Context, key, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = c.s3.PutObject(ctx, &s3.PutObjectInput{Bucket: c.bucket, Key: &key, Body: f})
	return err
}

func (c *awsClient) upload(ctx context.Context, key, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	m := transfermanager.New(c.s3, func(o *transfermanager.Options) {
		o.PartSizeBytes = partBytes
		o.MultipartUploadThreshold = partBytes
	})
	_, err = m.UploadObject(ctx, &transfermanager.UploadObjectInput{Bucket: c.bucket, Key: &key, Body: f})
	return err
}

func (c *awsClient) fetch(ctx context.Context, in *s3.GetObjectInput, file string) error {
	in.Bucket = c.bucket
	out, err := c.s3.GetObject(ctx, in)
	if err != nil {
		return err
	}
	defer out.Body.Close()
	return save(file, out.Body)
}

func (c *awsClient) get(ctx context.Context, key, file string) error {
	return c.fetch(ctx, &s3.GetObjectInput{Key: &key}, file)
}

func (c *awsClient) getRange(ctx context.Context, key, file string, first, last int64) error {
	return c.fetch(ctx, &s3.GetObjectInput{Key: &key, Range: aws.String(byteRange(first, last))}, file)
}

func (c *awsClient) list(ctx context.Context, prefix string) (keys []string, err error) {
	pages := s3.NewListObjectsV2Paginator(c.s3, &s3.ListObjectsV2Input{
		Bucket: c.bucket, Prefix: &prefix, MaxKeys: aws.Int32(pageKeys)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, object := range page.Contents {
			keys = append(keys, *object.Key)
		}
	}
	return keys, nil
}

func (c *awsClient) copy(ctx context.Context, from, to string) error {
	source := *c.bucket + "/" + url.PathEscape(from)
	_, err := c.s3.CopyObject(ctx, &s3.CopyObjectInput{Bucket: c.bucket, Key: &to, CopySource: &source})
	return err
}

func (c *awsClient) presignGet(ctx context.Context, key string) (string, error) {
	r, err := s3.NewPresignClient(c.s3).PresignGetObject(ctx,
		&s3.GetObjectInput{Bucket: c.bucket, Key: &key}, s3.WithPresignExpires(validFor))
	if err != nil {
		return "", err
	}
	return r.URL, nil
}

func (c *awsClient) presignPut(ctx context.Context, key string) (string, error) {
	r, err := s3.NewPresignClient(c.s3).PresignPutObject(ctx,
		&s3.PutObjectInput{Bucket: c.bucket, Key: &key}, s3.WithPresignExpires(validFor))
	if err != nil {
		return "", err
	}
	return r.URL, nil
}

func (c *awsClient) remove(ctx context.Context, keys []string) error {
	if len(keys) == 1 {
		_, err := c.s3.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: c.bucket, Key: &keys[0]})
		return err
	}
	var objects []types.ObjectIdentifier
	for i := range keys {
		objects = append(objects, types.ObjectIdentifier{Key: &keys[i]})
	}
	_, err := c.s3.DeleteObjects(ctx,
		&s3.DeleteObjectsInput{Bucket: c.bucket, Delete: &types.Delete{Objects: objects}})
	return err
}

func save(file string, body io.Reader) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if _, err = io.Copy(f, body); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

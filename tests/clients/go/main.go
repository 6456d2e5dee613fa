// SPDX-License-Identifier: MIT

// The Go clients: `clients aws` or `clients minio`; ../README.md has the verbs.
package main

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	partBytes = 5 << 20
	pageKeys  = 2
	validFor  = 10 * time.Minute
)

// client is what each of the two libraries does here.
type client interface {
	put(ctx context.Context, key, file string) error
	upload(ctx context.Context, key, file string) error
	get(ctx context.Context, key, file string) error
	getRange(ctx context.Context, key, file string, first, last int64) error
	list(ctx context.Context, prefix string) ([]string, error)
	copy(ctx context.Context, from, to string) error
	presignGet(ctx context.Context, key string) (string, error)
	presignPut(ctx context.Context, key string) (string, error)
	remove(ctx context.Context, keys []string) error
}

type settings struct {
	endpoint          *url.URL
	accessKey, secret string
	region, bucket    string
	virtual           bool
}

func settingsOfEnv() (settings, error) {
	endpoint, err := url.Parse(os.Getenv("S3_ENDPOINT"))
	return settings{
		endpoint:  endpoint,
		accessKey: os.Getenv("S3_ACCESS_KEY"),
		secret:    os.Getenv("S3_SECRET_KEY"),
		region:    os.Getenv("S3_REGION"),
		bucket:    os.Getenv("S3_BUCKET"),
		virtual:   os.Getenv("S3_STYLE") == "virtual",
	}, err
}

func byteRange(first, last int64) string {
	return fmt.Sprintf("bytes=%d-%d", first, last)
}

func one(value string, err error) ([]string, error) {
	return []string{value}, err
}

func run(ctx context.Context, c client, verb string, args []string) ([]string, error) {
	switch verb {
	case "put":
		return nil, c.put(ctx, args[0], args[1])
	case "upload":
		return nil, c.upload(ctx, args[0], args[1])
	case "get":
		return nil, c.get(ctx, args[0], args[1])
	case "range":
		first, _ := strconv.ParseInt(args[2], 10, 64)
		last, _ := strconv.ParseInt(args[3], 10, 64)
		return nil, c.getRange(ctx, args[0], args[1], first, last)
	case "list":
		return c.list(ctx, args[0])
	case "copy":
		return nil, c.copy(ctx, args[0], args[1])
	case "presign-get":
		return one(c.presignGet(ctx, args[0]))
	case "presign-put":
		return one(c.presignPut(ctx, args[0]))
	case "delete":
		return nil, c.remove(ctx, args)
	}
	return nil, fmt.Errorf("no verb %s", verb)
}

func main() {
	makers := map[string]func(settings) (client, error){"aws": newAWS, "minio": newMinio}
	s, err := settingsOfEnv()
	if err != nil {
		panic(err)
	}
	c, err := makers[os.Args[1]](s)
	if err != nil {
		panic(err)
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		words := strings.Split(lines.Text(), "\t")
		values, err := run(context.Background(), c, words[0], words[1:])
		if err != nil {
			fmt.Println("error\t" + strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println(strings.Join(append([]string{"ok"}, values...), "\t"))
		}
	}
}

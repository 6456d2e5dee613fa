// SPDX-License-Identifier: MIT
//! object_store; ../../README.md has the verbs.
use std::error::Error;
use std::time::Duration;
use std::{env, fs, io};

use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::signer::Signer;
use object_store::{ObjectStore, ObjectStoreExt, RetryConfig, WriteMultipart};
use reqwest::Method;

type Answer = Result<Vec<String>, Box<dyn Error>>;

const PART_BYTES: usize = 5 << 20;
const VALID_FOR: Duration = Duration::from_secs(600);

fn connect() -> Result<AmazonS3, Box<dyn Error>> {
    let (endpoint, bucket) = (env::var("S3_ENDPOINT")?, env::var("S3_BUCKET")?);
    let hosted = env::var("S3_STYLE")? == "virtual";
    let endpoint = if hosted { endpoint.replace("://", &format!("://{bucket}.")) } else { endpoint };
    Ok(AmazonS3Builder::new()
        .with_endpoint(endpoint)
        .with_allow_http(true)
        .with_virtual_hosted_style_request(hosted)
        .with_bucket_name(bucket)
        .with_region(env::var("S3_REGION")?)
        .with_access_key_id(env::var("S3_ACCESS_KEY")?)
        .with_secret_access_key(env::var("S3_SECRET_KEY")?)
        .with_retry(RetryConfig { max_retries: 0, ..Default::default() })
        .build()?)
}

async fn upload(s3: &AmazonS3, key: &Path, content: &[u8]) -> Answer {
    let mut parts = WriteMultipart::new_with_chunk_size(s3.put_multipart(key).await?, PART_BYTES);
    parts.write(content);
    parts.finish().await?;
    Ok(vec![])
}

async fn list(s3: &AmazonS3, prefix: &str) -> Answer {
    let found = s3.list(Some(&Path::parse(prefix)?)).try_collect::<Vec<_>>().await?;
    Ok(found.into_iter().map(|object| object.location.to_string()).collect())
}

async fn delete(s3: &AmazonS3, keys: &[&str]) -> Answer {
    if let [key] = keys {
        s3.delete(&Path::parse(key)?).await?;
        return Ok(vec![]);
    }
    let paths = keys.iter().map(Path::parse).collect::<Result<Vec<_>, _>>()?;
    s3.delete_stream(stream::iter(paths).map(Ok).boxed()).try_collect::<Vec<_>>().await?;
    Ok(vec![])
}

async fn presign(s3: &AmazonS3, method: Method, key: &str) -> Answer {
    Ok(vec![s3.signed_url(method, &Path::parse(key)?, VALID_FOR).await?.to_string()])
}

async fn run(s3: &AmazonS3, words: &[&str]) -> Answer {
    match words {
        ["put", key, file] => _ = s3.put(&Path::parse(key)?, fs::read(file)?.into()).await?,
        ["upload", key, file] => return upload(s3, &Path::parse(key)?, &fs::read(file)?).await,
        ["get", key, file] => fs::write(file, s3.get(&Path::parse(key)?).await?.bytes().await?)?,
        ["range", key, file, first, last] => {
            let range = first.parse()?..last.parse::<u64>()? + 1;
            fs::write(file, s3.get_range(&Path::parse(key)?, range).await?)?;
        }
        ["list", prefix] => return list(s3, prefix).await,
        ["copy", from, to] => s3.copy(&Path::parse(from)?, &Path::parse(to)?).await?,
        ["presign-get", key] => return presign(s3, Method::GET, key).await,
        ["presign-put", key] => return presign(s3, Method::PUT, key).await,
        ["delete", keys @ ..] => return delete(s3, keys).await,
        _ => return Err(format!("no verb {words:?}").into()),
    }
    Ok(vec![])
}

fn main() -> Result<(), Box<dyn Error>> {
    let s3 = connect()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    for line in io::stdin().lines() {
        let line = line?;
        match runtime.block_on(run(&s3, &line.split('\t').collect::<Vec<_>>())) {
            Ok(values) => println!("{}", [vec!["ok".into()], values].concat().join("\t")),
            Err(e) => println!("error\t{}", format!("{e:?}").replace('\n', " ")),
        }
    }
    Ok(())
}

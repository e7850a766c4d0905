//! An S3 server in this process, and its client.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use hyper::{
    Method, Request, Response,
    body::Incoming,
    service::{Service, service_fn},
};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use s3s::{
    Body, HttpError,
    service::{S3Service, S3ServiceBuilder},
};

use super::{Server, serve};

pub(crate) const BUCKET: &str = "bucket";
pub(crate) const SECRET: &str = "secret";

/// A bucket, stored as a folder of the host.
#[derive(Clone)]
pub(crate) struct Bucket {
    root: PathBuf,
    service: S3Service,
}

impl Bucket {
    /// Creates the folder `bucket` of `root`.
    pub(crate) fn new(root: &Path) -> Self {
        // The client may be built with TLS, which needs a default provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        std::fs::create_dir(root.join(BUCKET)).unwrap();
        let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(root).unwrap());
        service.set_auth(s3s::auth::SimpleAuth::from_single("key", SECRET));
        Self { root: root.to_owned(), service: service.build() }
    }

    /// Answers a request.
    pub(crate) async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, HttpError> {
        // The server stores objects as files of the host, and fails for keys that are folders there.
        if request.method() == Method::HEAD && self.root.join(&request.uri().path()[1..]).is_dir() {
            return Ok(Response::builder().status(404).body(Body::empty()).unwrap());
        }
        Service::call(&self.service, request).await
    }
}

/// Serves the folder `bucket` of `root`, which it creates.
pub(crate) fn serve_bucket(root: &Path) -> Server {
    serve_slow_bucket(root, Duration::ZERO, Duration::ZERO)
}

/// Serves a bucket with delays before and after it completes an upload in parts. A completion continues even if the
/// client has stopped waiting.
pub(crate) fn serve_slow_bucket(root: &Path, before: Duration, after: Duration) -> Server {
    let bucket = Bucket::new(root);
    serve(service_fn(move |request: Request<Incoming>| {
        let bucket = bucket.clone();
        async move {
            let query = request.uri().query().unwrap_or_default();
            if request.method() != Method::POST || !query.contains("uploadId=") {
                return bucket.answer(request).await;
            }
            let completing = tokio::spawn(async move {
                tokio::time::sleep(before).await;
                bucket.answer(request).await
            });
            let answer = completing.await.unwrap();
            tokio::time::sleep(after).await;
            answer
        }
    }))
}

/// A client that signs with `secret`.
pub(crate) fn client(server: &Server, secret: &str) -> AmazonS3 {
    AmazonS3Builder::new()
        .with_endpoint(format!("http://{}", server.address))
        .with_allow_http(true)
        .with_region("us-east-1")
        .with_bucket_name(BUCKET)
        .with_access_key_id("key")
        .with_secret_access_key(secret)
        .build()
        .unwrap()
}

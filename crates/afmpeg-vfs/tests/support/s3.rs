//! A server of S3's protocol in this process, and a client of it.

use std::{path::Path, time::Duration};

use hyper::{
    Method, Request, Response,
    body::Incoming,
    service::{Service, service_fn},
};
use object_store::aws::{AmazonS3, AmazonS3Builder};

use super::{Server, serve};

pub(crate) const BUCKET: &str = "bucket";
pub(crate) const SECRET: &str = "secret";

/// Serves the folder `bucket` of `root`, which it makes.
pub(crate) fn serve_bucket(root: &Path) -> Server {
    serve_slow_bucket(root, Duration::ZERO, Duration::ZERO)
}

/// The same, which waits before it puts the parts of an upload together, and after that before it answers. What it has
/// begun it brings to its end, whether or not somebody waits for the answer.
pub(crate) fn serve_slow_bucket(root: &Path, before: Duration, after: Duration) -> Server {
    // A client of another library may be built with TLS that wants to know by whom.
    let _ = rustls::crypto::ring::default_provider().install_default();
    std::fs::create_dir(root.join(BUCKET)).unwrap();
    let mut service = s3s::service::S3ServiceBuilder::new(s3s_fs::FileSystem::new(root).unwrap());
    service.set_auth(s3s::auth::SimpleAuth::from_single("key", SECRET));
    let service = service.build();
    let root = root.to_owned();
    // That server keeps objects as files of the host, and fails when it is asked for one that is a folder there.
    serve(service_fn(move |request: Request<Incoming>| {
        let is_folder = root.join(&request.uri().path()[1..]).is_dir();
        let (is_folder, service) = (is_folder && request.method() == Method::HEAD, service.clone());
        async move {
            if is_folder {
                return Ok(Response::builder().status(404).body(s3s::Body::empty()).unwrap());
            }
            let query = request.uri().query().unwrap_or_default();
            if request.method() != Method::POST || !query.contains("uploadId=") {
                return Service::call(&service, request).await;
            }
            let completing = tokio::spawn(async move {
                tokio::time::sleep(before).await;
                Service::call(&service, request).await
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

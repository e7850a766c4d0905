//! A bucket on an S3 server that can fail.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use hyper::{Method, Request, Response, StatusCode, body::Incoming, service::service_fn};
use object_store::aws::AmazonS3;
use s3s::Body;

use super::support::{Server, s3, serve};

/// Every request with this number fails, once the store is to fail.
const TENTH: u64 = 10;

/// An S3 server in this process.
pub(super) struct Bucket {
    server: Server,
    pub(super) faults: Arc<Faults>,
}

/// The faults of a bucket. Clients try most failed requests again; they do not after a refusal.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<Record>);

/// The requests of a bucket.
#[derive(Debug, Clone, Default)]
pub(super) struct Record {
    /// Whether requests fail.
    is_failing: bool,
    /// The number of requests since they fail.
    pub(super) requests: u64,
    /// The number of requests that were not carried out, with an error that clients try again.
    pub(super) unavailable: u64,
    /// The number of requests that were carried out, whose answer was such an error.
    pub(super) answers_lost: u64,
    /// The keys whose requests were refused. Each is refused once, so that jobs end.
    pub(super) refused: Vec<String>,
}

/// The fault of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Unavailable,
    AnswerLost,
    Refused,
}

impl Bucket {
    /// Serves the folder `bucket` of `root`, which it creates.
    pub(super) fn serve(root: &Path) -> Self {
        let (bucket, faults) = (s3::Bucket::new(root), Arc::new(Faults::default()));
        let of_server = Arc::clone(&faults);
        let server = serve(service_fn(move |request: Request<Incoming>| {
            let (bucket, faults) = (bucket.clone(), Arc::clone(&of_server));
            async move {
                let (method, key) = (request.method().clone(), key(&request));
                let fault = faults.next(&method, &key);
                if let Some(Fault::Unavailable | Fault::Refused) = fault {
                    return Ok(failed(fault));
                }
                let answer = bucket.answer(request).await?;
                if fault == Some(Fault::AnswerLost) {
                    return Ok(failed(fault));
                }
                Ok::<_, s3s::HttpError>(answer)
            }
        }));
        Self { server, faults }
    }

    pub(super) fn client(&self) -> AmazonS3 {
        s3::client(&self.server, s3::SECRET)
    }

    /// Returns the number of bytes that the server has sent.
    pub(super) fn sent(&self) -> u64 {
        self.server.sent()
    }

    pub(super) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_ENDPOINT_URL", format!("http://{}", self.server.address)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "key".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", s3::SECRET.to_owned()),
        ]
    }
}

impl Faults {
    /// From now on, every tenth request fails.
    pub(super) fn begin(&self) {
        self.lock().is_failing = true;
    }

    /// Returns the requests so far.
    pub(super) fn record(&self) -> Record {
        self.lock().clone()
    }

    fn next(&self, method: &Method, key: &str) -> Option<Fault> {
        let mut record = self.lock();
        if !record.is_failing {
            return None;
        }
        record.requests += 1;
        if !record.requests.is_multiple_of(TENTH) {
            return None;
        }
        if belongs_to_a_job(method, key) && !record.refused.iter().any(|refused| refused == key) {
            record.refused.push(key.to_owned());
            return Some(Fault::Refused);
        }
        if record.requests.is_multiple_of(2 * TENTH) {
            record.unavailable += 1;
            return Some(Fault::Unavailable);
        }
        record.answers_lost += 1;
        Some(Fault::AnswerLost)
    }

    fn lock(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a request is that of one job: a fault of an object that many read cannot be counted for any of them.
fn belongs_to_a_job(method: &Method, key: &str) -> bool {
    key.starts_with("in/") || method == Method::PUT
}

fn key(request: &Request<Incoming>) -> String {
    let path = request.uri().path().trim_start_matches('/');
    path.strip_prefix(s3::BUCKET).unwrap_or(path).trim_start_matches('/').to_owned()
}

fn failed(fault: Option<Fault>) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = match fault {
        Some(Fault::Refused) => StatusCode::FORBIDDEN,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    response
}

//! Support for the tests of remote filesystems.
#![allow(dead_code, reason = "each test file uses a part")]

pub(crate) mod s3;

use std::{
    error::Error,
    net::SocketAddr,
    ops::Range,
    path::Path,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
};

use afmpeg_vfs::{OpenOptions, VPath, Vfs};
use hyper::{
    Request, Response,
    body::{Body, Incoming},
    service::Service,
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};

/// Returns the bytes of a file whose byte at `n` is a function of `n`.
pub(crate) fn pattern(range: Range<u64>) -> Vec<u8> {
    range.map(|at| (at.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

/// Reads as a demuxer that searches for an index at the end: the head in pieces of 32 KiB, the last MiB, and the head
/// again. Returns the number of bytes.
pub(crate) fn probe(fs: &dyn Vfs, path: &str, len: u64) -> u64 {
    let file = fs.open(&VPath::new(path).unwrap(), OpenOptions::new().read(true)).unwrap();
    let mut read = 0;
    let mut pieces = |range: Range<u64>| {
        let mut at = range.start;
        while at < range.end {
            let count = file.read_at(&mut [0; 32 << 10], at).unwrap();
            assert_ne!(count, 0);
            at += count as u64;
            read += count as u64;
        }
    };
    pieces(0..256 << 10);
    pieces(len - (1 << 20)..len);
    pieces(0..1 << 20);
    read
}

/// A server in this process, stopped on drop.
pub(crate) struct Server {
    pub address: SocketAddr,
    sent: Arc<AtomicU64>,
    runtime: Option<Runtime>,
}

impl Server {
    /// Returns the number of bytes sent.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // A task of another runtime may drop it.
            runtime.shutdown_background();
        }
    }
}

/// Serves the files of `folder`, with ranges.
pub(crate) fn serve_folder(folder: &Path) -> Server {
    serve(TowerToHyperService::new(tower_http::services::ServeDir::new(folder)))
}

/// Serves on a free port.
pub(crate) fn serve<S, B>(service: S) -> Server
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let runtime = Runtime::new().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    let sent = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&sent);
    runtime.spawn(async move {
        let listener = TcpListener::from_std(listener).unwrap();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let stream = TokioIo::new(Counted { stream, sent: Arc::clone(&counter) });
            let service = service.clone();
            tokio::spawn(async move {
                let _ = hyper::server::conn::http1::Builder::new().serve_connection(stream, service).await;
            });
        }
    });
    Server { address, sent, runtime: Some(runtime) }
}

/// A connection that counts sent bytes.
struct Counted {
    stream: TcpStream,
    sent: Arc<AtomicU64>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buf)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        if let Poll::Ready(Ok(count)) = &written {
            self.sent.fetch_add(*count as u64, Ordering::Relaxed);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

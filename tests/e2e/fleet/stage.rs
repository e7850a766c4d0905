//! A fleet under test: its server, a folder for its media, and jobs for it.

use std::{
    num::NonZero,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use afmpeg_engine::{JobSpec, Runtime};
use afmpeg_fleet::{
    Fleet, FleetJob, FleetOptions, Identity, JobState, Phase, Stores, Submitted, Url, Worker,
};
use afmpeg_tests::fleet::{Fixtures, Nats};
use object_store::{
    ObjectStore,
    path::Path,
    registry::{DefaultObjectStoreRegistry, ObjectStoreRegistry},
};
use tempfile::TempDir;

use crate::{
    command_line::binary,
    harness::{CLIP, FULL_GPL, fixture, full, lean, memory_with, module_path, repository},
};

/// A short lease, so that a lost worker is noticed soon.
pub(super) const LEASE: Duration = Duration::from_secs(3);

/// Ten frames of the clip.
pub(super) const CUT: &[&str] = &["-i", "in.mp4", "-frames:v", "10", "-an", "-c:v", "libopenh264", "out.mp4"];

/// A job that takes a minute, since it is not faster than its time.
pub(super) const SLOW: &[&str] =
    &["-re", "-f", "lavfi", "-i", "testsrc2=d=60:s=64x64:r=5", "-c:v", "libopenh264", "out.mp4"];

pub(super) struct Stage {
    pub(super) nats: Nats,
    pub(super) fleet: Fleet,
    pub(super) runtime: Runtime,
    pub(super) media: TempDir,
}

impl Stage {
    /// Starts a server, and puts the clip into the folder of media.
    pub(super) async fn open() -> Self {
        Self::open_with(lean().runtime).await
    }

    pub(super) async fn open_with(runtime: Runtime) -> Self {
        let (nats, media) = (Nats::start(), tempfile::tempdir().unwrap());
        std::fs::write(media.path().join("in.mp4"), fixture(CLIP)).unwrap();
        let fleet = Fleet::connect(&nats.address(), options()).await.unwrap();
        Self { nats, fleet, runtime: runtime.with_slots(NonZero::new(2).unwrap()), media }
    }

    pub(super) fn url(&self, name: &str) -> Url {
        Url::from_directory_path(self.media.path()).unwrap().join(name).unwrap()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.media.path().join(name)
    }

    /// The folder of media, and nothing else.
    pub(super) fn stores(&self) -> Stores {
        Stores::from_env([self.url("")])
    }

    /// A job that always has the same result, from `in.mp4` to the object `output`.
    pub(super) fn job(&self, args: &[&str], output: &str) -> FleetJob {
        let mut spec = JobSpec::new(["-nostdin", "-hide_banner", "-bitexact"].iter().chain(args).copied());
        spec.seed = Some(0);
        spec.time_of_day = Some(std::time::SystemTime::UNIX_EPOCH);
        let job = FleetJob::new(spec, self.runtime.module_sha256()).output("out.mp4", self.url(output));
        if args.contains(&"in.mp4") { job.input("in.mp4", self.url("in.mp4")) } else { job }
    }

    pub(super) async fn submit(&self, job: FleetJob) -> Submitted {
        self.fleet.submit(job, &self.stores()).await.unwrap()
    }

    pub(super) async fn worker(&self) -> Worker {
        self.worker_on(self.stores()).await
    }

    pub(super) async fn worker_on(&self, stores: Stores) -> Worker {
        let fleet = Fleet::connect(&self.nats.address(), options()).await.unwrap();
        Worker::builder(fleet, self.runtime.clone(), stores).start().await.unwrap()
    }

    /// Publishes a message about a job of this module, as anybody can who can reach the server.
    pub(super) async fn publish(&self, payload: impl Into<bytes::Bytes>) {
        let client = async_nats::connect(self.nats.address()).await.unwrap();
        let subject = format!("afmpeg.jobs.{}", self.runtime.module_sha256());
        async_nats::jetstream::new(client).publish(subject, payload.into()).await.unwrap().await.unwrap();
    }

    /// Waits until the queue has no message.
    pub(super) async fn until_empty(&self) {
        let client = async_nats::connect(self.nats.address()).await.unwrap();
        let stream = async_nats::jetstream::new(client).get_stream("afmpeg-jobs").await.unwrap();
        while stream.get_info().await.unwrap().state.messages > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Submits a job, runs it on a worker, and returns its last state.
    pub(super) async fn run(&self, job: FleetJob) -> (Identity, JobState) {
        let worker = self.worker().await;
        let identity = self.submit(job).await.identity;
        let state = self.fleet.wait(identity).await.unwrap();
        worker.stop(Duration::from_secs(60)).await;
        (identity, state)
    }

    /// Waits until a job runs.
    pub(super) async fn until_running(&self, identity: Identity) {
        self.until(identity, |state| matches!(state.phase, Phase::Running { .. })).await;
    }

    pub(super) async fn until(&self, identity: Identity, is_there: impl Fn(&JobState) -> bool) {
        loop {
            let state = self.fleet.state(identity).await.unwrap();
            if is_there(&state) {
                return;
            }
            assert!(!state.is_final(), "{state:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// The number of clips in [`looped_clip`].
pub(super) const LOOPS: u64 = 3;

/// Returns a film of three times the clip, with a key frame every second.
pub(super) fn looped_clip() -> bytes::Bytes {
    let fs = memory_with(&[CLIP]);
    let looped = format!(
        "-stream_loop {} -i {CLIP} -map 0:v -map 0:a -c:a copy -c:v libx264 -preset ultrafast -g 25 film.mp4",
        LOOPS - 1
    );
    full().ffmpeg(&fs, &looped);
    afmpeg_vfs::VfsExt::read(&fs, "/film.mp4").unwrap()
}

/// The files of a cluster whose workers are processes.
pub(super) fn fixtures() -> Fixtures {
    let clip = repository().join("fixtures").join(CLIP);
    Fixtures { command: binary(), module: module_path(FULL_GPL), clip }
}

pub(super) fn options() -> FleetOptions {
    FleetOptions::default().lease(LEASE).backoff(Duration::from_millis(10))
}

/// Runs a test on threads of its own.
pub(super) fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(test);
}

/// Stores that cannot be reached at first.
#[derive(Debug)]
pub(super) struct Unreachable {
    inner: DefaultObjectStoreRegistry,
    /// The number of requests that fail.
    pub(super) failures: AtomicUsize,
}

impl Unreachable {
    pub(super) fn times(failures: usize) -> Arc<Self> {
        Arc::new(Self { inner: DefaultObjectStoreRegistry::new(), failures: AtomicUsize::new(failures) })
    }
}

impl ObjectStoreRegistry for Unreachable {
    fn register(&self, url: Url, store: Arc<dyn ObjectStore>) -> Option<Arc<dyn ObjectStore>> {
        self.inner.register(url, store)
    }

    fn resolve(&self, url: &Url) -> object_store::Result<(Arc<dyn ObjectStore>, Path)> {
        let fewer = |left: usize| left.checked_sub(1);
        if self.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer).is_ok() {
            return Err(object_store::Error::Generic { store: "test", source: "unreachable".into() });
        }
        self.inner.resolve(url)
    }
}

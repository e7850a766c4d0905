use std::time::Duration;

use async_nats::jetstream::{
    self, Context,
    kv::{self, Entry, Operation},
    stream::{self, LastRawMessageErrorKind, RetentionPolicy},
};
use bytes::Bytes;
use futures_util::stream::{Stream, StreamExt as _};

use crate::{
    dead_letter::DeadLetter,
    error::{Error, Result},
    film::FilmState,
    identity::Identity,
    job::FleetJob,
    names::{CANCELLATIONS, FILMS, Names, STATES, cancellation_key},
    options::FleetOptions,
    records::{self, Records},
    reservations::Reservations,
    state::{JobState, Phase},
};

/// The longest time between two looks at the state of a job that is waited for, in case a change was missed while the
/// server was away.
const LOOK: Duration = Duration::from_secs(10);

/// A connection to a fleet: its jobs and their states on a NATS server with JetStream.
///
/// ```no_run
/// use afmpeg_engine::JobSpec;
/// use afmpeg_fleet::{Fleet, FleetJob, FleetOptions, Stores};
///
/// # async fn f(module_sha256: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let fleet = Fleet::connect("nats://localhost:4222", FleetOptions::default()).await?;
/// let job = FleetJob::new(JobSpec::new(["-i", "in.mov", "out.mp4"]), module_sha256)
///     .input("in.mov", "s3://media/7.mov".parse()?)
///     .output("out.mp4", "s3://media/7.mp4".parse()?);
/// let stores = Stores::from_env(["s3://media/".parse()?]);
/// let submitted = fleet.submit(job, &stores).await?;
/// let state = fleet.wait(submitted.identity).await?;
/// println!("{:?} after {} attempts", state.phase, state.attempts);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Fleet {
    pub(crate) context: Context,
    pub(crate) bucket: kv::Store,
    pub(crate) names: Names,
    pub(crate) options: FleetOptions,
}

/// A new state of a job.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StateChange {
    /// The job.
    pub identity: Identity,
    /// Its new state.
    pub state: JobState,
}

impl Fleet {
    /// Connects to the server at `address`, such as `nats://localhost:4222`, and creates the fleet's streams and bucket
    /// if they do not exist.
    ///
    /// # Errors
    ///
    /// [`Error::Server`] if the server cannot be reached, or has no JetStream; [`Error::InvalidJob`] for an invalid name.
    pub async fn connect(address: &str, options: FleetOptions) -> Result<Self> {
        let client =
            async_nats::connect(address).await.map_err(Error::server(format!("connect to {address}")))?;
        Self::with_client(client, options).await
    }

    /// Uses a client that is connected, for credentials, certificates and other options of [`async_nats`].
    ///
    /// ```no_run
    /// # use afmpeg_fleet::{Fleet, FleetOptions};
    /// # async fn f() -> Result<(), Box<dyn std::error::Error>> {
    /// let client = async_nats::ConnectOptions::with_credentials_file("fleet.creds").await?;
    /// let client = client.connect("tls://nats.example.com").await?;
    /// let fleet = Fleet::with_client(client, FleetOptions::default()).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`Fleet::connect`].
    pub async fn with_client(client: async_nats::Client, options: FleetOptions) -> Result<Self> {
        let names = Names::new(&options.name)?;
        let context = jetstream::new(client);
        let jobs = stream::Config {
            name: names.jobs(),
            subjects: vec![names.job_subjects()],
            retention: RetentionPolicy::WorkQueue,
            num_replicas: options.replicas,
            ..stream::Config::default()
        };
        let dead = stream::Config {
            name: names.dead(),
            subjects: vec![names.dead_subjects()],
            max_messages_per_subject: 1,
            max_age: options.keep,
            num_replicas: options.replicas,
            ..stream::Config::default()
        };
        for config in [jobs, dead] {
            let operation = format!("create the stream {}", config.name);
            context.get_or_create_stream(config).await.map_err(Error::server(operation))?;
        }
        let bucket = match context.get_key_value(names.bucket()).await {
            Ok(bucket) => bucket,
            Err(_) => {
                let config = kv::Config {
                    bucket: names.bucket(),
                    max_age: options.keep,
                    num_replicas: options.replicas,
                    ..kv::Config::default()
                };
                let operation = format!("create the bucket {}", config.bucket);
                context.create_key_value(config).await.map_err(Error::server(operation))?
            }
        };
        Ok(Self { context, bucket, names, options })
    }

    /// Returns the state of a job.
    ///
    /// # Errors
    ///
    /// [`Error::NoJob`]; [`Error::Server`].
    pub async fn state(&self, identity: Identity) -> Result<JobState> {
        let stored = self.states().get(identity).await?;
        stored.map(|stored| stored.state).ok_or(Error::NoJob { identity })
    }

    /// Returns all jobs whose states are stored, in no order.
    ///
    /// ```no_run
    /// # async fn f(fleet: afmpeg_fleet::Fleet) -> Result<(), Box<dyn std::error::Error>> {
    /// for job in fleet.jobs().await? {
    ///     println!("{} {:?}", job.identity, job.state.phase);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Server`].
    pub async fn jobs(&self) -> Result<Vec<StateChange>> {
        let states = self.states().all().await?;
        Ok(states.into_iter().map(|(identity, state)| StateChange { identity, state }).collect())
    }

    /// Returns all films whose states are stored, in no order.
    ///
    /// # Errors
    ///
    /// [`Error::Server`].
    pub async fn films(&self) -> Result<Vec<(Identity, FilmState)>> {
        self.film_records().all().await
    }

    /// Returns the new states of all jobs, from now on.
    ///
    /// # Errors
    ///
    /// [`Error::Server`].
    pub async fn watch(&self) -> Result<impl Stream<Item = Result<StateChange>> + Send + 'static> {
        let operation = "watch the jobs";
        let entries = self.bucket.watch(format!("{STATES}>")).await.map_err(Error::server(operation))?;
        Ok(entries.filter_map(move |entry| async move {
            match entry {
                Ok(entry) => changed(&entry).transpose(),
                Err(error) => Some(Err(Error::server(operation)(error))),
            }
        }))
    }

    /// Waits until a job has ended, and returns its state.
    ///
    /// # Errors
    ///
    /// [`Error::NoJob`]; [`Error::Server`].
    pub async fn wait(&self, identity: Identity) -> Result<JobState> {
        loop {
            let Some(stored) = self.states().get(identity).await? else {
                return Err(Error::NoJob { identity });
            };
            if stored.state.is_final() {
                return Ok(stored.state);
            }
            let next =
                self.bucket.watch_from_revision(self.states().key(identity), stored.revision + 1).await;
            let mut entries = next.map_err(Error::server(format!("watch the job {identity}")))?;
            // After a change, a time without one, or the end of the connection, the state is read again.
            let _ = tokio::time::timeout(LOOK, entries.next()).await;
        }
    }

    /// Cancels a job, and returns its state: a job that runs ends shortly after.
    ///
    /// ```no_run
    /// # async fn f(fleet: afmpeg_fleet::Fleet, identity: afmpeg_fleet::Identity) -> Result<(), Box<dyn std::error::Error>> {
    /// fleet.cancel(identity).await?;
    /// assert!(fleet.wait(identity).await?.is_final());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NoJob`]; [`Error::Server`].
    pub async fn cancel(&self, identity: Identity) -> Result<JobState> {
        let states = self.states();
        loop {
            let Some(stored) = states.get(identity).await? else { return Err(Error::NoJob { identity }) };
            if stored.state.is_final() {
                return Ok(stored.state);
            }
            // A worker that starts the job now finds the request, too.
            let request = self.bucket.put(cancellation_key(identity), Bytes::new()).await;
            request.map_err(Error::server(format!("cancel the job {identity}")))?;
            if !matches!(stored.state.phase, Phase::Submitting | Phase::Queued) {
                return Ok(stored.state);
            }
            let cancelled = JobState { phase: Phase::Cancelled, ..stored.state };
            if states.update(identity, &cancelled, stored.revision).await?.is_some() {
                return Ok(cancelled);
            }
        }
    }

    /// Returns the dead letter of a job that has failed for good; `None` if there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Server`]; [`Error::Data`].
    pub async fn dead_letter(&self, identity: Identity) -> Result<Option<DeadLetter>> {
        let operation = format!("read the dead letter of the job {identity}");
        let stream = self.context.get_stream(self.names.dead()).await;
        let stream = stream.map_err(Error::server(operation.clone()))?;
        match stream.get_last_raw_message_by_subject(&self.names.dead_subject(identity)).await {
            Ok(message) => {
                let subject = || format!("the dead letter of the job {identity}");
                let letter = serde_json::from_slice(&message.payload);
                letter.map(Some).map_err(|source| Error::Data { subject: subject(), source })
            }
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
            Err(error) => Err(Error::server(operation)(error)),
        }
    }

    pub(crate) fn states(&self) -> Records<JobState> {
        Records::new(self.bucket.clone(), STATES)
    }

    pub(crate) fn film_records(&self) -> Records<FilmState> {
        Records::new(self.bucket.clone(), FILMS)
    }

    pub(crate) fn reservations(&self) -> Reservations {
        Reservations(self.bucket.clone())
    }

    /// Whether the cancellation of a job was requested.
    pub(crate) async fn is_cancelled(&self, identity: Identity) -> Result<bool> {
        let entry = self.bucket.get(cancellation_key(identity)).await;
        let entry = entry.map_err(Error::server(format!("read the cancellation of the job {identity}")))?;
        Ok(entry.is_some())
    }

    /// Withdraws the cancellation of a job that is submitted again.
    pub(crate) async fn forget_cancellation(&self, identity: Identity) -> Result<()> {
        let removed = self.bucket.purge(cancellation_key(identity)).await;
        removed.map_err(Error::server(format!("submit the job {identity} again")))
    }

    /// Returns the jobs whose cancellation is requested, before and from now on.
    pub(crate) async fn cancellations(&self) -> Result<impl Stream<Item = Identity> + Send + 'static> {
        let entries = self.bucket.watch_with_history(format!("{CANCELLATIONS}>")).await;
        let entries = entries.map_err(Error::server("watch the cancellations"))?;
        Ok(entries.filter_map(|entry| async move {
            let entry = entry.ok().filter(|entry| entry.operation == Operation::Put)?;
            entry.key.strip_prefix(CANCELLATIONS)?.parse().ok()
        }))
    }

    /// Puts a job into the queue. The server drops a message with an id of the last two minutes.
    pub(crate) async fn enqueue(&self, identity: Identity, generation: u32, job: &FleetJob) -> Result<()> {
        let id = format!("{identity}-{generation}");
        self.publish(self.names.job_subject(&job.module), &id, records::to_json(job)?).await
    }

    /// Stores a dead letter.
    pub(crate) async fn bury(&self, letter: &DeadLetter, generation: u32) -> Result<()> {
        let id = format!("{}-{generation}-{}", letter.identity, letter.attempts);
        self.publish(self.names.dead_subject(letter.identity), &id, records::to_json(letter)?).await
    }

    async fn publish(&self, subject: String, id: &str, payload: Bytes) -> Result<()> {
        let operation = || format!("publish to {subject}");
        if payload.len() > records::MAX_BYTES {
            let reason = format!("it has {} bytes, more than {}", payload.len(), records::MAX_BYTES);
            return Err(Error::invalid(format!("the message to {subject}"), reason));
        }
        let message = jetstream::message::PublishMessage::build().payload(payload).message_id(id);
        let sent =
            self.context.send_publish(subject.clone(), message).await.map_err(Error::server(operation()))?;
        sent.await.map(drop).map_err(Error::server(operation()))
    }
}

/// Returns the change of a state, or `None` for a removed one.
fn changed(entry: &Entry) -> Result<Option<StateChange>> {
    let identity = entry.key.strip_prefix(STATES).and_then(|text| text.parse().ok());
    let Some(identity) = identity.filter(|_| entry.operation == Operation::Put) else { return Ok(None) };
    Ok(Some(StateChange { identity, state: records::parse(identity, &entry.value)? }))
}

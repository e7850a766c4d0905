use std::time::Duration;

/// The options of a fleet. Its submitters and workers must have the same.
///
/// ```
/// use std::time::Duration;
///
/// use afmpeg_fleet::FleetOptions;
///
/// let options = FleetOptions::default().name("films").lease(Duration::from_secs(60));
/// assert_eq!(options.max_attempts, 5);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FleetOptions {
    /// The name, with which the streams and buckets of the fleet start: letters, digits, `-` and `_`. Default:
    /// `afmpeg`.
    pub name: String,
    /// The time after which the job of a worker that does not renew its lease is given to another one. Workers renew
    /// leases three times as often. Default: 30 seconds.
    pub lease: Duration,
    /// The number of starts after which a job that always fails, or whose workers are lost, is a dead letter. Default:
    /// 5.
    pub max_attempts: u32,
    /// The time before the second attempt of a job, which doubles with each further attempt, up to two minutes. Default:
    /// 1 second.
    pub backoff: Duration,
    /// The time for which the states of finished jobs and dead letters are kept. Default: 30 days.
    pub keep: Duration,
    /// The number of servers of a cluster that store the data of the fleet, from 1 to 5. Default: 1.
    pub replicas: usize,
}

impl Default for FleetOptions {
    fn default() -> Self {
        Self {
            name: "afmpeg".to_owned(),
            lease: Duration::from_secs(30),
            max_attempts: 5,
            backoff: Duration::from_secs(1),
            keep: Duration::from_secs(30 * 24 * 60 * 60),
            replicas: 1,
        }
    }
}

impl FleetOptions {
    /// Sets [`FleetOptions::name`].
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets [`FleetOptions::lease`].
    #[must_use]
    pub fn lease(mut self, time: Duration) -> Self {
        self.lease = time;
        self
    }

    /// Sets [`FleetOptions::max_attempts`]; 0 counts as 1.
    #[must_use]
    pub fn max_attempts(mut self, count: u32) -> Self {
        self.max_attempts = count.max(1);
        self
    }

    /// Sets [`FleetOptions::backoff`].
    #[must_use]
    pub fn backoff(mut self, time: Duration) -> Self {
        self.backoff = time;
        self
    }

    /// Sets [`FleetOptions::keep`].
    #[must_use]
    pub fn keep(mut self, time: Duration) -> Self {
        self.keep = time;
        self
    }

    /// Sets [`FleetOptions::replicas`].
    #[must_use]
    pub fn replicas(mut self, count: usize) -> Self {
        self.replicas = count;
        self
    }
}

//! The handling of a message: whether its job is run, and how its result is reported.

use std::{
    sync::Arc,
    time::{Instant, SystemTime},
};

use afmpeg_engine::ErrorKind;
use async_nats::jetstream::{AckKind, Message};
use tokio::sync::watch;

use super::{
    active::{Added, Reason, Running},
    attempt::{self, Finished},
    commit, events,
    failure::Failed,
    files,
    lease::{Claim, Lease},
    persist::{PAUSE, persist},
    shared::{Shared, Stop},
};
use crate::{
    backoff,
    dead_letter::DeadLetter,
    error::{Error, Result},
    identity::Identity,
    job::FleetJob,
    records,
    state::{JobState, Phase, RunningProgress},
};

/// The longest log of a dead letter, in bytes.
const MAX_LOG: usize = 128 << 10;

/// Handles a message. After an error, the message comes again when its lease has expired.
pub(super) async fn handle(shared: &Shared, message: Message, stop: &mut watch::Receiver<Stop>) {
    if let Err(error) = try_handle(shared, message, stop).await {
        tracing::error!(%error, source = ?std::error::Error::source(&error), "cannot handle a job");
    }
}

async fn try_handle(shared: &Shared, message: Message, stop: &mut watch::Receiver<Stop>) -> Result<()> {
    let info = message.info().map_err(Error::server("read a message"))?;
    let (sequence, deliveries) = (info.stream_sequence, u32::try_from(info.delivered).unwrap_or(u32::MAX));
    let (queued, delivered) = (SystemTime::from(info.published), Instant::now());
    let (job, identity) = match read(&message.payload, sequence, shared.runtime.module_sha256()) {
        Ok(read) => read,
        Err(error) => {
            // No submitter of ours has sent it, and nothing else would remove it.
            let _ = message.ack_with(AckKind::Term).await;
            return Err(error);
        }
    };
    let (_, acker) = message.split();
    let active = match shared.active.add(identity, sequence, acker) {
        Added::New(active) => active,
        Added::Again => return Ok(()),
        Added::Duplicate(acker) => {
            let later = AckKind::Nak(Some(shared.fleet.options.lease));
            return acker.ack_with(later).await.map_err(Error::server("return a message"));
        }
    };
    let delivery =
        Delivery { shared, job, identity, sequence, deliveries, delivered, running: &active.running };
    let Some(claim) = delivery.claim().await? else { return Ok(()) };
    events::started(identity, &claim.state, queued);
    let (claim, result) = attempt::run(shared, &delivery.job, claim, &active.running, stop).await;
    let Some(claim) = claim else { return Ok(()) };
    delivery.end(claim, result).await
}

/// Returns the job of a message, which anybody can have sent.
fn read(payload: &[u8], sequence: u64, module: &str) -> Result<(FleetJob, Identity)> {
    let subject = || format!("the job of message {sequence}");
    let job: FleetJob =
        serde_json::from_slice(payload).map_err(|source| Error::Data { subject: subject(), source })?;
    if job.module != module {
        return Err(Error::invalid(subject(), format!("its module is {}, not {module}", job.module)));
    }
    let mut checked = job.clone();
    checked.check()?;
    if checked != job {
        return Err(Error::invalid(subject(), "it is not as `Fleet::submit` sends it"));
    }
    let identity = job.identity()?;
    Ok((job, identity))
}

/// A message with its job.
struct Delivery<'a> {
    shared: &'a Shared,
    job: FleetJob,
    identity: Identity,
    sequence: u64,
    /// The number of times that the message has been delivered, this one included.
    deliveries: u32,
    delivered: Instant,
    running: &'a Arc<Running>,
}

impl Delivery<'_> {
    /// Claims the job; `None` if it is not to be run, and the message has been answered.
    async fn claim(&self) -> Result<Option<Claim>> {
        let (fleet, states) = (&self.shared.fleet, self.shared.fleet.states());
        loop {
            let stored = persist(|| states.get(self.identity)).await?;
            let (state, revision) = match stored {
                Some(stored) => (stored.state, Some(stored.revision)),
                // Its state was removed while it waited.
                None => (self.initial_state(), None),
            };
            match &state.phase {
                Phase::Submitting | Phase::Queued => {}
                // The server gives the message of a running job away when its lease has expired. Another message is
                // a duplicate.
                Phase::Running { sequence, .. } | Phase::Committing { sequence, .. }
                    if *sequence == self.sequence => {}
                Phase::Running { .. } | Phase::Committing { .. } => {
                    self.answer(AckKind::Nak(Some(fleet.options.lease))).await?;
                    return Ok(None);
                }
                phase @ (Phase::Done { .. } | Phase::Failed { .. } | Phase::Cancelled) => {
                    // A worker can have been lost after it stored the state.
                    self.go_on_with_film(phase).await?;
                    self.answer(AckKind::Ack).await?;
                    return Ok(None);
                }
            }
            let mut claim = Claim {
                identity: self.identity,
                worker: self.shared.name.clone(),
                sequence: self.sequence,
                revision: revision.unwrap_or_default(),
                state,
            };
            if let Phase::Committing { elapsed, .. } = claim.state.phase {
                match commit::are_stored(&claim.state.objects, &self.shared.stores).await {
                    Ok(true) => {
                        claim.state.phase = Phase::Done { elapsed };
                        self.conclude(claim, AckKind::Ack).await?;
                        return Ok(None);
                    }
                    Ok(false) => {}
                    // The job may be done. A store that never returns its objects must not hold it up for ever.
                    Err(error) if self.deliveries < fleet.options.max_attempts => {
                        let delay = backoff::delay(fleet.options.backoff, self.deliveries);
                        tracing::warn!(identity = %self.identity, %error, ?delay, "cannot read the outputs of a lost worker");
                        self.answer(AckKind::Nak(Some(delay))).await?;
                        return Ok(None);
                    }
                    Err(_) => {}
                }
            }
            if persist(|| fleet.is_cancelled(self.identity)).await? {
                claim.state.phase = Phase::Cancelled;
                self.conclude(claim, AckKind::Term).await?;
                return Ok(None);
            }
            if claim.state.attempts >= fleet.options.max_attempts {
                let failed = Failed::for_good(
                    ErrorKind::Start,
                    format!(
                        "the job did not end in {} attempts: its workers were lost",
                        claim.state.attempts
                    ),
                    "check the workers' memory and their logs",
                );
                self.fail(claim, failed).await?;
                return Ok(None);
            }
            claim.state.attempts += 1;
            claim.running(RunningProgress::default());
            let claimed = match revision {
                Some(_) => persist_claim(&mut claim, self.shared).await?,
                None => match persist(|| states.create(self.identity, &claim.state)).await? {
                    Some(revision) => {
                        claim.revision = revision;
                        true
                    }
                    None => false,
                },
            };
            if claimed {
                return Ok(Some(claim));
            }
        }
    }

    /// Returns the state of a job that has none.
    fn initial_state(&self) -> JobState {
        JobState {
            phase: Phase::Queued,
            tool: self.job.spec.tool,
            outputs: self.job.outputs.values().cloned().collect(),
            attempts: 0,
            generation: 0,
            objects: Vec::new(),
            last_failure: None,
        }
    }

    /// Reports the result of an attempt.
    async fn end(&self, mut claim: Claim, result: Result<Finished, Failed>) -> Result<()> {
        let result = match result {
            Ok(finished) => {
                let (lost_or_claim, result) = self.commit(claim, finished).await?;
                let Some(committed) = lost_or_claim else { return Ok(()) };
                claim = committed;
                result
            }
            Err(failed) => Err(failed),
        };
        let Err(failed) = result else { return self.conclude(claim, AckKind::Ack).await };
        match self.running.reason() {
            Some(Reason::Lost) => {
                tracing::warn!(identity = %self.identity, "another worker has the job");
                Ok(())
            }
            Some(Reason::Cancelled) => {
                claim.state.phase = Phase::Cancelled;
                self.conclude(claim, AckKind::Term).await
            }
            Some(Reason::HandedBack) => {
                // An attempt that the worker itself ended does not count.
                claim.state.attempts -= 1;
                claim.state.phase = Phase::Queued;
                self.conclude(claim, AckKind::Nak(None)).await
            }
            None if failed.failure.may_be_retried
                && claim.state.attempts < self.shared.fleet.options.max_attempts =>
            {
                let delay = backoff::delay(self.shared.fleet.options.backoff, claim.state.attempts);
                claim.state.phase = Phase::Queued;
                claim.state.last_failure = Some(failed.failure);
                self.conclude(claim, AckKind::Nak(Some(delay))).await
            }
            None => self.fail(claim, failed).await,
        }
    }

    /// Stores the outputs of an attempt. Returns no claim if it was lost.
    async fn commit(
        &self,
        mut claim: Claim,
        finished: Finished,
    ) -> Result<(Option<Claim>, Result<(), Failed>)> {
        let Finished { files, outputs, elapsed } = finished;
        if let Err(failed) = files::inputs(&self.job, &self.shared.stores).await {
            return Ok((Some(claim), Err(failed)));
        }
        let objects = outputs.iter().map(|output| output.object.clone()).collect();
        let earlier = std::mem::replace(&mut claim.state.objects, objects);
        claim.committing(elapsed);
        if records::to_json(&claim.state)?.len() > records::MAX_BYTES {
            let message = format!("the job has written {} files, whose list is too long", outputs.len());
            let failed =
                Failed::for_good(ErrorKind::OutputLimit, message, "write fewer files into the folder");
            claim.state.objects = earlier;
            return Ok((Some(claim), Err(failed)));
        }
        if !persist_claim(&mut claim, self.shared).await? {
            return Ok((None, Ok(())));
        }
        let fleet = &self.shared.fleet;
        let lease = Lease::start(claim, fleet.states(), Arc::clone(self.running), fleet.options.lease, None);
        let stored = commit::store(&files, &outputs, &earlier, self.job.overwrite, &self.shared.stores).await;
        let Some(mut claim) = lease.stop().await else { return Ok((None, Ok(()))) };
        if stored.is_ok() {
            claim.state.phase = Phase::Done { elapsed };
            claim.state.last_failure = None;
        } else {
            // Objects of either attempt may exist.
            claim.state.objects.extend(earlier);
        }
        Ok((Some(claim), stored))
    }

    /// Makes the job a dead letter.
    async fn fail(&self, mut claim: Claim, failed: Failed) -> Result<()> {
        let letter = DeadLetter {
            identity: self.identity,
            job: self.job.clone(),
            failure: failed.failure.clone(),
            log: end_of(failed.log),
            attempts: claim.state.attempts,
            worker: self.shared.name.clone(),
        };
        persist(|| self.shared.fleet.bury(&letter, claim.state.generation)).await?;
        claim.state.phase = Phase::Failed { failure: failed.failure };
        self.conclude(claim, AckKind::Term).await
    }

    /// Stores the last state of an attempt, and answers the message unless another worker has the job.
    async fn conclude(&self, mut claim: Claim, answer: AckKind) -> Result<()> {
        if persist_claim(&mut claim, self.shared).await? {
            // An attempt that has failed is answered with a delay.
            let is_handed_back = matches!(answer, AckKind::Nak(None));
            events::ended(self.identity, &claim.state, self.delivered.elapsed(), is_handed_back);
            self.go_on_with_film(&claim.state.phase).await?;
            self.shared.active.remove(self.running);
            self.answer(answer).await?;
        }
        Ok(())
    }

    /// Tells the film of a job that has ended.
    async fn go_on_with_film(&self, phase: &Phase) -> Result<()> {
        let Some(part) = &self.job.film else { return Ok(()) };
        let (fleet, stores) = (&self.shared.fleet, &self.shared.stores);
        persist(|| async {
            match phase {
                Phase::Done { .. } => fleet.advance(part, stores).await,
                Phase::Failed { failure } => fleet.end_film(part, Some(failure), stores).await,
                Phase::Cancelled => fleet.end_film(part, None, stores).await,
                _ => Ok(()),
            }
        })
        .await
    }

    /// Answers the message, and waits until the server has the answer.
    async fn answer(&self, kind: AckKind) -> Result<()> {
        persist(|| async {
            let acker = self.running.acker();
            acker.double_ack_with(kind).await.map_err(Error::server("acknowledge a job"))
        })
        .await
    }
}

/// Returns the last lines of a log that a message can hold, and their number if lines are missing.
fn end_of(mut log: Vec<String>) -> Vec<String> {
    let mut bytes = 0;
    let kept = log.iter().rev().take_while(|line| {
        bytes += line.len();
        bytes <= MAX_LOG
    });
    let missing = log.len() - kept.count();
    if missing > 0 {
        log.drain(..missing);
        log.insert(0, format!("({missing} lines before these were too long for the message)"));
    }
    log
}

/// Stores the state of a claim; false if another worker has claimed the job.
async fn persist_claim(claim: &mut Claim, shared: &Shared) -> Result<bool> {
    let states = shared.fleet.states();
    loop {
        match claim.store(&states).await {
            Err(Error::Server { .. }) => tokio::time::sleep(PAUSE).await,
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_letter_has_the_end_of_a_long_log() {
        let lines = |count: usize| (0..count).map(|number| format!("{number:1023}.")).collect::<Vec<_>>();
        assert_eq!(end_of(lines(128)), lines(128));
        let end = end_of(lines(200));
        assert_eq!((end.len(), &end[1..]), (129, &lines(200)[72..]));
        assert!(end[0].contains("72 lines"), "{}", end[0]);
    }
}

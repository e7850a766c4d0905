//! `poll_oneoff`: waiting for descriptors and clocks.

use std::time::Duration;

use afmpeg_vfs::adapter::wasi::{Descriptors, Errno, Subscription};

use super::memory::GuestMemory;

/// The most subscriptions of one call.
const MAX_SUBSCRIPTIONS: u32 = 1024;

/// The interval at which a waiting guest looks at its streams again.
const INTERVAL: Duration = Duration::from_millis(5);

/// The arguments of a call: addresses in the guest's memory, and the number of subscriptions.
#[derive(Clone, Copy)]
pub(super) struct Poll {
    pub(super) subscriptions: u32,
    pub(super) events: u32,
    pub(super) count: u32,
    /// Receives the number of events.
    pub(super) done: u32,
}

/// The result of a look at the descriptors.
pub(super) enum Found {
    /// The events are in the guest's memory.
    Events,
    /// Look again after this time.
    Nothing(Duration),
    /// No subscription is for a descriptor.
    OnlyClocks,
}

impl Poll {
    /// Looks at the descriptors once, `elapsed` after the start of the call.
    pub(super) fn look(
        &self,
        fds: &Descriptors,
        memory: &GuestMemory<'_>,
        elapsed: Duration,
    ) -> Result<Found, Errno> {
        if self.count == 0 || self.count > MAX_SUBSCRIPTIONS {
            return Err(Errno::Inval);
        }
        let (mut only_clocks, mut found, mut left) = (true, 0, INTERVAL);
        for index in 0..self.count as usize {
            let mut subscription = Subscription([0; Subscription::LEN]);
            memory.read(element(self.subscriptions, index, Subscription::LEN)?, &mut subscription.0)?;
            only_clocks &= subscription.is_clock();
            let event = if subscription.is_clock() {
                let left_of_it = subscription.duration().map(|duration| duration.saturating_sub(elapsed));
                left = left.min(left_of_it.unwrap_or(left));
                left_of_it.is_some_and(|left| left.is_zero()).then(|| subscription.ready(None))
            } else {
                is_ready(fds, &subscription).map_or_else(
                    |error| Some(subscription.ready(Some(error))),
                    |is_ready| is_ready.then(|| subscription.ready(None)),
                )
            };
            if let Some(event) = event {
                memory.write(element(self.events, found, Subscription::EVENT_LEN)?, &event)?;
                found += 1;
            }
        }
        if only_clocks {
            return Ok(Found::OnlyClocks);
        }
        if found == 0 {
            return Ok(Found::Nothing(left));
        }
        memory.write_u32(self.done, u32::try_from(found).map_err(|_| Errno::Overflow)?)?;
        Ok(Found::Events)
    }
}

/// Whether a descriptor can be read, or written, which is always so.
fn is_ready(fds: &Descriptors, subscription: &Subscription) -> Result<bool, Errno> {
    let fd = subscription.fd();
    match subscription.is_read() {
        true => fds.is_readable(fd),
        false if fds.is_open(fd) => Ok(true),
        false => Err(Errno::Badf),
    }
}

/// Returns the address of an element of an array in the guest's memory.
fn element(array: u32, index: usize, len: usize) -> Result<u32, Errno> {
    u32::try_from(index * len).ok().and_then(|offset| array.checked_add(offset)).ok_or(Errno::Fault)
}

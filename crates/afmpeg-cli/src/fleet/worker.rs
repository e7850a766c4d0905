//! `afmpeg worker`: runs the jobs of a fleet.

use std::time::Duration;

use afmpeg_engine::{CancelToken, Runtime};
use afmpeg_fleet::{FleetOptions, Worker};
use afmpeg_vfs::SpoolLimits;

use super::{health, options::WorkerOptions, server};
use crate::{failure::Failure, interrupt, module, stderr};

/// The time between two looks for an interrupt.
const LOOK: Duration = Duration::from_millis(100);

pub(crate) fn worker(options: &WorkerOptions) -> Result<(), Failure> {
    let runtime = module::load(&options.module)?;
    let runtime = match options.slots {
        Some(slots) => runtime.with_slots(slots),
        None => runtime,
    };
    server::block_on(run(options, runtime))
}

async fn run(options: &WorkerOptions, runtime: Runtime) -> Result<(), Failure> {
    let fleet_options = FleetOptions::default()
        .lease(Duration::from_secs(options.lease.max(1)))
        .max_attempts(options.attempts);
    let fleet = server::connect(&options.server, fleet_options).await?;
    let slots = runtime.slots();
    let mut limits = runtime.limits().clone().wall_time(Duration::from_secs(options.timeout));
    limits.memory = options.memory.map(|mebibytes| mebibytes << 20).or(limits.memory);
    let spool = SpoolLimits { disk_bytes: options.disk << 20, ..SpoolLimits::default() };
    let mut builder =
        Worker::builder(fleet, runtime, server::stores(&options.allowed)).limits(limits).spool(spool);
    if let Some(name) = &options.name {
        builder = builder.name(name);
    }
    let worker = builder.start().await?;
    let health = match options.health {
        Some(address) => Some(health::serve(address, &worker).await?),
        None => None,
    };
    stderr::print(format!("{} takes jobs, {slots} at once\n", worker.name()));

    let (first, second) = (CancelToken::new(), CancelToken::new());
    let _interrupts = interrupt::Interrupts::in_turn(&first, &second);
    until(&first).await;
    stderr::print(format!("{} ends; {} jobs run\n", worker.name(), worker.health().running()));
    let stop = worker.stop_unless(Duration::from_secs(options.grace), until(&second));
    stop.await;
    drop(health);
    Ok(())
}

/// Waits for an interrupt.
async fn until(interrupt: &CancelToken) {
    while !interrupt.is_cancelled() {
        tokio::time::sleep(LOOK).await;
    }
}

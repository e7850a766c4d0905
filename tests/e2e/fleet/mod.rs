//! `afmpeg-fleet`: jobs on several workers, with a real NATS server and folders as object stores.

mod chaos;
mod command;
mod delivery;
mod failures;
mod films;
mod outputs;
mod stage;

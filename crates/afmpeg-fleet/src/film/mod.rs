//! One film on many workers.

mod definition;
mod progress;
mod state;
mod submit;

pub use self::{
    definition::FleetFilm,
    state::{FilmPhase, FilmState},
};

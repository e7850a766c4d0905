use serde::{Deserialize, Serialize};
use url::Url;

use crate::identity::Identity;

/// The place of a job in a film.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct FilmPart {
    /// The film.
    pub film: Identity,
    /// The location of its definition, a [`FleetFilm`](crate::FleetFilm) in JSON.
    pub definition: Url,
    /// The role of the job.
    pub role: FilmRole,
    /// The generation of the film for which the job was submitted.
    pub generation: u32,
}

/// The role of a job in a film.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FilmRole {
    /// It encodes the chunk with this number.
    Chunk(usize),
    /// It encodes the sound.
    Sound,
    /// It joins the variant with this number.
    Join(usize),
}

use std::{fmt, time::Duration};

/// What is wrong with what a recipe was given.
///
/// ```
/// use afmpeg_cmd::{Input, recipes::{Fit, fit}};
///
/// let error = fit(&Input::new("a.mp4").video(), 641, 360, Fit::Cover).unwrap_err();
/// assert_eq!(error.parameter(), "width");
/// assert_eq!(error.to_string(), "width is 641; it must be even, from 2 to 32766");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
    /// A value that the recipe cannot work with.
    #[error("{parameter} is {found}; it must be {wanted}")]
    Parameter {
        /// Which of the recipe's parameters.
        parameter: String,
        /// What was given.
        found: String,
        /// What it can be.
        wanted: String,
    },
    /// Something that the recipe needs is not there.
    #[error("{parameter} has no {what}; {hint}")]
    Missing {
        /// Where it was looked for.
        parameter: String,
        /// What was looked for.
        what: String,
        /// What to do about it.
        hint: &'static str,
    },
}

impl RecipeError {
    /// The parameter that is to be changed.
    pub fn parameter(&self) -> &str {
        match self {
            RecipeError::Parameter { parameter, .. } | RecipeError::Missing { parameter, .. } => parameter,
        }
    }

    pub(crate) fn new(
        parameter: impl Into<String>,
        found: impl fmt::Display,
        wanted: impl Into<String>,
    ) -> Self {
        Self::Parameter { parameter: parameter.into(), found: found.to_string(), wanted: wanted.into() }
    }

    pub(crate) fn missing(parameter: impl Into<String>, what: impl Into<String>, hint: &'static str) -> Self {
        Self::Missing { parameter: parameter.into(), what: what.into(), hint }
    }
}

/// A size in pixels that every pixel format can have.
pub(crate) fn even(parameter: &str, size: u32) -> Result<u32, RecipeError> {
    match size {
        2..=32766 if size.is_multiple_of(2) => Ok(size),
        _ => Err(RecipeError::new(parameter, size, "even, from 2 to 32766")),
    }
}

pub(crate) fn not_zero(parameter: &str, number: u32) -> Result<u32, RecipeError> {
    if number == 0 { Err(RecipeError::new(parameter, number, "1 or more")) } else { Ok(number) }
}

/// Shorter than a microsecond is zero to FFmpeg.
pub(crate) fn some_time(parameter: impl Into<String>, time: Duration) -> Result<Duration, RecipeError> {
    if time.as_micros() == 0 {
        return Err(RecipeError::new(parameter, format!("{time:?}"), "a microsecond or more"));
    }
    Ok(time)
}

pub(crate) fn within(
    parameter: impl Into<String>,
    number: f64,
    least: f64,
    most: f64,
) -> Result<f64, RecipeError> {
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    Err(RecipeError::new(parameter, number, format!("from {least} to {most}")))
}

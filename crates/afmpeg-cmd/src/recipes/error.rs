use std::{fmt, time::Duration};

use crate::Time;

/// An invalid parameter of a recipe.
///
/// ```
/// use afmpeg_cmd::{Input, recipes::{Fit, fit}};
///
/// let error = fit(&Input::new("a.mp4").video(), 641, 360, Fit::Cover).unwrap_err();
/// assert_eq!(error.parameter(), "width");
/// assert_eq!(error.to_string(), "width: expected an even number from 2 to 32766, found 641");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
    /// An invalid value.
    #[error("{parameter}: expected {expected}, found {found}")]
    Parameter {
        /// The name of the parameter.
        parameter: String,
        /// The value.
        found: String,
        /// The valid values.
        expected: String,
    },
    /// A missing value.
    #[error("{parameter} has no {missing}; {hint}")]
    Missing {
        /// The parameter that lacks it.
        parameter: String,
        /// The name of the value.
        missing: String,
        /// The hint for fixing it.
        hint: &'static str,
    },
}

impl RecipeError {
    /// Returns the parameter to change.
    pub fn parameter(&self) -> &str {
        match self {
            RecipeError::Parameter { parameter, .. } | RecipeError::Missing { parameter, .. } => parameter,
        }
    }

    pub(crate) fn new(
        parameter: impl Into<String>,
        found: impl fmt::Display,
        expected: impl Into<String>,
    ) -> Self {
        Self::Parameter { parameter: parameter.into(), found: found.to_string(), expected: expected.into() }
    }

    pub(crate) fn missing(
        parameter: impl Into<String>,
        missing: impl Into<String>,
        hint: &'static str,
    ) -> Self {
        Self::Missing { parameter: parameter.into(), missing: missing.into(), hint }
    }
}

/// A size in pixels that every pixel format supports.
pub(crate) fn even(parameter: &str, size: u32) -> Result<u32, RecipeError> {
    match size {
        2..=32766 if size.is_multiple_of(2) => Ok(size),
        _ => Err(RecipeError::new(parameter, size, "an even number from 2 to 32766")),
    }
}

pub(crate) fn nonzero(parameter: &str, number: u32) -> Result<u32, RecipeError> {
    if number == 0 { Err(RecipeError::new(parameter, number, "at least 1")) } else { Ok(number) }
}

/// A duration below a microsecond is zero in FFmpeg.
pub(crate) fn nonzero_duration(
    parameter: impl Into<String>,
    time: Duration,
) -> Result<Duration, RecipeError> {
    if time.as_micros() == 0 {
        return Err(RecipeError::new(parameter, format!("{} s", Time::from(time)), "at least a microsecond"));
    }
    Ok(time)
}

pub(crate) fn in_range(
    parameter: impl Into<String>,
    number: f64,
    least: f64,
    most: f64,
) -> Result<f64, RecipeError> {
    if (least..=most).contains(&number) {
        return Ok(number);
    }
    Err(RecipeError::new(parameter, number, format!("a number from {least} to {most}")))
}

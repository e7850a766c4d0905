use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error as _};

use crate::{Failure, Style};

/// The name of the request in its folder.
pub(crate) const REQUEST: &str = "request.json";

/// A video and its captions.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// The file of the video, in the folder of the request.
    pub video: String,
    /// The captions.
    pub captions: Captions,
    /// Their style.
    #[serde(default)]
    pub style: Style,
}

/// The captions of a request.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(
    untagged,
    expecting = "expected the name of a subtitle file, or captions with `from`, `to` and `text`, times in seconds"
)]
pub enum Captions {
    /// A file in the folder of the request: SRT, WebVTT or ASS.
    File(String),
    /// Texts with times.
    Timed(Vec<Caption>),
}

/// A text with its times.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Caption {
    /// The start, as a time of the video.
    #[serde(deserialize_with = "seconds")]
    pub from: Duration,
    /// The end, as a time of the video.
    #[serde(deserialize_with = "seconds")]
    pub to: Duration,
    /// The text, of one or more lines. None of it is syntax.
    pub text: String,
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    Duration::try_from_secs_f64(f64::deserialize(deserializer)?).map_err(D::Error::custom)
}

impl Request {
    /// Parses a request.
    ///
    /// ```
    /// use afmpeg_captions::Request;
    ///
    /// let json = br#"{ "video": "a.mp4", "captions": [{ "from": 2, "to": 1, "text": "Hello" }] }"#;
    /// let failure = Request::parse(json).unwrap_err();
    /// assert_eq!(failure.message, "caption 1 ends at 1 s, but starts at 2 s");
    /// ```
    ///
    /// # Errors
    ///
    /// The JSON is not a request, it has no captions, or one is empty or ends before it starts.
    pub fn parse(json: &[u8]) -> Result<Self, Failure> {
        let request: Self = serde_json::from_slice(json).map_err(|error| {
            Failure::request(format!("{REQUEST}: {error}"), "correct the field, or remove it")
        })?;
        if let Captions::Timed(captions) = &request.captions {
            if captions.is_empty() {
                return Err(Failure::request("the request has no captions", "add one to `captions`"));
            }
            for (number, Caption { from, to, text }) in (1..).zip(captions) {
                if to <= from {
                    let (from, to) = (from.as_secs_f64(), to.as_secs_f64());
                    let message = format!("caption {number} ends at {to} s, but starts at {from} s");
                    return Err(Failure::request(message, "set `to` to a later time"));
                }
                if text.trim().is_empty() {
                    return Err(Failure::request(
                        format!("caption {number} has no text"),
                        "write a text, or remove the caption",
                    ));
                }
            }
        }
        Ok(request)
    }
}

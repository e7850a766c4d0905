//! Headers of requests and responses.

use std::{ops::Range, time::SystemTime};

use reqwest::header::{
    ACCEPT_ENCODING, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HOST,
    HeaderMap, HeaderName, HeaderValue, IF_RANGE, LAST_MODIFIED, RANGE, TE, TRANSFER_ENCODING, UPGRADE,
};

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// Returns the headers of a request from their names and values, which may be secret. An error names no value.
pub(super) fn of_request<'a>(
    fields: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        let name = HeaderName::try_from(name).map_err(|_| "invalid header name".to_owned())?;
        let mut value =
            HeaderValue::try_from(value).map_err(|_| format!("invalid value of the header {name}"))?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

/// Whether a header belongs to the connection, or to the requests for ranges. Another host in it would lead around the
/// check of the URL.
pub(super) fn is_own(name: &str) -> bool {
    let own = [
        &HOST,
        &RANGE,
        &IF_RANGE,
        &ACCEPT_ENCODING,
        &CONNECTION,
        &CONTENT_LENGTH,
        &TE,
        &TRANSFER_ENCODING,
        &UPGRADE,
    ];
    own.iter().any(|own| name.trim().eq_ignore_ascii_case(own.as_str()))
}

/// Returns the media type of the body, without parameters.
pub(super) fn media_type(headers: &HeaderMap) -> Option<String> {
    let name = text(headers, &CONTENT_TYPE)?.split(';').next()?.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Returns the length of the body, if given.
pub(super) fn content_length(headers: &HeaderMap) -> Option<u64> {
    text(headers, &CONTENT_LENGTH)?.parse().ok()
}

/// Whether the body is encoded, so that it differs from the bytes of the file.
pub(super) fn is_encoded(headers: &HeaderMap) -> bool {
    headers.contains_key(CONTENT_ENCODING)
        && !text(headers, &CONTENT_ENCODING).is_some_and(|name| name.eq_ignore_ascii_case("identity"))
}

/// Returns the date of the last change.
pub(super) fn modified(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(text(headers, &LAST_MODIFIED)?).ok()
}

/// The range of a response, which is `None` if it has no bytes, and the length of the file, which is `None` if the
/// server does not send it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ContentRange {
    pub(super) bytes: Option<Range<u64>>,
    pub(super) total: Option<u64>,
}

pub(super) fn content_range(headers: &HeaderMap) -> Option<ContentRange> {
    parse_content_range(text(headers, &CONTENT_RANGE)?)
}

fn parse_content_range(text: &str) -> Option<ContentRange> {
    let (bytes, total) = text.strip_prefix("bytes ")?.trim().split_once('/')?;
    let total = if total == "*" { None } else { Some(total.parse::<u64>().ok()?) };
    // For an empty file, servers send all kinds of invalid ranges.
    if bytes == "*" || total == Some(0) {
        return Some(ContentRange { bytes: None, total });
    }
    let (first, last) = bytes.split_once('-')?;
    let (first, end) = (first.parse::<u64>().ok()?, last.parse::<u64>().ok()?.checked_add(1)?);
    if first >= end || total.is_some_and(|total| end > total) {
        return None;
    }
    Some(ContentRange { bytes: Some(first..end), total })
}

/// The headers that identify a version of a file.
#[derive(Debug, Clone, Default)]
pub(super) struct Validator {
    etag: Option<HeaderValue>,
    date: Option<HeaderValue>,
}

impl Validator {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self { etag: headers.get(ETAG).cloned(), date: headers.get(LAST_MODIFIED).cloned() }
    }

    /// Returns the value for `If-Range`. A weak tag is not valid there.
    pub(super) fn if_range(&self) -> Option<&HeaderValue> {
        match &self.etag {
            Some(etag) if !etag.as_bytes().starts_with(b"W/") => Some(etag),
            Some(_) => None,
            None => self.date.as_ref(),
        }
    }

    /// Whether a response is of the same version. A response to a conditional request may omit the date, but not the
    /// tag.
    pub(super) fn allows(&self, headers: &HeaderMap) -> bool {
        match (&self.etag, &self.date) {
            (Some(etag), _) => headers.get(ETAG) == Some(etag),
            (None, Some(date)) => headers.get(LAST_MODIFIED).is_none_or(|found| found == date),
            (None, None) => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn valid_content_ranges_are_parsed() {
        let range = |bytes, total| Some(ContentRange { bytes, total });
        assert_eq!(parse_content_range("bytes 0-0/1"), range(Some(0..1), Some(1)));
        assert_eq!(parse_content_range("bytes 5-9/*"), range(Some(5..10), None));
        assert_eq!(parse_content_range("bytes */7"), range(None, Some(7)));
        assert_eq!(parse_content_range("bytes 0-0/0"), range(None, Some(0)));
        let bad = [
            "",
            "bytes",
            "bytes 5-4/9",
            "bytes 0-9/9",
            "bytes -1/9",
            "items 0-1/9",
            "bytes 0-18446744073709551615/*",
        ];
        for bad in bad {
            assert_eq!(parse_content_range(bad), None, "{bad}");
        }
    }

    #[test]
    fn versions_differ_by_tag_or_else_by_date() {
        let headers = |etag: Option<&'static str>, date: Option<&'static str>| {
            let mut headers = HeaderMap::new();
            etag.map(|etag| headers.insert(ETAG, HeaderValue::from_static(etag)));
            date.map(|date| headers.insert(LAST_MODIFIED, HeaderValue::from_static(date)));
            headers
        };
        let tagged = Validator::of(&headers(Some("\"a\""), Some("then")));
        assert!(tagged.allows(&headers(Some("\"a\""), None)));
        assert!(!tagged.allows(&headers(Some("\"b\""), Some("then"))));
        assert!(!tagged.allows(&headers(None, Some("then"))));
        assert_eq!(tagged.if_range().unwrap(), "\"a\"");
        let weak = Validator::of(&headers(Some("W/\"a\""), Some("then")));
        assert_eq!(weak.if_range(), None);
        assert!(weak.allows(&headers(Some("W/\"a\""), None)));
        let dated = Validator::of(&headers(None, Some("then")));
        assert_eq!(dated.if_range().unwrap(), "then");
        assert!(dated.allows(&headers(None, None)));
        assert!(!dated.allows(&headers(None, Some("now"))));
    }

    proptest! {
        #[test]
        fn whatever_is_read_is_a_range_within_the_file(text in "bytes [0-9*]{0,22}[-/]{0,2}[0-9*]{0,22}/[0-9*]{0,22}") {
            if let Some(ContentRange { bytes: Some(bytes), total }) = parse_content_range(&text) {
                prop_assert!(bytes.start < bytes.end);
                prop_assert!(total.is_none_or(|total| bytes.end <= total));
            }
        }
    }
}

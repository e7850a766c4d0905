//! URLs in messages.

use reqwest::Url;

/// Returns the URL without its query, fragment, user and password, which may be secret.
pub(super) fn without_secrets(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // These fail for URLs that cannot have a user.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_a_url_are_removed() {
        let url = Url::parse("https://me:word@media.example:8443/a%20b.mp4?signature=abc#part").unwrap();
        assert_eq!(without_secrets(&url), "https://media.example:8443/a%20b.mp4");
    }
}

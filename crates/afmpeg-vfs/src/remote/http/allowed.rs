//! The URLs and addresses that requests may reach.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use reqwest::{
    Url,
    dns::{Addrs, Name, Resolve, Resolving},
};

use super::secrets::without_secrets;

/// Prefixes of URLs, and the addresses that they name.
#[derive(Debug, Default)]
pub(super) struct Allowed {
    prefixes: Vec<Prefix>,
}

#[derive(Debug)]
enum Prefix {
    /// All URLs of a scheme.
    Scheme(String),
    /// A URL, and those below it.
    Below(Url),
}

impl Allowed {
    pub(super) fn add(&mut self, text: &str) -> io::Result<()> {
        let scheme = text.strip_suffix("://").map(str::to_ascii_lowercase);
        if let Some(scheme) = scheme.filter(|scheme| is_http(scheme)) {
            self.prefixes.push(Prefix::Scheme(scheme));
            return Ok(());
        }
        let invalid = |problem: &str| {
            io::Error::new(io::ErrorKind::InvalidInput, format!("cannot allow the URL {text}: {problem}"))
        };
        let url = Url::parse(text).map_err(|error| invalid(&error.to_string()))?;
        if !is_http(url.scheme()) {
            return Err(invalid("expected http or https"));
        }
        let has_user = !url.username().is_empty() || url.password().is_some();
        if url.query().is_some() || url.fragment().is_some() || has_user {
            return Err(invalid("expected a prefix without a query, a fragment, a user and a password"));
        }
        self.prefixes.push(Prefix::Below(url));
        Ok(())
    }

    /// Fails for a URL below no prefix, and for one with an address that is not public and not named.
    pub(super) fn check(&self, url: &Url) -> io::Result<()> {
        let refuse = |problem: &str| {
            let message = format!("{} {problem}", without_secrets(url));
            Err(io::Error::new(io::ErrorKind::PermissionDenied, message))
        };
        if !self.prefixes.iter().any(|prefix| prefix.holds(url)) {
            return refuse("is below no allowed URL");
        }
        match address_in(url) {
            Some(address) if !self.allows(address) => {
                refuse("has an address that is not public and not named")
            }
            _ => Ok(()),
        }
    }

    /// Whether requests may reach an address: it is public, or an allowed URL names it.
    fn allows(&self, address: IpAddr) -> bool {
        is_public(address) || self.prefixes.iter().any(|prefix| prefix.names(address))
    }
}

impl Prefix {
    fn holds(&self, url: &Url) -> bool {
        match self {
            Prefix::Scheme(scheme) => scheme == url.scheme(),
            Prefix::Below(prefix) => {
                let below = url.path().strip_prefix(prefix.path().trim_end_matches('/'));
                prefix.origin() == url.origin()
                    && !has_encoded_parent(url)
                    && below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
            }
        }
    }

    fn names(&self, address: IpAddr) -> bool {
        let Prefix::Below(url) = self else { return false };
        address_in(url) == Some(address) || (url.host_str() == Some("localhost") && address.is_loopback())
    }
}

/// Returns the address that is the host of a URL. The URL's parser has brought it into its usual form.
fn address_in(url: &Url) -> Option<IpAddr> {
    url.host_str()?.trim_matches(['[', ']']).parse().ok()
}

/// Whether a server that decodes slashes before it resolves `..` would leave the folder of the path. The URL's parser has
/// resolved all others.
fn has_encoded_parent(url: &Url) -> bool {
    let path = url.path().to_ascii_lowercase().replace("%2f", "/").replace("%5c", "/").replace("%2e", ".");
    path.split('/').any(|name| name == "..")
}

fn is_http(scheme: &str) -> bool {
    matches!(scheme, "http" | "https")
}

/// Resolves names, and leaves out the addresses that requests may not reach.
pub(super) struct Resolver(pub(super) Arc<Allowed>);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = Arc::clone(&self.0);
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let reachable: Vec<SocketAddr> =
                found.into_iter().filter(|address| allowed.allows(address.ip())).collect();
            if reachable.is_empty() {
                let message = format!("{} has no address that is public or named", name.as_str());
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, message).into());
            }
            Ok(Box::new(reachable.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is globally reachable, by the IANA registries of special-purpose addresses.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation();
    let reserved = match address.octets() {
        // "This network"; shared address space (RFC 6598); protocol assignments; 6to4 relays; benchmarks (RFC 2544);
        // the former class E, and the broadcast address.
        [0, ..] | [192, 0, 0, _] | [192, 88, 99, _] | [198, 18..=19, ..] | [240..=255, ..] => true,
        [100, second, ..] => (64..=127).contains(&second),
        _ => false,
    };
    !special && !reserved
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match address.segments() {
        // Addresses that stand for one of IPv4: mapped, of NAT64 (RFC 6052), of 6to4 (RFC 3056).
        [0, 0, 0, 0, 0, 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => embedded(high, low),
        // Protocol assignments, Teredo among them; documentation (RFC 3849, RFC 9637).
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        // All other global unicast addresses are in 2000::/3.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowing(prefixes: &[&str]) -> Allowed {
        let mut allowed = Allowed::default();
        for prefix in prefixes {
            allowed.add(prefix).unwrap();
        }
        allowed
    }

    fn allows(prefixes: &[&str], url: &str) -> bool {
        allowing(prefixes).check(&Url::parse(url).unwrap()).is_ok()
    }

    #[test]
    fn url_is_allowed_by_its_origin_and_the_start_of_its_path() {
        let films = ["https://media.example/films"];
        for url in [
            "https://media.example/films",
            "https://media.example/films/a.mp4?signature=x",
            "https://MEDIA.example:443/films/b/../a.mp4",
        ] {
            assert!(allows(&films, url), "{url}");
        }
        for url in [
            "https://media.example/films2/a.mp4",
            "https://media.example/films/../secret",
            "https://media.example/films/%2e%2e/secret",
            "https://media.example/films/..%2fsecret",
            "https://media.example/films/a%2F%2E.%5csecret",
            "http://media.example/films/a.mp4",
            "https://media.example:8443/films/a.mp4",
            "https://media.example.evil.example/films/a.mp4",
            "https://media.example@evil.example/films/a.mp4",
        ] {
            assert!(!allows(&films, url), "{url}");
        }
        assert!(allows(&["https://media.example"], "https://media.example/a"));
        assert!(
            allows(&["HTTPS://"], "https://any.example/a") && !allows(&["https://"], "http://any.example/a")
        );
    }

    #[test]
    fn prefix_that_is_not_one_is_refused() {
        for text in [
            "ftp://a.example/",
            "media.example",
            "https://a.example/?q",
            "https://me@a.example/",
            "https://:word@a.example/",
            "://",
        ] {
            assert_eq!(
                Allowed::default().add(text).unwrap_err().kind(),
                io::ErrorKind::InvalidInput,
                "{text}"
            );
        }
    }

    #[test]
    fn address_that_is_not_public_is_reached_only_if_it_is_named() {
        for host in [
            "127.0.0.1",
            "2130706433",
            "0x7f.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "[::1]",
            "[::]",
            "[::ffff:10.0.0.1]",
            "[fe80::1]",
            "[fd00::1]",
            "[64:ff9b::a00:1]",
            "[2002:7f00:1::]",
            "[2001:db8::1]",
            "[ff02::1]",
        ] {
            let url = format!("http://{host}/latest");
            assert!(!allows(&["http://"], &url), "{url}");
            assert!(allows(&["http://", &format!("http://{host}/")], &url), "{url}");
        }
        for host in ["93.184.216.34", "[2606:4700::1111]"] {
            assert!(allows(&["http://"], &format!("http://{host}/")), "{host}");
        }
        assert!(allowing(&["http://localhost:9000"]).allows("127.0.0.1".parse().unwrap()));
        assert!(!allowing(&["http://media.example"]).allows("127.0.0.1".parse().unwrap()));
    }
}

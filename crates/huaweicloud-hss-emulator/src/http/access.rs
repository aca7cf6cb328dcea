//! Decides which requests may control the emulator: those to an address or name of its own, and not from pages of other
//! origins. Otherwise any page in a browser on this machine could reset it or read its request log.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::{HOST, ORIGIN};
use http::request::Parts;
use http::uri::Authority;

/// The hosts that requests may name.
#[derive(Debug, Clone)]
pub(crate) struct AllowedHosts {
    /// The address it listens on.
    pub(crate) listen: IpAddr,
    /// Whether other machines may reach it.
    pub(crate) is_remote: bool,
    /// Further names.
    pub(crate) names: Vec<String>,
}

impl AllowedHosts {
    /// Checks that a request may control the emulator. The error is the reason why not.
    pub(crate) fn check(&self, head: &Parts) -> Result<(), String> {
        let hosts: Vec<&str> = head
            .headers
            .get_all(HOST)
            .iter()
            .map(|host| host.to_str().unwrap_or_default())
            .chain(head.uri.authority().map(Authority::as_str))
            .collect();
        // A client without `Host` is not a browser.
        if let Some(unknown) = hosts.iter().find(|host| !self.contains(host)) {
            return Err(format!(
                "{unknown:?} is not a host name of this emulator: use its address, or start it with this name"
            ));
        }
        match is_cross_origin(&head.headers, &hosts) {
            true => Err("pages of other origins may not control the emulator".to_owned()),
            false => Ok(()),
        }
    }

    /// Whether a host, with or without a port, is this emulator.
    fn contains(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else { return false };
        if host.contains('@') {
            return false;
        }
        let name = authority.host();
        let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
            // A page can give a name of its own another address, but an address cannot change.
            Ok(address) => address.is_loopback() || self.is_remote || address == self.listen,
            Err(_) => {
                let mut names = self.names.iter().map(String::as_str).chain(["localhost"]);
                names.any(|known| known.eq_ignore_ascii_case(name))
            }
        }
    }
}

/// Whether a browser sent the request from a page of another origin. Other clients send neither of these headers.
fn is_cross_origin(headers: &HeaderMap, hosts: &[&str]) -> bool {
    let is_own = |origin: &str| {
        let host = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
        host.is_some_and(|host| hosts.iter().any(|own| own.eq_ignore_ascii_case(host)))
    };
    headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none")
        || headers.get_all(ORIGIN).iter().any(|origin| !origin.to_str().is_ok_and(is_own))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::AllowedHosts;

    fn is_allowed(hosts: &AllowedHosts, headers: &[(&str, &str)]) -> bool {
        let request = headers.iter().fold(Request::get("/"), |request, (name, value)| request.header(*name, *value));
        hosts.check(&request.body(()).unwrap().into_parts().0).is_ok()
    }

    #[test]
    fn only_its_own_hosts_are_allowed() {
        let local =
            AllowedHosts { listen: "127.0.0.1".parse().unwrap(), is_remote: false, names: vec!["my.test".to_owned()] };
        let lan = AllowedHosts { listen: "192.168.1.5".parse().unwrap(), ..local.clone() };
        let remote = AllowedHosts { listen: "0.0.0.0".parse().unwrap(), is_remote: true, ..local.clone() };
        for (host, expected) in [
            ("localhost", [true; 3]),
            ("LocalHost:8080", [true; 3]),
            ("127.0.0.1:8080", [true; 3]),
            ("127.9.9.9", [true; 3]),
            ("[::1]:8080", [true; 3]),
            ("[::ffff:127.0.0.1]", [true; 3]),
            ("my.test:80", [true; 3]),
            ("192.168.1.5:8080", [false, true, true]),
            ("10.0.0.1", [false, false, true]),
            ("[2001:db8::1]", [false, false, true]),
            ("evil.test", [false; 3]),
            ("evil.localhost", [false; 3]),
            ("localhost.evil.test", [false; 3]),
            ("127.0.0.1.evil.test", [false; 3]),
            ("user@localhost", [false; 3]),
            ("", [false; 3]),
            ("local host", [false; 3]),
        ] {
            assert_eq!([&local, &lan, &remote].map(|hosts| is_allowed(hosts, &[("host", host)])), expected, "{host}");
        }
        assert!(is_allowed(&local, &[]), "a client without Host is not a browser");
        assert!(!is_allowed(&local, &[("host", "localhost"), ("host", "evil.test")]));
    }

    #[test]
    fn pages_of_other_origins_are_refused() {
        let hosts = AllowedHosts { listen: "127.0.0.1".parse().unwrap(), is_remote: false, names: Vec::new() };
        for (name, value, expected) in [
            ("origin", "http://127.0.0.1:80", true),
            ("origin", "https://127.0.0.1:80", true),
            ("origin", "http://127.0.0.1:81", false),
            ("origin", "http://127.0.0.1", false),
            ("origin", "http://localhost:80", false),
            ("origin", "http://evil.test", false),
            ("origin", "null", false),
            ("origin", "", false),
            ("sec-fetch-site", "same-origin", true),
            ("sec-fetch-site", "none", true),
            ("sec-fetch-site", "same-site", false),
            ("sec-fetch-site", "cross-site", false),
        ] {
            assert_eq!(is_allowed(&hosts, &[("host", "127.0.0.1:80"), (name, value)]), expected, "{name}: {value}");
        }
    }
}

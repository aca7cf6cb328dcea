//! Reads `NO_PROXY` as programs written in Go do, such as Terraform and KooCLI.

use std::net::IpAddr;

use ipnet::IpNet;
use url::{Host, Url};

/// Returns whether the list excludes an endpoint from the proxy.
///
/// Entries are separated by commas, semicolons or blanks: `*`, a domain (with its subdomains), `.domain` or `*.domain`
/// (its subdomains only), an IP address, or a range of addresses such as `10.0.0.0/8`. All but ranges may have a port.
pub(super) fn excludes(list: &str, endpoint: &Url) -> bool {
    let Some(host) = endpoint.host() else { return false };
    let address = match host {
        Host::Ipv4(address) => Some(IpAddr::V4(address)),
        Host::Ipv6(address) => Some(IpAddr::V6(address)),
        Host::Domain(_) => None,
    };
    let name = host.to_string();
    let name = name.trim_end_matches('.');
    list.split([',', ';', ' ', '\t', '\n', '\r']).filter(|entry| !entry.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        if let Ok(range) = entry.parse::<IpNet>() {
            return address.is_some_and(|address| range.contains(&address));
        }
        let (entry, port) = split_port(entry);
        if port.is_some_and(|port| endpoint.port_or_known_default() != Some(port)) {
            return false;
        }
        match (entry.parse::<IpAddr>(), address) {
            (Ok(excluded), Some(address)) => excluded == address,
            (Err(_), None) => is_domain_of(entry, name),
            _ => false,
        }
    })
}

/// Splits `host:port`, `[address]:port` and `[address]`.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some(rest) = entry.strip_prefix('[')
        && let Some((address, port)) = rest.split_once(']')
    {
        return (address, port.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match entry.split_once(':') {
        Some((host, port)) if !port.contains(':') => (host, port.parse().ok()),
        _ => (entry, None),
    }
}

fn is_domain_of(entry: &str, name: &str) -> bool {
    let entry = entry.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(entry);
    let (domain, with_itself) = entry.strip_prefix('.').map_or((entry, true), |domain| (domain, false));
    // Parsed as in a URL: in lower case, and other alphabets as in DNS.
    let Ok(Host::Domain(domain)) = Host::parse(domain.trim_end_matches('.')) else { return false };
    match name.strip_suffix(domain.as_str()) {
        Some("") => with_itself,
        Some(subdomain) => subdomain.ends_with('.'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_exclude_what_they_exclude_in_go() {
        for (list, endpoint, excluded) in [
            ("", "https://hss.example", false),
            ("*", "https://hss.example", true),
            ("*", "https://10.1.2.3", true),
            ("*", "https://[2001:db8::1]", true),
            ("a, *", "https://10.1.2.3", true),
            ("example", "https://example", true),
            ("example", "https://hss.example", true),
            ("EXAMPLE", "https://hss.example", true),
            ("example", "https://hssexample", false),
            (".example", "https://hss.example", true),
            (".example", "https://example", false),
            ("*.example", "https://a.hss.example", true),
            ("*.example", "https://example", false),
            ("*example", "https://hss.example", false),
            ("bücher.example", "https://hss.xn--bcher-kva.example", true),
            ("hss.example:443", "https://hss.example", true),
            ("hss.example:8443", "https://hss.example", false),
            ("hss.example:8443", "https://hss.example:8443", true),
            ("hss.example:80", "http://hss.example", true),
            ("a;b hss.example\tc", "https://hss.example", true),
            ("a,,  ,b", "https://hss.example", false),
            ("10.1.2.3", "https://10.1.2.3", true),
            ("10.1.2.3:443", "https://10.1.2.3", true),
            ("10.1.2.3:80", "https://10.1.2.3", false),
            ("10.0.0.0/8", "https://10.1.2.3", true),
            ("10.1.2.3/8", "https://10.200.0.1", true),
            ("10.0.0.0/16", "https://10.1.2.3", false),
            ("10.0.0.0/8", "https://hss.example", false),
            ("2001:db8::1", "https://[2001:db8::1]", true),
            ("[2001:db8::1]", "https://[2001:db8::1]", true),
            ("[2001:DB8::1]:443", "https://[2001:db8::1]", true),
            ("[2001:db8::1]:80", "https://[2001:db8::1]", false),
            ("2001:db8::/32", "https://[2001:db8::1]", true),
            ("1.2.3", "https://10.1.2.3", false),
        ] {
            assert_eq!(excludes(list, &Url::parse(endpoint).unwrap()), excluded, "{list:?} {endpoint}");
        }
    }
}

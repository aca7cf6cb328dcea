//! Checks the proxy variables of the environment before they are used: the HTTP client ignores an invalid one and
//! connects directly.

use ::http::Uri;
use url::Url;

use crate::error::Error;

/// Refuses a variable that names the proxy for this endpoint and is not a proxy's URL. Its text may contain a password
/// and is not printed.
pub(super) fn check(endpoint: &Url, variable: &dyn Fn(&str) -> Option<String>) -> Result<(), Error> {
    let host = endpoint.host_str().unwrap_or_default();
    if ["NO_PROXY", "no_proxy"].iter().find_map(|name| variable(name)).is_some_and(|list| may_exclude(&list, host)) {
        return Ok(());
    }
    let own = if endpoint.scheme() == "https" { ["HTTPS_PROXY", "https_proxy"] } else { ["HTTP_PROXY", "http_proxy"] };
    // In the order of the HTTP client, for which an empty variable means no proxy.
    for names in [own, ["ALL_PROXY", "all_proxy"]] {
        let Some((name, text)) = names.iter().find_map(|name| Some((name, variable(name)?))) else { continue };
        if text.is_empty() {
            continue;
        }
        if !is_proxy(&text) {
            return Err(Error::invalid_input(format!("environment variable {name} is not a valid proxy URL"))
                .with_help("Set it to a URL such as http://proxy.example:3128, or unset it."));
        }
        return Ok(());
    }
    Ok(())
}

/// Returns whether the HTTP client accepts this as a proxy.
fn is_proxy(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let scheme = uri.scheme_str().unwrap_or("http");
    uri.authority().is_some() && matches!(scheme, "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h")
}

/// Returns whether a list of exceptions contains this host. Ranges of addresses are taken to contain it.
fn may_exclude(list: &str, host: &str) -> bool {
    list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        let name = entry.trim_start_matches('.');
        entry == "*"
            || entry.contains('/')
            || host == name
            || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(endpoint: &str, variables: &[(&str, &str)]) -> Result<(), String> {
        let variable =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned());
        check(&Url::parse(endpoint).unwrap(), &variable).map_err(|error| error.to_string())
    }

    #[test]
    fn an_invalid_proxy_that_would_be_used_is_an_error() {
        let https = "https://hss.cn-north-4.myhuaweicloud.com";
        for (endpoint, name, text) in [
            (https, "HTTPS_PROXY", "not a url geheim"),
            (https, "https_proxy", "http://"),
            (https, "ALL_PROXY", "ftp://proxy:21"),
            ("http://hss.example", "HTTP_PROXY", "/geheim"),
        ] {
            let error = checked(endpoint, &[(name, text)]).unwrap_err();
            assert!(error.starts_with(&format!("environment variable {name} is not a valid proxy URL")), "{error}");
            assert!(!error.contains("geheim"), "{error}");
        }
    }

    #[test]
    fn valid_and_unused_proxies_are_accepted() {
        let https = "https://hss.cn-north-4.myhuaweicloud.com";
        for variables in [
            &[][..],
            &[("HTTPS_PROXY", "http://user:word@proxy.example:3128")],
            &[("HTTPS_PROXY", "proxy.example:3128")],
            &[("HTTPS_PROXY", "socks5h://proxy.example")],
            &[("HTTPS_PROXY", "")],
            &[("HTTP_PROXY", "no url")],
            &[("HTTPS_PROXY", "http://proxy.example"), ("ALL_PROXY", "no url")],
            &[("HTTPS_PROXY", "no url"), ("NO_PROXY", "localhost, .myhuaweicloud.com")],
            &[("HTTPS_PROXY", "no url"), ("no_proxy", "*")],
        ] {
            assert_eq!(checked(https, variables), Ok(()), "{variables:?}");
        }
        assert!(checked(https, &[("HTTPS_PROXY", "no url"), ("NO_PROXY", "cloud.com")]).is_err());
    }
}

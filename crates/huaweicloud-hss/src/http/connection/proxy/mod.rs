//! The proxy of an endpoint, from the environment, in one place: the HTTP client reads these variables differently and
//! ignores what it does not understand.

mod no_proxy;
mod tunnel;

use url::Url;

use crate::error::{Error, ErrorKind};

/// How to write a proxy's URL.
const HELP: &str = "Set it to a URL such as http://proxy.example:3128, or unset it.";

/// The proxy of an endpoint.
#[derive(Clone)]
pub(crate) struct Proxy {
    /// May contain a password.
    url: Url,
    /// The environment variable that names it.
    variable: &'static str,
}

impl Proxy {
    /// Returns the proxy that the environment names for an endpoint. An invalid one is an error; its text may contain a
    /// password and is not printed.
    pub(in crate::http) fn find(
        endpoint: &Url,
        variable: &dyn Fn(&'static str) -> Option<String>,
    ) -> Result<Option<Self>, Error> {
        let first = |names: [&'static str; 2]| {
            names.into_iter().find_map(|name| Some((name, variable(name).filter(|text| !text.trim().is_empty())?)))
        };
        if first(["NO_PROXY", "no_proxy"]).is_some_and(|(_, list)| no_proxy::excludes(&list, endpoint)) {
            return Ok(None);
        }
        let own =
            if endpoint.scheme() == "https" { ["HTTPS_PROXY", "https_proxy"] } else { ["HTTP_PROXY", "http_proxy"] };
        let Some((name, text)) = first(own).or_else(|| first(["ALL_PROXY", "all_proxy"])) else { return Ok(None) };
        // A web server passes a request's header `Proxy` to its CGI programs as HTTP_PROXY (CVE-2016-5385).
        if name == "HTTP_PROXY" && variable("REQUEST_METHOD").is_some() {
            let what = "environment variable HTTP_PROXY is not used, because REQUEST_METHOD is set: in a CGI program it \
                        comes from whoever sends the request";
            return Err(Error::new(ErrorKind::Config, what).with_help("Use http_proxy, or unset one of the two."));
        }
        let url = parse(text.trim()).map_err(|(what, help)| {
            Error::invalid_input(format!("environment variable {name} {what}")).with_help(help)
        })?;
        Ok(Some(Self { url, variable: name }))
    }

    /// Returns the proxy for the HTTP client.
    pub(in crate::http) fn to_client_proxy(&self) -> Result<reqwest::Proxy, Error> {
        reqwest::Proxy::all(self.url.as_str()).map_err(|_| {
            Error::invalid_input(format!("environment variable {} is not a valid proxy URL", self.variable))
                .with_help(HELP)
        })
    }

    /// Returns the proxy's URL without its user name and password, and the variable that names it.
    pub(in crate::http) fn name(&self) -> String {
        let Self { url, variable } = self;
        let host = &url[url::Position::BeforeHost..url::Position::AfterPort];
        format!("{}://{host} (environment variable {variable})", url.scheme())
    }

    /// Names the proxy in the error of a request that was not sent, and its reason if it opened no tunnel.
    pub(in crate::http) async fn explain(&self, error: Error, endpoint: &Url, client: &reqwest::Client) -> Error {
        if error.kind() != ErrorKind::Unreachable {
            return error;
        }
        let is_refused = error.to_string().contains("tunnel error: unsuccessful");
        let status = if is_refused { tunnel::status(&self.url, endpoint, client).await } else { None };
        let error = match status {
            Some(status) => refused_tunnel(error, status),
            None => error,
        };
        error.with_note(format!("The proxy is {}", self.name()))
    }
}

/// Adds the status with which the proxy refused a tunnel.
fn refused_tunnel(error: Error, status: u16) -> Error {
    // The proxy opens tunnels again.
    if (200..300).contains(&status) {
        return error;
    }
    let what = format!("the service cannot be reached: the proxy refused the connection with HTTP status {status}");
    let error = error.with_what(what);
    match status {
        408 | 429 | 500.. => error,
        _ => error.permanent().with_help(
            "Nothing was sent. Check that the proxy allows this endpoint, or list the endpoint in NO_PROXY.",
        ),
    }
}

/// Parses a proxy's URL, as Go does. Returns what is wrong with it and what to do.
fn parse(text: &str) -> Result<Url, (&'static str, &'static str)> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => {}
        "socks4" | "socks4a" | "socks5" | "socks5h" => {
            return Err(("names a SOCKS proxy, which is not supported", HELP));
        }
        _ => return Err(("is not a valid proxy URL", HELP)),
    }
    // The last @ ends the user name and password; the URL's own end would be found in an unencoded password.
    if rest.rsplit_once('@').is_some_and(|(user, _)| user.contains(['#', '?', '/', '@', '\\'])) {
        return Err((
            "has a user name or password with a character that must be percent-encoded",
            "Write # as %23, ? as %3F, / as %2F, @ as %40 and \\ as %5C.",
        ));
    }
    let url = Url::parse(&format!("{scheme}://{rest}")).map_err(|_| ("is not a valid proxy URL", HELP))?;
    // The parser would pass over further slashes.
    if rest.starts_with(['/', '\\']) || url.query().is_some() || url.fragment().is_some() {
        return Err(("is not a valid proxy URL", HELP));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HTTPS: &str = "https://hss.cn-north-4.myhuaweicloud.com";

    fn found(endpoint: &str, variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        let variable =
            |name: &'static str| variables.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned());
        let proxy = Proxy::find(&Url::parse(endpoint).unwrap(), &variable).map_err(|error| error.to_string())?;
        Ok(proxy.map(|proxy| {
            assert!(proxy.to_client_proxy().is_ok());
            proxy.name()
        }))
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_an_error_with_the_reason() {
        for (endpoint, name, text, reason) in [
            (HTTPS, "HTTPS_PROXY", "not a url geheim", "is not a valid proxy URL"),
            (HTTPS, "https_proxy", "http://", "is not a valid proxy URL"),
            (HTTPS, "ALL_PROXY", "ftp://proxy:21", "is not a valid proxy URL"),
            (HTTPS, "HTTPS_PROXY", "http://proxy:99999", "is not a valid proxy URL"),
            ("http://hss.example", "HTTP_PROXY", "/geheim", "is not a valid proxy URL"),
            (HTTPS, "HTTPS_PROXY", "socks5://geheim@proxy.example", "names a SOCKS proxy"),
            (HTTPS, "HTTPS_PROXY", "socks5h://proxy.example", "names a SOCKS proxy"),
            (HTTPS, "HTTPS_PROXY", "http://user:ge#heim@proxy:1", "percent-encoded. Write # as %23"),
            (HTTPS, "HTTPS_PROXY", "http://user:ge?heim@proxy:1", "percent-encoded"),
            (HTTPS, "HTTPS_PROXY", "http://user:ge/heim@proxy:1", "percent-encoded"),
            (HTTPS, "HTTPS_PROXY", "user:ge@heim@proxy:1", "percent-encoded"),
        ] {
            let error = found(endpoint, &[(name, text)]).unwrap_err();
            assert!(error.starts_with(&format!("environment variable {name} ")) && error.contains(reason), "{error}");
            assert!(!error.contains("heim"), "{error}");
        }
    }

    #[test]
    fn the_variables_are_read_as_go_does() {
        let proxy = |url: &str, variable: &str| Some(format!("{url} (environment variable {variable})"));
        for (variables, expected) in [
            (&[][..], None),
            (
                &[("HTTPS_PROXY", "http://user:w%40rd@proxy.example:3128/")],
                proxy("http://proxy.example:3128", "HTTPS_PROXY"),
            ),
            (&[("https_proxy", "proxy.example:3128")], proxy("http://proxy.example:3128", "https_proxy")),
            (&[("HTTPS_PROXY", "HTTPS://[2001:db8::1]")], proxy("https://[2001:db8::1]", "HTTPS_PROXY")),
            (&[("HTTPS_PROXY", "")], None),
            (&[("HTTPS_PROXY", ""), ("ALL_PROXY", "http://all")], proxy("http://all", "ALL_PROXY")),
            (&[("HTTP_PROXY", "no url")], None),
            (&[("HTTPS_PROXY", "http://own"), ("ALL_PROXY", "no url")], proxy("http://own", "HTTPS_PROXY")),
            (&[("HTTPS_PROXY", "no url"), ("NO_PROXY", "localhost, .myhuaweicloud.com")], None),
            (&[("HTTPS_PROXY", "no url"), ("no_proxy", "*")], None),
            (&[("HTTPS_PROXY", "http://own"), ("NO_PROXY", "cloud.com")], proxy("http://own", "HTTPS_PROXY")),
            (&[("HTTPS_PROXY", "http://own"), ("REQUEST_METHOD", "GET")], proxy("http://own", "HTTPS_PROXY")),
        ] {
            assert_eq!(found(HTTPS, variables), Ok(expected), "{variables:?}");
        }
        let http = "http://hss.example";
        let cgi = ("REQUEST_METHOD", "GET");
        let error = found(http, &[("HTTP_PROXY", "http://proxy"), cgi]).unwrap_err();
        assert!(error.contains("HTTP_PROXY is not used, because REQUEST_METHOD is set"), "{error}");
        assert_eq!(found(http, &[("http_proxy", "http://proxy"), cgi]), Ok(proxy("http://proxy", "http_proxy")));
    }

    #[test]
    fn a_tunnel_that_is_refused_for_good_is_not_asked_for_again() {
        for (status, transient) in [(400, false), (403, false), (404, false), (429, true), (502, true), (503, true)] {
            let error = refused_tunnel(Error::new(ErrorKind::Unreachable, "x"), status);
            assert!(error.to_string().contains(&format!("HTTP status {status}")), "{error}");
            assert_eq!(error.is_transient(), transient, "{status}");
        }
        assert_eq!(refused_tunnel(Error::new(ErrorKind::Unreachable, "x"), 200).to_string(), "x");
    }
}

//! Properties of signing on random requests, and agreement with a second implementation written plainly from the rules.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use huaweicloud_auth::sign::{Request, Scope, canonical_query, sign};
use huaweicloud_auth::{AccessKey, Secret};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

fn config(default_cases: u32) -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(default_cases);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// A request that owns its parts.
#[derive(Debug, Clone)]
struct Owned {
    method: String,
    host: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    project: Option<String>,
    domain: Option<String>,
    ak: String,
    sk: String,
    security_token: Option<String>,
    seconds: u64,
}

impl Owned {
    fn sign(&self) -> Vec<(String, String)> {
        let token = self.security_token.clone().map(Secret::new);
        let key = AccessKey::new(self.ak.clone(), Secret::new(self.sk.clone()), token).unwrap();
        let headers: Vec<(&str, &str)> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request = Request {
            method: &self.method,
            host: &self.host,
            path: &self.path,
            query: &self.query,
            headers: &headers,
            body: &self.body,
            scope: match (&self.project, &self.domain) {
                (Some(id), _) => Scope::Project(id),
                (None, Some(id)) => Scope::Domain(id),
                (None, None) => Scope::None,
            },
        };
        let signed = sign(&key, &request, self.time()).unwrap();
        signed.headers().map(|header| (header.name.to_owned(), header.value.to_owned())).collect()
    }

    fn authorization(&self) -> String {
        self.sign().pop().unwrap().1
    }

    fn time(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.seconds)
    }
}

/// The rules, step by step, with the plainest means: whole strings, a sorted map, HMAC from its definition.
mod plain {
    use super::*;

    fn unreserved(byte: u8) -> bool {
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~".as_bytes().contains(&byte)
    }

    pub(super) fn encode(bytes: &[u8]) -> String {
        bytes.iter().map(|&b| if unreserved(b) { (b as char).to_string() } else { format!("%{b:02X}") }).collect()
    }

    pub(super) fn decode(text: &str) -> Vec<u8> {
        let bytes = text.as_bytes();
        let mut out = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let digits = bytes.get(at + 1..at + 3).filter(|two| two.iter().all(u8::is_ascii_hexdigit));
            if let (b'%', Some(two)) = (bytes[at], digits) {
                out.push(u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap());
                at += 3;
            } else {
                out.push(bytes[at]);
                at += 1;
            }
        }
        out
    }

    fn path(raw: &str) -> String {
        let decoded = decode(raw);
        let segments: Vec<String> = decoded.split(|b| *b == b'/').map(encode).collect();
        let joined = segments.join("/");
        if joined.ends_with('/') { joined } else { joined + "/" }
    }

    pub(super) fn query(raw: &str) -> String {
        let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.push((decode(&key.replace('+', " ")), decode(&value.replace('+', " "))));
        }
        pairs.sort();
        let texts: Vec<String> = pairs.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
        texts.join("&")
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }

    fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
        let mut block = if key.len() > 64 { Sha256::digest(key).to_vec() } else { key.to_vec() };
        block.resize(64, 0);
        let inner: Vec<u8> = block.iter().map(|b| b ^ 0x36).chain(message.iter().copied()).collect();
        let outer: Vec<u8> = block.iter().map(|b| b ^ 0x5c).chain(Sha256::digest(inner)).collect();
        Sha256::digest(outer).to_vec()
    }

    pub(super) fn sign(request: &Owned, date: &str) -> BTreeMap<String, String> {
        let mut added = BTreeMap::new();
        added.insert("x-sdk-date".to_owned(), date.to_owned());
        if let Some(id) = &request.project {
            added.insert("x-project-id".to_owned(), id.clone());
        } else if let Some(id) = &request.domain {
            added.insert("x-domain-id".to_owned(), id.clone());
        }
        if let Some(token) = &request.security_token {
            added.insert("x-security-token".to_owned(), token.clone());
        }
        let mut all: BTreeMap<String, String> = added.clone();
        all.insert("host".to_owned(), request.host.clone());
        for (name, value) in &request.headers {
            if !name.contains('_') {
                all.insert(name.to_lowercase(), value.trim_matches([' ', '\t']).to_owned());
            }
        }
        let mut payload = hex(&Sha256::digest(&request.body));
        let content_type = all.get("content-type").cloned().unwrap_or_default();
        let known = content_type.starts_with("application/json") || content_type.starts_with("application/bson");
        if !content_type.is_empty() && !known {
            added.insert("x-sdk-content-sha256".to_owned(), "UNSIGNED-PAYLOAD".to_owned());
            all.insert("x-sdk-content-sha256".to_owned(), "UNSIGNED-PAYLOAD".to_owned());
            if !request.body.is_empty() {
                payload = "UNSIGNED-PAYLOAD".to_owned();
            }
        }
        let block: String = all.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let names = all.keys().cloned().collect::<Vec<_>>().join(";");
        let canonical =
            [request.method.to_uppercase(), path(&request.path), query(&request.query), block, names.clone(), payload]
                .join("\n");
        let to_sign = format!("SDK-HMAC-SHA256\n{date}\n{}", hex(&Sha256::digest(canonical)));
        let signature = hex(&hmac(request.sk.as_bytes(), to_sign.as_bytes()));
        let text = format!("SDK-HMAC-SHA256 Access={}, SignedHeaders={names}, Signature={signature}", request.ak);
        added.insert("authorization".to_owned(), text);
        added
    }
}

prop_compose! {
    fn headers()(
        content_type in prop::option::of(prop::sample::select(vec![
            "application/json", "application/json;charset=utf8", " application/bson ", "text/plain", "", "application/xml",
        ])),
        // The number in the name keeps names apart, also when they differ only in case.
        others in prop::collection::vec(("[A-Za-z][A-Za-z0-9-]{0,8}_?", "[ \t]{0,2}[!-~é服 ]{0,12}[ \t]{0,2}"), 0..5),
    ) -> Vec<(String, String)> {
        let mut headers: Vec<(String, String)> =
            others.into_iter().enumerate().map(|(i, (name, value))| (format!("y{i}{name}"), value)).collect();
        headers.extend(content_type.map(|value| ("Content-Type".to_owned(), value.to_owned())));
        headers
    }
}

prop_compose! {
    fn request()(
        method in "GET|POST|put|Delete",
        host in "[a-z0-9.-]{1,20}(:[0-9]{1,5})?",
        path in prop_oneof!["(/[ -~é服😀]{0,8}){0,4}/?", "(/(%[0-9a-fA-F]{2}|[a-z%]){0,6}){0,4}", any::<String>()],
        query in prop_oneof!["([a-c=&+%é]|%[0-9a-fA-F]{2}){0,30}", any::<String>()],
        headers in headers(),
        body in prop_oneof![Just(Vec::new()), prop::collection::vec(any::<u8>(), 0..200)],
        scope in (prop::option::of("[a-f0-9]{1,32}"), prop::option::of("[a-f0-9]{1,32}")),
        ak in "[A-Z0-9]{1,24}",
        sk in "[A-Za-z0-9+/=~é]{1,100}",
        security_token in prop::option::of("[A-Za-z0-9+/=]{1,80}"),
        seconds in 0..253_402_300_800_u64,
    ) -> Owned {
        // A text wrapped in quotation marks is refused as a key, which is not the point here.
        let sk = sk.replace(['"', '\''], "q");
        let (project, domain) = scope;
        Owned { method, host, path, query, headers, body, project, domain, ak, sk, security_token, seconds }
    }
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn it_agrees_with_the_plain_implementation(request in request()) {
        let headers = request.sign();
        prop_assert_eq!(&headers[0].0, "x-sdk-date");
        let date = headers[0].1.clone();
        let ours: BTreeMap<String, String> = headers.into_iter().collect();
        prop_assert_eq!(ours, plain::sign(&request, &date));
    }

    #[test]
    fn the_same_path_signs_the_same_however_it_is_encoded(
        request in request(), text in "(/[ -~é服😀]{0,6}){0,4}", choices in prop::collection::vec(any::<bool>(), 64),
    ) {
        // A percent sign is always encoded, because bare it may be read as the beginning of an encoding.
        let mut choices = choices.into_iter().cycle();
        let mut written = String::new();
        for c in text.chars() {
            if c == '%' || (c != '/' && choices.next().unwrap_or_default()) {
                let mut buffer = [0; 4];
                for byte in c.encode_utf8(&mut buffer).bytes() {
                    written.push_str(&if byte % 2 == 0 { format!("%{byte:02x}") } else { format!("%{byte:02X}") });
                }
            } else {
                written.push(c);
            }
        }
        let encoded = text.split('/').map(|segment| plain::encode(segment.as_bytes())).collect::<Vec<_>>().join("/");
        let one = Owned { path: written, ..request.clone() };
        let other = Owned { path: encoded.clone(), ..request.clone() };
        let with_slash = Owned { path: encoded + "/", ..request };
        prop_assert_eq!(one.authorization(), other.authorization());
        if !other.path.ends_with('/') {
            prop_assert_eq!(other.authorization(), with_slash.authorization());
        }
    }

    #[test]
    fn the_order_of_pairs_and_headers_does_not_matter(request in request()) {
        let mut other = request.clone();
        let mut pairs: Vec<&str> = request.query.split('&').collect();
        pairs.reverse();
        other.query = pairs.join("&");
        other.headers.reverse();
        prop_assert_eq!(request.authorization(), other.authorization());
    }

    #[test]
    fn every_signed_part_changes_the_signature(request in request(), which in 0..9_usize) {
        let mut other = request.clone();
        match which {
            0 => other.method.push('X'),
            1 => other.host.push('x'),
            2 => other.path.push('x'),
            3 => other.query.push_str("&x=1"),
            4 => other.headers.push(("x-new".to_owned(), "1".to_owned())),
            5 => {
                other.headers.retain(|(name, _)| name != "Content-Type");
                let plain = Owned { headers: other.headers.clone(), ..request };
                other.body.push(b'x');
                prop_assert_ne!(plain.authorization(), other.authorization());
                return Ok(());
            }
            6 => other.sk.push('x'),
            7 => other.project = Some(request.project.clone().unwrap_or_default() + "x"),
            _ => other.seconds = if request.seconds == 0 { 1 } else { request.seconds - 1 },
        }
        prop_assert_ne!(request.authorization(), other.authorization());
    }

    #[test]
    fn a_canonical_query_is_its_own_canonical_form(raw in any::<String>()) {
        let once = canonical_query(&raw);
        prop_assert!(once.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%&=".contains(&b)));
        prop_assert_eq!(&canonical_query(&once), &once);
        prop_assert_eq!(once, plain::query(&raw));
    }

    #[test]
    fn nothing_makes_it_panic(
        method in any::<String>(), host in any::<String>(), path in any::<String>(), query in any::<String>(),
        name in any::<String>(), value in any::<String>(), id in any::<String>(),
        body in prop::collection::vec(any::<u8>(), 0..64), seconds in any::<u32>(),
    ) {
        let key = AccessKey::new("AK", Secret::new("sk".to_owned()), None).unwrap();
        let request = Request {
            method: &method, host: &host, path: &path, query: &query, headers: &[(&name, &value)], body: &body,
            scope: Scope::Project(&id),
        };
        let time = UNIX_EPOCH.checked_sub(Duration::from_secs(u64::from(seconds) * 100)).unwrap_or(UNIX_EPOCH);
        if let Ok(signed) = sign(&key, &request, time) {
            for header in signed.headers() {
                prop_assert!(!header.value.contains(['\r', '\n']));
            }
        }
    }
}

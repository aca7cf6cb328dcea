//! The kinds of responses of the hostile service, and what each of them shows about a scan.

use std::fmt::Write as _;

use integration_tests::random::Random;

/// What a response shows about the scan that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// It was started.
    Started,
    /// It was not started, and may be asked for again.
    NotStarted,
    /// Nothing: it may have been started or not.
    Nothing,
}

/// How a response reaches the client.
pub(super) enum Delivery {
    /// As a whole; the connection is kept.
    KeepOpen,
    /// As a whole; then the connection is closed.
    Close,
    /// In small pieces, with delays.
    Drip,
    /// The connection is reset after it, because a part of the request was not read.
    Reset,
    /// Nothing more comes, and the connection stays open.
    Hang,
}

/// One response to a scan call.
pub(super) struct Response {
    pub(super) kind: &'static str,
    pub(super) evidence: Evidence,
    pub(super) bytes: Vec<u8>,
    pub(super) delivery: Delivery,
}

/// Where a call goes, as far as responses repeat it.
pub(super) struct Call<'a> {
    pub(super) project: &'a str,
    pub(super) hosts: usize,
}

/// Returns the response to a status request: mostly that no scan is pending.
pub(super) fn status(random: Option<Random>) -> Vec<u8> {
    match random.map_or(u64::MAX, |mut random| random.below(16)) {
        0 => plain("200 OK", "", r#"{"exist":true}"#),
        1 => plain("500 X", "", ""),
        2 => plain("200 OK", "", "<html>"),
        3 => plain("429 X", "", r#"{"error_code":"APIGW.0308"}"#),
        4 => plain("200 OK", "", r#"{"exist":"false"}"#),
        _ => plain("200 OK", "", r#"{"exist":false}"#),
    }
}

/// Returns how a well-behaved service accepts a scan.
pub(super) fn accepted(call: &Call<'_>) -> Response {
    let bytes = plain("200 OK", "", &success(call));
    Response { kind: "accepted", evidence: Evidence::Started, bytes, delivery: Delivery::KeepOpen }
}

/// Returns a random response. Every second one is a plain success, so that a run makes progress.
pub(super) fn random(call: &Call<'_>, random: &mut Random) -> Response {
    if random.below(2) == 0 {
        return accepted(call);
    }
    let groups: [fn(&Call<'_>) -> Vec<Response>; 6] =
        [successes, unusual_statuses, refusals, contradictions, unreadable_bodies, broken_transfers];
    let mut group = groups[random.below(groups.len() as u64) as usize](call);
    // What takes real time, or ends a run, is rare.
    let is_costly = |kind: &str| kind.starts_with("slow: ") || kind.starts_with("final: ");
    let index = random.below(group.len() as u64) as usize;
    let response = group.swap_remove(index);
    if is_costly(response.kind) && random.below(8) > 0 { accepted(call) } else { response }
}

/// Returns the names of all kinds.
pub(super) fn kinds() -> Vec<&'static str> {
    let call = Call { project: "p", hosts: 1 };
    let groups = [successes, unusual_statuses, refusals, contradictions, unreadable_bodies, broken_transfers];
    groups.iter().flat_map(|group| group(&call)).map(|response| response.kind).collect()
}

fn success(call: &Call<'_>) -> String {
    format!(r#"{{"error":"{}-0 processed {} tasks successfully."}}"#, call.project, call.hosts)
}

fn queued(call: &Call<'_>) -> String {
    format!(r#"{{"error":"Current project {}-0 is already in the task queue."}}"#, call.project)
}

fn plain(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len()).into_bytes()
}

fn chunked(headers: &str, body: &str, end: &str) -> Vec<u8> {
    let (first, second) = body.split_at(body.len() / 2);
    let mut text = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{headers}\r\n");
    for part in [first, second] {
        let _ = write!(text, "{:x};ext=1\r\n{part}\r\n", part.len());
    }
    (text + end).into_bytes()
}

/// Responses that all have this evidence, and after which the connection is kept.
fn kept(evidence: Evidence, responses: Vec<(&'static str, Vec<u8>)>) -> Vec<Response> {
    let response = |(kind, bytes)| Response { kind, evidence, bytes, delivery: Delivery::KeepOpen };
    responses.into_iter().map(response).collect()
}

/// A success in every form that HTTP and JSON allow.
fn successes(call: &Call<'_>) -> Vec<Response> {
    let ok = success(call);
    let limits = "X-Apig-RateLimit-api: remain:40,limit:50,time:40 millisecond\r\n\
                  x-apig-ratelimit-user: remain:9,limit:30,time:30 millisecond\r\n\
                  X-Apig-RateLimit-ip: remain:x,limit:,time:1 eon\r\nX-Apig-RateLimit-app: unlimited\r\n";
    let length = ok.len();
    let mut all = kept(
        Evidence::Started,
        vec![
            ("chunked", chunked("", &ok, "0\r\n\r\n")),
            ("chunked with trailers", chunked("Trailer: X-T\r\n", &ok, "0\r\nX-T: 1\r\n\r\n")),
            ("100 Continue first", [b"HTTP/1.1 100 Continue\r\n\r\n".as_slice(), &plain("200 OK", "", &ok)].concat()),
            (
                "103 Early Hints first",
                [b"HTTP/1.1 103 X\r\nLink: </x>\r\n\r\n".as_slice(), &plain("200 OK", "", &ok)].concat(),
            ),
            ("limits in headers", plain("200 OK", limits, &ok)),
            ("blanks around", plain("200 OK", "", &format!(" \r\n\t{ok}\n\n"))),
            ("unknown keys", plain("200 OK", "", &ok.replace('}', r#","data":[{"x":null}],"n":1e9}"#))),
            ("escaped letters", plain("200 OK", "", &ok.replace("tasks", "t\\u0061sks"))),
            ("content type text", plain("200 OK", "Content-Type: text/plain; charset=gbk\r\n", &ok)),
            ("same length twice", plain("200 OK", &format!("Content-Length: {length}\r\n"), &ok)),
            ("many headers", plain("200 OK", &"X-A: b\r\n".repeat(60), &ok)),
            ("Retry-After of a success", plain("200 OK", "Retry-After: 9\r\n", &ok)),
            // IAM sends it with a new token, so it is as good as a 200.
            ("201", plain("201 X", "", &ok)),
            ("two responses", plain("200 OK", "", &ok).repeat(2)),
            ("another project", plain("200 OK", "", r#"{"error":"other-0 processed 1 tasks successfully."}"#)),
        ],
    );
    let closing = |kind, head: &str| Response {
        kind,
        evidence: Evidence::Started,
        bytes: format!("{head}\r\n\r\n{ok}").into_bytes(),
        delivery: Delivery::Close,
    };
    all.push(closing("HTTP/1.0", "HTTP/1.0 200 OK"));
    all.push(closing("ends with the connection", "HTTP/1.1 200 OK\r\nConnection: close"));
    all.push(Response {
        kind: "slow: dripping success",
        evidence: Evidence::Started,
        bytes: plain("200 OK", "", &ok),
        delivery: Delivery::Drip,
    });
    all.push(Response {
        kind: "success, then a reset",
        evidence: Evidence::Started,
        bytes: plain("200 OK", "", &ok),
        delivery: Delivery::Reset,
    });
    all
}

/// Statuses that do not show whether the scan was started.
fn unusual_statuses(call: &Call<'_>) -> Vec<Response> {
    let ok = success(call);
    kept(
        Evidence::Nothing,
        vec![
            ("101 with a success", plain("101 X", "Upgrade: x\r\nConnection: upgrade\r\n", &ok)),
            ("202 with a success", plain("202 X", "", &ok)),
            ("204", b"HTTP/1.1 204 X\r\n\r\n".to_vec()),
            ("206 with a success", plain("206 X", "Content-Range: bytes 0-9/99\r\n", &ok)),
            ("301", plain("301 X", "Location: http://127.0.0.1:9/\r\n", "")),
            ("307 to itself", plain("307 X", "Location: /\r\n", "")),
            ("308 with a success", plain("308 X", "Location: /\r\n", &ok)),
            ("500", plain("500 X", "", "")),
            ("500 with a code", plain("500 X", "", r#"{"error_code":"HSS.0001"}"#)),
            ("500 of a limit", plain("500 X", "", r#"{"error_code":"APIGW.0308","error_msg":"limit:5,time:1 day"}"#)),
            ("502 with a page", plain("502 X", "", "<html><h1>502</h1></html>")),
            ("504 with Retry-After", plain("504 X", "Retry-After: 0\r\n", r#"{"error_code":"APIGW.0201"}"#)),
            ("599 with a success", plain("599 X", "", &ok)),
            ("999", plain("999 X", "", &ok)),
        ],
    )
}

/// Refusals: the scan was not started.
fn refusals(call: &Call<'_>) -> Vec<Response> {
    let limit = |policy: &str, limit: &str| {
        format!(
            r#"{{"error_code":"APIGW.0308","error_msg":"The throttling threshold has been reached: policy {policy} over ratelimit,{limit}"}}"#
        )
    };
    let refused = r#"{"error_code":"HSS.0011","error_msg":"no"}"#;
    let mut all = kept(
        Evidence::NotStarted,
        vec![
            ("already queued", plain("200 OK", "", &queued(call))),
            ("400", plain("400 X", "", "")),
            ("400 with a code", plain("400 X", "", refused)),
            ("a code in a 200", plain("200 OK", "", refused)),
            ("permission in a 200", plain("200 OK", "", r#"{"error":{"code":"HSS.0013","message":"no"}}"#)),
            ("403", plain("403 X", "", "")),
            ("404 with a page", plain("404 X", "", "<html>")),
            ("408", plain("408 X", "", "")),
            ("408 without a connection", b"HTTP/1.1 408 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec()),
            ("413", plain("413 X", "", "")),
            ("425", plain("425 X", "", "")),
            ("slow: 429", plain("429 X", "", "")),
            ("429 of a user", plain("429 X", "", &limit("user", "limit:40,time:40 millisecond"))),
            ("429 of an API", plain("429 X", "", &limit("api", "limit:60,time:50 millisecond"))),
            ("429 of an address", plain("429 X", "", &limit("ip", "limit: 50, time: 45 milliseconds."))),
            ("slow: 429 of no limit", plain("429 X", "", &limit("user", "limit:0,time:0 second"))),
            ("slow: 429, Retry-After: 0", plain("429 X", "Retry-After: 0\r\n", "{}")),
            ("slow: 429, Retry-After: soon", plain("429 X", "Retry-After: soon\r\n", "")),
            ("slow: 429, Retry-After: -5", plain("429 X", "Retry-After: -5\r\n", "")),
            (
                "slow: 429, Retry-After in the past",
                plain("429 X", "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n", ""),
            ),
            ("final: 429, Retry-After: 10^30", plain("429 X", &format!("Retry-After: 1{}\r\n", "0".repeat(30)), "")),
            ("503", plain("503 X", "", "")),
            ("503, Retry-After: 0, 5", plain("503 X", "Retry-After: 0\r\nRetry-After: 5\r\n", "")),
            ("503, Retry-After: 0.001", plain("503 X", "Retry-After: 0.001\r\n", "")),
            ("final: 503, Retry-After: 99999", plain("503 X", "Retry-After: 99999\r\n", "")),
            ("final: 401", plain("401 X", "", r#"{"error_code":"APIGW.0301"}"#)),
            ("final: 407", plain("407 X", "", "")),
            (
                "unread 400",
                b"HTTP/1.1 400 X\r\nContent-Length: 90\r\nConnection: close\r\n\r\n{\"error_code\":".to_vec(),
            ),
        ],
    );
    for response in &mut all {
        if response.kind == "unread 400" || response.kind == "408 without a connection" {
            response.delivery = Delivery::Close;
        }
    }
    all
}

/// Bodies that report a success and something else.
fn contradictions(call: &Call<'_>) -> Vec<Response> {
    let (ok, queued) = (success(call), queued(call));
    let with = |more: &str| ok.replace('}', &format!(",{more}}}"));
    let bodies = [
        ("success and code 0", with(r#""code":0"#)),
        ("success and code 200", with(r#""code":"200""#)),
        ("success and a code", with(r#""error_code":"HSS.0011""#)),
        ("success and an error", with(r#""error":{"code":"HSS.0013"}"#)),
        ("success and already queued", with(&queued[1..queued.len() - 1])),
        ("success twice", with(&ok[1..ok.len() - 1])),
        ("code twice", r#"{"error_code":"HSS.0013","error_code":"HSS.0001"}"#.to_owned()),
        ("code of a success", r#"{"code":"SUCCESS","message":"done"}"#.to_owned()),
        ("0 processed", ok.replace(&format!("processed {}", call.hosts), "processed 0")),
        ("-1 processed", ok.replace(&format!("processed {}", call.hosts), "processed -1")),
        (
            "10^30 processed",
            ok.replace(&format!("processed {}", call.hosts), &format!("processed 1{}", "0".repeat(30))),
        ),
        ("success, but", ok.replace("successfully.", "successfully, 1 failed.")),
        ("status of a scan", r#"{"exist":true}"#.to_owned()),
    ];
    let responses = bodies.into_iter().map(|(kind, body)| (kind, plain("200 OK", "", &body))).collect();
    kept(Evidence::Nothing, responses)
}

/// Bodies that are not the documented JSON.
fn unreadable_bodies(call: &Call<'_>) -> Vec<Response> {
    let ok = success(call);
    let responses = vec![
        ("no body", plain("200 OK", "", "")),
        ("page", plain("200 OK", "Content-Type: text/html\r\n", "<html>Login</html>")),
        ("byte order mark", plain("200 OK", "", &format!("\u{feff}{ok}"))),
        ("NaN", plain("200 OK", "", r#"{"error":NaN}"#)),
        ("null", plain("200 OK", "", r#"{"error":null}"#)),
        ("number", plain("200 OK", "", r#"{"error":17}"#)),
        ("list of a success", plain("200 OK", "", &format!("[{ok}]"))),
        ("two values", plain("200 OK", "", &format!("{ok}{ok}"))),
        ("success, then garbage", plain("200 OK", "", &format!("{ok}\0"))),
        ("deep nesting", plain("200 OK", "", &format!(r#"{{"error":{}"#, "[".repeat(100_000)))),
        (
            "deep nesting beside a success",
            plain("200 OK", "", &ok.replace('{', &format!(r#"{{"x":{},"#, "[".repeat(9999)))),
        ),
        ("half a string", plain("200 OK", "", &ok[..ok.len() - 4])),
        ("UTF-16", plain("200 OK", "", &ok.chars().flat_map(|c| [c, '\0']).collect::<String>())),
        ("large", plain("200 OK", "", &format!("{{\"error\":\"{}\"}}", "x".repeat(2_000_000)))),
        ("invalid UTF-8", {
            let mut bytes = plain("200 OK", "", &ok);
            let end = bytes.len() - 5;
            bytes[end] = 0xff;
            bytes
        }),
        ("gzip that was not asked for", {
            let mut bytes = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n".to_vec();
            bytes.extend([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            bytes
        }),
    ];
    kept(Evidence::Nothing, responses)
}

/// Responses that do not arrive as a whole, or that are not HTTP.
fn broken_transfers(call: &Call<'_>) -> Vec<Response> {
    let ok = success(call);
    let length = ok.len();
    let half = plain("200 OK", "", &ok)[..60].to_vec();
    let broken = |kind, bytes: Vec<u8>, delivery| Response { kind, evidence: Evidence::Nothing, bytes, delivery };
    let head = |headers: &str, body: &str| format!("HTTP/1.1 200 OK\r\n{headers}\r\n{body}").into_bytes();
    vec![
        broken("closed", Vec::new(), Delivery::Close),
        broken("reset", Vec::new(), Delivery::Reset),
        broken("slow: silent", Vec::new(), Delivery::Hang),
        broken("slow: half, then silent", half.clone(), Delivery::Hang),
        broken("half, then closed", half.clone(), Delivery::Close),
        broken("half, then reset", half, Delivery::Reset),
        broken("longer than its length", head(&format!("Content-Length: {}\r\n", length - 9), &ok), Delivery::Close),
        broken("shorter than its length", head(&format!("Content-Length: {}\r\n", length + 9), &ok), Delivery::Close),
        broken(
            "two lengths",
            head(&format!("Content-Length: {length}\r\nContent-Length: 3\r\n"), &ok),
            Delivery::Close,
        ),
        broken("negative length", head("Content-Length: -1\r\n", &ok), Delivery::Close),
        broken("chunks without an end", chunked("", &ok, ""), Delivery::Close),
        broken(
            "chunk of an invalid size",
            head("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n"),
            Delivery::Close,
        ),
        broken("line breaks without CR", b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}".to_vec(), Delivery::Close),
        broken("another protocol", b"220 mail ready\r\n".to_vec(), Delivery::Close),
        broken(
            "HTTP/3.7",
            head("", &ok).iter().map(|byte| if *byte == b'1' { b'7' } else { *byte }).collect(),
            Delivery::Close,
        ),
        broken("200 headers", head(&"X-A: b\r\n".repeat(200), &ok), Delivery::Close),
        broken("huge header", head(&format!("X-A: {}\r\n", "b".repeat(1_000_000)), &ok), Delivery::Close),
        broken("only a 100", b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(), Delivery::Close),
        broken("garbage", vec![0, 255, 13, 10, 13, 10, 1], Delivery::Close),
    ]
}

//! The error codes of HSS and of its API gateway: what each means, what kind of error it is, and what to do about it
//! (`docs/design/service-behaviour.md#hss-codes`, `docs/design/service-behaviour.md#gateway-codes`).

use crate::error::ErrorKind;

/// How an error is reported.
#[derive(Debug)]
pub(super) struct Diagnosis {
    pub(super) kind: ErrorKind,
    /// What happened.
    pub(super) what: &'static str,
    /// What to do about it.
    pub(super) help: &'static str,
}

/// A documented error code.
#[derive(Debug)]
pub(super) struct ErrorCode {
    code: &'static str,
    /// What the code means, in a few words.
    meaning: &'static str,
    /// How the error is reported; `None` if the status decides.
    pub(super) diagnosis: Option<&'static Diagnosis>,
}

/// What a part of the gateway's message shows about rejected credentials
/// (`docs/design/service-behaviour.md#rejected-credentials`). Only the meaning that is printed depends on it.
const REJECTIONS: &[(&str, &str)] = &[
    ("not exist", "unknown access key, or a temporary one without its security token"),
    ("reach the limit", "access key locked for five minutes after too many failures"),
    ("verify aksk signature fail", "the AK and the SK do not belong together"),
    ("signature expired", "the date of the signature is too far from the gateway's clock"),
    ("decrypt token fail", "the token is damaged, or from another environment"),
];

impl ErrorCode {
    /// Returns what the code means together with the message, in a few words.
    pub(super) fn meaning_of(&self, message: Option<&str>) -> &'static str {
        let is_rejection = self.code == REJECTED;
        let message = message.filter(|_| is_rejection).map(str::to_ascii_lowercase).unwrap_or_default();
        REJECTIONS.iter().find(|(part, _)| message.contains(part)).map_or(self.meaning, |(_, meaning)| meaning)
    }
}

/// The code for credentials that the gateway rejects.
const REJECTED: &str = "APIGW.0301";

/// Returns what is known about a code. The gateways of some services write `APIG` for `APIGW`.
pub(super) fn find(code: &str) -> Option<&'static ErrorCode> {
    let gateway_number = code.strip_prefix("APIG.");
    CODES.iter().find(|known| {
        known.code == code || gateway_number.is_some() && known.code.strip_prefix("APIGW.") == gateway_number
    })
}

const ACCESS_DENIED: Diagnosis = Diagnosis {
    kind: ErrorKind::Permission,
    what: "the service denied access",
    help: "Ask your administrator for the role hss_adm in this project (to read the status only, hss:asset:listGlobalAssetScanTask is enough), and check that you have access to the enterprise project.",
};

const BAD_REQUEST: Diagnosis = Diagnosis {
    kind: ErrorKind::Refused,
    what: "the service rejected the request as invalid",
    help: "Check the project id, enterprise project id, category and target ids.",
};

const NOT_FOUND: Diagnosis = Diagnosis {
    kind: ErrorKind::Refused,
    what: "the requested resource does not exist",
    help: "Check the project id and the target ids.",
};

const BAD_CREDENTIALS: Diagnosis = Diagnosis {
    kind: ErrorKind::Credentials,
    what: "the gateway rejected the credentials",
    help: "Check that the token is complete, not expired and for this region, or that the access key is correct and the clock is within 15 minutes.",
};

const TOKEN_EXPIRED: Diagnosis = Diagnosis {
    kind: ErrorKind::Credentials,
    what: "the token has expired or is for another region",
    help: "Get a new token in this region, for this project.",
};

const WRONG_AUTHENTICATION: Diagnosis = Diagnosis {
    kind: ErrorKind::Credentials,
    what: "the gateway rejected the credentials",
    help: "Use an IAM token or an access key.",
};

const GATEWAY_DENIES: Diagnosis = Diagnosis {
    kind: ErrorKind::Permission,
    what: "the gateway denied access",
    help: "Check that the user may access this project and region, and connect from this address.",
};

/// The proxy refused the request and did not forward it.
pub(super) const PROXY_AUTHENTICATION: Diagnosis = Diagnosis {
    kind: ErrorKind::Unreachable,
    what: "the proxy requires authentication",
    help: "Nothing was sent. Put the user name and password of the proxy, percent-encoded, into the environment variable that names it, such as HTTPS_PROXY.",
};

pub(super) const THROTTLED: Diagnosis = Diagnosis {
    kind: ErrorKind::Throttled,
    what: "too many requests",
    help: "Wait, then send fewer requests per second.",
};

pub(super) const NOT_OFFERED: Diagnosis = Diagnosis {
    kind: ErrorKind::Refused,
    what: "this endpoint does not offer the requested API",
    help: "Check that this is the HSS endpoint of the project's region.",
};

const fn code(code: &'static str, meaning: &'static str, diagnosis: &'static Diagnosis) -> ErrorCode {
    ErrorCode { code, meaning, diagnosis: Some(diagnosis) }
}

const fn by_status(code: &'static str, meaning: &'static str) -> ErrorCode {
    ErrorCode { code, meaning, diagnosis: None }
}

const CODES: &[ErrorCode] = &[
    code("00000010", "access denied", &ACCESS_DENIED),
    code("HSS.0001", "bad parameter", &BAD_REQUEST),
    code("HSS.0002", "request could not be parsed", &BAD_REQUEST),
    code("HSS.0010", "access denied", &ACCESS_DENIED),
    code("HSS.0011", "resource not found", &NOT_FOUND),
    code("HSS.0013", "no permission", &ACCESS_DENIED),
    by_status("HSS.0014", "quota cannot be created"),
    by_status("HSS.1001", "no agent on the chosen host"),
    by_status("HSS.1002", "not enough quota"),
    by_status("HSS.1003", "host is protected, so it cannot be ignored"),
    by_status("HSS.1004", "policy query failed"),
    by_status("HSS.1005", "policy invalid"),
    by_status("HSS.1006", "command could not be sent to the agent"),
    by_status("HSS.1007", "agent offline"),
    by_status("HSS.1008", "host query failed"),
    by_status("HSS.1009", "web tamper protection could not be set"),
    by_status("HSS.1010", "web tamper protection could not be set"),
    by_status("HSS.1011", "web tamper protection could not be set"),
    by_status("HSS.1012", "web tamper protection could not be set"),
    by_status("HSS.1013", "web tamper protection could not be set"),
    by_status("HSS.1014", "web tamper protection could not be set"),
    by_status("HSS.1015", "web tamper protection could not be set"),
    by_status("HSS.1016", "web tamper protection could not be set"),
    by_status("HSS.1017", "report query failed"),
    by_status("HSS.1018", "bad file information"),
    by_status("HSS.1019", "server group query failed"),
    by_status("HSS.1020", "policy group name taken"),
    by_status("HSS.1021", "policy group query failed"),
    code("APIGW.0101", "call not published here", &NOT_OFFERED),
    code("APIGW.0103", "no backend for the call", &NOT_OFFERED),
    by_status("APIGW.0104", "bad request or gateway configuration"),
    by_status("APIGW.0105", "bad request or gateway configuration"),
    by_status("APIGW.0106", "bad request or gateway configuration"),
    by_status("APIGW.0201", "bad request, or backend unavailable"),
    code(REJECTED, "bad signature, token or clock", &BAD_CREDENTIALS),
    code("APIGW.0302", "user not authorised", &GATEWAY_DENIES),
    code("APIGW.0303", "bad app authentication", &WRONG_AUTHENTICATION),
    code("APIGW.0304", "app not authorised", &GATEWAY_DENIES),
    code("APIGW.0305", "bad authentication", &WRONG_AUTHENTICATION),
    code("APIGW.0306", "access denied", &GATEWAY_DENIES),
    code("APIGW.0307", "token must be renewed", &TOKEN_EXPIRED),
    code("APIGW.0308", "throttled", &THROTTLED),
    code("APIGW.0310", "project unavailable", &GATEWAY_DENIES),
    code("APIGW.0311", "bad debug authentication", &WRONG_AUTHENTICATION),
    code("APIGW.0401", "source address refused", &GATEWAY_DENIES),
    code("APIGW.0402", "access refused", &GATEWAY_DENIES),
    code("APIGW.0404", "access refused", &GATEWAY_DENIES),
    by_status("APIGW.0501", "app quota used up"),
    by_status("APIGW.0502", "app frozen"),
    by_status("APIGW.0601", "gateway failure"),
    by_status("APIGW.0602", "bad request"),
    by_status("APIGW.0605", "gateway failure"),
    by_status("APIGW.0606", "gateway failure"),
    by_status("APIGW.0607", "bad request"),
    by_status("APIGW.0608", "gateway failure"),
    by_status("APIGW.0609", "gateway failure"),
    by_status("APIGW.0610", "no backend"),
    by_status("APIGW.0611", "gateway failure"),
    by_status("APIGW.0612", "gateway failure"),
    by_status("APIGW.0613", "identity service down"),
    by_status("APIGW.0705", "gateway failure"),
    code("APIGW.0801", "region refused", &GATEWAY_DENIES),
    code("APIGW.0802", "region refused", &GATEWAY_DENIES),
];

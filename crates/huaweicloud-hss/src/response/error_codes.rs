//! What the codes of HSS and of its gateway mean, in a few words (facts, section 3). What to do about them stands in `answer`.

/// The documented meaning of a code.
pub(crate) fn meaning(code: &str) -> Option<&'static str> {
    Some(match code {
        "HSS.0001" => "bad parameter",
        "HSS.0002" => "request could not be parsed",
        "HSS.0010" | "00000010" => "access denied",
        "HSS.0011" => "resource not found",
        "HSS.0013" => "no permission",
        "HSS.0014" => "quota may not be created",
        "HSS.1001" => "no agent on the chosen host",
        "HSS.1002" => "not enough quota",
        "HSS.1003" => "a protected host cannot be ignored",
        "HSS.1004" => "policy query failed",
        "HSS.1005" => "policy invalid",
        "HSS.1006" => "command could not be sent to the agent",
        "HSS.1007" => "agent offline",
        "HSS.1008" => "host query failed",
        "HSS.1009" | "HSS.1010" | "HSS.1011" | "HSS.1012" | "HSS.1013" | "HSS.1014" | "HSS.1015" | "HSS.1016" => {
            "web tamper protection could not be set"
        }
        "HSS.1017" => "report query failed",
        "HSS.1018" => "bad file information",
        "HSS.1019" => "server group query failed",
        "HSS.1020" => "policy group name taken",
        "HSS.1021" => "policy group query failed",
        "APIGW.0101" => "call not published here",
        "APIGW.0103" => "no backend for the call",
        "APIGW.0104" | "APIGW.0105" | "APIGW.0106" => "bad request or gateway configuration",
        "APIGW.0201" => "bad request, or backend unavailable",
        "APIGW.0301" => "bad signature, token or clock",
        "APIGW.0302" => "user not authorised",
        "APIGW.0303" => "bad app authentication",
        "APIGW.0304" => "app not authorised",
        "APIGW.0305" => "bad authentication",
        "APIGW.0306" => "access denied",
        "APIGW.0307" => "token must be renewed",
        "APIGW.0308" => "throttled",
        "APIGW.0310" => "project unavailable",
        "APIGW.0311" => "bad debug authentication",
        "APIGW.0401" => "address refused",
        "APIGW.0402" | "APIGW.0404" => "access refused",
        "APIGW.0501" => "app quota used up",
        "APIGW.0502" => "app frozen",
        "APIGW.0601" | "APIGW.0605" | "APIGW.0606" | "APIGW.0608" | "APIGW.0609" | "APIGW.0611" | "APIGW.0612"
        | "APIGW.0705" => "gateway failure",
        "APIGW.0602" | "APIGW.0607" => "bad request",
        "APIGW.0610" => "no backend",
        "APIGW.0613" => "identity service down",
        "APIGW.0801" | "APIGW.0802" => "region refused",
        _ => return None,
    })
}

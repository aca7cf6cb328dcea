//! Tests of request validation: kinds of parameters, unusual queries and media types. Limits are tested in
//! `service/tests.rs`.

use std::sync::Arc;

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use serde_json::{Value, json};

use crate::error_response::ErrorResponse;
use crate::spec::document::json as json_of;
use crate::spec::routes::{Operation, Routes};

use super::{body, media_type, parameters};

const SPEC: &str = r##"
openapi: 3.0.3
paths:
  /a/{p}:
    post:
      operationId: Op
      parameters:
        - { name: p, in: path, required: true, schema: { type: string, maxLength: 3 } }
        - { name: limit, in: query, schema: { type: integer, minimum: 10, maximum: 200, default: 10 } }
        - { name: rate, in: query, schema: { type: number } }
        - { name: refresh, in: query, schema: { type: boolean } }
        - { name: host ids, in: query, explode: false, schema: { type: array, maxItems: 2, items: { type: string, minLength: 1 } } }
        - { name: n, in: query, schema: { type: array, items: { type: integer } } }
        - { name: region, in: header, schema: { type: string, maxLength: 4 } }
      requestBody:
        content:
          application/json: { schema: { type: object, properties: { x: { type: string, nullable: true } } } }
          application/merge-patch+json: { schema: { type: object, properties: { x: {} }, additionalProperties: false } }
"##;

fn operation() -> Arc<Operation> {
    let routes = Routes::load(&[("test", &json_of(SPEC))]).unwrap();
    Arc::clone(routes.find("/a/b").unwrap().0.operation(&Method::POST).unwrap())
}

fn validated(path: &str, query: &str, headers: &[(&'static str, &[u8])]) -> Result<Value, String> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap());
    }
    let values = parameters(&operation(), &[("p", path)], Some(query), &map).map_err(|response| {
        assert_eq!((response.status.as_u16(), &*response.code), (400, "HSS.0001"));
        response.message
    })?;
    Ok(json!(values))
}

#[test]
fn every_kind_of_parameter_is_read() {
    assert_eq!(validated("b", "", &[]), Ok(json!({"p": "b", "limit": 10})));
    assert_eq!(
        validated(
            "%E4%B8%BB%2F",
            "limit=200&rate=1.5&refresh=true&host+ids=a%2Cb&n=1&n=-2&",
            &[("region", "é".as_bytes())]
        ),
        Ok(
            json!({"p": "主/", "limit": 200, "rate": 1.5, "refresh": true, "host ids": ["a", "b"], "n": [1, -2], "region": "é"})
        )
    );
}

#[test]
fn errors_name_the_parameter() {
    for (query, expected) in [
        ("limit=9", "limit is 9, at least 10 is needed"),
        ("limit=201", "limit is 201, at most 200 is allowed"),
        ("limit=ten", "limit is \"ten\", of type string, not integer"),
        ("limit=+10", "limit is \" 10\", of type string, not integer"),
        ("limit=10.5", "limit is 10.5, of type number, not integer"),
        ("limit", "limit is \"\", of type string, not integer"),
        ("limit=10&limit=10", "limit is given 2 times, once is allowed"),
        ("refresh=1", "refresh is 1, of type number, not boolean"),
        ("refresh=TRUE", "refresh is \"TRUE\", of type string, not boolean"),
        ("host%20ids=a,b,c", "host ids has 3 items, at most 2 are allowed"),
        ("host%20ids=a,", "host ids[1] has 0 characters, at least 1 are needed"),
        ("host%20ids=a&host%20ids=b", "host ids is given 2 times, once is allowed"),
        ("n=1&n=x", "n[1] is \"x\", of type string, not integer"),
        ("Limit=10", "\"Limit\" is not a query parameter of Op, which takes limit, rate, refresh, host ids, n"),
        ("=x", "\"\" is not a query parameter of Op, which takes limit, rate, refresh, host ids, n"),
        ("limit=%1", "the query parameter \"limit\" has a % that two hexadecimal digits do not follow"),
        ("limit=%FF", "the query parameter \"limit\" is not UTF-8 after percent-decoding"),
        ("region=x", "\"region\" is not a query parameter of Op, which takes limit, rate, refresh, host ids, n"),
    ] {
        assert_eq!(validated("b", query, &[]), Err(expected.to_owned()), "{query}");
    }
    assert_eq!(validated("%", "", &[]), Err("p has a % that two hexadecimal digits do not follow".to_owned()));
    assert_eq!(validated("abcd", "", &[]), Err("p has 4 characters, at most 3 are allowed".to_owned()));
    assert_eq!(validated("b", "", &[("region", b"\xFF")]), Err("the header region is not UTF-8".to_owned()));
    assert_eq!(
        validated("b", "", &[("region", b"abcde")]),
        Err("region has 5 characters, at most 4 are allowed".to_owned())
    );
}

fn media(values: &[&str], encoding: Option<&str>) -> Result<Option<usize>, ErrorResponse> {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append(CONTENT_TYPE, HeaderValue::from_str(value).unwrap());
    }
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_str(encoding).unwrap());
    }
    media_type(operation().body.as_ref().unwrap(), &headers)
}

#[test]
fn media_types_are_compared_without_their_attributes() {
    for (value, index) in [
        ("application/json", 0),
        ("Application/JSON", 0),
        (" application/json ; charset=UTF-8", 0),
        ("application/json;charset=\"utf8\";x=y", 0),
        ("application/merge-patch+json", 1),
    ] {
        assert_eq!(media(&[value], Some("identity")), Ok(Some(index)), "{value}");
    }
    assert_eq!(media(&[], None), Ok(None));
    for (values, encoding, part) in [
        (&["text/plain"][..], None, "\"text/plain\", accepted are application/json, application/merge-patch+json"),
        (&["application/jsonx"], None, "accepted are"),
        (&["*/*"], None, "accepted are"),
        (&[""], None, "accepted are"),
        (&["application/json; charset=latin1"], None, "charset latin1"),
        (&["application/json", "application/json"], None, "more than once"),
        (&["application/json"], Some("gzip"), "Content-Encoding"),
    ] {
        let response = media(values, encoding).unwrap_err();
        assert_eq!((response.status.as_u16(), &*response.code), (415, "APIGW.0201"));
        assert!(response.message.contains(part), "{values:?}: {}", response.message);
    }
}

#[test]
fn bodies_are_validated_by_the_schema_of_their_media_type() {
    let operation = operation();
    let rule = operation.body.as_ref().unwrap();
    assert_eq!(body(rule, Some(0), b""), Ok(None));
    assert_eq!(body(rule, None, b""), Ok(None));
    assert_eq!(body(rule, Some(0), br#"{"x": null, "y": 1}"#), Ok(Some(json!({"x": null, "y": 1}))));
    assert_eq!(body(rule, Some(1), br#"{"y": 1}"#).unwrap_err().message, "the request body: \"y\" is not known here");
    assert_eq!(body(rule, None, b"{}").unwrap_err().status, 415);
    assert_eq!(body(rule, Some(0), b"{").unwrap_err().code, "HSS.0002");
    assert_eq!(body(rule, Some(0), br#"{"x": 1}"#).unwrap_err().message, "x is 1, of type number, not string or null");
}

//! Pages that are easily misread: each is read correctly, or refused with the line and the reason.

use openapi_drift::PageErrorKind::{self, Ambiguous, Empty, NotAReference, Truncated};
use openapi_drift::read_page;

const HEAD: &str = "URI\n\nPOST /v9/{id}/things\n\n";
const PATH: &str = "Table 1 Path Parameters\n\n| Parameter | Mandatory | Type | Description |\n|--|--|--|--|\n| id | Yes | String | Id |\n\n";
const RESPONSE: &str =
    "Response Parameters\n\nTable 9 Response body parameters\n\n| Parameter | Type | Description |\n|--|--|--|\n";
const END: &str = "\nStatus Codes\n";

/// A page with a path parameter, these rows of the response body, and what follows them.
fn response(rows: &str, rest: &str) -> String {
    format!("{HEAD}{PATH}{RESPONSE}{rows}\n{rest}{END}")
}

/// A page with a request, and a response without parameters.
fn request(tables: &str) -> String {
    format!("{HEAD}{tables}\nResponse\n\nNone\n{END}")
}

/// A table with these rows of name, type and description.
fn table(caption: &str, rows: &str) -> String {
    format!("{caption}\n\n| Parameter | Type | Description |\n|--|--|--|\n{rows}\n")
}

/// Returns what is stated about each parameter: `path id: string`.
fn read(text: &str) -> String {
    let page = read_page(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let shown = page.parameters.iter().map(|parameter| {
        let kind = parameter.type_name.as_ref().map_or("", |kind| &kind.value);
        let mandatory = if parameter.mandatory.as_ref().is_some_and(|stated| stated.value) { "*" } else { "" };
        let range = parameter.range.as_ref().map(|range| format!(" {}", range.value.to_json())).unwrap_or_default();
        format!("{} {}{mandatory}: {kind}{range}", parameter.location, parameter.name)
    });
    shown.collect::<Vec<_>>().join("\n").replace("path id*: string\n", "")
}

#[test]
fn tables_of_objects_are_put_in_their_places() {
    let c = "| c | String | C |\n";
    for (name, text, expected) in [
        (
            "A1: a dotted caption",
            response(
                "| a | Object | See Table 3 |\n",
                &(table("Table 3 a", "| b | Object | B |\n") + &table("Table 4 a.b", c)),
            ),
            "response a: object\nresponse a.b: object\nresponse a.b.c: string",
        ),
        (
            "A1: a name in a caption",
            response("| a | Object | A |\n", &table("Table 3 a field description", c)),
            "response a: object\nresponse a.c: string",
        ),
        (
            "A1: a Chinese caption",
            response("| a | Array of objects | A |\n", &table("表3 a字段数据结构说明", c)),
            "response a: array of object\nresponse a.c: string",
        ),
        (
            "A1: a class that ends in Parameter",
            response("| a | Array of TrainingParameter objects | A |\n", &table("Table 3 TrainingParameter", c)),
            "response a: array of object\nresponse a.c: string",
        ),
        (
            "A1b: one caption in request and response",
            format!(
                "{HEAD}Request\n\n{}{}{RESPONSE}| user | user object | U |\n\n{}{END}",
                table("Table 2 Request body parameters", "| user | user object | U |\n"),
                table("Table 3 user", "| name | String | N |\n"),
                table("Table 5 user", "| id | String | I |\n"),
            ),
            "body user: object\nbody user.name: string\nresponse user: object\nresponse user.id: string",
        ),
        (
            "A1b: a class of the request that the response uses, too",
            format!(
                "{HEAD}Request\n\n{}{}{RESPONSE}| b | User object | U |\n{END}",
                table("Table 2 Request body parameters", "| a | User object | U |\n"),
                table("Table 3 User", c),
            ),
            "body a: object\nbody a.c: string\nresponse b: object\nresponse b.c: string",
        ),
        (
            "A3: classes within any nesting, and links that lost their address",
            response(
                "| a | Map<String,Detail> | A |\n| b | Array<Array<Detail>> | B |\n| c | [Detail] object | C |\n\
                 | d | Array of [Table 3 Detail](#d) objects | D |\n| [e] | Object | E |\n| f | Detail | F |\n",
                &(table("Table 3 Detail", "| id | String | I |\n") + &table("Table 4 e", "| f | String | F |\n")),
            ),
            "response a: map of object\nresponse a.id: string\nresponse b: array of array of object\nresponse b.id: string\n\
             response c: object\nresponse c.id: string\nresponse d: array of object\nresponse d.id: string\n\
             response e: object\nresponse e.f: string\nresponse f: object\nresponse f.id: string",
        ),
        (
            "an object within itself ends",
            response("| a | Node object | A |\n", &table("Table 3 Node", "| children | Array of Node objects | C |\n")),
            "response a: object\nresponse a.children: array of object",
        ),
        (
            "A3: the tables of an error are not missed",
            response(
                "| a | String | A |\n",
                &format!(
                    "Status code: 400\n\n{}{}",
                    table("Table 3 Response body parameters", "| e | Error object | E |\n"),
                    table("Table 4 Error", c)
                ),
            ),
            "response a: string",
        ),
    ] {
        assert_eq!(read(&text), expected, "{name}\n{text}");
    }
}

#[test]
fn captions_and_columns_of_other_services() {
    let yes = "| a | Yes | String | A |\n";
    let mandatory = |caption: &str, rows: &str| {
        format!("{caption}\n\n| Parameter | Mandatory | Type | Description |\n|--|--|--|--|\n{rows}\n")
    };
    let body = format!("{HEAD}{PATH}Request\n\n{{}}\nResponse\n\nNone\n{END}");
    let with = |tables: &str| body.replace("{}", tables);
    for (name, text, expected) in [
        (
            "A2: a path without types",
            request(
                "Table 1 Parameter description\n\n| Parameter | Mandatory | Description |\n|--|--|--|\n| id | Yes | Id |\n",
            ),
            "path id*: string",
        ),
        (
            "A2: in lines",
            request("Table 1 Path parameters\n\nParameter\n\nMandatory\n\nDescription\n\nid\n\nYes\n\nId\n\n"),
            "path id*: string",
        ),
        (
            "A4: parameters of the URI",
            request(&mandatory(
                "Table 1 Parameter in the URI",
                "| id | Yes | String | I |\n| page | No | Integer | P |\n",
            )),
            "query page: integer",
        ),
        (
            "A4: a Chinese table of the URI",
            request(&mandatory("表1 参数说明", "| id | 是 | String | I |\n| page | 否 | Integer | P |\n")),
            "query page: integer",
        ),
        (
            "A4: the request header",
            with(&mandatory("Table 2 Parameters in the request header", yes)),
            "header a*: string",
        ),
        ("A4: the request body", with(&mandatory("Table 2 Parameters in the request body", yes)), "body a*: string"),
        ("A4: request parameters", with(&mandatory("Table 2 Request parameters", yes)), "body a*: string"),
        ("A4: Chinese request parameters", with(&mandatory("表2 请求参数", yes)), "body a*: string"),
        (
            "A4: the response",
            format!(
                "{HEAD}{PATH}Response\n\n{}{}{END}",
                table("Table 2 Parameters in the response header", "| X-Subject-Token | String | T |\n"),
                table("Table 3 Parameters in the response body", "| token | String | T |\n")
            ),
            "response X-Subject-Token: string\nresponse token: string",
        ),
        (
            "A8: a host and a query",
            request(PATH).replace("/v9/{id}/things", "https://{Endpoint}/v9/{id}/things?page={page}"),
            "path id*: string",
        ),
        ("A9: Request and Response as headings", request(PATH), "path id*: string"),
        (
            "A9: as names of fields",
            response("| a | String | A |\n", "").replace(
                "| Parameter | Type | Description |\n|--|--|--|\n| a | String | A |\n",
                "Parameter\n\nType\n\nDescription\n\nfunction\n\nString\n\nWords\n\nResponse\n\nString\n\nWords\n",
            ),
            "response function: string\nresponse Response: string",
        ),
        (
            "A12: tabs",
            request(
                "Table 1 Path Parameters\nParameter\tMandatory\tType\tDescription\nid\tYes\tString\tDefinition\nId\nRange\n1 to 9 characters\n",
            ),
            "path id*: string {\"max\":9,\"min\":1}",
        ),
        (
            "C1: a row without the cell and without labels",
            request(
                "Table 1 Query Parameters\n\nParameter\n\nMandatory\n\nType\n\nDescription\n\na\n\nYes\n\nString\n\nWords\n\nb\n\nInteger\n\nWords\n\n",
            ),
            "query a*: string\nquery b: integer",
        ),
        (
            "C2: a path parameter is mandatory",
            request(
                "Table 1 Path Parameters\n\nParameter\n\nMandatory\n\nType\n\nDescription\n\nid\n\nString\n\nWords\n\n",
            ),
            "path id*: string",
        ),
        (
            "C3: a condition",
            with(&mandatory(
                "Table 2 Request body parameters",
                "| a | Yes (If b is set, this parameter is optional.) | String | A |\n",
            )),
            "body a*: string",
        ),
    ] {
        assert_eq!(read(&text), expected, "{name}\n{text}");
    }
}

#[test]
fn the_date_is_not_that_of_an_example() {
    let dated = response("| updated | String | Updated at, such as 2016-04-04T00:00:00Z |\n", "");
    assert_eq!(read_page(&dated).unwrap().updated, None);
    let page = read_page(&format!("Updated on 2026-01-02\n\n{dated}")).unwrap();
    assert_eq!(page.updated.as_deref(), Some("2026-01-02"));
}

#[test]
fn every_kind_of_unreadable_page() {
    const QUERY: &str = "Table 1 Query Parameters\n\nParameter\n\nMandatory\n\nType\n\nDescription\n\n";
    const ROW: &str = "a\n\nNo\n\nString\n\nWords.\n\n";
    const LINES: &str = "Response Parameters\n\nStatus code: 200\n\nTable 2 Response body parameters\n\nParameter\n\nType\n\nDescription\n\nb\n\nLong\n\nWords.\n\n";
    let whole = format!("{HEAD}{QUERY}{ROW}{LINES}{END}");
    assert_eq!(read(&whole), "query a: string\nresponse b: long");
    let a = "| a | String | A |\n";
    let other = table("Table 3 Detail", "| b | String | B |\n");
    let cases: &[(&str, String, PageErrorKind, &str)] = &[
        ("nothing", String::new(), Empty, "the page is empty"),
        ("spaces", " \r\n\u{feff}\u{a0}\n".into(), Empty, "the page is empty"),
        ("HTML without text", "<html><body><script>GET /a</script></body></html>".into(), Empty, "the page is empty"),
        ("prose", "Once upon a time.\n".into(), NotAReference, "this is not a reference page"),
        ("a log-in page", "<html><form>Log in</form></html>".into(), NotAReference, "this is not a reference page"),
        ("tables alone", format!("{QUERY}{ROW}{LINES}"), NotAReference, "this is not a reference page"),
        (
            "A6: reStructuredText",
            format!("{HEAD}+------+\n| Name |\n+======+\n"),
            NotAReference,
            "line 5: this is reStructuredText",
        ),
        ("A5: no tables", HEAD.into(), Truncated, "ends before its examples and status codes"),
        (
            "A5: cut after a table",
            format!("{HEAD}{QUERY}{ROW}{LINES}"),
            Truncated,
            "line 39: the page ends before its examples",
        ),
        ("A5: cut within a row", format!("{HEAD}{QUERY}{ROW}{LINES}na"), Truncated, "ends before its examples"),
        (
            "A5: HTML that is cut",
            "<html><p>GET /v9<p>Response Parameters<table><tr><td>Parameter<td>Type<tr><td>a<td>Long".into(),
            Truncated,
            "ends before its examples",
        ),
        ("no response", format!("{HEAD}{PATH}{END}"), Truncated, "the page has no table of response parameters"),
        ("errors alone", whole.replace("200", "400"), Truncated, "the page has no table of response parameters"),
        (
            "two URIs",
            response(a, "").replace("URI\n", "URI\n\nGET /v8\n"),
            Ambiguous,
            "line 5: the page has a second URI, after `GET /v8`",
        ),
        (
            "a caption without a table",
            format!("{HEAD}Table 1 Path Parameters\n\n{QUERY}{ROW}{LINES}{END}"),
            Ambiguous,
            "line 5: the caption \"Table 1 Path Parameters\" has no table",
        ),
        (
            "A2: no column for the type",
            request(
                "Request\n\nTable 2 Request body parameters\n\n| Parameter | Mandatory | Description |\n|--|--|--|\n| a | Yes | A |\n",
            ),
            Ambiguous,
            "line 9: the table has no column for the type",
        ),
        (
            "A2: in lines",
            request(
                "Request\n\nTable 2 Request body parameters\n\nParameter\n\nMandatory\n\nDescription\n\na\n\nYes\n\nA\n\n",
            ),
            Ambiguous,
            "line 9: the table has no column for the type",
        ),
        (
            "no column for names",
            response(a, "").replace("| Parameter | Type | D", "| Element | Type | D"),
            Ambiguous,
            "the table has no column for the names",
        ),
        (
            "A3: a table that nothing uses",
            response(a, &other),
            Ambiguous,
            "\"Table 3 Detail\" lists fields, and no parameter is of that type",
        ),
        (
            "A3: a class without a table",
            response("| a | Detail object | A |\n", ""),
            Ambiguous,
            "`a` is of type `Detail`, and no table \"Detail\" lists its fields",
        ),
        (
            "A3: a whole request",
            request(&table("Request\n\nTable 2 Request", a)),
            Ambiguous,
            "\"Table 2 Request\" lists fields",
        ),
        (
            "A4: an unknown caption",
            response(a, &table("Table 3 What comes back", a)),
            Ambiguous,
            "\"Table 3 What comes back\" lists fields",
        ),
        (
            "A4: request parameters of a GET",
            request(&table("Request\n\nTable 2 Request parameters", a)).replace("POST", "GET"),
            Ambiguous,
            "the caption \"Table 2 Request parameters\" does not state where its parameters belong",
        ),
        (
            "A1b: a caption twice",
            response(
                "| a | Detail object | A |\n",
                &(other.clone() + &table("Table 4 Detail", "| c | String | C |\n")),
            ),
            Ambiguous,
            "have the same caption and different fields",
        ),
        (
            "A1: a second table without a caption",
            response(a, &table("", "| b | String | B |\n")),
            Ambiguous,
            "the table repeats the caption of the one on line 15, or has none",
        ),
        ("no caption at all", request(&table("Request\n", a)), Ambiguous, "the table has no caption"),
        ("A6: a header without rows", response("", ""), Ambiguous, "the table has a header and no rows"),
        (
            "a short row",
            response("| a | String\n", ""),
            Ambiguous,
            "a row of the table has fewer cells than its header",
        ),
        (
            "neither yes nor no",
            whole.replace("No\n", "Perhaps\n"),
            Ambiguous,
            "\"Perhaps\" does not state whether the parameter is mandatory",
        ),
        (
            "a sentence for a name",
            whole.replace("\na\n", "\nno name at all\n"),
            Ambiguous,
            "\"no name at all\" is not the name of a parameter",
        ),
        (
            "C1: a row with a sentence for a name, after another",
            format!("{HEAD}{QUERY}{ROW}max size\n\nYes\n\nInteger\n\nWords\n\n{LINES}{END}"),
            Ambiguous,
            "\"max size\" is not the name of a parameter",
        ),
        (
            "a row twice",
            format!("{HEAD}{QUERY}{ROW}{ROW}{LINES}{END}"),
            Ambiguous,
            "`a` appears twice among the query parameters",
        ),
    ];
    for (name, text, kind, sentence) in cases {
        let error = read_page(text).map(|page| format!("{:?}", page.parameters)).expect_err(name);
        assert!(error.kind() == *kind && error.to_string().contains(sentence), "{name}: {error}\n{text}");
    }
}

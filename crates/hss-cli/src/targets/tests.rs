//! Tests of lists of ids: what they may look like, and that what this program prints can be read back.

use huaweicloud_hss::fleet::{PlanBuilder, QueuePlan, QueueReport};
use huaweicloud_hss::{Host, HostGroup, IdList, Queue, Selector};
use proptest::prelude::*;

use crate::render::{GROUP_COLUMNS, HOST_COLUMNS, Report, csv};

use super::collector::{Collector, Only};
use super::from_flag;
use super::parse::parse;

const HOSTS: Option<Only> = Some(Only::Hosts("--hosts-from"));
const GROUPS: Option<Only> = Some(Only::Groups("--groups-from"));

/// Returns the calls for all targets of a list.
fn plan(targets: Collector) -> Vec<QueuePlan> {
    let mut planner = PlanBuilder::default();
    for (spec, targets) in targets.into_list() {
        let queue = Queue::new(spec.project.unwrap_or_else(|| "p".parse().unwrap()));
        planner.extend(spec.region, queue, targets).unwrap();
    }
    planner.build()
}

fn read(input: &[u8], only: Option<Only>) -> Result<Vec<Selector>, String> {
    let targets = parse("f", &mut &*input, only).map_err(|error| error.to_string())?;
    Ok(plan(targets).into_iter().flat_map(|plan| plan.requests).collect())
}

fn hosts(input: &str) -> Result<Vec<String>, String> {
    let calls = read(input.as_bytes(), HOSTS)?;
    Ok(calls.iter().flat_map(|call| call.ids().iter()).map(str::to_owned).collect())
}

#[test]
fn ids_are_read_one_per_line_with_any_line_ending() {
    let expected = Ok(vec!["a".to_owned(), "主机-1".to_owned()]);
    for text in ["a\n主机-1\n", "\u{feff}a\r\n\r\n# note\r\n,,,\r\n  主机-1 \r\n", "a\u{a0}\n主机-1"] {
        assert_eq!(hosts(text), expected, "{text:?}");
    }
}

#[test]
fn what_is_not_a_list_of_ids_is_refused_with_its_line_and_cause() {
    for (text, cause) in [
        ("", "f: contains no ids"),
        ("\n \n# only notes\n,,,\n", "f: contains no ids"),
        (
            "\"a\"\n",
            "f: line 1: the id \"\\\"a\\\"\" contains quotation marks; give ids without them (with jq, use -r)",
        ),
        ("a\n'b'\n", "f: line 2: the id \"'b'\" contains quotation marks"),
        ("a\nb]\n", "f: line 2: the id \"b]\" contains brackets or braces, so it is JSON, not an id"),
        (
            "[\"a\",\"b\"]\n",
            "f: line 1: invalid type: string \"a\", expected an object such as {\"host_id\":\"…\"}; put plain ids",
        ),
        ("# note\n\n[\n  \"a\"\n]\n", "f: line 4: invalid type: string"),
        ("[[{\"host_id\":\"a\"}]]", "f: line 1: an array inside an array"),
        ("{\"name\":\"a\"}", "f: line 1: unknown key \"name\"; the keys are region, "),
        ("{\"host_id\":\"a\"}\n{\"host_id\":\"b\"", "f: line 2: EOF while parsing an object"),
        ("{\"host_id\":\"a\"}\nb\n", "f: line 2: expected value"),
        ("{\"host_id\":\"a\",\"host_id\":\"b\"}", "f: line 1: the key \"host_id\" appears twice"),
        ("{\"host_id\":\"a,b\"}", "f: line 1: the id \"a,b\" contains ','"),
        ("{\"host_name\":\"a\"}", "f: line 1: the id is missing"),
        ("{\"host_id\":null}", "f: line 1: the id is missing"),
        ("a1,a2,a3\n", "f: line 1: the id \"a1,a2,a3\" contains ',', so it is several ids or a row of a table"),
        ("a,,,\n", "f: line 1: the id \"a,,,\" contains ','"),
        ("a1 a2\n", "f: line 1: the id \"a1 a2\" contains whitespace, so it is not one id"),
        ("a1\ta2\n", "f: line 1: the id \"a1\\ta2\" contains whitespace"),
        ("a\u{7}\n", "f: line 1: the id \"a\\u{7}\" contains a control character"),
        ("id\na\n", "f: line 1: the id \"id\" is the name of a column, not an id"),
        ("Host ID\na\n", "f: line 1: the id \"Host ID\" is the name of a column, not an id"),
        ("a\nhost_id\n", "f: line 2: the id \"host_id\" is the name of a column, not an id"),
        ("id;name\n", "f: line 1: the id \"id;name\" contains ';'"),
        ("sep=;\na\n", "f: line 1: the id \"sep=;\" is a note for Excel, not an id; remove the line"),
        ("id,name,agent\na,web\n", "f: line 2: expected 3 cells as in the header, found 2"),
        ("id,name,cpu\na,web,1\n", "f: the header has the unknown column \"cpu\""),
        ("name,agent\nweb,online\n", "f: the header has no column id"),
        (
            "selector,id\nserver_group,g\n",
            "f: line 2: --hosts-from takes servers only; pass lists of other targets with --targets",
        ),
        ("selector,id\nall_hosts,\n", "f: line 2: --hosts-from takes servers only"),
        ("id,name,servers\ng,web,3\n", "f: line 2: --hosts-from takes servers only"),
        ("{\"group_id\":\"g\",\"group_name\":\"web\"}", "f: line 1: --hosts-from takes servers only"),
    ] {
        let error = hosts(text).unwrap_err();
        assert!(error.starts_with(cause) && error.ends_with("; nothing was sent"), "{text:?} gave {error:?}");
    }
    for (text, cause) in [
        ("{\"host_id\":\"a\",\"group_id\":\"g\"}", "f: line 1: --groups-from takes server groups only"),
        ("id,agent\na,online\n", "f: line 2: --groups-from takes server groups only"),
    ] {
        let error = read(text.as_bytes(), GROUPS).unwrap_err();
        assert!(error.starts_with(cause), "{text:?} gave {error:?}");
    }
}

#[test]
fn what_is_not_a_list_of_targets_is_refused_with_its_cause() {
    for (text, cause) in [
        ("region;project_id;id\n;p;a\n", "f: the header has semicolons between its columns; save the list with commas"),
        ("project_id\tid\np\ta\n", "f: the header has tabs between its columns; save the list with commas"),
        ("sep=,\nid\na\n", "f: the header is a note for Excel; remove the line"),
        ("[\"a\"]\n", "f: line 1: invalid type: string \"a\", expected an object"),
        ("id,project_id\na,\"p,q\"\n", "f: line 2: project_id \"p,q\" contains ','"),
        ("id,project_id\na,[p]\n", "f: line 2: project_id \"[p]\" contains brackets"),
        (
            "id,enterprise_project_id\na,\"\"\"e\"\"\"\n",
            "f: line 2: enterprise_project_id \"\\\"e\\\"\" contains quotation",
        ),
    ] {
        let error = read(text.as_bytes(), None).unwrap_err();
        assert!(error.starts_with(cause) && error.ends_with("; nothing was sent"), "{text:?} gave {error:?}");
    }
}

#[test]
fn empty_rows_and_cells_of_spreadsheets_are_skipped() {
    let text = "project_id,id,,\r\np,a,,\r\n,,,\r\n,b,,,,\r\n , \r\n";
    let calls = read(text.as_bytes(), None).unwrap();
    assert_eq!(calls, [Selector::Hosts(["a", "b"].iter().collect())]);
    let error = read(b"project_id,id\np,a,b\n", None).unwrap_err();
    assert_eq!(error, "f: line 2: expected 2 cells as in the header, found 3; nothing was sent");
}

#[test]
fn ids_of_flags_are_validated_like_those_of_files() {
    let only = Only::Hosts("--host");
    assert!(from_flag("--host", &[" a\u{a0}".to_owned()], only).is_ok());
    for (id, problem) in [
        ("a1,a2,a3", "contains ','"),
        ("\"a\"", "contains quotation marks"),
        ("a b", "contains whitespace"),
        ("", "is empty"),
        (" \u{a0}", "is empty"),
        ("id", "is the name of a column"),
        (&"x".repeat(5000), "is 5000 bytes long"),
    ] {
        let error = from_flag("--host", &[id.to_owned()], only).map(|_| ()).unwrap_err().to_string();
        assert!(error.starts_with("--host: the id ") && error.contains(problem), "{error}");
        assert!(error.len() < 200 && error.ends_with("; nothing was sent"), "{error}");
    }
}

#[test]
fn ids_without_the_documented_form_are_noted_once() {
    let note = |text: &str| parse("f", &mut text.as_bytes(), HOSTS).unwrap().note();
    assert_eq!(note("c8ab9c0e-0b65_A\n"), None);
    assert_eq!(note(&format!("{}\n", "x".repeat(64))), None);
    let documented = "not 1 to 64 letters, digits, hyphens and underscores, as documented; the first is";
    assert_eq!(
        note(&format!("{}\n", "x".repeat(65))),
        Some(format!("note: 1 id is {documented} {:?}", "x".repeat(64)))
    );
    assert_eq!(note("a\n主机\nb.c\n"), Some(format!("note: 2 ids are {documented} \"主机\"")));
}

#[test]
fn a_row_of_json_has_a_maximum_length() {
    use std::io::{BufReader, Read as _, repeat};
    for begin in ["{\"host_id\":\"", "[{\"host_id\":\"a\"},{\"x\":", "{\"host_id\":\"a\"} "] {
        let mut endless = BufReader::new(begin.as_bytes().chain(repeat(b'1')));
        let error = parse("f", &mut endless, HOSTS).map(|_| ()).unwrap_err().to_string();
        let expected =
            ["f: line 1: a row is longer than 16777216 bytes; nothing was sent", "f: line 1: invalid type: "];
        assert!(expected.iter().any(|text| error.starts_with(text)), "{begin}: {error}");
    }
}

/// The calls of a report, planned for two queues.
fn reports(ids: &[String]) -> Vec<QueueReport> {
    let plan = |project: &str, ids: &[String]| {
        let queue = Queue::new(project.parse().unwrap());
        QueueReport::planned(QueuePlan::new(queue, &Selector::Hosts(ids.iter().collect())).unwrap())
    };
    vec![plan("p1", ids), plan("p2", &ids[..1])]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_this_program_prints_it_reads_back(
        ids in proptest::collection::hash_set("[A-Za-z0-9_=+@.:/主-]{1,36}", 1..40),
        name in ".{0,12}",
        pretty in any::<bool>(),
    ) {
        let ids: Vec<String> = ids.into_iter().filter(|id| crate::cli::validate_id(id).is_ok()).collect();
        prop_assume!(!ids.is_empty());
        let expected: Vec<Selector> = vec![Selector::Hosts(ids.iter().collect())];

        // Plain ids.
        prop_assert_eq!(&read(ids.join("\r\n").as_bytes(), HOSTS), &Ok(expected.clone()));
        // The lists of servers and groups, as CSV, JSON and JSON lines.
        let row = |columns: usize, id: &String| {
            let mut row = vec![id.clone(), name.clone()];
            row.resize(columns, "1".to_owned());
            row
        };
        let text = csv(&HOST_COLUMNS, ids.iter().map(|id| row(HOST_COLUMNS.len(), id)));
        prop_assert_eq!(&read(text.as_bytes(), HOSTS), &Ok(expected.clone()));
        prop_assert_eq!(&read(text.as_bytes(), None), &Ok(expected.clone()));
        let groups = vec![Selector::ServerGroups(ids.iter().collect())];
        let text = csv(&GROUP_COLUMNS, ids.iter().map(|id| row(GROUP_COLUMNS.len(), id)));
        prop_assert_eq!(&read(text.as_bytes(), GROUPS), &Ok(groups.clone()));
        prop_assert_eq!(&read(text.as_bytes(), None), &Ok(groups.clone()));
        let json = |value: &dyn Fn(&String) -> serde_json::Value| -> [String; 2] {
            let values: Vec<_> = ids.iter().map(value).collect();
            let array = if pretty { serde_json::to_string_pretty(&values) } else { serde_json::to_string(&values) };
            [array.unwrap(), values.iter().map(|value| format!("{value}\n# note\n")).collect()]
        };
        let host = |id: &String| {
            let (host_id, group_id) = (Some(id.clone()), Some("g".to_owned()));
            serde_json::to_value(Host { host_id, host_name: Some(name.clone()), group_id, ..Host::default() }).unwrap()
        };
        for text in json(&host) {
            prop_assert_eq!(&read(text.as_bytes(), HOSTS), &Ok(expected.clone()), "{}", text);
            prop_assert_eq!(&read(text.as_bytes(), None), &Ok(expected.clone()), "{}", text);
        }
        let group = |id: &String| {
            let (group_id, host_id_list) = (Some(id.clone()), Some(vec!["h".to_owned()]));
            serde_json::to_value(HostGroup { group_id, host_id_list, ..HostGroup::default() }).unwrap()
        };
        for text in json(&group) {
            prop_assert_eq!(&read(text.as_bytes(), GROUPS), &Ok(groups.clone()), "{}", text);
            prop_assert_eq!(&read(text.as_bytes(), None), &Ok(groups.clone()), "{}", text);
        }
        // Reports, which also name the queue.
        let reports = reports(&ids);
        let report = Report { queues: &reports, verdicts: None, left_out: None, dry_run: true };
        for write in [Report::write_csv, Report::write_json, Report::write_json_lines] {
            let mut text = Vec::new();
            write(&report, &mut text).unwrap();
            for only in [None, HOSTS] {
                let planned = plan(parse("f", &mut &text[..], only).unwrap());
                let targets = planned.iter().map(|plan| (plan.queue.project_id.as_str(), plan.requests.as_slice()));
                let one = [Selector::Hosts(IdList::from_iter(&ids[..1]))];
                prop_assert_eq!(targets.collect::<Vec<_>>(), [("p1", &expected[..]), ("p2", &one[..])]);
            }
        }
    }

    #[test]
    fn no_text_becomes_a_target_that_cannot_be_an_id(text in "[a1,;\\[\\]{}\"' \t\r\nid_:#]{0,30}") {
        for only in [HOSTS, None] {
            for call in read(text.as_bytes(), only).unwrap_or_default() {
                for id in call.ids().iter() {
                    prop_assert!(crate::cli::validate_id(id).is_ok(), "{:?} became {:?}", text, id);
                }
            }
        }
    }
}

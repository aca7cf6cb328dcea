//! Parses a list of targets in any number of queues, or of ids. The whole list is parsed before anything is sent.

use std::io::BufRead;

use crate::exit::CliError;

use super::bounded_lines::BoundedLines;
use super::collector::{Collector, Only, Row};
use super::csv_header::CsvHeader;
use super::json_list;

/// Parses a list. The first line with content decides the format: JSON starts with a brace or a bracket, a list of targets is CSV, and a
/// list of ids is CSV if that line has the names of several columns.
pub(super) fn parse(name: &str, input: &mut dyn BufRead, only: Option<Only>) -> Result<Collector, CliError> {
    let expected = if only.is_some() { "ids" } else { "targets" };
    let mut lines = BoundedLines::new(name, input, expected);
    let mut targets = Collector::new(only);
    if lines.advance()? {
        if lines.is_json() {
            json_list::read(name, lines.number(), lines.into_input(), &mut targets)?;
        } else {
            read_lines(name, lines, &mut targets)?;
        }
    }
    if targets.is_empty() {
        return Err(CliError::usage(format!("{name}: contains no {expected}; nothing was sent")));
    }
    Ok(targets)
}

/// Reads CSV or plain ids, from the current line on.
fn read_lines(name: &str, mut lines: BoundedLines<'_>, targets: &mut Collector) -> Result<(), CliError> {
    let first = lines.text()?;
    let header = match targets.only {
        Some(_) if !CsvHeader::is_header(first) => None,
        _ => {
            let header = CsvHeader::parse(first)
                .map_err(|reason| CliError::usage(format!("{name}: the header {reason}; nothing was sent")))?;
            Some(header)
        }
    };
    let mut is_row = header.is_none();
    loop {
        if is_row {
            let line = lines.text()?;
            let added = match &header {
                Some(header) => header.parse_row(line, targets),
                None => targets.add(Row { id: line.trim(), ..Row::default() }),
            };
            added.map_err(|reason| {
                CliError::usage(format!("{name}: line {}: {reason}; nothing was sent", lines.number()))
            })?;
        }
        is_row = true;
        if !lines.advance()? {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use huaweicloud_hss::fleet::PlanBuilder;
    use huaweicloud_hss::fleet::TargetSet;
    use huaweicloud_hss::{EnterpriseProject, ProjectId, Queue, Selector};

    use super::super::collector::TargetList;
    use super::super::queue_spec::QueueSpec;
    use super::*;

    fn list(text: &str) -> Result<TargetList, String> {
        parse("f", &mut text.as_bytes(), None).map(Collector::into_list).map_err(|error| error.to_string())
    }

    fn calls(targets: TargetSet) -> Vec<Selector> {
        let mut planner = PlanBuilder::default();
        planner.extend(None, Queue::new("p".parse().unwrap()), targets).unwrap();
        planner.build().remove(0).requests
    }

    const HEADER: &str = "region,project_id,enterprise_project_id,category,selector,id\n";

    #[test]
    fn csv_and_json_lines_give_the_same_targets() {
        let csv = format!(
            "\u{feff}{}# a note\r\ncn-north-4,p,all,container,server_group,\"g-1\"\r\n,,,,all_hosts,\r\n,,,,host,主机\r\n,,,,,h2\r\n",
            HEADER.replace('\n', "\r\n")
        );
        let json = concat!(
            "{\"region\":\"cn-north-4\",\"project_id\":\"p\",\"enterprise_project_id\":\"all\",\"category\":\"container\",",
            "\"selector\":\"server_group\",\"id\":\"g-1\"}\n# a note\n\n{\"selector\":\"all_hosts\"}\n",
            "{\"selector\":\"host\",\"id\":\"主机\",\"region\":\"\"}\n{\"id\":\"h2\"}"
        );
        for text in [csv.as_str(), json] {
            let list = list(text).unwrap();
            assert_eq!(list.len(), 2);
            assert_eq!(list[0].0.enterprise_project, Some(EnterpriseProject::all()));
            assert_eq!(list[1].0, QueueSpec::default());
            let calls: Vec<Vec<Selector>> = list.into_iter().map(|(_, targets)| calls(targets)).collect();
            let ids = |ids: &[&str]| ids.iter().collect();
            let hosts = Selector::Hosts(ids(&["主机", "h2"]));
            assert_eq!(calls, [vec![Selector::ServerGroups(ids(&["g-1"]))], vec![Selector::AllHosts, hosts]]);
        }
    }

    #[test]
    fn columns_may_be_missing_and_in_any_order() {
        let list = list("id,outcome,project_id\nh,refused,p\n").unwrap();
        assert_eq!(list[0].0.project.as_ref().map(ProjectId::as_str), Some("p"));
        let [(_, targets)] = <[_; 1]>::try_from(list).unwrap();
        assert_eq!(calls(targets), [Selector::Hosts(["h"].iter().collect())]);
    }

    #[test]
    fn an_error_names_its_line() {
        for (text, expected) in [
            (String::new(), "f: contains no targets"),
            (HEADER.to_owned(), "f: contains no targets"),
            (
                "{\"id\":\"a\"}\n\n{\"id\":5}\n".to_owned(),
                "f: line 3: invalid type: integer `5`, expected a string; nothing was sent",
            ),
            (
                "{\"id\":\"a\"}\n{\"hostname\":\"a\"}\n".to_owned(),
                "f: line 2: unknown key \"hostname\"; the keys are region, ",
            ),
            ("{\"id\":\"a\"}\nhost\n".to_owned(), "f: line 2: expected value"),
            ("host\nh\n".to_owned(), "f: the header has the unknown column \"host\"; the columns are region,"),
            ("id,id\nh,h\n".to_owned(), "f: the header has the column \"id\" twice"),
            (format!("{HEADER},p,,,host,a\n# x\n,p,,,host\n"), "f: line 4: expected 6 cells as in the header, found 5"),
            (format!("{HEADER},p,,,vm,a\n"), "f: line 2: unknown selector \"vm\"; use all_hosts, host or server_group"),
            (format!("{HEADER},p,,,host,\n"), "f: line 2: the id is missing"),
            (format!("{HEADER},p,,,all_hosts,a\n"), "f: line 2: the selector all_hosts takes no id"),
            (format!("{HEADER},p,,vm,host,a\n"), "f: line 2: unknown category \"vm\"; use host or container"),
            (format!("{HEADER}CN,p,,,host,a\n"), "f: line 2: invalid region \"CN\": expected an id such as cn-north-4"),
            (format!("{HEADER},..,,,host,a\n"), "f: line 2: project_id \"..\" would change the request path"),
            (format!("{HEADER},p,,,host,a\u{7}b\n"), "f: line 2: the id \"a\\u{7}b\" contains a control character"),
        ] {
            let error = list(&text).unwrap_err();
            assert!(error.starts_with(expected), "{text:?} gave {error:?}");
        }
        let error = parse("f", &mut &b"id\na\n\xff\n"[..], None).err().unwrap().to_string();
        assert!(error.starts_with("f: line 3 is not valid UTF-8"), "{error}");
    }

    #[test]
    fn incomplete_quotations_are_errors_on_their_line() {
        let id = |cell: &str| list(&format!("id,project_id\n{cell},p\n")).map(|mut list| calls(list.remove(0).1));
        for (cell, expected) in [("\"a\"", "a"), ("\" a \" ", "a"), ("\"主机\"\t", "主机")] {
            assert_eq!(id(cell), Ok(vec![Selector::Hosts([expected].iter().collect())]), "{cell}");
        }
        for (cell, part) in [
            ("\"a,b\"", "f: line 2: the id \"a,b\" contains ','"),
            ("\"\"\"a\"\"\"", "f: line 2: the id \"\\\"a\\\"\" contains quotation marks"),
            ("\"h1\"x", "f: line 2: text after a closing quotation mark"),
            ("x\"h1\"", "f: line 2: quotation mark inside an unquoted cell"),
            (" \"h1\"", "f: line 2: quotation mark inside an unquoted cell"),
            ("\"h1", "f: line 2: unclosed quotation mark"),
            ("\"h1\nh2\"", "f: line 2: unclosed quotation mark"),
            ("\"\"", "f: line 2: the id is missing"),
        ] {
            let error = id(cell).unwrap_err();
            assert!(error.starts_with(part), "{cell}: {error}");
        }
        let error = list("\"id\na\n").unwrap_err();
        assert!(error.starts_with("f: the header is not valid CSV: unclosed quotation mark"), "{error}");
    }

    #[test]
    fn ids_have_a_maximum_length() {
        let long = "x".repeat(4097);
        for text in [
            format!(
                "id
{}
{long}
",
                &long[1..]
            ),
            format!(
                "{{\"id\":\"a\"}}
{{\"id\":\"{long}\"}}
"
            ),
        ] {
            let error = list(&text).unwrap_err();
            assert!(error.starts_with("f: line ") && error.contains("is 4097 bytes long, more than"), "{error}");
            assert!(error.len() < 200, "{error}");
        }
    }

    #[test]
    fn the_first_line_with_content_decides_the_format() {
        for text in ["\n\n# note\n  {\"id\":\"a\"}\n", "# note\n\nid\na\n"] {
            assert_eq!(list(text).unwrap().len(), 1, "{text:?}");
        }
    }
}

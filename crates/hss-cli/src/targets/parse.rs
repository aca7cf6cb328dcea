//! Parses a list of targets in any number of queues, as CSV or JSON lines. The whole list is parsed before anything is sent.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::BufRead;

use huaweicloud_hss::fleet::{Target, TargetSet};
use serde::Deserialize;

use crate::exit::CliError;
use crate::render::{RESULT_COLUMNS, TARGET_COLUMNS, unguarded};

use super::bounded_lines::BoundedLines;
use super::queue_spec::QueueSpec;
use super::{csv_record, id};

/// One line of JSON. A missing key means the same as an empty value.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct JsonTarget<'a> {
    #[serde(borrow)]
    region: Option<Cow<'a, str>>,
    #[serde(borrow)]
    project_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    enterprise_project_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    category: Option<Cow<'a, str>>,
    #[serde(borrow)]
    selector: Option<Cow<'a, str>>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
}

impl JsonTarget<'_> {
    /// Returns the cells in the order of [`TARGET_COLUMNS`].
    fn cells(&self) -> [&str; 6] {
        let Self { region, project_id, enterprise_project_id, category, selector, id } = self;
        [region, project_id, enterprise_project_id, category, selector, id]
            .map(|cell| cell.as_deref().unwrap_or_default())
    }
}

/// The targets of each queue, in the order in which the queues appear first.
pub(crate) type TargetList = Vec<(QueueSpec, TargetSet)>;

/// Maximum length of a line in bytes: enough for an id, a queue and the columns of a result.
const MAX_LINE_BYTES: usize = 64 * 1024;

/// Parses a list. The first line that is neither blank nor a comment decides the format: JSON lines start with a brace.
pub(super) fn parse(name: &str, input: &mut dyn BufRead) -> Result<TargetList, CliError> {
    let mut lines = BoundedLines::new(name, input, MAX_LINE_BYTES, "targets");
    let mut targets = Collector::default();
    let mut header: Option<CsvHeader> = None;
    while let Some((number, line)) = lines.next()? {
        let error = |reason: String| CliError::usage(format!("{name}: line {number}: {reason}; nothing was sent"));
        match &header {
            None if targets.list.is_empty() && !line.trim_start().starts_with('{') => {
                let parsed = CsvHeader::parse(line)
                    .map_err(|reason| CliError::usage(format!("{name}: the header {reason}; nothing was sent")))?;
                header = Some(parsed);
            }
            None => parse_json_line(line, &mut targets).map_err(error)?,
            Some(header) => header.parse_line(line, &mut targets).map_err(error)?,
        }
    }
    if targets.list.is_empty() {
        return Err(CliError::usage(format!("{name}: contains no targets; nothing was sent")));
    }
    Ok(targets.list)
}

fn parse_json_line(line: &str, targets: &mut Collector) -> Result<(), String> {
    let target: JsonTarget<'_> = serde_json::from_str(line.trim()).map_err(|error| {
        // The parser sees only this line, so its line number is always 1.
        let text = error.to_string();
        text.split(" at line ").next().unwrap_or(&text).to_owned()
    })?;
    targets.add(target.cells())
}

/// The columns of a CSV list.
struct CsvHeader {
    /// Number of columns.
    length: usize,
    /// Position of each of [`TARGET_COLUMNS`].
    positions: [Option<usize>; 6],
}

impl CsvHeader {
    fn parse(line: &str) -> Result<Self, String> {
        let cells = csv_record::split(line).map_err(|reason| format!("is not valid CSV: {reason}"))?;
        let mut names: Vec<&str> = cells.iter().map(|cell| cell.trim()).collect();
        let known = |column: &&&str| TARGET_COLUMNS.contains(column) || RESULT_COLUMNS.contains(column);
        if let Some(unknown) = names.iter().find(|column| !known(column)) {
            let unknown: String = unknown.chars().take(64).collect();
            return Err(format!("has the unknown column {unknown:?}; the columns are {}", TARGET_COLUMNS.join(",")));
        }
        let positions = TARGET_COLUMNS.map(|column| names.iter().position(|name| *name == column));
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("has the column {:?} twice", pair[0]));
        }
        Ok(Self { length: names.len(), positions })
    }

    fn parse_line(&self, line: &str, targets: &mut Collector) -> Result<(), String> {
        let cells = csv_record::split(line)?;
        if cells.len() != self.length {
            return Err(format!("expected {} cells as in the header, found {}", self.length, cells.len()));
        }
        let cell = |position: Option<usize>| {
            position.and_then(|position| cells.get(position)).map_or("", |cell| unguarded(cell.trim()))
        };
        targets.add(self.positions.map(cell))
    }
}

/// Groups targets by their queue.
#[derive(Default)]
struct Collector {
    list: TargetList,
    /// Index of each queue in the list.
    indices: HashMap<QueueSpec, usize>,
    /// The cells that named the queue of the previous line, and its index. Lists are long and mostly sorted by queue.
    last: Option<([String; 4], usize)>,
}

impl Collector {
    fn add(&mut self, cells: [&str; 6]) -> Result<(), String> {
        let [region, project_id, enterprise_project_id, category, selector, id] = cells;
        let target = match (selector, id) {
            ("all_hosts", "") => Target::AllHosts,
            ("all_hosts", _) => return Err("the selector all_hosts takes no id".to_owned()),
            ("host" | "server_group" | "", "") => return Err("the id is missing".to_owned()),
            ("host" | "", id) => Target::Host(id),
            ("server_group", id) => Target::ServerGroup(id),
            (other, _) => return Err(format!("unknown selector {other:?}; use all_hosts, host or server_group")),
        };
        if let Target::Host(id) | Target::ServerGroup(id) = &target {
            id::validate(id).map_err(|reason| format!("the id {reason}"))?;
        }
        let index = self.queue_index([region, project_id, enterprise_project_id, category])?;
        self.list[index].1.add(target).map_err(|error| error.to_string())
    }

    /// Returns the index of a queue in the list, and adds the queue if it is new.
    fn queue_index(&mut self, cells: [&str; 4]) -> Result<usize, String> {
        if let Some((last, index)) = &self.last
            && *last == cells
        {
            return Ok(*index);
        }
        let queue = QueueSpec::parse(cells)?;
        let next = self.list.len();
        let index = *self.indices.entry(queue.clone()).or_insert(next);
        if index == next {
            self.list.push((queue, TargetSet::default()));
        }
        self.last = Some((cells.map(str::to_owned), index));
        Ok(index)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use huaweicloud_hss::fleet::PlanBuilder;
    use huaweicloud_hss::{EnterpriseProject, ProjectId, Queue, Selector};

    use super::*;

    fn list(text: &str) -> Result<TargetList, String> {
        parse("f", &mut text.as_bytes()).map_err(|error| error.to_string())
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
            "\u{feff}{}# a note\r\ncn-north-4,p,all,container,server_group,\"g, 1\"\r\n,,,,all_hosts,\r\n,,,,host,主机\r\n,,,,,h2\r\n",
            HEADER.replace('\n', "\r\n")
        );
        let json = concat!(
            "{\"region\":\"cn-north-4\",\"project_id\":\"p\",\"enterprise_project_id\":\"all\",\"category\":\"container\",",
            "\"selector\":\"server_group\",\"id\":\"g, 1\"}\n# a note\n\n{\"selector\":\"all_hosts\"}\n",
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
            assert_eq!(calls, [vec![Selector::ServerGroups(ids(&["g, 1"]))], vec![Selector::AllHosts, hosts]]);
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
            ("{\"id\":\"a\"}\n{\"hostname\":\"a\"}\n".to_owned(), "f: line 2: unknown field `hostname`"),
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
            (format!("{HEADER},p,,,host,a\u{7}b\n"), "f: line 2: the id contains a control character"),
        ] {
            let error = list(&text).unwrap_err();
            assert!(error.starts_with(expected), "{text:?} gave {error:?}");
        }
        let error = parse("f", &mut &b"id\na\n\xff\n"[..]).unwrap_err().to_string();
        assert!(error.starts_with("f: line 3 is not valid UTF-8"), "{error}");
    }

    #[test]
    fn incomplete_quotations_are_errors_on_their_line() {
        let id = |cell: &str| list(&format!("id,project_id\n{cell},p\n")).map(|mut list| calls(list.remove(0).1));
        for (cell, expected) in [
            ("\"a,b\"", "a,b"),
            ("\"a\"\"b\"", "a\"b"),
            ("\"\"\"a\"\"\"", "\"a\""),
            ("\" a \" ", "a"),
            ("\"主机\"\t", "主机"),
        ] {
            assert_eq!(id(cell), Ok(vec![Selector::Hosts([expected].iter().collect())]), "{cell}");
        }
        for (cell, part) in [
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
    fn csv_written_by_this_program_can_be_read_back() {
        let ids = ["a,b", "\"", "a\"b", " c", "plain", "主机", "=1", "'-1"];
        let rows = ids.map(|id| vec![id.to_owned()]);
        let text = format!("{}\n", crate::render::csv(&["id"], rows));
        let [(_, targets)] = <[_; 1]>::try_from(list(&text).unwrap()).unwrap();
        assert_eq!(calls(targets), [Selector::Hosts(ids.map(str::trim).iter().collect())]);
    }

    #[test]
    fn lines_and_ids_have_a_maximum_length() {
        for begin in ["", "id\n", "{\"id\":\""] {
            let mut endless = begin.as_bytes().chain(std::io::BufReader::new(std::io::repeat(b'\0')));
            let error = parse("f", &mut endless).unwrap_err().to_string();
            assert!(error.contains("is longer than 65536 bytes, so this is not a list of targets"), "{error}");
        }
        let long = "x".repeat(4097);
        for text in [format!("id\n{}\n{long}\n", &long[1..]), format!("{{\"id\":\"a\"}}\n{{\"id\":\"{long}\"}}\n")] {
            let error = list(&text).unwrap_err();
            assert!(error.contains(": the id is 4097 bytes long, more than the maximum of 4096"), "{error}");
        }
    }

    #[test]
    fn the_first_line_with_content_decides_the_format() {
        for text in ["\n\n# note\n  {\"id\":\"a\"}\n", "# note\n\nid\na\n"] {
            assert_eq!(list(text).unwrap().len(), 1, "{text:?}");
        }
    }
}

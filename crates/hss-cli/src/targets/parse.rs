//! A list of targets over many queues, as CSV or as JSON lines: read whole and checked before anything is sent.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::BufRead;

use huaweicloud_hss::fleet::{Target, TargetSet};
use huaweicloud_hss::{Category, EnterpriseProject, ProjectId, Region};
use serde::Deserialize;

use crate::cli::enterprise_project;
use crate::exit::CliError;
use crate::render::{RESULT_COLUMNS, TARGET_COLUMNS};

use super::bounded_lines::Lines;
use super::check;

/// One line of the list: empty and missing cells are the same.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Line<'a> {
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

impl Line<'_> {
    /// The cells, in the order of [`TARGET_COLUMNS`].
    fn cells(&self) -> [&str; 6] {
        let Self { region, project_id, enterprise_project_id, category, selector, id } = self;
        [region, project_id, enterprise_project_id, category, selector, id]
            .map(|cell| cell.as_deref().unwrap_or_default())
    }
}

/// The queue of a target as far as its line names it; what it leaves out is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct QueueSpec {
    pub(crate) region: Option<Region>,
    pub(crate) project: Option<ProjectId>,
    pub(crate) enterprise_project: Option<EnterpriseProject>,
    pub(crate) category: Option<Category>,
}

/// The targets of each queue, in the order in which the queues came up first.
pub(crate) type TargetList = Vec<(QueueSpec, TargetSet)>;

/// The longest line, in bytes: an id, a queue, and the columns of a result.
const LONGEST_LINE: usize = 64 * 1024;

/// Reads a list. The first line that says something tells its form: JSON lines begin with a brace.
pub(super) fn read(name: &str, input: &mut dyn BufRead) -> Result<TargetList, CliError> {
    let mut lines = Lines::new(name, input, LONGEST_LINE, "targets");
    let mut list = Collector::default();
    let mut header: Option<Header> = None;
    while let Some((number, line)) = lines.next()? {
        let wrong = |why: String| CliError::usage(format!("{name}: line {number}: {why}; nothing was sent"));
        match &header {
            None if list.list.is_empty() && !line.trim_start().starts_with('{') => {
                let read = Header::read(line)
                    .map_err(|why| CliError::usage(format!("{name}: the header {why}; nothing was sent")))?;
                header = Some(read);
            }
            None => json_line(line, &mut list).map_err(wrong)?,
            Some(header) => header.line(line, &mut list).map_err(wrong)?,
        }
    }
    if list.list.is_empty() {
        return Err(CliError::usage(format!("{name}: holds no target, so there is nothing to scan; nothing was sent")));
    }
    Ok(list.list)
}

fn json_line(line: &str, list: &mut Collector) -> Result<(), String> {
    let line: Line<'_> = serde_json::from_str(line.trim()).map_err(|error| {
        // The parser counts from the line's own begin.
        let why = error.to_string();
        why.split(" at line ").next().unwrap_or(&why).to_owned()
    })?;
    list.add(line.cells())
}

/// What the columns of a CSV list are.
struct Header {
    /// How many there are.
    length: usize,
    /// Where each of [`TARGET_COLUMNS`] is.
    places: [Option<usize>; 6],
}

impl Header {
    fn read(line: &str) -> Result<Self, String> {
        let cells = cells(line).map_err(|why| format!("cannot be read: {why}"))?;
        let mut names: Vec<&str> = cells.iter().map(|cell| cell.trim()).collect();
        let known = |column: &&&str| TARGET_COLUMNS.contains(column) || RESULT_COLUMNS.contains(column);
        if let Some(unknown) = names.iter().find(|column| !known(column)) {
            let unknown: String = unknown.chars().take(64).collect();
            return Err(format!("has {unknown:?}, but its columns are {}", TARGET_COLUMNS.join(",")));
        }
        let places = TARGET_COLUMNS.map(|column| names.iter().position(|name| *name == column));
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("names {:?} twice", twice[0]));
        }
        Ok(Self { length: names.len(), places })
    }

    fn line(&self, line: &str, list: &mut Collector) -> Result<(), String> {
        let cells = cells(line)?;
        if cells.len() != self.length {
            return Err(format!("has {} cells, but the header names {}", cells.len(), self.length));
        }
        list.add(self.places.map(|place| place.and_then(|place| cells.get(place)).map_or("", |cell| cell.trim())))
    }
}

/// The cells of a line of CSV. Nothing that a list can name has a line break in it, so a record is a line, and each mistake has its
/// place. What readers of CSV take in different ways is refused.
fn cells(line: &str) -> Result<Vec<Cow<'_, str>>, &'static str> {
    let mut cells = Vec::with_capacity(TARGET_COLUMNS.len());
    let mut rest = line;
    loop {
        let (cell, behind) = match rest.strip_prefix('"') {
            Some(quoted) => quotation(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (Cow::Borrowed(&rest[..end]), &rest[end..])
            }
        };
        if !rest.starts_with('"') && cell.contains('"') {
            return Err(
                "a quotation mark stands within a cell that is not quoted. Quote the whole cell, and double the marks in it",
            );
        }
        cells.push(cell);
        let Some(next) = behind.strip_prefix(',') else { return Ok(cells) };
        rest = next;
    }
}

/// What stands between quotation marks, where a doubled one is one of the text, and the rest behind them.
fn quotation(text: &str) -> Result<(Cow<'_, str>, &str), &'static str> {
    let mut cell = Cow::Borrowed("");
    let mut rest = text;
    loop {
        let Some((part, behind)) = rest.split_once('"') else {
            return Err("a quotation is not closed on its line, and no cell can have a line break in it");
        };
        if cell.is_empty() {
            cell = Cow::Borrowed(part)
        } else {
            cell.to_mut().push_str(part)
        }
        match behind.strip_prefix('"') {
            Some(next) => {
                cell.to_mut().push('"');
                rest = next;
            }
            None => {
                let behind = behind.trim_start_matches([' ', '\t']);
                if behind.is_empty() || behind.starts_with(',') {
                    return Ok((cell, behind));
                }
                return Err(
                    "something stands behind the end of a quotation. Quote the whole cell, and double the marks in it",
                );
            }
        }
    }
}

/// Puts lines together into a list.
#[derive(Default)]
struct Collector {
    list: TargetList,
    places: HashMap<QueueSpec, usize>,
    /// The cells that named the queue of the line before, and its place: lists are long, and mostly sorted by queue.
    last: Option<([String; 4], usize)>,
}

impl Collector {
    fn add(&mut self, cells: [&str; 6]) -> Result<(), String> {
        let [region, project_id, enterprise_project_id, category, selector, id] = cells;
        let target = match (selector, id) {
            ("all_hosts", "") => Target::AllHosts,
            ("all_hosts", _) => return Err("all_hosts takes no id".to_owned()),
            ("host" | "server_group" | "", "") => return Err("the id is missing".to_owned()),
            ("host" | "", id) => Target::Host(id),
            ("server_group", id) => Target::ServerGroup(id),
            (other, _) => return Err(format!("selector {other:?} is none of all_hosts, host and server_group")),
        };
        if let Target::Host(id) | Target::ServerGroup(id) = &target {
            check(id).map_err(|why| format!("the id {why}"))?;
        }
        let place = self.place([region, project_id, enterprise_project_id, category])?;
        self.list[place].1.add(target).map_err(|error| error.to_string())
    }

    /// The place of a queue in the list.
    fn place(&mut self, cells: [&str; 4]) -> Result<usize, String> {
        if let Some((last, place)) = &self.last
            && *last == cells
        {
            return Ok(*place);
        }
        let queue = queue(cells)?;
        let next = self.list.len();
        let place = *self.places.entry(queue.clone()).or_insert(next);
        if place == next {
            self.list.push((queue, TargetSet::default()));
        }
        self.last = Some((cells.map(str::to_owned), place));
        Ok(place)
    }
}

fn queue(cells: [&str; 4]) -> Result<QueueSpec, String> {
    let [region, project, enterprise, category] = cells.map(|cell| Some(cell).filter(|cell| !cell.is_empty()));
    let told = |error: huaweicloud_hss::Error| error.to_string();
    let category = category
        .map(|text| text.parse().map_err(|_| format!("category {text:?} is neither host nor container")))
        .transpose()?;
    Ok(QueueSpec {
        region: region.map(str::parse).transpose().map_err(told)?,
        project: project.map(str::parse).transpose().map_err(told)?,
        enterprise_project: enterprise.map(enterprise_project).transpose().map_err(told)?,
        category,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use huaweicloud_hss::fleet::PlanBuilder;
    use huaweicloud_hss::{Queue, Selector};

    use super::*;

    fn list(text: &str) -> Result<TargetList, String> {
        read("f", &mut text.as_bytes()).map_err(|failure| failure.to_string())
    }

    fn calls(targets: TargetSet) -> Vec<Selector> {
        let mut planner = PlanBuilder::default();
        planner.extend(None, Queue::new("p".parse().unwrap()), targets).unwrap();
        planner.build().remove(0).requests
    }

    const HEADER: &str = "region,project_id,enterprise_project_id,category,selector,id\n";

    #[test]
    fn both_forms_read_alike() {
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
    fn columns_may_be_left_out_and_stand_in_any_order() {
        let list = list("id,outcome,project_id\nh,refused,p\n").unwrap();
        assert_eq!(list[0].0.project.as_ref().map(ProjectId::as_str), Some("p"));
        let [(_, targets)] = <[_; 1]>::try_from(list).unwrap();
        assert_eq!(calls(targets), [Selector::Hosts(["h"].iter().collect())]);
    }

    #[test]
    fn a_bad_line_is_named_by_its_number() {
        for (text, expected) in [
            (String::new(), "f: holds no target"),
            (HEADER.to_owned(), "f: holds no target"),
            (
                "{\"id\":\"a\"}\n\n{\"id\":5}\n".to_owned(),
                "f: line 3: invalid type: integer `5`, expected a string; nothing was sent",
            ),
            ("{\"id\":\"a\"}\n{\"hostname\":\"a\"}\n".to_owned(), "f: line 2: unknown field `hostname`"),
            ("{\"id\":\"a\"}\nhost\n".to_owned(), "f: line 2: expected value"),
            ("host\nh\n".to_owned(), "f: the header has \"host\", but its columns are region,"),
            ("id,id\nh,h\n".to_owned(), "f: the header names \"id\" twice"),
            (format!("{HEADER},p,,,host,a\n# x\n,p,,,host\n"), "f: line 4: has 5 cells, but the header names 6"),
            (format!("{HEADER},p,,,vm,a\n"), "f: line 2: selector \"vm\" is none of all_hosts, host and server_group"),
            (format!("{HEADER},p,,,host,\n"), "f: line 2: the id is missing"),
            (format!("{HEADER},p,,,all_hosts,a\n"), "f: line 2: all_hosts takes no id"),
            (format!("{HEADER},p,,vm,host,a\n"), "f: line 2: category \"vm\" is neither host nor container"),
            (format!("{HEADER}CN,p,,,host,a\n"), "f: line 2: region \"CN\" is no region id"),
            (format!("{HEADER},..,,,host,a\n"), "f: line 2: project_id \"..\" would change the called path"),
            (format!("{HEADER},p,,,host,a\u{7}b\n"), "f: line 2: the id has a control character"),
        ] {
            let error = list(&text).unwrap_err();
            assert!(error.starts_with(expected), "{text:?} gave {error:?}");
        }
        let error = read("f", &mut &b"id\na\n\xff\n"[..]).unwrap_err().to_string();
        assert!(error.starts_with("f: line 3 is not UTF-8 text"), "{error}");
    }

    #[test]
    fn quotations_are_read_whole_or_refused_where_they_begin() {
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
            ("\"h1\"x", "f: line 2: something stands behind the end of a quotation"),
            ("x\"h1\"", "f: line 2: a quotation mark stands within a cell"),
            (" \"h1\"", "f: line 2: a quotation mark stands within a cell"),
            ("\"h1", "f: line 2: a quotation is not closed on its line"),
            ("\"h1\nh2\"", "f: line 2: a quotation is not closed on its line"),
            ("\"\"", "f: line 2: the id is missing"),
        ] {
            let error = id(cell).unwrap_err();
            assert!(error.starts_with(part), "{cell}: {error}");
        }
        let error = list("\"id\na\n").unwrap_err();
        assert!(error.starts_with("f: the header cannot be read: a quotation is not closed"), "{error}");
    }

    #[test]
    fn what_this_program_writes_as_csv_is_read_back() {
        let ids = ["a,b", "\"", "a\"b", " c", "plain", "主机"];
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["id"]).unwrap();
        ids.iter().for_each(|id| writer.write_record([id]).unwrap());
        let [(_, targets)] =
            <[_; 1]>::try_from(list(&String::from_utf8(writer.into_inner().unwrap()).unwrap()).unwrap()).unwrap();
        assert_eq!(calls(targets), [Selector::Hosts(ids.map(str::trim).iter().collect())]);
    }

    #[test]
    fn lines_and_ids_are_bounded() {
        for begin in ["", "id\n", "{\"id\":\""] {
            let mut endless = begin.as_bytes().chain(std::io::BufReader::new(std::io::repeat(b'\0')));
            let error = read("f", &mut endless).unwrap_err().to_string();
            assert!(error.contains("is longer than 65536 bytes: this is not a list of targets"), "{error}");
        }
        let long = "x".repeat(4097);
        for text in [format!("id\n{}\n{long}\n", &long[1..]), format!("{{\"id\":\"a\"}}\n{{\"id\":\"{long}\"}}\n")] {
            let error = list(&text).unwrap_err();
            assert!(error.contains(": the id has 4097 bytes, but an id takes 4096 at most"), "{error}");
        }
    }

    #[test]
    fn the_form_is_told_by_the_first_line_that_says_something() {
        for text in ["\n\n# note\n  {\"id\":\"a\"}\n", "# note\n\nid\na\n"] {
            assert_eq!(list(text).unwrap().len(), 1, "{text:?}");
        }
    }
}

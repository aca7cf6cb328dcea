//! A list of targets over many queues, as CSV or as JSON lines: read whole and checked before anything is sent.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{BufRead, Read as _};

use huaweicloud_hss::fleet::{Target, TargetSet};
use huaweicloud_hss::{Category, EnterpriseProject, ProjectId, Region};
use serde::Deserialize;

use crate::arguments::enterprise_project;
use crate::exit::Failure;
use crate::render::{RESULT_COLUMNS, TARGET_COLUMNS};

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
pub(crate) struct PartialQueue {
    pub(crate) region: Option<Region>,
    pub(crate) project: Option<ProjectId>,
    pub(crate) enterprise_project: Option<EnterpriseProject>,
    pub(crate) category: Option<Category>,
}

/// The targets of each queue, in the order in which the queues came up first.
pub(crate) type TargetList = Vec<(PartialQueue, TargetSet)>;

/// Reads a list. The first byte tells its form: JSON lines begin with a brace.
pub(super) fn read(name: &str, input: &mut dyn BufRead) -> Result<TargetList, Failure> {
    let unreadable = |error: std::io::Error| Failure::usage(format!("{name}: cannot be read: {error}"));
    if input.fill_buf().map_err(unreadable)?.starts_with(b"\xef\xbb\xbf") {
        input.consume(3);
    }
    let buffer = input.fill_buf().map_err(unreadable)?;
    let first = buffer.iter().copied().find(|byte| !byte.is_ascii_whitespace());
    let mut list = Collector::default();
    match first {
        Some(b'{') => json_lines(name, input, &mut list)?,
        _ => csv(name, input, &mut list)?,
    }
    if list.list.is_empty() {
        return Err(Failure::usage(format!("{name}: holds no target, so there is nothing to scan; nothing was sent")));
    }
    Ok(list.list)
}

fn csv(name: &str, input: &mut dyn BufRead, list: &mut Collector) -> Result<(), Failure> {
    let refuse = |what: &str| Failure::usage(format!("{name}: {what}; nothing was sent"));
    // With a line end behind the last line, the reader's own place is always the line after the record it read. (The record's place
    // would be that of the comments before it.) The comment after it becomes part of a quotation that was never closed, where its
    // line end is refused; the reader itself would take that for closed.
    let input = input.chain(&b"\n#\n"[..]);
    let mut reader =
        csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::Headers).flexible(true).from_reader(input);
    let line_before = |position: &csv::Position| position.line().saturating_sub(1).max(1);
    let why = |error: &csv::Error| match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8 text".to_owned(),
        csv::ErrorKind::Io(error) => format!("cannot be read: {error}"),
        _ => "is not CSV".to_owned(),
    };
    let header = reader.headers().map_err(|error| refuse(&format!("the header {}", why(&error))))?.clone();
    let known = |column: &&str| TARGET_COLUMNS.contains(column) || RESULT_COLUMNS.contains(column);
    if let Some(unknown) = header.iter().find(|column| !known(column)) {
        let columns = TARGET_COLUMNS.join(",");
        return Err(refuse(&format!("the header has {unknown:?}, but its columns are {columns}")));
    }
    let mut names: Vec<&str> = header.iter().collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(refuse(&format!("the header names {:?} twice", twice[0])));
    }
    let places = TARGET_COLUMNS.map(|column| header.iter().position(|name| name == column));
    let mut record = csv::StringRecord::new();
    loop {
        let more = reader.read_record(&mut record);
        let number = line_before(reader.position());
        let wrong = |why: &str| refuse(&format!("line {number}: {why}"));
        if !more.map_err(|error| wrong(&why(&error)))? {
            return Ok(());
        }
        if record.len() != header.len() {
            return Err(wrong(&format!("has {} cells, but the header names {}", record.len(), header.len())));
        }
        let cells = places.map(|place| place.and_then(|place| record.get(place)).unwrap_or_default().trim());
        list.add(cells).map_err(|why| wrong(&why))?;
    }
}

fn json_lines(name: &str, input: &mut dyn BufRead, list: &mut Collector) -> Result<(), Failure> {
    let mut text = String::new();
    for number in 1_u64.. {
        text.clear();
        let wrong = |why: &str| Failure::usage(format!("{name}: line {number}: {why}; nothing was sent"));
        let length = input.read_line(&mut text).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
        if length == 0 {
            break;
        }
        let line = text.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let line: Line<'_> = serde_json::from_str(line).map_err(|error| {
            // The parser counts from the line's own begin.
            let why = error.to_string();
            wrong(why.split(" at line ").next().unwrap_or(&why))
        })?;
        list.add(line.cells()).map_err(|why| wrong(&why))?;
    }
    Ok(())
}

/// Puts lines together into a list.
#[derive(Default)]
struct Collector {
    list: TargetList,
    places: HashMap<PartialQueue, usize>,
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

fn queue(cells: [&str; 4]) -> Result<PartialQueue, String> {
    let [region, project, enterprise, category] = cells.map(|cell| Some(cell).filter(|cell| !cell.is_empty()));
    let told = |error: huaweicloud_hss::Error| error.to_string();
    let category = category
        .map(|text| text.parse().map_err(|_| format!("category {text:?} is neither host nor container")))
        .transpose()?;
    Ok(PartialQueue {
        region: region.map(str::parse).transpose().map_err(told)?,
        project: project.map(str::parse).transpose().map_err(told)?,
        enterprise_project: enterprise.map(enterprise_project).transpose().map_err(told)?,
        category,
    })
}

#[cfg(test)]
mod tests {
    use huaweicloud_hss::fleet::Planner;
    use huaweicloud_hss::{Queue, Selector};

    use super::*;

    fn list(text: &str) -> Result<TargetList, String> {
        read("f", &mut text.as_bytes()).map_err(|failure| failure.to_string())
    }

    fn calls(targets: TargetSet) -> Vec<Selector> {
        let mut planner = Planner::default();
        planner.add_all(None, Queue::new("p".parse().unwrap()), targets).unwrap();
        planner.finish().remove(0).calls
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
            assert_eq!(list[1].0, PartialQueue::default());
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
        assert!(error.starts_with("f: line 3: is not UTF-8 text"), "{error}");
    }
}

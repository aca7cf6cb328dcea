//! A list of targets over many queues, as CSV or as JSON lines: read whole and checked before anything is sent.

use std::collections::HashMap;
use std::io::{BufRead, Read as _};

use huaweicloud_hss::fleet::Target;
use huaweicloud_hss::{Category, EnterpriseProject, ProjectId, Region};
use serde::Deserialize;

use crate::arguments::enterprise_project;
use crate::exit::Failure;

use super::check;

/// One line of the list: empty and missing cells are the same.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(default)]
    region: Option<String>,
    #[serde(default)]
    project_id: Option<String>,
    #[serde(default)]
    enterprise_project_id: Option<String>,
    #[serde(default)]
    category: Option<String>,
    #[serde(default)]
    selector: Option<String>,
    #[serde(default)]
    id: Option<String>,
}

/// The queue of a target as far as its line names it; what it leaves out is the default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct PartialQueue {
    pub(crate) region: Option<Region>,
    pub(crate) project: Option<ProjectId>,
    pub(crate) enterprise_project: Option<EnterpriseProject>,
    pub(crate) category: Option<Category>,
}

/// Targets, each with the number of its queue: lists are long, and their queues are few.
#[derive(Debug, Default)]
pub(crate) struct TargetList {
    pub(crate) queues: Vec<PartialQueue>,
    pub(crate) targets: Vec<(u32, Target)>,
}

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
    if list.list.targets.is_empty() {
        return Err(Failure::usage(format!("{name}: holds no target, so there is nothing to scan; nothing was sent")));
    }
    Ok(list.list)
}

fn csv(name: &str, input: &mut dyn BufRead, list: &mut Collector) -> Result<(), Failure> {
    const COLUMNS: [&str; 6] = ["region", "project_id", "enterprise_project_id", "category", "selector", "id"];
    let refuse = |what: &str| Failure::usage(format!("{name}: {what}; nothing was sent"));
    // With a line end behind the last line, the reader's own place is always the line after the record it read. (The record's place
    // would be that of the comments before it.) The comment after it becomes part of a quotation that was never closed, where its
    // line end is refused; the reader itself would take that for closed.
    let input = input.chain(&b"\n#\n"[..]);
    let mut reader =
        csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::All).flexible(true).from_reader(input);
    let line_before = |position: &csv::Position| position.line().saturating_sub(1).max(1);
    let why = |error: &csv::Error| match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "is not UTF-8 text".to_owned(),
        csv::ErrorKind::Io(error) => format!("cannot be read: {error}"),
        csv::ErrorKind::Deserialize { err, .. } => err.kind().to_string(),
        _ => "is not CSV".to_owned(),
    };
    let header = reader.headers().map_err(|error| refuse(&format!("the header {}", why(&error))))?.clone();
    if let Some(unknown) = header.iter().find(|column| !COLUMNS.contains(column)) {
        let columns = COLUMNS.join(",");
        return Err(refuse(&format!("the header has {unknown:?}, but its columns are {columns}")));
    }
    let mut names: Vec<&str> = header.iter().collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(refuse(&format!("the header names {:?} twice", twice[0])));
    }
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
        let line = record.deserialize(Some(&header)).map_err(|error| wrong(&why(&error)))?;
        list.add(line).map_err(|why| wrong(&why))?;
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
        let line = serde_json::from_str(line).map_err(|error| {
            // The parser counts from the line's own begin.
            let why = error.to_string();
            wrong(why.split(" at line ").next().unwrap_or(&why))
        })?;
        list.add(line).map_err(|why| wrong(&why))?;
    }
    Ok(())
}

/// Puts lines together into a list.
#[derive(Default)]
struct Collector {
    list: TargetList,
    places: HashMap<PartialQueue, u32>,
    last: Option<u32>,
}

impl Collector {
    fn add(&mut self, line: Line) -> Result<(), String> {
        let given = |cell: Option<String>| cell.filter(|text| !text.is_empty());
        let told = |error: huaweicloud_hss::Error| error.to_string();
        let id = given(line.id);
        let target = match (given(line.selector).as_deref(), id) {
            (Some("all_hosts"), None) => Target::AllHosts,
            (Some("all_hosts"), Some(_)) => return Err("all_hosts takes no id".to_owned()),
            (Some("host") | None, Some(id)) => Target::Host(id),
            (Some("server_group"), Some(id)) => Target::ServerGroup(id),
            (Some("host" | "server_group") | None, None) => return Err("the id is missing".to_owned()),
            (Some(other), _) => return Err(format!("selector {other:?} is none of all_hosts, host and server_group")),
        };
        if let Target::Host(id) | Target::ServerGroup(id) = &target {
            check(id).map_err(|why| format!("the id {why}"))?;
        }
        let category = match given(line.category) {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| format!("category {text:?} is neither host nor container"))?),
        };
        let queue = PartialQueue {
            region: given(line.region).map(|text| text.parse()).transpose().map_err(told)?,
            project: given(line.project_id).map(|text| text.parse()).transpose().map_err(told)?,
            enterprise_project: given(line.enterprise_project_id)
                .map(|text| enterprise_project(&text))
                .transpose()
                .map_err(told)?,
            category,
        };
        let place = match self.last.filter(|last| self.list.queues.get(*last as usize) == Some(&queue)) {
            Some(last) => last,
            None => {
                let next = u32::try_from(self.list.queues.len()).map_err(|_| "there are too many queues".to_owned())?;
                let place = *self.places.entry(queue.clone()).or_insert(next);
                if place == next {
                    self.list.queues.push(queue);
                }
                place
            }
        };
        self.last = Some(place);
        self.list.targets.push((place, target));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Result<TargetList, String> {
        read("f", &mut text.as_bytes()).map_err(|failure| failure.to_string())
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
            assert_eq!(list.queues.len(), 2);
            assert_eq!(list.queues[0].enterprise_project, Some(EnterpriseProject::all()));
            assert_eq!(list.queues[1], PartialQueue::default());
            let host = |id: &str| Target::Host(id.to_owned());
            let expected = [
                (0, Target::ServerGroup("g, 1".to_owned())),
                (1, Target::AllHosts),
                (1, host("主机")),
                (1, host("h2")),
            ];
            assert_eq!(list.targets, expected);
        }
    }

    #[test]
    fn columns_may_be_left_out_and_stand_in_any_order() {
        let list = list("id,project_id\nh,p\n").unwrap();
        assert_eq!(list.targets, [(0, Target::Host("h".to_owned()))]);
        assert_eq!(list.queues[0].project.as_ref().map(ProjectId::as_str), Some("p"));
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

//! Reads a page of Markdown into steps: its blocks of code in order, and what to do with each.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

/// One thing that a page asks its reader to do.
#[derive(Debug)]
pub enum Step {
    /// A command, and where the page shows its output. `None` for a block that shows no output.
    Command { line: usize, text: String, shown: Option<Range<usize>> },
    /// A command of a second terminal, which runs until the end of the page.
    Background { line: usize, text: String, shown: Range<usize> },
    /// A file to save.
    File { name: String, text: String },
    /// The code of a file in this workspace, below its first empty line.
    Source { line: usize, path: String, shown: Range<usize> },
}

/// A page and its steps.
#[derive(Debug)]
pub struct Page {
    /// The Markdown.
    pub text: String,
    /// What to do, in order.
    pub steps: Vec<Step>,
    /// The first line of each block of commands that no test runs.
    pub not_run: Vec<String>,
    /// Blocks that cannot be followed, each with its line.
    pub problems: Vec<String>,
}

impl Page {
    /// Reads a page.
    pub fn read(text: String) -> Self {
        let mut page = Self { text, steps: Vec::new(), not_run: Vec::new(), problems: Vec::new() };
        let text = page.text.clone();
        for (event, range) in Parser::new_ext(&text, Options::ENABLE_TABLES).into_offset_iter() {
            if let Event::Start(Tag::CodeBlock(kind)) = event {
                let info = match &kind {
                    CodeBlockKind::Fenced(info) => info.trim(),
                    CodeBlockKind::Indented => "",
                };
                page.block(info, range);
            }
        }
        page
    }

    fn block(&mut self, info: &str, block: Range<usize>) {
        let text = self.text[block.clone()].trim_end();
        let line = self.text[..block.start].matches('\n').count() + 1;
        // Between the fences. An indented block has none, and becomes a problem below.
        let first = text.find('\n').map_or(text.len(), |end| end + 1);
        let last = text.rfind('\n').map_or(0, |start| start + 1);
        let inside = block.start + first..block.start + last.max(first);
        let content = self.text[inside.clone()].to_owned();
        match info.split(' ').collect::<Vec<_>>().as_slice() {
            ["sh" | "console", "no-run"] => self.not_run.push(content.lines().next().unwrap_or_default().to_owned()),
            ["sh"] => self.steps.push(Step::Command { line: line + 1, text: content, shown: None }),
            ["console"] => {
                for (line, text, shown) in commands(&content, line + 1, inside.start) {
                    self.steps.push(Step::Command { line, text, shown: Some(shown) });
                }
            }
            ["console", "background"] => {
                for (line, text, shown) in commands(&content, line + 1, inside.start) {
                    self.steps.push(Step::Background { line, text, shown });
                }
            }
            ["rust", from] if from.starts_with("from=") => {
                self.steps.push(Step::Source { line, path: from["from=".len()..].to_owned(), shown: inside });
            }
            [_, file] if file.starts_with("file=") => {
                let name = file["file=".len()..].to_owned();
                let before = self.text[..block.start].trim_end().rsplit("\n\n").next().unwrap_or_default();
                if !before.contains(&format!("`{name}`")) {
                    self.problems.push(format!("{line}: the paragraph before does not name `{name}`"));
                }
                self.steps.push(Step::File { name, text: content });
            }
            ["text" | "toml" | "json" | "yaml"] => {}
            _ => self.problems.push(format!("{line}: unknown tag {info:?}: see tests/docs/README.md")),
        }
    }
}

/// Returns the commands of a block with prompts: the line, the command, and where its output is shown.
fn commands(content: &str, first_line: usize, offset: usize) -> Vec<(usize, String, Range<usize>)> {
    let mut commands: Vec<(usize, String, Range<usize>)> = Vec::new();
    let mut start = offset;
    for (number, whole) in content.split_inclusive('\n').enumerate() {
        let end = start + whole.len();
        match (whole.strip_prefix("$ "), whole.strip_prefix("> "), commands.last_mut()) {
            (Some(command), ..) => commands.push((first_line + number, command.to_owned(), end..end)),
            // The shell's prompt for the rest of a command.
            (None, Some(rest), Some((_, command, shown))) if shown.start == shown.end => {
                command.push_str(rest);
                *shown = end..end;
            }
            (_, _, Some((_, _, shown))) => shown.end = end,
            (_, _, None) => panic!("line {}: output without a command: {whole:?}", first_line + number),
        }
        start = end;
    }
    commands
}

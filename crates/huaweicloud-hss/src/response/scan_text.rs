//! Parses the text of a 200 response to a scan: one field carries success and refusal alike
//! (`docs/design/service-behaviour.md#outcome-texts`).

use super::outcome::ScanOutcome;

const ACCEPTED_SUFFIX: &str = " tasks successfully.";
const BEFORE_COUNT: &str = " processed";
const QUEUED_PREFIX: &str = "Current project ";
const QUEUED_SUFFIX: &str = " is already in the task queue.";

impl ScanOutcome {
    /// Parses the text of a 200 response. `project_id` is the project that was requested.
    ///
    /// Only the two known forms count, and only as the whole text: `<project>-<enterprise project> processed N tasks
    /// successfully.` and `Current project <project>-<enterprise project> is already in the task queue.` The vendor's
    /// own example names another project than the request, so the name only needs to have the right shape. A response
    /// that processed 0 tasks started nothing, so it does not count as accepted.
    #[must_use]
    pub fn parse(text: &str, project_id: &str) -> Self {
        // Blanks around the text are not part of it, but leading ones may belong to the project's name.
        match parse_exactly(text.trim_end(), project_id) {
            Self::Unrecognised => parse_exactly(text.trim(), project_id),
            outcome => outcome,
        }
    }
}

fn parse_exactly(text: &str, project_id: &str) -> ScanOutcome {
    if let Some((rest, count)) = text.strip_suffix(ACCEPTED_SUFFIX).and_then(|rest| rest.rsplit_once(' '))
        && let Some(name) = rest.strip_suffix(BEFORE_COUNT)
        && is_queue_name(name, project_id)
        && count.bytes().all(|byte| byte.is_ascii_digit())
        && let Ok(processed) = count.parse()
        && processed > 0
    {
        return ScanOutcome::Accepted { processed };
    }
    if let Some(name) = text.strip_prefix(QUEUED_PREFIX).and_then(|rest| rest.strip_suffix(QUEUED_SUFFIX))
        && is_queue_name(name, project_id)
    {
        return ScanOutcome::AlreadyQueued;
    }
    ScanOutcome::Unrecognised
}

/// Returns whether a text ends as that of an accepted scan does.
pub(super) fn reports_success(text: &str) -> bool {
    text.trim_end().ends_with(ACCEPTED_SUFFIX)
}

/// Returns whether a recognised text names another project than the one that was requested.
#[cfg(feature = "fleet")]
pub(crate) fn names_other_project(text: &str, project_id: &str) -> bool {
    let text = text.strip_prefix(QUEUED_PREFIX).unwrap_or(text);
    !text.strip_prefix(project_id).is_some_and(|rest| rest.starts_with('-'))
}

/// Returns whether this is `<project>-<enterprise project>`: one word with a dash inside or, as ids may have any
/// alphabet, a text that begins with the requested project.
fn is_queue_name(name: &str, project_id: &str) -> bool {
    let own = name.strip_prefix(project_id).and_then(|rest| rest.strip_prefix('-'));
    own.is_some_and(|rest| !rest.is_empty()) || is_word_with_dash(name)
}

fn is_word_with_dash(name: &str) -> bool {
    name.split_once('-').is_some_and(|(project, rest)| !project.is_empty() && !rest.is_empty())
        && !name.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_the_documented_texts_are_recognised() {
        let accepted = |processed| ScanOutcome::Accepted { processed };
        for (text, expected) in [
            ("84b5266c14ae489fa6549827f032dc62-all_granted_eps processed 1 tasks successfully.", accepted(1)),
            ("p-0 processed 200 tasks successfully.", accepted(200)),
            ("p-0 processed 0 tasks successfully.", ScanOutcome::Unrecognised),
            ("  p-0 processed 1 tasks successfully.\n", accepted(1)),
            ("my project-0 processed 1 tasks successfully.", accepted(1)),
            ("Current project p-0 is already in the task queue.", ScanOutcome::AlreadyQueued),
            ("Current project my project-0 is already in the task queue.", ScanOutcome::AlreadyQueued),
            ("", ScanOutcome::Unrecognised),
            ("success", ScanOutcome::Unrecognised),
            ("p-0 processed tasks successfully.", ScanOutcome::Unrecognised),
            ("p-0 processed -1 tasks successfully.", ScanOutcome::Unrecognised),
            ("p-0 processed +1 tasks successfully.", ScanOutcome::Unrecognised),
            ("p-0 processed 1.5 tasks successfully.", ScanOutcome::Unrecognised),
            ("p-0 processed 99999999999999999999999 tasks successfully.", ScanOutcome::Unrecognised),
            ("p-0 processed 1 tasks successfully, 3 failed.", ScanOutcome::Unrecognised),
            ("p-0 processed 1 tasks unsuccessfully.", ScanOutcome::Unrecognised),
            ("Not true: other-0 processed 1 tasks successfully.", ScanOutcome::Unrecognised),
            (" processed 1 tasks successfully.", ScanOutcome::Unrecognised),
            ("p processed 1 tasks successfully.", ScanOutcome::Unrecognised),
            ("p- processed 1 tasks successfully.", ScanOutcome::Unrecognised),
            ("Current project p-0 is not already in the task queue.", ScanOutcome::Unrecognised),
            ("is already in the task queue.", ScanOutcome::Unrecognised),
            ("Current project  is already in the task queue.", ScanOutcome::Unrecognised),
        ] {
            assert_eq!(ScanOutcome::parse(text, "my project"), expected, "{text:?}");
        }
    }

    #[test]
    fn a_project_id_may_begin_with_a_space() {
        for text in [" -a processed 1 tasks successfully.", " -a processed 1 tasks successfully. \n"] {
            assert_eq!(ScanOutcome::parse(text, " "), ScanOutcome::Accepted { processed: 1 }, "{text:?}");
        }
    }

    #[cfg(feature = "fleet")]
    #[test]
    fn a_text_that_names_another_project_is_noticed() {
        for (text, other) in [
            ("p-0 processed 1 tasks successfully.", false),
            ("Current project p-0 is already in the task queue.", false),
            ("84b5266c14ae489fa6549827f032dc62-all_granted_eps processed 1 tasks successfully.", true),
            ("Current project pp-0 is already in the task queue.", true),
        ] {
            assert_eq!(names_other_project(text, "p"), other, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_project_is_recognised_in_the_documented_forms(project in ".{1,64}", enterprise in "[a-z0-9_-]{1,16}", count in 1..=u64::MAX) {
            let text = format!("{project}-{enterprise} processed {count} tasks successfully.");
            prop_assert_eq!(ScanOutcome::parse(&text, &project), ScanOutcome::Accepted { processed: count });
            let text = format!("Current project {project}-{enterprise} is already in the task queue.");
            prop_assert_eq!(ScanOutcome::parse(&text, &project), ScanOutcome::AlreadyQueued);
        }

        #[test]
        fn other_texts_are_never_taken_for_success(text in ".{0,200}") {
            let accepted = matches!(ScanOutcome::parse(&text, "p"), ScanOutcome::Accepted { .. });
            prop_assert_eq!(accepted && !text.contains(" tasks successfully."), false);
        }
    }
}

//! A subscriber that keeps spans and events in memory.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The name, and the fields that were recorded.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub(super) name: String,
    pub(super) fields: BTreeMap<&'static str, Value>,
}

impl Recorded {
    pub(super) fn field(&self, name: &str) -> Value {
        self.fields.get(name).cloned().unwrap_or_default()
    }
}

/// Clones share everything.
#[derive(Clone, Default)]
pub(super) struct Recorder {
    spans: Arc<Mutex<Vec<Recorded>>>,
    /// The warnings.
    pub(super) warnings: Arc<Mutex<Vec<Recorded>>>,
}

impl Recorder {
    /// Returns the spans of calls, or of attempts.
    pub(super) fn spans(&self, name: &str) -> Vec<Recorded> {
        self.spans.lock().unwrap().iter().filter(|span| span.name == name).cloned().collect()
    }
}

struct Fields<'a>(&'a mut BTreeMap<&'static str, Value>);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}").into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.into());
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("huaweicloud_hss")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut fields = BTreeMap::new();
        attributes.record(&mut Fields(&mut fields));
        let mut spans = self.spans.lock().unwrap();
        spans.push(Recorded { name: attributes.metadata().name().to_owned(), fields });
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, span: &Id, values: &Record<'_>) {
        let mut spans = self.spans.lock().unwrap();
        values.record(&mut Fields(&mut spans[span.into_u64() as usize - 1].fields));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        if *event.metadata().level() == tracing::Level::WARN {
            let mut fields = BTreeMap::new();
            event.record(&mut Fields(&mut fields));
            let name = fields.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
            self.warnings.lock().unwrap().push(Recorded { name, fields });
        }
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

//! What a scan is about and what it returns: ids, queues, requests and responses.

pub(crate) mod host;
pub(crate) mod id;
pub(crate) mod id_list;
pub(crate) mod milliseconds;
pub(crate) mod project;
pub(crate) mod queue;
pub(crate) mod region;
pub(crate) mod scan;
pub(crate) mod selector;

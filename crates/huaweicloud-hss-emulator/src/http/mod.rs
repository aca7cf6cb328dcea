//! Serves requests over sockets: connections, injected faults, and the paths of the emulator itself.

pub(crate) mod access;
mod admin;
mod body;
mod controlled_stream;
pub(crate) mod dispatch;
mod events;
mod json_lines;
pub(crate) mod server;
mod web_ui;

//! Serves requests over sockets: connections, injected faults, and the paths of the emulator itself.

mod admin;
mod body;
mod controlled_stream;
pub(crate) mod dispatch;
mod events;
pub(crate) mod server;
mod web_ui;

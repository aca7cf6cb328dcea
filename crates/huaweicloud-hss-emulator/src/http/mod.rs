//! Serves requests over sockets: connections, injected faults, and the paths of the emulator itself.

mod admin;
mod body;
pub(crate) mod dispatch;
mod events;
mod resettable_stream;
pub(crate) mod server;
mod web_ui;

//! Runs of many calls and queues, and their journals.

mod emulator;
mod every_id_once;
mod hostile;
mod journal;
mod kills;
mod pacing;
mod stand_in;

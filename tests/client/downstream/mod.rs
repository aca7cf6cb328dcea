//! Programs that use the client: its own examples, and one that tests itself with the mocks.

mod canned_responses;
mod examples;

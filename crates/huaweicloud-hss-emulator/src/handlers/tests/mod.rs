//! Tests of the handlers, over whole requests without a socket.

mod assets;
mod identity;
mod lists;

use crate::spec::embedded::SPECS;
use crate::spec::routes::Routes;

use super::HANDLERS;

#[test]
fn every_operation_has_a_handler_and_every_handler_an_operation() {
    let mut handled: Vec<&str> = HANDLERS.iter().chain(super::assets::HANDLERS).map(|(id, _)| *id).collect();
    handled.sort_unstable();
    let routes = Routes::load(SPECS).unwrap();
    let mut specified: Vec<&str> = routes.operations().map(|operation| operation.id.as_str()).collect();
    specified.sort_unstable();
    assert_eq!(handled, specified, "an operation without a handler returns 501");
}

//! Tests of the handlers, over whole requests without a socket.

mod identity;
mod lists;

use super::HANDLERS;
use crate::spec::embedded::SPECS;
use crate::spec::routes::Routes;

#[test]
fn these_operations_have_handlers_and_no_others_are_in_the_specs() {
    let handled: Vec<&str> = HANDLERS.iter().map(|(id, _)| *id).collect();
    assert_eq!(
        handled,
        [
            "CreateGlobalAssetScanTask",
            "ListGlobalAssetScanTask",
            "ListHostStatus",
            "ListHostGroups",
            "KeystoneCreateUserTokenByPassword",
            "KeystoneListProjects",
            "ListEnterpriseProject"
        ]
    );
    let routes = Routes::load(SPECS).unwrap();
    for operation in routes.operations() {
        assert!(handled.contains(&operation.id.as_str()), "{} has no handler: it answers 501", operation.id);
    }
}

//! The operations of a spec, in the order of the document.

use located_yaml::{Entry, Node};

/// The methods an OpenAPI path item may have.
pub(crate) const METHODS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// Returns the path and the method of each operation; the node of the method is the operation.
pub(crate) fn operations(root: &Node) -> impl Iterator<Item = (&Entry, &Entry)> {
    root.get("paths").map_or(&[][..], Node::entries).iter().flat_map(|path| {
        let methods = path.node.entries().iter().filter(|entry| METHODS.contains(&entry.key.as_str()));
        methods.map(move |method| (path, method))
    })
}

//! A directed graph of names, and the cycles in it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;

/// Names, the arrows between them, and one reason for each arrow.
#[derive(Default)]
pub(crate) struct Graph {
    arrows: BTreeMap<String, BTreeMap<String, String>>,
}

impl Graph {
    /// Adds an arrow, unless it leads back to where it starts. The first reason for an arrow is kept.
    pub(crate) fn add(&mut self, from: &str, to: &str, reason: &str) {
        if from != to {
            let arrows = self.arrows.entry(from.to_owned()).or_default();
            arrows.entry(to.to_owned()).or_insert_with(|| reason.to_owned());
        }
    }

    /// Returns every arrow: where it starts, where it leads, and its reason.
    pub(crate) fn arrows(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.arrows.iter().flat_map(|(from, arrows)| arrows.iter().map(move |(to, reason)| (&**from, &**to, &**reason)))
    }

    /// Returns each largest set of names that all reach one another. Every cycle lies within one of these.
    pub(crate) fn knots(&self) -> Vec<BTreeSet<&str>> {
        let reached: BTreeMap<&str, BTreeSet<&str>> =
            self.arrows.keys().map(|from| (&**from, self.reached(from))).collect();
        let mut knots: Vec<BTreeSet<&str>> = Vec::new();
        for (from, targets) in &reached {
            if targets.contains(from) && !knots.iter().any(|knot| knot.contains(from)) {
                knots.push(
                    targets.iter().copied().filter(|to| reached.get(to).is_some_and(|t| t.contains(from))).collect(),
                );
            }
        }
        knots
    }

    /// Returns a shortest cycle of a knot in words, one line for each of its arrows.
    pub(crate) fn cycle(&self, knot: &BTreeSet<&str>) -> String {
        let shortest = knot.iter().map(|name| self.path_back_to(name)).min_by_key(Vec::len).unwrap_or_default();
        shortest.windows(2).fold(String::new(), |mut text, pair| {
            let [from, to] = pair else { unreachable!() };
            writeln!(text, "  {from} -> {to}: {}", self.arrows[*from][*to]).unwrap();
            text
        })
    }

    /// What can be reached from a name in one step or more.
    fn reached<'a>(&'a self, from: &'a str) -> BTreeSet<&'a str> {
        let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(name) = open.pop() {
            let targets = self.arrows.get(name).into_iter().flat_map(BTreeMap::keys);
            open.extend(targets.map(|to| &**to).filter(|to| reached.insert(*to)));
        }
        reached
    }

    fn path_back_to<'a>(&'a self, start: &'a str) -> Vec<&'a str> {
        let (mut came_from, mut open) = (BTreeMap::new(), VecDeque::from([start]));
        while let Some(name) = open.pop_front() {
            for to in self.arrows.get(name).into_iter().flat_map(BTreeMap::keys) {
                if came_from.contains_key(&**to) {
                    continue;
                }
                came_from.insert(&**to, name);
                if to == start {
                    let mut path = vec![start];
                    let mut at = came_from[start];
                    while at != start {
                        path.push(at);
                        at = came_from[at];
                    }
                    path.push(start);
                    path.reverse();
                    return path;
                }
                open.push_back(to);
            }
        }
        Vec::new()
    }
}

#[test]
fn knots_are_found_and_a_shortest_cycle_is_reported() {
    let mut graph = Graph::default();
    for (from, to) in [("a", "b"), ("b", "c"), ("c", "a"), ("b", "a"), ("c", "d"), ("e", "f"), ("f", "e"), ("e", "e")] {
        graph.add(from, to, &format!("{from}{to}"));
    }
    let knots = graph.knots();
    assert_eq!(knots, [BTreeSet::from(["a", "b", "c"]), BTreeSet::from(["e", "f"])]);
    assert_eq!(graph.cycle(&knots[0]), "  a -> b: ab\n  b -> a: ba\n");
    assert_eq!(graph.arrows().count(), 7);
}

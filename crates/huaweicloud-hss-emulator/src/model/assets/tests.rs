//! Property tests: lists, status and truth agree, whatever happens; and what is stored stays small.

use std::sync::Arc;

use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::test_runner::Config;
use proptest::{prop_assert, prop_assert_eq, proptest};
use tokio::time::Instant;

use crate::model::inventory::{AgentStatus, Inventory};

use super::coverage::HostAttributes;
use super::fault::{HostFault, HostFaultRule, HostFaults};
use super::filter::RowFilter;
use super::index::Query;
use super::kind::{AssetCategory, AssetKind};
use super::orders::{Order, OrderedBy, Targets};
use super::truth::{CollectStatus, CollectionCause};
use super::{Assets, NEVER};

const HOSTS: usize = 24;

/// 2026-11-02 12:00, a Monday.
const START: i64 = 1_793_620_800_000;

/// Something that happens, after this many milliseconds.
#[derive(Debug, Clone)]
struct Event {
    after: i64,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    Wait,
    Scan { hosts: Option<Vec<usize>>, container: bool, duration: i64, fault: Option<HostFaultRule> },
    Collect { host: usize, kind: usize, duration: i64, fault: Option<HostFaultRule> },
    Change { host: usize, attributes: HostAttributes },
}

fn fault() -> impl Strategy<Value = Option<HostFaultRule>> {
    let faults = prop_oneof![
        proptest::strategy::Just(HostFault::Skip),
        (0_u64..1_000_000).prop_map(HostFault::Late),
        proptest::strategy::Just(HostFault::Fail),
        proptest::strategy::Just(HostFault::Hang),
        proptest::strategy::Just(HostFault::KeepTimes),
        proptest::strategy::Just(HostFault::KeepStatus),
    ];
    let rule = (faults, 0.0..1.5, any::<u64>()).prop_map(|(fault, share, chance)| HostFaultRule {
        fault,
        share,
        hosts: Vec::new(),
        chance,
    });
    proptest::option::of(rule)
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let hosts = || proptest::collection::vec(0..HOSTS, 0..5);
    let duration = || 0_i64..200_000;
    let attributes = (0_usize..3, any::<bool>(), any::<bool>()).prop_map(|(agent, interrupted, is_basic)| {
        let status = [AgentStatus::Online, AgentStatus::Offline, AgentStatus::NotInstalled][agent];
        let version = if is_basic { "hss.version.basic" } else { "hss.version.premium" };
        let attributes = HostAttributes::default().with_agent_status(status).with_protect_interrupt(interrupted);
        attributes.with_edition(version).with_protect_status("opened")
    });
    let what = prop_oneof![
        proptest::strategy::Just(What::Wait),
        (proptest::option::of(hosts()), any::<bool>(), duration(), fault())
            .prop_map(|(hosts, container, duration, fault)| What::Scan { hosts, container, duration, fault }),
        (0..HOSTS, 0..AssetKind::ALL.len(), duration(), fault())
            .prop_map(|(host, kind, duration, fault)| What::Collect { host, kind, duration, fault }),
        (0..HOSTS, attributes).prop_map(|(host, attributes)| What::Change { host, attributes }),
    ];
    let after = prop_oneof![1_i64..1000, 1_i64..10_000_000, 1_i64..700_000_000];
    proptest::collection::vec((after, what).prop_map(|(after, what)| Event { after, what }), 1..16)
}

fn assets(seed: u64) -> Assets {
    Assets::new(Arc::new(Inventory::seeded(seed, HOSTS)), (Instant::now(), START))
}

fn order(now: i64, by: OrderedBy, targets: Targets, duration: i64, fault: Option<HostFaultRule>) -> Order {
    Order {
        by,
        category: AssetCategory::Host,
        kind: None,
        targets,
        ordered_millis: now,
        ends_millis: now + duration,
        faults: HostFaults(fault.into_iter().collect()),
    }
}

/// Applies an event. Returns the order, if there was one.
fn apply(assets: &Assets, what: &What, now: i64) -> Option<Order> {
    let order = match what.clone() {
        What::Wait => return None,
        What::Change { host, attributes } => {
            assets.set_attributes(host, Some(now), attributes);
            return None;
        }
        What::Scan { hosts, container, duration, fault } => {
            let targets = hosts.map_or(Targets::All(0..HOSTS), Targets::Hosts);
            let category = if container { AssetCategory::Container } else { AssetCategory::Host };
            Order { category, ..order(now, OrderedBy::Scan, targets, duration, fault) }
        }
        What::Collect { host, kind, duration, fault } => {
            let kind = Some(AssetKind::ALL[kind]);
            Order { kind, ..order(now, OrderedBy::Manual, Targets::Hosts(vec![host]), duration, fault) }
        }
    };
    assets.add_order(&order, now);
    Some(order)
}

proptest! {
    #![proptest_config(Config::with_cases(40))]

    #[test]
    fn lists_and_status_agree_with_the_truth(seed in any::<u64>(), events in events()) {
        let assets = assets(seed);
        let mut now = START;
        let mut before = vec![None; HOSTS * 24];
        for event in events {
            now += event.after;
            apply(&assets, &event.what, now);
            for index in 0..HOSTS {
                let truth = assets.truth(index, now).unwrap();
                for (number, asset) in truth.assets.iter().enumerate() {
                    let wanted = (asset.kind, asset.category);
                    prop_assert_eq!(assets.last_collection(index, wanted, now), asset.last);
                    // Only hosts that were collected have rows, and their times never move back or into the future.
                    prop_assert!(asset.last.is_some() || asset.rows == 0);
                    if let Some(last) = asset.last {
                        prop_assert!(last.listed_at <= last.at && last.at <= now);
                    }
                    let earlier = &mut before[index * 24 + number];
                    prop_assert!(earlier.map(|last: super::LastCollection| (last.at, last.listed_at))
                        .is_none_or(|earlier| asset.last.is_some_and(|last| last.at >= earlier.0 && last.listed_at >= earlier.1)));
                    *earlier = asset.last;
                    if let Some(status) = asset.scan_status {
                        let (shown, at) = assets.collect_status(index, asset.kind, now);
                        prop_assert_eq!(shown, status);
                        prop_assert!(status != CollectStatus::Scanned || at.is_some());
                        prop_assert!(at.is_none_or(|at| asset.last.is_some_and(|last| at <= last.at)));
                    }
                }
            }
        }
        // Each list has the rows of the truth.
        for kind in AssetKind::ALL {
            let filter = RowFilter::default();
            let query = Query { kind, category: AssetCategory::Host, hosts: 0..HOSTS, filter };
            let page = assets.page(query, 0, usize::MAX);
            let counted: usize = (0..HOSTS)
                .flat_map(|index| assets.truth(index, now).unwrap().assets)
                .filter(|asset| asset.kind == kind && asset.category == AssetCategory::Host)
                .map(|asset| asset.rows)
                .sum();
            prop_assert_eq!((page.rows.len(), page.total), (counted, counted as u64));
        }
    }

    /// What is dropped because a later order makes it obsolete changes nothing.
    #[test]
    fn the_order_in_which_orders_are_added_does_not_matter(seed in any::<u64>(), events in events()) {
        let (live, restored) = (assets(seed), assets(seed));
        let mut now = START;
        let mut orders = Vec::new();
        for event in &events {
            now += event.after;
            orders.extend(apply(&live, &event.what, now));
            if let What::Change { host, attributes } = &event.what {
                restored.set_attributes(*host, Some(now), attributes.clone());
            }
        }
        now += 2_000_000;
        // As after a restart, and from the stored form.
        for order in orders {
            let stored = serde_json::to_string(&order).unwrap();
            restored.add_order(&serde_json::from_str(&stored).unwrap(), now);
        }
        for index in 0..HOSTS {
            prop_assert_eq!(live.truth(index, now), restored.truth(index, now));
        }
    }

    #[test]
    fn a_page_is_a_part_of_the_whole_list(seed in any::<u64>(), offset in 0_u64..9000, limit in 0_usize..300) {
        let assets = Assets::new(Arc::new(Inventory::seeded(seed, 300)), (Instant::now(), START));
        for hosts in [0..300, 100..170, 5..5] {
            let filter = RowFilter::default();
            let query = Query { kind: AssetKind::App, category: AssetCategory::Host, hosts, filter };
            let key = |row: &super::Row<'_>| (row.index, row.item.name.clone());
            let whole: Vec<_> = assets.page(query.clone(), 0, usize::MAX).rows.iter().map(key).collect();
            let from = usize::try_from(offset).unwrap().min(whole.len());
            let page: Vec<_> = assets.page(query, offset, limit).rows.iter().map(key).collect();
            prop_assert_eq!(&page[..], &whole[from..(from + limit).min(whole.len())]);
        }
    }
}

#[test]
fn repeated_orders_do_not_accumulate() {
    let assets = assets(1);
    for number in 0..10_000 {
        let now = START + number * 1000;
        for targets in [Targets::All(0..HOSTS), Targets::Hosts(vec![1, 2])] {
            assets.add_order(&order(now, OrderedBy::Scan, targets, 10_000, None), now);
        }
        let kind = Some(AssetKind::Database);
        let one = order(now, OrderedBy::Manual, Targets::Hosts(vec![3]), 0, None);
        assets.add_order(&Order { kind, ..one }, now);
    }
    assert!(assets.orders.len() < 50, "{}", assets.orders.len());
}

#[test]
fn faults_of_hosts_decide_what_is_collected_and_shown() {
    let assets = assets(1);
    let coverable = (0..HOSTS).find(|index| assets.truth(*index, START).unwrap().not_coverable.is_none()).unwrap();
    let id = assets.inventory.hosts()[coverable].id().to_owned();
    let ends = START + 1000;
    for (fault, collected, listed, status, scanned_at) in [
        (HostFault::Skip, None, None, CollectStatus::NeverScanned, None),
        (HostFault::Late(0), Some(ends), Some(ends), CollectStatus::Scanned, Some(ends)),
        (HostFault::Late(60_000), None, None, CollectStatus::Scanning, None),
        (HostFault::Fail, None, None, CollectStatus::Failed, None),
        (HostFault::Hang, None, None, CollectStatus::LongScanning, None),
        (HostFault::KeepTimes, Some(ends), None, CollectStatus::Scanned, Some(ends)),
        (HostFault::KeepStatus, Some(ends), Some(ends), CollectStatus::NeverScanned, None),
    ] {
        assets.reset();
        let wanted = (AssetKind::KernelModule, AssetCategory::Host);
        let before = assets.last_collection(coverable, wanted, ends).unwrap();
        let rule = HostFaultRule { fault: fault.clone(), share: 1.0, hosts: vec![id.clone()], chance: 0 };
        assets.add_order(&order(START, OrderedBy::Scan, Targets::All(0..HOSTS), 1000, Some(rule)), START);
        let last = assets.last_collection(coverable, wanted, ends).unwrap();
        let moved = |at: i64, earlier: i64| (at != earlier).then_some(at);
        assert_eq!((moved(last.at, before.at), moved(last.listed_at, before.at)), (collected, listed), "{fault:?}");
        assert_eq!(last.cause == CollectionCause::Scan, collected.is_some());
        assert_eq!(assets.collect_status(coverable, wanted.0, ends), (status, scanned_at), "{fault:?}");
        if let HostFault::Late(millis) = fault {
            let last = assets.last_collection(coverable, wanted, ends + 60_000).unwrap();
            assert_eq!(last.at, ends.saturating_add_unsigned(millis));
        }
    }
}

#[test]
fn a_scan_without_end_is_never_done() {
    let assets = assets(1);
    let endless = Order { ends_millis: NEVER, ..order(START, OrderedBy::Scan, Targets::All(0..HOSTS), 0, None) };
    assets.add_order(&endless, START);
    let later = START + 50 * 365 * 86_400_000;
    for index in 0..HOSTS {
        let truth = assets.truth(index, later).unwrap();
        assert!(truth.assets.iter().filter_map(|asset| asset.last).all(|last| last.cause != CollectionCause::Scan));
    }
}

#[test]
fn a_share_of_hosts_has_a_fault() {
    let rule = HostFaultRule { fault: HostFault::Skip, share: 0.05, hosts: Vec::new(), chance: 7 };
    let faults = HostFaults(vec![rule]);
    let count = (0..10_000).filter(|index| faults.of_host(*index, "").is_some()).count();
    assert!((400..600).contains(&count), "{count}");
}

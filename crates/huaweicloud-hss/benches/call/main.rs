//! One program that makes the same signed scan calls in one of several ways, and counts what they cost; `cargo xtask bench call` runs it.
//!
//! `call serve` answers on loopback as the service does. `call WAY URL CALLS IN_FLIGHT` makes the calls and prints a JSON line;
//! `call sign TIMES` only signs.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a program for a bench that watches it")]

mod by_hand;
mod ours;
mod server;

use std::future::Future;

/// What both sides sign with: made up.
const ACCESS_KEY: &str = "EXAMPLEACCESSKEY0001";
const SECRET_KEY: &str = "example-secret-key-for-benches-0001";
const PROJECT: &str = "2b31ed520xxxxxxebedb6e57xxxxxxxx";
const ENTERPRISE_PROJECT: &str = "all_granted_eps";

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        // `cargo bench` without anything, and `cargo test --benches`.
        [] => println!("this is run by `cargo xtask bench call`"),
        ["serve"] => runtime.block_on(server::serve()),
        ["sign", times] => by_hand::sign_often(times.parse().unwrap()),
        [way, url, calls, in_flight] => {
            let (calls, in_flight) = (calls.parse().unwrap(), in_flight.parse().unwrap());
            runtime.block_on(async {
                match way {
                    "ours" => ours::Ours::new(url).run(calls, in_flight).await,
                    "reqwest" => by_hand::WithReqwest::new(url).run(calls, in_flight).await,
                    "hyper" => by_hand::WithHyper::new(url).run(calls, in_flight).await,
                    _ => panic!("{way} is none of ours, reqwest and hyper"),
                }
            });
        }
        _ => panic!("usage: call serve | call sign TIMES | call ours|reqwest|hyper URL CALLS IN_FLIGHT"),
    }
}

/// One way to make a call. A call that is not accepted ends the program: it would not be the same work.
trait Way: Clone + 'static {
    fn call(&self) -> impl Future<Output = ()>;

    /// Makes all calls, so many at a time, and prints what they took.
    async fn run(self, calls: usize, in_flight: usize) {
        let before = cpu_nanoseconds();
        let mut lanes = tokio::task::JoinSet::new();
        let local = tokio::task::LocalSet::new();
        for lane in 0..in_flight {
            let way = self.clone();
            let share = calls / in_flight + usize::from(lane < calls % in_flight);
            let calls = async move {
                for _ in 0..share {
                    way.call().await;
                }
            };
            lanes.spawn_local_on(calls, &local);
        }
        local.run_until(lanes.join_all()).await;
        tell(calls, before);
    }
}

/// Prints the processor time of one.
fn tell(times: usize, before: Option<f64>) {
    let cpu_us = cpu_nanoseconds().zip(before).map(|(now, then)| (now - then) / times as f64 / 1000.0);
    println!("{}", serde_json::json!({ "calls": times, "cpu_us": cpu_us }));
}

/// Processor time of this program, which has one thread that works.
fn cpu_nanoseconds() -> Option<f64> {
    std::fs::read_to_string("/proc/self/schedstat").ok()?.split(' ').next()?.parse().ok()
}

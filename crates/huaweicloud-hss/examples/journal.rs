//! Records a run in a journal. Run it again after a crash: it resumes, and sends no accepted call a second time.
//!
//! Run it with `HSS_ENDPOINT`, `HW_AUTH_TOKEN` and `HW_PROJECT_ID` set, and pass the path of the journal and host ids.
#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::env;
use std::path::PathBuf;

use huaweicloud_hss::fleet::{
    FleetOptions, Journal, QueuePlan, RunIdentity, RunReport, ShutdownSignal, Totals, execute_all,
};
use huaweicloud_hss::{Client, Queue, Secret, Selector};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let client = Client::builder()
        .with_endpoint(env::var("HSS_ENDPOINT")?)
        .with_token(Secret::new(env::var("HW_AUTH_TOKEN")?))
        .build()?;
    let queue = Queue::new(env::var("HW_PROJECT_ID")?.parse()?);
    let mut args = env::args().skip(1);
    let path = PathBuf::from(args.next().ok_or("give the path of the journal")?);
    let mut plans = vec![QueuePlan::new(queue, &Selector::Hosts(args.collect()))?];

    // Creates the journal, or resumes it and marks the accepted calls of the plans as done. A journal of other targets,
    // or of another service or account, is refused.
    let journal = Journal::resume(&path, &mut plans, &RunIdentity::new(&client), false)?;
    let options = FleetOptions::default().with_journal(journal);

    let plans = plans.into_iter().map(|plan| (plan, client.clone()));
    let reports = execute_all(plans, &options, &ShutdownSignal::never(), |_, _, _| {}).await;
    println!("{} of {} accepted", Totals::from_reports(&reports).accepted, Totals::from_reports(&reports).total());

    // Another program can read the journal at any time, even while the run is in progress.
    println!("times resumed: {}", RunReport::read(&path)?.resume_count);
    Ok(())
}

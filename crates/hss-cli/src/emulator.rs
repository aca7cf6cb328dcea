//! `hss emulator`: runs the emulator until it is interrupted.

use huaweicloud_hss_emulator::Emulator;

use crate::arguments::EmulatorArguments;
use crate::exit::{Exit, Failure};
use crate::interrupts::Interrupts;
use crate::output;

pub(crate) async fn run(arguments: EmulatorArguments) -> Result<Exit, Failure> {
    let EmulatorArguments { listen, scan_duration, hosts, latency, token } = arguments;
    let mut builder = Emulator::builder().listen(listen).scan_duration(scan_duration).hosts(hosts).latency(latency);
    if let Some(token) = token {
        builder = builder.token(token);
    }
    // Before the first line is printed: whoever reads it may end this program at once.
    let mut interrupts = Interrupts::listen();
    let emulator =
        builder.start().await.map_err(|error| Failure::usage(format!("the emulator cannot be started: {error}")))?;
    output::result(&format!("listening on {}", emulator.url()));
    output::note("Every call is answered from a made-up fleet. End with Ctrl-C.");
    interrupts.next().await;
    emulator.shutdown().await;
    Ok(Exit::Ok)
}

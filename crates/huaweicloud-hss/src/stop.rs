//! The wish to stop, given once by a person or program and heard by every lane.

use tokio::sync::watch;

/// How far stopping has gone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Run,
    /// Send nothing more, and let the answer that is on its way arrive.
    Stop,
    /// Wait for no answer either.
    Abandon,
}

/// The giving end. Dropping it stops nothing.
#[derive(Debug)]
pub struct StopHandle(watch::Sender<Level>);

/// The hearing end; clones hear the same.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<Level>);

impl std::fmt::Debug for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Run => "run",
            Self::Stop => "stop",
            Self::Abandon => "abandon",
        })
    }
}

impl StopHandle {
    /// Both ends, at rest.
    #[must_use]
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(Level::Run);
        (Self(sender), Stop(receiver))
    }

    /// Asks to stop; asked a second time, the answer on its way is not waited for either.
    pub fn stop(&self) {
        self.0.send_modify(|level| *level = if *level == Level::Run { Level::Stop } else { Level::Abandon });
    }
}

impl Stop {
    /// Never stops.
    #[must_use]
    pub fn never() -> Self {
        StopHandle::new().1
    }

    /// Whether stopping was asked for.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow() >= Level::Stop
    }

    /// Waits until stopping is asked for.
    pub async fn stopped(&self) {
        self.reached(Level::Stop).await;
    }

    /// Waits until stopping is asked for a second time.
    pub async fn abandoned(&self) {
        self.reached(Level::Abandon).await;
    }

    async fn reached(&self, wanted: Level) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|level| *level >= wanted).await.is_err() {
            // The giving end is gone: nobody can ask any more.
            std::future::pending::<()>().await;
        }
    }
}

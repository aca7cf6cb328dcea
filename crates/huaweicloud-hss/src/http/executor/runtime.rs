//! Turns the panic of a call outside of a Tokio runtime into an error.

use tokio::runtime::Handle;

use crate::error::{Error, ErrorKind};

/// Checks that the caller runs on a Tokio runtime.
///
/// # Errors
/// [`ErrorKind::Config`] if it does not.
pub(crate) fn check_runtime() -> Result<(), Error> {
    Handle::try_current().map(|_| ()).map_err(|error| {
        Error::new(ErrorKind::Config, "not sent: calls need a Tokio runtime, and there is none on this thread")
            .with_help(
                "Call it from `tokio::runtime::Runtime::block_on`, or from a task of a runtime with `enable_all`.",
            )
            .with_source(error)
    })
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::{Client, EcsMetadata, Queue, ScanRequest, Secret};
    use huaweicloud_auth::CredentialSource as _;

    /// Polls a future once, as any executor does that is not Tokio's.
    fn outside_of_tokio<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("it waits"),
        }
    }

    #[test]
    fn calls_outside_of_a_runtime_are_errors_and_do_not_panic() {
        let token = Secret::new("t".to_owned());
        let client = Client::builder().with_endpoint("http://127.0.0.1:1").with_token(token).build().unwrap();
        let queue = Queue::new("p".parse().unwrap());
        let error = outside_of_tokio(client.scan(&ScanRequest::all_hosts(queue.clone()))).unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Config, 0));
        assert!(error.to_string().contains("calls need a Tokio runtime"), "{error}");
        assert_eq!(outside_of_tokio(client.status(&queue)).unwrap_err().kind(), ErrorKind::Config);
        let metadata = EcsMetadata::with_endpoint("http://127.0.0.1:1").unwrap();
        let env = huaweicloud_auth::testing::FakeEnvironment::new();
        let found = format!("{:?}", outside_of_tokio(metadata.load(&env)));
        assert!(found.contains("calls need a Tokio runtime"), "{found}");
    }
}

//! Not all ask at once: a resolver that gets thousands of questions in a moment loses some, and each that
//! is lost costs seconds.

use std::{pin::pin, time::Duration};

use tokio::{sync::Semaphore, time::timeout};

/// Who may ask just now.
#[derive(Debug)]
pub(super) struct Turns(Semaphore);

/// Looks into DNS at the same time, of those whose answer is not overdue.
const AT_ONCE: usize = 256;
/// Whoever waits longer for an answer keeps nobody else back.
const SWIFT: Duration = Duration::from_millis(100);

impl Default for Turns {
    fn default() -> Self {
        Self(Semaphore::new(AT_ONCE))
    }
}

impl Turns {
    /// Begins when it is its turn.
    pub(super) async fn take<T>(&self, asking: impl Future<Output = T>) -> T {
        let turn = self.0.acquire().await;
        let mut asking = pin!(asking);
        if let Ok(answer) = timeout(SWIFT, &mut asking).await {
            return answer;
        }
        drop(turn);
        asking.await
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::pending,
        sync::{Arc, Mutex},
    };

    use tokio::time::sleep;

    use super::*;

    #[tokio::test]
    async fn only_so_many_ask_at_once() {
        let (turns, counts) = (Arc::new(Turns::default()), Arc::new(Mutex::new((0, 0))));
        let all: Vec<_> = (0..4 * AT_ONCE)
            .map(|_| {
                let (turns, counts) = (Arc::clone(&turns), Arc::clone(&counts));
                let asking = async move {
                    let begun = |(now, most): (usize, usize)| (now + 1, most.max(now + 1));
                    {
                        let mut counts = counts.lock().unwrap();
                        *counts = begun(*counts);
                    }
                    sleep(SWIFT / 20).await;
                    counts.lock().unwrap().0 -= 1;
                };
                tokio::spawn(async move { turns.take(asking).await })
            })
            .collect();
        for one in all {
            one.await.unwrap();
        }
        assert_eq!(*counts.lock().unwrap(), (0, AT_ONCE));
    }

    #[tokio::test]
    async fn who_gets_no_answer_keeps_nobody_back() {
        let turns = Arc::new(Turns::default());
        for _ in 0..2 * AT_ONCE {
            let turns = Arc::clone(&turns);
            tokio::spawn(async move { turns.take(pending::<()>()).await });
        }
        sleep(Duration::from_millis(1)).await;
        let found = timeout(Duration::from_secs(20), turns.take(async { 7 })).await;
        assert_eq!(found.ok(), Some(7));
    }
}

//! What operators watch: metrics and health, on a listener of their own that is not for the public.

use std::{path::PathBuf, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::db::Db;

/// What the operator's endpoints look at; cheap to clone.
#[derive(Clone)]
pub struct Ops {
    pub metrics: PrometheusHandle,
    pub db: Db,
    /// The folder that must take new files.
    pub data: Arc<PathBuf>,
}

/// The operator's router: `/metrics`, `/healthz`, `/readyz`.
pub fn router(ops: Ops) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .with_state(ops)
}

async fn metrics(State(ops): State<Ops>) -> Response {
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, ops.metrics.render()).into_response()
}

/// 200 where a message could be taken in now, else 503 and what stands in the way.
async fn ready(State(ops): State<Ops>) -> Response {
    let database = tokio::time::timeout(READY_TIME, ops.db.ping()).await;
    let probe = ops.data.join(".ready");
    let folder = tokio::fs::write(&probe, b"").await;
    let _ = tokio::fs::remove_file(&probe).await;
    let text = match (database, folder) {
        (Ok(Ok(())), Ok(())) => return "ready\n".into_response(),
        (Err(_), _) => "the database does not answer\n".to_owned(),
        (Ok(Err(fault)), _) => format!("{fault}\n"),
        (Ok(Ok(())), Err(fault)) => format!("the data folder takes no files: {fault}\n"),
    };
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

const READY_TIME: std::time::Duration = std::time::Duration::from_secs(3);

//! Collection on several processes or machines: Ballista's scheduler and executors, with the
//! user's own model in each executor.
//!
//! One program has all roles, so that all have the same model: see the example
//! `collect_on_cluster`. Paths and URLs of projects must mean the same to all of them: a shared
//! folder or an object store, whose credentials each process has.
//!
//! Whoever reaches the ports of a cluster can have it compute and read what it computed: there
//! are no passwords. Keep it inside a network that you trust.

use crate::collect::{Collection, collect_function};
use crate::{Error, Result};
use ballista::prelude::{SessionConfigExt, SessionContextExt};
use ballista_core::registry::BallistaFunctionRegistry;
use ballista_core::utils::default_session_builder;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_executor::executor_server::TERMINATING;
use ballista_executor::terminate::sig_term;
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::SchedulerConfig;
use ballista_scheduler::scheduler_process::start_server;
use datafusion::error::DataFusionError;
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::prelude::{SessionConfig, SessionContext};
use futures_util::future::{Either, select};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::ctrl_c;

/// How often an executor says that it lives.
const HEARTBEAT_SECS: u64 = 2;
/// An executor that has not been heard of for so long is taken for dead: its jobs are given to
/// others. If it lives after all, what both write is there once.
const DEAD_AFTER_SECS: u64 = 15;
const LOOK_FOR_DEAD_SECS: u64 = 3;
/// How long a scheduler is waited for, and how often it is tried.
const SCHEDULER_COMES_WITHIN: Duration = Duration::from_secs(30);
const TRY_AGAIN_AFTER: Duration = Duration::from_millis(200);
/// An executor that ends sooner was not given up, but could not begin.
const LIVES_FOR_A_WHILE: Duration = Duration::from_secs(5);
/// How long jobs wait for the first executor to come, or the next one after the last has died.
const NO_EXECUTOR_SECS: u64 = 120;

/// A session whose jobs run on the cluster of a scheduler, by host and port, once that answers:
/// it is waited for, half a minute.
///
/// # Errors
/// [`Error::Sql`] if nothing answers there.
pub async fn connect(scheduler: &str) -> Result<SessionContext> {
    let begun = Instant::now();
    while let Err(error) = TcpStream::connect(scheduler).await {
        if begun.elapsed() > SCHEDULER_COMES_WITHIN {
            let told = format!("no scheduler at {scheduler}: {error}");
            return Err(external(io::Error::new(error.kind(), told)));
        }
        tokio::time::sleep(TRY_AGAIN_AFTER).await;
    }
    let url = format!("df://{scheduler}");
    Ok(SessionContext::remote_with_state(&url, state(1)).await?)
}

/// A session with a scheduler and an executor of its own inside this process: to try what a
/// cluster does.
///
/// # Errors
/// [`Error::Sql`] if they cannot be started.
pub async fn standalone(collections: &[Collection]) -> Result<SessionContext> {
    let mut builder = SessionStateBuilder::new_from_existing(state(1));
    builder
        .scalar_functions()
        .get_or_insert_default()
        .push(Arc::new(collect_function(collections)));
    Ok(SessionContext::standalone_with_state(builder.build()).await?)
}

/// Hands out jobs to executors, until its process ends. It keeps nothing on disk: if it dies,
/// clients hear an error, and make what is missing when they call again.
///
/// # Errors
/// [`Error::Sql`] if it cannot listen there.
pub async fn schedule(address: SocketAddr) -> Result<()> {
    let config = SchedulerConfig {
        bind_host: address.ip().to_string(),
        bind_port: address.port(),
        external_host: address.ip().to_string(),
        executor_timeout_seconds: DEAD_AFTER_SECS,
        expire_dead_executor_interval_seconds: LOOK_FOR_DEAD_SECS,
        no_executors_grace_period_seconds: NO_EXECUTOR_SECS,
        override_session_builder: Some(Arc::new(|config| {
            let mut state = default_session_builder(config)?;
            // Plans name the function: it is not called here.
            let function = Arc::new(collect_function(&[]));
            datafusion::execution::FunctionRegistry::register_udf(&mut state, function)?;
            Ok(state)
        })),
        ..SchedulerConfig::default()
    };
    let cluster = BallistaCluster::new_from_config(&config).await;
    let cluster = cluster.map_err(external)?;
    let served = start_server(cluster, address, Arc::new(config)).await;
    served.map_err(external)
}

/// A process that runs jobs with its model, built by chaining.
#[derive(Clone, Debug)]
pub struct Executor {
    scheduler_host: String,
    scheduler_port: u16,
    host: String,
    ports: [u16; 2],
    places: u16,
    work_folder: Option<PathBuf>,
}

impl Executor {
    /// An executor of the scheduler at this host and port, which can be reached as `localhost` on
    /// the ports 50051 and 50052, with one place.
    pub fn new(scheduler_host: impl Into<String>, scheduler_port: u16) -> Self {
        Self {
            scheduler_host: scheduler_host.into(),
            scheduler_port,
            host: "127.0.0.1".to_owned(),
            ports: [50_051, 50_052],
            places: 1,
            work_folder: None,
        }
    }

    /// Sets where others reach it: its own address, and two free ports.
    #[must_use]
    pub fn address(mut self, host: impl Into<String>, ports: [u16; 2]) -> Self {
        self.host = host.into();
        self.ports = ports;
        self
    }

    /// Sets how many jobs it is given at once: one for each device. Set the
    /// [`places`](Collection::places) of its collections to the same.
    #[must_use]
    pub fn places(mut self, places: u16) -> Self {
        self.places = places.max(1);
        self
    }

    /// Sets the folder for results of jobs on their way to clients, a few bytes each; a temporary
    /// one by default.
    #[must_use]
    pub fn work_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.work_folder = Some(folder.into());
        self
    }

    /// Runs jobs with these collections, until its process is told to end. If the scheduler took
    /// it for dead, as after a machine has slept, or has died itself and is there again, it
    /// registers anew.
    ///
    /// # Errors
    /// [`Error::Sql`] if it cannot listen, or does not find the scheduler for half a minute.
    pub async fn serve(self, collections: &[Collection]) -> Result<()> {
        let mut functions = BallistaFunctionRegistry::default();
        let function = Arc::new(collect_function(collections));
        let name = function.name().to_owned();
        functions.scalar_functions.insert(name, function);
        let functions = Arc::new(functions);
        let interrupted = pin!(ctrl_c());
        let terminated = pin!(sig_term());
        let mut told_to_end = select(interrupted, terminated);
        loop {
            self.can_listen().await?;
            let begun = Instant::now();
            let serving = pin!(start_executor_process(Arc::new(self.config(&functions))));
            match select(serving, &mut told_to_end).await {
                Either::Left((ended, _)) => ended.map_err(external)?,
                Either::Right((_, ending)) => return ending.await.map_err(external),
            }
            if begun.elapsed() < LIVES_FOR_A_WHILE {
                let told = "the executor has ended as soon as it had begun: its log says why";
                return Err(external(io::Error::other(told)));
            }
            tracing::warn!("the scheduler has given this executor up: it registers anew");
            TERMINATING.store(false, Ordering::Release);
        }
    }

    fn config(&self, functions: &Arc<BallistaFunctionRegistry>) -> ExecutorProcessConfig {
        let work_folder = self.work_folder.as_ref();
        ExecutorProcessConfig {
            bind_host: self.host.clone(),
            external_host: Some(self.host.clone()),
            port: self.ports[0],
            grpc_port: self.ports[1],
            scheduler_host: self.scheduler_host.clone(),
            scheduler_port: self.scheduler_port,
            scheduler_connect_timeout_seconds: SCHEDULER_COMES_WITHIN.as_secs() as u16,
            vcores: self.places.into(),
            work_dir: work_folder.map(|folder| folder.display().to_string()),
            executor_heartbeat_interval_seconds: HEARTBEAT_SECS,
            override_function_registry: Some(Arc::clone(functions)),
            ..ExecutorProcessConfig::default()
        }
    }

    /// Ballista's executor says of a port that is taken in its log alone.
    async fn can_listen(&self) -> Result<()> {
        for port in self.ports {
            let listening = TcpListener::bind((self.host.as_str(), port)).await;
            listening.map_err(|error| {
                let told = format!("cannot listen at {}:{port}: {error}", self.host);
                external(io::Error::new(error.kind(), told))
            })?;
        }
        Ok(())
    }
}

fn state(partitions: usize) -> SessionState {
    let config = SessionConfig::new_with_ballista().with_target_partitions(partitions);
    SessionStateBuilder::new()
        .with_default_features()
        .with_config(config)
        .build()
}

fn external(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Sql(DataFusionError::External(Box::new(error)))
}

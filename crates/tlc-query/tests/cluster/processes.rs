//! Processes of a cluster, each with a role, and what they are told.

use crate::model::{Model, block_on, options};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tlc_core::{MetricsTable, Run, Table};
use tlc_query::{Result, cluster, collect_on};

const ROLE: &str = "TLC_CLUSTER_ROLE";
const NAMESPACES: &str = "TLC_CLUSTER_NAMESPACES";
const TEST: &str = "a_process_with_a_role_plays_it";

/// Clusters share a machine of few cores: there is one at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// A scheduler and its executors, which end with it.
pub(crate) struct Cluster {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) model: Model,
    scheduler: SocketAddr,
    variables: Vec<(String, String)>,
    processes: Vec<Running>,
    _alone: MutexGuard<'static, ()>,
}

struct Running {
    role: Role,
    /// Of its network.
    number: usize,
    process: Process,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Scheduler,
    Executor,
    Client,
}

/// Killed at the latest when it is dropped.
pub(crate) struct Process(Child);

impl Process {
    pub(crate) fn kill(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }

    /// Whether it ended well.
    pub(crate) fn ended(&mut self) -> Option<bool> {
        self.0.try_wait().unwrap().map(|status| status.success())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

impl Cluster {
    /// With batches that take so long.
    pub(crate) fn start(executors: usize, millis: u64) -> Self {
        Self::start_with(executors, |notes| Model::new(notes, millis), Vec::new())
    }

    /// With this model, and these variables for all processes.
    pub(crate) fn start_with(
        executors: usize,
        model: impl FnOnce(&Path) -> Model,
        variables: Vec<(String, String)>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut cluster = Self {
            model: model(&folder.path().join("notes")),
            folder,
            scheduler: SocketAddr::new(host(0).parse().unwrap(), free_port()),
            variables,
            processes: Vec::new(),
            _alone: ALONE.lock().unwrap_or_else(PoisonError::into_inner),
        };
        cluster.add(Role::Scheduler);
        (0..executors).for_each(|_| cluster.add(Role::Executor));
        cluster
    }

    pub(crate) fn root(&self) -> tlc_core::Url {
        tlc_core::Url::from_path(&self.folder.path().join("root")).unwrap()
    }

    /// Collects with this process as the client.
    pub(crate) fn collect(&self, table: &Table, run: &Run) -> Result<MetricsTable> {
        let address = self.scheduler.to_string();
        block_on(async {
            let session = cluster::connect(&address).await?;
            collect_on(&session, table, &self.model.collection(), options(run)).await
        })
    }

    /// Collects with a process of its own as the client.
    pub(crate) fn client(&self, table: &Table, run: &Run) -> Process {
        let mut command = self.command(Role::Client, 0);
        command.env("TLC_CLUSTER_TABLE", table.url().to_string());
        command.env("TLC_CLUSTER_RUN", run.url().to_string());
        Process(command.spawn().unwrap())
    }

    /// Adds a process.
    pub(crate) fn add(&mut self, role: Role) {
        let is_taken = |number: &usize| self.processes.iter().any(|one| one.number == *number);
        let number = match role {
            Role::Executor => (1..).find(|number| !is_taken(number)).unwrap(),
            _ => 0,
        };
        let process = Process(self.command(role, number).spawn().unwrap());
        self.processes.push(Running {
            role,
            number,
            process,
        });
        if role == Role::Scheduler {
            let begun = Instant::now();
            while TcpStream::connect(self.scheduler).is_err() {
                assert!(begun.elapsed() < Duration::from_secs(60), "no scheduler");
                std::thread::sleep(Duration::from_millis(50));
            }
        }
    }

    /// Kills the oldest process of a role.
    pub(crate) fn kill(&mut self, role: Role) {
        let place = self.processes.iter().position(|one| one.role == role);
        self.processes.remove(place.unwrap()).process.kill();
    }

    /// Sends a signal to the oldest process of a role.
    pub(crate) fn signal(&self, role: Role, signal: &str) {
        let running = self.processes.iter().find(|one| one.role == role).unwrap();
        let id = running.process.0.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{signal}"), &id])
            .status();
        assert!(sent.unwrap().success());
    }

    fn command(&self, role: Role, number: usize) -> Command {
        let program = std::env::current_exe().unwrap();
        let mut command = match role {
            Role::Client => Command::new(program),
            _ if !has_namespaces() => Command::new(program),
            _ => {
                let mut command = Command::new("ip");
                command
                    .args(["netns", "exec", &format!("tlc{number}")])
                    .arg(program);
                command
            }
        };
        let [port, grpc_port] = [(); 2].map(|()| free_port().to_string());
        command
            .args(["--exact", TEST, "--nocapture", "--test-threads=1"])
            .env(ROLE, format!("{role:?}"))
            .env("TLC_CLUSTER_SCHEDULER", self.scheduler.to_string())
            .env("TLC_CLUSTER_HOST", host(number))
            .env("TLC_CLUSTER_PORTS", format!("{port},{grpc_port}"))
            .env("TLC_CLUSTER_NOTES", &self.model.notes)
            .env("TLC_CLUSTER_MILLIS", self.model.millis.to_string())
            .env(
                "TLC_CLUSTER_ROWS",
                format!("{},{}", self.model.rows[0], self.model.rows[1]),
            )
            .env(
                "TLC_CLUSTER_REFUSED",
                self.model.refused.unwrap_or(-1).to_string(),
            )
            .envs(self.variables.clone())
            .stdout(Stdio::null());
        if std::env::var_os("TLC_CLUSTER_LOG").is_none() {
            command.stderr(Stdio::null());
        }
        command
    }
}

/// Plays the role that this process was started for.
pub(crate) fn play() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let told = |name: &str| std::env::var(format!("TLC_CLUSTER_{name}")).unwrap();
    let scheduler: SocketAddr = told("SCHEDULER").parse().unwrap();
    let numbers = |name: &str| -> Vec<usize> {
        let told = told(name);
        told.split(',')
            .map(|number| number.parse().unwrap())
            .collect()
    };
    let mut model = Model::new(&PathBuf::from(told("NOTES")), numbers("MILLIS")[0] as u64);
    model.refused = Some(told("REFUSED").parse().unwrap());
    model.rows = numbers("ROWS").try_into().unwrap();
    match role.as_str() {
        "Scheduler" => block_on(cluster::schedule(scheduler)).unwrap(),
        "Executor" => {
            let ports = numbers("PORTS").into_iter().map(|port| port as u16);
            let ports: Vec<u16> = ports.collect();
            let executor = cluster::Executor::new(scheduler.ip().to_string(), scheduler.port());
            let executor = executor.address(told("HOST"), ports.try_into().unwrap());
            block_on(executor.serve(&[model.collection()])).unwrap();
        }
        "Client" => {
            let table = Table::from_url(told("TABLE").as_str()).unwrap();
            let run = Run::from_url(told("RUN").as_str()).unwrap();
            let collected = block_on(async {
                let session = cluster::connect(&scheduler.to_string()).await?;
                collect_on(&session, &table, &model.collection(), options(&run)).await
            });
            collected.unwrap();
        }
        other => panic!("no role {other}"),
    }
}

/// The address of a process.
fn host(number: usize) -> String {
    match has_namespaces() {
        false => "127.0.0.1".to_owned(),
        true => format!("10.77.0.{}", 10 + number),
    }
}

fn has_namespaces() -> bool {
    std::env::var_os(NAMESPACES).is_some()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Files of the metrics table in the making, by the end of their names.
pub(crate) fn files(run: &Run, suffix: &str) -> Vec<PathBuf> {
    let folder = run.url().join("metrics").unwrap().to_path().unwrap();
    let folders = std::fs::read_dir(folder).map(|tables| {
        let tables = tables.map(|table| table.unwrap().path());
        tables.flat_map(|table| names(&table)).collect::<Vec<_>>()
    });
    let mut files = folders.unwrap_or_default();
    files.retain(|file| file.to_str().unwrap().ends_with(suffix));
    files.sort();
    files
}

fn names(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

//! The engine, with the names of a project root.

use crate::catalog::Projects;
use crate::function::class_name;
use crate::{Result, memory, name};
use datafusion::execution::SessionStateBuilder;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{DataFrame, SQLOptions, SessionConfig, SessionContext};
use std::sync::Arc;
use tlc_core::Url;

/// Where questions about the runs and tables under a root are answered. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    session: SessionContext,
    project: Option<String>,
}

/// A context for a project root, see the [crate](crate) for the names in it. Sorting, joining and
/// grouping take up to half of the machine's memory, and room on the local disk beyond that.
///
/// # Errors
/// What the engine says of its settings.
pub fn context(root: &Url) -> Result<Context> {
    let config = SessionConfig::new().with_information_schema(true);
    let memory = Arc::new(FairSpillPool::new(memory::budget_bytes()));
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(memory)
        .build_arc()?;
    let state = SessionStateBuilder::new()
        .with_default_features()
        .with_config(config)
        .with_runtime_env(runtime)
        .with_catalog_list(Arc::new(Projects::new(root.clone())))
        .build();
    let session = SessionContext::new_with_state(state);
    session.register_udf(class_name());
    Ok(Context {
        session,
        project: None,
    })
}

impl Context {
    /// The same, where names may begin with `runs` or `tables`: those of this project.
    #[must_use]
    pub fn project(self, name: impl Into<String>) -> Self {
        Self {
            project: Some(name.into()),
            ..self
        }
    }

    /// Plans a question, in the SQL of DataFusion, and reads nothing but what says where rows
    /// are. Questions change nothing: no statement that writes is accepted. They are taken to be
    /// those of the user of this process: a text made to do so, of some twenty `cast(`, keeps the
    /// parser busy for ever.
    ///
    /// # Errors
    /// [`Error::NoSuch`](crate::Error::NoSuch) of a name that nothing has,
    /// [`Error::Sql`](crate::Error::Sql) of what is no question,
    /// [`Error::Read`](crate::Error::Read).
    pub async fn sql(&self, sql: &str) -> Result<DataFrame> {
        let state = self.session.state();
        let dialect = state.config_options().sql_parser.dialect;
        let mut statement = state.sql_to_statement(sql, &dialect)?;
        name::settle(&mut statement, self.project.as_deref())?;
        let plan = state.statement_to_plan(statement).await?;
        let only_questions = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        only_questions.verify_plan(&plan)?;
        Ok(self.session.execute_logical_plan(plan).await?)
    }

    /// DataFusion's own context, for what is more than a question: functions and tables of your
    /// own, settings. In its own [`sql`](SessionContext::sql) a name has three parts, of which the
    /// last is `"run/stream"` or `"dataset/table"`.
    #[must_use]
    pub fn session(&self) -> &SessionContext {
        &self.session
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("project", &self.project)
            .finish_non_exhaustive()
    }
}

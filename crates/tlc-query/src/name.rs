//! Names of four parts. DataFusion knows three, so the last two become one: `"run/stream"`, and
//! no name of ours has a `/`.

use crate::{Error, Result};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Ident, ObjectName, ObjectNamePart, visit_relations_mut};
use std::ops::ControlFlow;

pub(crate) const RUNS: &str = "runs";
pub(crate) const TABLES: &str = "tables";

/// Makes all names of four parts in a statement ones of three; those without a project are of
/// the one that is given.
///
/// # Errors
/// Of such a name, if none is given.
pub(crate) fn settle(statement: &mut Statement, project: Option<&str>) -> Result<()> {
    let visited = match statement {
        Statement::Statement(statement) => {
            visit_relations_mut(statement, |name| match settled(name, project) {
                Ok(settled) => {
                    *name = settled.unwrap_or_else(|| name.clone());
                    ControlFlow::Continue(())
                }
                Err(error) => ControlFlow::Break(error),
            })
        }
        Statement::Explain(explain) => return settle(&mut explain.statement, project),
        _ => ControlFlow::Continue(()),
    };
    match visited {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(()),
    }
}

fn settled(name: &ObjectName, project: Option<&str>) -> Result<Option<ObjectName>> {
    let Some(parts) = name.0.iter().map(text).collect::<Option<Vec<String>>>() else {
        return Ok(None);
    };
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let (project, kind, first, second) = match (parts.as_slice(), project) {
        ([project, kind @ (RUNS | TABLES), first, second], _) => (*project, *kind, first, second),
        ([kind @ (RUNS | TABLES), first, second], Some(project)) => (project, *kind, first, second),
        ([RUNS | TABLES, _, _], None) => {
            let name = name.to_string();
            return Err(Error::WhichProject { name });
        }
        _ => return Ok(None),
    };
    let joined = format!("{first}/{second}");
    let quoted = [project, kind, &joined].map(|part| Ident::with_quote('"', part));
    let parts = quoted.map(ObjectNamePart::Identifier);
    Ok(Some(ObjectName(parts.into())))
}

/// What a part of a name means: without quotes, in lower case.
fn text(part: &ObjectNamePart) -> Option<String> {
    let ident = part.as_ident()?;
    Some(match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_ascii_lowercase(),
    })
}

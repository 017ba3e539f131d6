//! Names of four parts. DataFusion knows three, so the last two become one: `"run/stream"`, and
//! no name of ours has a `/`.

use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{Ident, ObjectName, ObjectNamePart, visit_relations_mut};
use std::ops::ControlFlow;

pub(crate) const RUNS: &str = "runs";
pub(crate) const TABLES: &str = "tables";

/// Makes all names of four parts in a statement ones of three; those without a project are of
/// the one that is given.
pub(crate) fn settle(statement: &mut Statement, project: Option<&str>) {
    match statement {
        Statement::Statement(statement) => {
            let _ = visit_relations_mut(statement, |name| {
                if let Some(settled) = settled(name, project) {
                    *name = settled;
                }
                ControlFlow::<()>::Continue(())
            });
        }
        Statement::Explain(explain) => settle(&mut explain.statement, project),
        _ => {}
    }
}

fn settled(name: &ObjectName, project: Option<&str>) -> Option<ObjectName> {
    let parts: Vec<String> = name.0.iter().map(text).collect::<Option<_>>()?;
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let (project, kind, first, second) = match (parts.as_slice(), project) {
        ([project, kind, first, second], _) => (*project, *kind, first, second),
        ([kind, first, second], Some(project)) => (project, *kind, first, second),
        _ => return None,
    };
    if ![RUNS, TABLES].contains(&kind) {
        return None;
    }
    let joined = format!("{first}/{second}");
    let quoted = [project, kind, &joined].map(|part| Ident::with_quote('"', part));
    Some(ObjectName(quoted.map(ObjectNamePart::Identifier).into()))
}

/// What a part of a name means: without quotes, in lower case.
fn text(part: &ObjectNamePart) -> Option<String> {
    let ident = part.as_ident()?;
    Some(match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_ascii_lowercase(),
    })
}

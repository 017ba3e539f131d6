//! What is answered where there is no answer.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// An answer, or why there is none.
pub(crate) type Answer<T> = Result<T, Refusal>;

/// Why there is no answer, and with which status.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    reason: String,
    /// In an expression, in characters from 1.
    position: Option<usize>,
}

impl Refusal {
    pub(crate) fn bad(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, reason)
    }

    pub(crate) fn not_found(what: &str) -> Self {
        let reason = format!("there is no such {what}: it may have been deleted");
        Self::new(StatusCode::NOT_FOUND, reason)
    }

    /// The page opens it again by what it is made of.
    pub(crate) fn view_closed() -> Self {
        Self::new(
            StatusCode::GONE,
            "the view is not open any more: open it again",
        )
    }

    pub(crate) fn read_only() -> Self {
        let reason = "the dashboard was started read-only: start it without --read-only to edit";
        Self::new(StatusCode::FORBIDDEN, reason)
    }

    pub(crate) fn media(reason: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, reason)
    }

    pub(crate) fn internal(error: &dyn std::fmt::Display) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
    }

    fn new(status: StatusCode, reason: impl Into<String>) -> Self {
        Self {
            status,
            reason: reason.into(),
            position: None,
        }
    }
}

impl From<tlc_core::Error> for Refusal {
    fn from(error: tlc_core::Error) -> Self {
        let status = match &error {
            tlc_core::Error::NotFound { .. } => StatusCode::NOT_FOUND,
            tlc_core::Error::NotAFile { .. } | tlc_core::Error::NoSuchAlias { .. } => {
                StatusCode::UNSUPPORTED_MEDIA_TYPE
            }
            // Where the folders are is nothing that a page has to know.
            tlc_core::Error::NotAllowed { name, .. } => {
                return Self::media(format!(
                    "{name:?} is in no folder that images are shown from: start the dashboard with \
                     --images and the folder that it is in"
                ));
            }
            tlc_core::Error::NoSuchSelection { name, .. } => {
                return Self::bad(format!("there is no selection `{name}` any more"));
            }
            tlc_core::Error::NothingChanged { .. }
            | tlc_core::Error::InvalidUrl { .. }
            | tlc_core::Error::NotWritable { .. }
            | tlc_core::Error::OtherBase { .. }
            | tlc_core::Error::NoSuchColumn { .. }
            | tlc_core::Error::Column { .. }
            | tlc_core::Error::AlreadyExists { .. } => StatusCode::BAD_REQUEST,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.to_string())
    }
}

impl From<tlc_view::Error> for Refusal {
    fn from(error: tlc_view::Error) -> Self {
        use tlc_view::Error;
        match error {
            Error::Core(error) => error.into(),
            Error::Findings(error) => Self::internal(&error),
            Error::Mask { .. } => Self::media(error.to_string()),
            Error::Expression {
                position, reason, ..
            } => Self {
                position: Some(position),
                ..Self::bad(reason)
            },
            other => Self::bad(other.to_string()),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "error": self.reason });
        if let (Some(position), Some(fields)) = (self.position, body.as_object_mut()) {
            fields.insert("position".to_owned(), position.into());
        }
        let json = HeaderValue::from_static("application/json");
        (
            self.status,
            [(header::CONTENT_TYPE, json)],
            body.to_string(),
        )
            .into_response()
    }
}

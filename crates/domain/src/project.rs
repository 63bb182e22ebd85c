//! Projects and the people who may instruct them.

use crate::id::{ClientId, ProjectId, UserId};
use serde::{Deserialize, Serialize};

/// What an editor may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything: also publish, roll back, and name editors.
    Owner,
    /// Instruct and undo.
    Editor,
    /// Look at previews and comment.
    Reviewer,
}

impl Role {
    /// Whether this role may give instructions that change a thread's branch.
    pub fn may_instruct(self) -> bool {
        matches!(self, Self::Owner | Self::Editor)
    }

    /// Whether this role may change what the public sees.
    pub fn may_publish(self) -> bool {
        matches!(self, Self::Owner)
    }
}

/// A person who is allowed to talk about a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Editor {
    /// E-mail address, lower case.
    pub address: String,
    /// The person.
    pub user_id: UserId,
    /// What they may do.
    pub role: Role,
}

/// One website: one git repository, its people and its addresses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// The project.
    pub project_id: ProjectId,
    /// The account it belongs to.
    pub client_id: ClientId,
    /// The domain of its mail address: instructions go to `edit@{mail_domain}`.
    pub mail_domain: String,
    /// Where its repository is fetched from and pushed to.
    pub repository: String,
    /// The branch that production is built from.
    pub default_branch: String,
    /// The production site's address, with scheme and no trailing slash.
    pub site_url: String,
    /// Who may talk about it.
    pub editors: Vec<Editor>,
}

impl Project {
    /// The editor with this e-mail address, whatever its letter case.
    pub fn editor(&self, address: &str) -> Option<&Editor> {
        let address = address.trim().to_lowercase();
        self.editors.iter().find(|e| e.address == address)
    }

    /// The editor who is this person.
    pub fn editor_by_id(&self, user: &UserId) -> Option<&Editor> {
        self.editors.iter().find(|e| &e.user_id == user)
    }
}

//! What the register of projects promises.

use super::Harness;
use super::sample::{project, refused, unique};
use crate::error::ErrorKind;
use domain::project::{Editor, Project, Role};

/// A project has an id and a mail domain of its own.
pub async fn projects_contract(harness: &dyn Harness) {
    a_project_is_found_by_id_and_mail_domain(harness).await;
    ids_and_mail_domains_are_taken_once(harness).await;
    an_update_replaces_the_record(harness).await;
    projects_are_listed_in_the_order_they_were_added(harness).await;
}

fn sample() -> Project {
    Project {
        project_id: project(),
        client_id: "client".parse().unwrap(),
        mail_domain: format!("{}.localhost", unique()),
        repository: "/srv/demo.git".to_owned(),
        default_branch: "main".to_owned(),
        site_url: "http://demo.localhost:8081".to_owned(),
        editors: vec![Editor {
            address: "ann@example.org".to_owned(),
            user_id: "ann".parse().unwrap(),
            role: Role::Owner,
        }],
    }
}

async fn a_project_is_found_by_id_and_mail_domain(harness: &dyn Harness) {
    let (projects, mut project) = (harness.projects(), sample());
    project.mail_domain = project.mail_domain.replace("localhost", "Localhost");
    refused(projects.get(&project.project_id).await, ErrorKind::NotFound);
    projects.add(&project).await.unwrap();
    assert_eq!(projects.get(&project.project_id).await.unwrap(), project);
    for domain in [project.mail_domain.to_lowercase(), project.mail_domain.to_uppercase()] {
        assert_eq!(projects.by_mail_domain(&domain).await.unwrap().as_ref(), Some(&project));
    }
    assert_eq!(projects.by_mail_domain("nobody.localhost").await.unwrap(), None);
}

async fn ids_and_mail_domains_are_taken_once(harness: &dyn Harness) {
    let (projects, one) = (harness.projects(), sample());
    projects.add(&one).await.unwrap();
    let same_id = Project { project_id: one.project_id.clone(), ..sample() };
    refused(projects.add(&same_id).await, ErrorKind::Conflict);
    assert_eq!(projects.by_mail_domain(&same_id.mail_domain).await.unwrap(), None);
    let same_domain = Project { mail_domain: one.mail_domain.to_uppercase(), ..sample() };
    refused(projects.add(&same_domain).await, ErrorKind::Conflict);
    refused(projects.get(&same_domain.project_id).await, ErrorKind::NotFound);
    assert_eq!(projects.get(&one.project_id).await.unwrap(), one);
}

async fn an_update_replaces_the_record(harness: &dyn Harness) {
    let (projects, mut project) = (harness.projects(), sample());
    refused(projects.update(&project).await, ErrorKind::NotFound);
    projects.add(&project).await.unwrap();
    let before = project.mail_domain.clone();
    project.mail_domain = format!("{}.localhost", unique());
    project.editors.clear();
    projects.update(&project).await.unwrap();
    assert_eq!(projects.get(&project.project_id).await.unwrap(), project);
    assert_eq!(projects.by_mail_domain(&before).await.unwrap(), None);
    assert_eq!(projects.by_mail_domain(&project.mail_domain).await.unwrap(), Some(project));
}

async fn projects_are_listed_in_the_order_they_were_added(harness: &dyn Harness) {
    let (projects, mut want) = (harness.projects(), Vec::new());
    for _ in 0..3 {
        let project = sample();
        projects.add(&project).await.unwrap();
        want.push(project);
    }
    "trunk".clone_into(&mut want[0].default_branch);
    projects.update(&want[0]).await.unwrap();
    let mut listed = projects.list().await.unwrap();
    listed.retain(|project| want.iter().any(|other| other.project_id == project.project_id));
    assert_eq!(listed, want);
}

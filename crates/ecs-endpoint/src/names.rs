//! ARNs: how they are written, and what an operator means by one.

/// Where the cluster is, in the words of AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// Its region.
    pub region: String,
    /// Its account: 12 digits.
    pub account: String,
    /// Its name.
    pub cluster: String,
}

impl Names {
    /// The cluster's ARN.
    pub fn cluster_arn(&self) -> String {
        self.arn(&format!("cluster/{}", self.cluster))
    }

    /// A service's ARN.
    pub fn service_arn(&self, service: &str) -> String {
        self.arn(&format!("service/{}/{service}", self.cluster))
    }

    /// A task's ARN.
    pub fn task_arn(&self, task: &str) -> String {
        self.arn(&format!("task/{}/{task}", self.cluster))
    }

    /// The ARN of what the tasks of a service are made from.
    pub fn definition_arn(&self, service: &str) -> String {
        self.arn(&format!("task-definition/{}:1", family(service)))
    }

    /// Whether this names the cluster, by name or by ARN.
    pub fn is_cluster(&self, given: &str) -> bool {
        given == self.cluster || given == self.cluster_arn()
    }

    /// The service that is named, by name or by ARN of this cluster.
    pub fn service<'a>(&self, given: &'a str) -> Option<&'a str> {
        self.own(given, "service")
    }

    /// The task that is named, by id or by ARN of this cluster.
    pub fn task<'a>(&self, given: &'a str) -> Option<&'a str> {
        self.own(given, "task")
    }

    fn own<'a>(&self, given: &'a str, kind: &str) -> Option<&'a str> {
        if !given.starts_with("arn:") {
            return Some(given);
        }
        given.strip_prefix(&self.arn(&format!("{kind}/{}/", self.cluster)))
    }

    fn arn(&self, resource: &str) -> String {
        format!("arn:aws:ecs:{}:{}:{resource}", self.region, self.account)
    }
}

/// The family of task definitions that a service's tasks are of.
pub fn family(service: &str) -> &str {
    service.strip_suffix("-service").unwrap_or(service)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_arns_of_this_cluster_mean_the_same() {
        let names = Names {
            region: "us-east-1".to_owned(),
            account: "000000000000".to_owned(),
            cluster: "c".to_owned(),
        };
        assert_eq!(names.service_arn("s"), "arn:aws:ecs:us-east-1:000000000000:service/c/s");
        assert_eq!(names.service(&names.service_arn("s")), Some("s"));
        assert_eq!(names.service("s"), Some("s"));
        assert_eq!(names.service("arn:aws:ecs:us-east-1:000000000000:service/other/s"), None);
        assert_eq!(names.task(&names.task_arn("0a")), Some("0a"));
        assert_eq!(names.task(&names.service_arn("0a")), None);
        assert!(names.is_cluster("c") && names.is_cluster("arn:aws:ecs:us-east-1:000000000000:cluster/c"));
        assert!(!names.is_cluster("arn:aws:ecs:eu-west-1:000000000000:cluster/c"));
    }
}

//! What AWS' list asks for calls, in us-east-1, without free tiers. As known in November 2026; the pages to check them against:
//!
//! | what | US dollars | page |
//! |---|---|---|
//! | SQS, standard queue | 0.40 per million requests | aws.amazon.com/sqs/pricing |
//! | SNS, publish (delivery to SQS is free) | 0.50 per million | aws.amazon.com/sns/pricing |
//! | DynamoDB on demand | 0.125 per million read units, 0.625 per million write units | aws.amazon.com/dynamodb/pricing |
//! | S3 Standard, PUT, COPY, POST, LIST | 0.005 per 1,000 (DELETE is free) | aws.amazon.com/s3/pricing |
//! | S3 Standard, GET and all others | 0.0004 per 1,000 | the same |
//! | SES, received or sent | 0.10 per 1,000 mails | aws.amazon.com/ses/pricing |
//! | CloudWatch, `PutMetricData` | 0.01 per 1,000 | aws.amazon.com/cloudwatch/pricing |
//! | ECS' API | free | aws.amazon.com/ecs/pricing |
//! | Lambda | 0.0000166667 per GB and second | aws.amazon.com/lambda/pricing |
//! | Fargate, Linux on x86 | 0.04048 per vCPU and hour, 0.004445 per GB and hour | aws.amazon.com/fargate/pricing |

use super::{Found, INSTRUCTION_MAX};
use crate::bench::report::{Report, Target};
use serde_json::Value;

const MILLION: f64 = 1e6;
const SQS: f64 = 0.40 / MILLION;
const SNS: f64 = 0.50 / MILLION;
const READ_UNIT: f64 = 0.125 / MILLION;
const WRITE_UNIT: f64 = 0.625 / MILLION;
const S3_WRITE: f64 = 5.0 / MILLION;
const S3_READ: f64 = 0.4 / MILLION;
const SES: f64 = 100.0 / MILLION;
const METRICS: f64 = 10.0 / MILLION;
const LAMBDA: f64 = 0.000_016_666_7;
const VCPU_HOUR: f64 = 0.04048;
const GB_HOUR: f64 = 0.004_445;

/// Hours of a month.
const HOURS: f64 = 730.0;
/// Memory of the build function, in GB.
const BUILD_GB: f64 = 2.0;
/// An edit container's task, in vCPUs and GB, and the seconds that it waits for more work before it ends.
const TASK: (f64, f64, f64) = (2.0, 4.0, 300.0);

/// What a mail's arrival costs before anybody is asked: SES takes it, puts it into the bucket, and SNS tells of it.
const ARRIVAL: f64 = SES + S3_WRITE + SNS;

/// The price of what one line counted, in US dollars.
fn price(line: &Value) -> f64 {
    let number = |name: &str| line[name].as_f64().unwrap_or_default();
    let calls = number("calls");
    match (line["service"].as_str().unwrap_or_default(), line["operation"].as_str().unwrap_or_default()) {
        ("SQS", _) => calls * SQS,
        ("DynamoDB", _) => number("readUnits") * READ_UNIT + number("writeUnits") * WRITE_UNIT,
        ("S3", "DeleteObject") => 0.0,
        ("S3", "PutObject" | "CopyObject" | "ListObjectsV2" | "Post") => calls * S3_WRITE,
        ("S3", _) => calls * S3_READ,
        ("SES", _) => calls * SES,
        ("CloudWatch", _) => calls * METRICS,
        _ => 0.0,
    }
}

/// Calls with their prices.
pub(super) struct Prices;

impl Prices {
    /// Adds what an instruction, a publish and an hour's sleep cost.
    pub(super) fn on(found: &Found, report: &mut Report) -> anyhow::Result<()> {
        let instruction = Self::table(found, ("instruction", 1000.0, "$ per 1,000"), report);
        report.figure("an instruction: SES, S3 and SNS on arrival", ARRIVAL * 1000.0, "$ per 1,000");
        report.figure("an instruction, all calls together", found.calls("instruction"), "calls");
        let all = (instruction + ARRIVAL) * 1000.0;
        report.judged(
            "an instruction, US dollars",
            (all, "$ per 1,000"),
            Target::AtMost(INSTRUCTION_MAX * 1000.0),
        );
        let (vcpus, gigabytes, seconds) = TASK;
        let waiting = (vcpus * VCPU_HOUR + gigabytes * GB_HOUR) / 3600.0 * seconds;
        let what =
            format!("beside it: {seconds} s of a Fargate task of {vcpus} vCPU, {gigabytes} GB, as listed");
        report.figure(what, waiting * 1000.0, "$ per 1,000");

        let publish = Self::table(found, ("publish", 1000.0, "$ per 1,000"), report);
        report.figure("a publish, all calls together", found.calls("publish"), "calls");
        // From mail to mail: the function works for less.
        let build = found.number("published", "seconds")? * BUILD_GB * LAMBDA;
        report.figure("a publish: at most so much Lambda", build * 1000.0, "$ per 1,000");
        report.figure("a publish, US dollars", (publish + ARRIVAL + build) * 1000.0, "$ per 1,000");
        let idle = Self::table(found, ("1000 asleep", HOURS, "$ a month"), report);
        report.figure("a month of 1,000 sleeping tenants, all calls", idle * HOURS, "$ a month");
        Ok(())
    }

    /// A row for each operation, with the price of so `many`; returns the sum of one in US dollars.
    fn table(found: &Found, (of, many, unit): (&str, f64, &'static str), report: &mut Report) -> f64 {
        let mut sum = 0.0;
        for line in found.of("calls").filter(|line| line["of"] == of) {
            let text = |name: &str| line[name].as_str().unwrap_or_default();
            let units: Vec<String> = [("readUnits", "read units"), ("writeUnits", "write units")]
                .into_iter()
                .filter_map(|(name, unit)| Some((line[name].as_f64().filter(|units| *units > 0.0)?, unit)))
                .map(|(units, unit)| format!(", {units:.1} {unit}"))
                .collect();
            let calls = line["calls"].as_f64().unwrap_or_default();
            let what =
                format!("{of}: {calls:.1} × {} {}{}", text("service"), text("operation"), units.concat());
            report.figure(what, price(line) * many, unit);
            sum += price(line);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::price;
    use serde_json::json;

    #[test]
    fn a_line_is_priced_by_its_service() {
        let of = |service: &str, operation: &str| {
            price(&json!({
                "service": service, "operation": operation, "calls": 2_000_000.0,
                "readUnits": 1e6, "writeUnits": 1e6,
            }))
        };
        assert!((of("SQS", "SendMessage") - 0.8).abs() < 1e-9);
        assert!((of("DynamoDB", "TransactWriteItems") - 0.75).abs() < 1e-9);
        assert!((of("S3", "CopyObject") - 10.0).abs() < 1e-9 && (of("S3", "HeadObject") - 0.8).abs() < 1e-9);
        assert!(of("S3", "DeleteObject").abs() < 1e-9 && of("ECS", "DescribeServices").abs() < 1e-9);
    }
}

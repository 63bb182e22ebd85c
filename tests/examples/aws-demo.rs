//! The fleet on an AWS stand-in, shown: resources, services scaled with the AWS CLI, a mail, its answer, the site live.

use domain::names::{EDIT_SERVICE, HERMES_SERVICE};
use fleet_tests::letter::replace;
use fleet_tests::{Cloud, CloudOptions, Letter};
use std::time::Instant;

#[tokio::main]
async fn main() {
    let (began, once) = (Instant::now(), std::env::args().any(|word| word == "--once"));
    let step = |what: &str| println!("[{:5.1} s] {what}", began.elapsed().as_secs_f32());
    step("starting the stand-in, and making tables, queues, buckets, cluster and services");
    let cloud = Cloud::start(&CloudOptions::default()).await;
    step(&format!("AWS is at {}; logs are in {}", cloud.endpoint(), cloud.dir().display()));
    step(&format!("aws ecs update-service … --service {HERMES_SERVICE} --desired-count 1"));
    cloud.open().await;
    step(&format!("Hermes is ready: {}", cloud.app));

    let letter = Letter::new(&replace("We close at 6 on Fridays", "We close at 4 on Fridays"));
    step(&format!("a mail arrives at SES (S3 + SNS): {}", letter.text));
    let result = cloud.ask(&letter).await;
    step(&format!(
        "{EDIT_SERVICE} was scaled to {} by Hermes; the answer:",
        cloud.desired(EDIT_SERVICE).await
    ));
    print(result.text());

    step("the owner replies: publish");
    let live = cloud.ask(&Letter::answering(&result, "publish")).await;
    step("the answer:");
    print(live.text());
    println!(
        "\n  preview     {}\n  production  {}\n  chat        {}\n",
        result.preview(),
        cloud.site,
        cloud.app
    );
    if !once {
        println!("Ctrl-C ends it.");
        let _ = tokio::signal::ctrl_c().await;
    }
    cloud.end().await;
}

fn print(text: &str) {
    for line in text.lines() {
        println!("            | {line}");
    }
}

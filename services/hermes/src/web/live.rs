//! What the agent is doing right now, as one watcher has seen it.

use ports::progress::ProgressEvent;

/// Most recent words kept, in bytes.
const TEXT_MAX: usize = 4_000;
/// Most recent steps kept.
const STEPS_MAX: usize = 5;

/// The turn that is going on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Live {
    /// The agent's words, the latest of them.
    pub(crate) text: String,
    /// What it did, in plain words, oldest first.
    pub(crate) steps: Vec<Step>,
}

/// One thing that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// "Reading", or a whole sentence.
    pub(crate) verb: String,
    /// The file, if there is one.
    pub(crate) target: String,
}

impl Live {
    /// Takes one event in. True when the store has news too.
    pub(crate) fn hear(&mut self, event: &ProgressEvent) -> bool {
        match event {
            ProgressEvent::Received { .. } => true,
            ProgressEvent::Started { .. } | ProgressEvent::Replied { .. } => {
                *self = Self::default();
                true
            }
            ProgressEvent::Text { text } => {
                self.say(text);
                false
            }
            ProgressEvent::Tool { verb, target } => {
                self.step(verb, target);
                if !self.text.is_empty() && !self.text.ends_with("\n\n") {
                    self.text.push_str("\n\n");
                }
                false
            }
            ProgressEvent::Note { text } => {
                self.step(text, "");
                false
            }
        }
    }

    /// The latest step, for those who listen rather than look.
    pub(crate) fn latest(&self) -> String {
        self.steps.last().map(|s| format!("{} {}", s.verb, s.target).trim().to_owned()).unwrap_or_default()
    }

    fn say(&mut self, text: &str) {
        self.text.push_str(text);
        if let Some(over) = self.text.len().checked_sub(TEXT_MAX).filter(|&over| over > 0) {
            self.text.drain(..self.text.ceil_char_boundary(over));
        }
    }

    fn step(&mut self, verb: &str, target: &str) {
        let mut chars = verb.chars();
        let verb = chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default();
        let step = Step { verb, target: target.to_owned() };
        if self.steps.last() == Some(&step) {
            return;
        }
        if self.steps.len() == STEPS_MAX {
            self.steps.remove(0);
        }
        self.steps.push(step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(target: &str) -> ProgressEvent {
        ProgressEvent::Tool { verb: "reading".to_owned(), target: target.to_owned() }
    }

    #[test]
    fn only_what_is_recent_is_kept_whole() {
        let mut live = Live::default();
        for i in 0..9 {
            live.hear(&tool(&format!("src/{i}.astro")));
        }
        live.hear(&tool("src/8.astro"));
        assert_eq!(live.steps.len(), STEPS_MAX);
        assert_eq!(live.latest(), "Reading src/8.astro");
        for _ in 0..TEXT_MAX {
            live.hear(&ProgressEvent::Text { text: "ä€".to_owned() });
        }
        assert!(live.text.len() <= TEXT_MAX);
    }

    #[test]
    fn a_new_turn_and_an_answer_begin_anew() {
        let mut live = Live::default();
        live.hear(&ProgressEvent::Text { text: "x".to_owned() });
        let message: domain::MessageId = "0198a9d6-0000-7000-8000-000000000000".parse().unwrap();
        assert!(live.hear(&ProgressEvent::Replied { message }));
        assert_eq!(live, Live::default());
    }
}

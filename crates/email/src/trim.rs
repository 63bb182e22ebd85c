//! Separates a writer's own words from quotes, signatures and disclaimers, line by line and in linear time.

mod marks;
mod phrases;
mod signature;

use marks::Mark;

/// A signature longer than this, in lines, is none: text under a lone `--` is kept then.
const SIGNATURE_LINES_MAX: usize = 20;

/// What was kept and what was cut.
pub(crate) struct Trimmed {
    pub text: String,
    pub cut: String,
    pub forwarded: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Own,
    Quote,
    Cut,
}

/// Trims `text`, which must have `\n` line ends.
pub(crate) fn trim(text: &str) -> Trimmed {
    let clean: String = text.chars().filter(|c| !is_invisible(*c)).map(plain_space).collect();
    let lines: Vec<&str> = clean.split('\n').map(str::trim_end).collect();
    // Every line is looked at once: a signature looks ahead for marks, and many may overlap.
    let marks: Vec<Option<Mark>> = (0..lines.len()).map(|n| marks::at(&lines, n)).collect();
    let fates = vec![Fate::Own; lines.len()];
    let mut pass =
        Pass { lines: &lines, marks: &marks, fates, prefix: None, answered: false, forwarded: false };
    pass.run();
    pass.settle_quotes();
    pass.trim_tails();
    pass.finish(&clean)
}

/// Characters that are not seen but could hide words or keep a mark from being recognised.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' | '\0' | '\r')
        || ('\u{202a}'..='\u{202e}').contains(&c)
        || ('\u{2066}'..='\u{2069}').contains(&c)
        || ('\u{e0000}'..='\u{e007f}').contains(&c)
}

fn plain_space(c: char) -> char {
    if matches!(c, '\u{a0}' | '\u{202f}' | '\u{2007}') { ' ' } else { c }
}

struct Pass<'a> {
    lines: &'a [&'a str],
    marks: &'a [Option<Mark>],
    fates: Vec<Fate>,
    /// Own words that stand on the same line before a quote's introduction: line and length.
    prefix: Option<(usize, usize)>,
    /// Whether an introduction ("… wrote:") was seen, so that quotes are the mail answered.
    answered: bool,
    forwarded: bool,
}

impl Pass<'_> {
    fn run(&mut self) {
        let mut at = 0;
        while at < self.lines.len() {
            at = match self.marks[at] {
                None => at + 1,
                Some(Mark::Quote) => {
                    self.fates[at] = Fate::Quote;
                    at + 1
                }
                Some(Mark::Introduction { end, own }) => self.introduction(at, end, own),
                Some(Mark::Rest) => self.cut(at, self.lines.len()),
                Some(Mark::Forward) => {
                    self.forwarded = true;
                    self.cut(at, self.lines.len())
                }
                Some(Mark::Signature) => self.signature(at),
            };
        }
    }

    fn introduction(&mut self, at: usize, end: usize, own: usize) -> usize {
        self.answered = true;
        if own > 0 {
            self.prefix.get_or_insert((at, own));
        }
        self.cut(at, end);
        let next = (end..self.lines.len()).find(|&n| !self.lines[n].is_empty());
        let quoted = next.is_none_or(|next| marks::is_quote(self.lines[next]));
        // Without quote marks all that follows is the mail answered, unless the writer said nothing above it.
        let said =
            self.prefix.is_some() || (0..at).any(|n| self.fates[n] == Fate::Own && !self.lines[n].is_empty());
        if quoted || !said { end } else { self.cut(end, self.lines.len()) }
    }

    fn signature(&mut self, at: usize) -> usize {
        let limit = self.lines.len().min(at + 1 + SIGNATURE_LINES_MAX + 1);
        let end = (at + 1..limit)
            .find(|&n| !matches!(self.marks[n], None | Some(Mark::Signature)))
            .unwrap_or(limit);
        let longer =
            self.lines[at + 1..end].iter().filter(|line| !line.is_empty()).count() > SIGNATURE_LINES_MAX;
        let unfinished =
            end == limit && limit < self.lines.len() && self.lines[limit..].iter().any(|l| !l.is_empty());
        if longer || unfinished { at + 1 } else { self.cut(at, end) }
    }

    fn cut(&mut self, from: usize, to: usize) -> usize {
        self.fates[from..to].fill(Fate::Cut);
        to
    }

    /// A quote that nobody introduced, with the writer's words under it, is one they made themselves.
    fn settle_quotes(&mut self) {
        let last_own =
            (0..self.lines.len()).rev().find(|&n| self.fates[n] == Fate::Own && !self.lines[n].is_empty());
        for n in 0..self.lines.len() {
            if self.fates[n] == Fate::Quote {
                let kept = !self.answered && last_own.is_some_and(|last| n < last);
                self.fates[n] = if kept { Fate::Own } else { Fate::Cut };
                self.forwarded |= !kept && marks::is_forward(self.lines[n].trim_start_matches(['>', ' ']));
            }
        }
    }

    /// Takes signatures and disclaimers off the end of every run of own lines.
    fn trim_tails(&mut self) {
        let mut end = self.lines.len();
        while end > 0 {
            let Some(last) = (0..end).rev().find(|&n| self.fates[n] == Fate::Own) else { break };
            let start = (0..=last).rev().take_while(|&n| self.fates[n] == Fate::Own).last().unwrap_or(last);
            let keep = start + signature::kept(&self.lines[start..=last]);
            self.fates[keep..=last].fill(Fate::Cut);
            end = start;
        }
    }

    fn finish(self, whole: &str) -> Trimmed {
        let (mut text, mut cut) = (String::new(), String::new());
        for (n, line) in self.lines.iter().enumerate() {
            let own = match self.prefix {
                Some((at, length)) if at == n => length,
                _ if self.fates[n] == Fate::Own => line.len(),
                _ => 0,
            };
            if own > 0 || self.fates[n] == Fate::Own {
                let shared = self.prefix.is_some_and(|(at, _)| at == n);
                let part = line[..own].trim_end();
                text.push_str(if shared { part.trim_end_matches('-').trim_end() } else { part });
                text.push('\n');
            }
            if self.fates[n] != Fate::Own {
                cut.push_str(&line[own..]);
                cut.push('\n');
            }
        }
        let text = squeezed(&text);
        if text.is_empty() {
            return Trimmed { text: squeezed(whole), cut: String::new(), forwarded: false };
        }
        Trimmed { text, cut: cut.trim().to_owned(), forwarded: self.forwarded }
    }
}

/// Without blank lines at either end, and with at most two together.
fn squeezed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.split('\n').map(str::trim_end) {
        blank = if line.is_empty() { blank + 1 } else { 0 };
        if blank <= 2 {
            out.push_str(line);
            out.push('\n');
        }
    }
    out.trim_matches('\n').to_owned()
}

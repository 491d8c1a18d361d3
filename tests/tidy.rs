//! The house rules that a compiler does not know: sizes, banned words, who may import whom, and the list of
//! assumptions. Every test reads the source as text and lists each breach as `file:line: rule`.

use std::{fs, path::Path, path::PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
/// Most lines of a file below each of these directories.
const LINES_MAX: &[(&str, usize)] = &[("src", 400), ("tests", 600), ("benches", 600)];
const FUNCTION_LINES_MAX: usize = 70;
const TABLE: &str = "// table"; // A function under this comment may be long.
const BANNED_MACROS: &[&str] = &["todo", "unimplemented", "dbg"];
const BANNED_WORD: &str = concat!("FIX", "ME");
const ASSUMED: &str = "Assumed:";

/// Paths; each stands for everything below it, and one with `*` in front for whatever ends so.
type Paths = &'static [&'static str];

const HTTP_AND_JSON: Paths = &["crate", "hyper", "hyper_util", "http", "http_body_util", "serde_json"];
const SOCKETS: Paths = &["hyper::server", "hyper_util::server", "tokio::net", "*::TcpListener", "*::TcpStream"];
const TIME: Paths = &["*SystemTime::now", "*Instant::now", "*time::sleep", "*time::sleep_until", "*thread::sleep"];

/// `main → emulator → {edge, webhooks} → api → {domain, faults} → kernel`; arrows never turn.
/// A row: these modules, but not those, never name these paths, except for those.
const RULES: &[(Paths, Paths, Paths, Paths)] = &[
    (&["crate::kernel"], &[], HTTP_AND_JSON, &["crate::kernel"]),
    (&["crate::domain"], &[], HTTP_AND_JSON, &["crate::domain", "crate::kernel", "serde_json::value::RawValue"]),
    (&["crate::domain"], &[], &["tokio"], &[]),
    (&["crate::faults"], &[], &["crate"], &["crate::faults", "crate::kernel"]),
    (&["crate::api"], &[], &["crate::edge", "crate::webhooks", "crate::emulator", "crate::cli"], &[]),
    (&["crate::edge", "crate::webhooks"], &[], &["crate::emulator", "crate::cli"], &[]),
    (&["crate::edge"], &[], &["crate::webhooks"], &[]),
    (&["crate::webhooks"], &[], &["crate::edge"], &[]),
    (&["crate"], &["crate::webhooks", "crate::cli"], &["hyper_util::client", "hyper_rustls"], &[]),
    (&["crate::domain::rooms"], &[], &["crate::domain::groups", "crate::domain::imkit"], &[]),
    (&["crate::domain::groups"], &[], &["crate::domain::rooms", "crate::domain::imkit"], &[]),
    (&["crate::domain::imkit"], &[], &["crate::domain::rooms", "crate::domain::groups"], &[]),
    (&["crate::api::tencent"], &[], &["crate::api::imkit"], &[]),
    (&["crate::api::imkit"], &[], &["crate::api::tencent"], &[]),
    (&["crate"], &["crate::edge", "crate::webhooks", "crate::cli"], SOCKETS, &[]),
    (&["crate"], &["crate::kernel::clock"], TIME, &[]),
];

#[test]
fn no_source_file_is_longer_than_400_lines_and_no_test_than_600() {
    report(|file, breach| {
        let &(_, most) = LINES_MAX.iter().find(|(top, _)| file.name.starts_with(top)).expect("each root has a limit");
        if file.code.len() > most {
            breach(file.code.len(), format!("a file has at most {most} lines"));
        }
    });
}

#[test]
fn no_function_is_longer_than_70_lines() {
    report(|file, breach| {
        for (start, end) in functions(&file.code) {
            let lines = end - start + 1;
            if lines > FUNCTION_LINES_MAX && !file.is_table(start) {
                breach(start + 1, format!("a function has at most {FUNCTION_LINES_MAX} lines, this one has {lines}"));
            }
        }
    });
}

#[test]
fn nothing_unfinished_is_left_in_the_source() {
    report(|file, breach| {
        for pair in tokens(&file.code).windows(2) {
            if pair[1].1 == "!" && BANNED_MACROS.contains(&pair[0].1) {
                breach(pair[0].0 + 1, format!("no `{}!`", pair[0].1));
            }
        }
        for (at, _) in file.comments.iter().enumerate().filter(|(_, comment)| comment.contains(BANNED_WORD)) {
            breach(at + 1, format!("no {BANNED_WORD}: mend it, or write it down as a limitation"));
        }
    });
}

#[test]
fn imports_only_go_down_the_house() {
    report(|file, breach| {
        let Some(module) = file.module() else { return };
        for (at, path) in paths(&file.code, &module) {
            for &(within, but, never, except) in RULES.iter().filter(|row| covers(row.0, &module)) {
                if !covers(but, &module) && covers(never, &path) && !covers(except, &path) {
                    breach(at + 1, format!("{} may not name {path}", within.join(", ")));
                }
            }
        }
    });
}

#[test]
fn every_assumption_is_listed_in_the_fidelity_page() {
    let docs = fs::read_dir(Path::new(ROOT).join("docs")).into_iter().flatten().flatten().map(|entry| entry.path());
    let pages = docs.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("fidelity")));
    let page = squeeze(&pages.map(|path| fs::read_to_string(path).unwrap_or_default()).collect::<String>());
    report(|file, breach| {
        for (at, assumption) in file.assumptions() {
            let start: String = assumption.chars().take(40).collect();
            if file.name.starts_with("src") && (start.is_empty() || !page.contains(start.trim_end())) {
                breach(at + 1, format!("docs/fidelity.md does not list the assumption \"{start}\""));
            }
        }
    });
}

/// A file split in two: what the compiler reads, and the comments. Both keep the lines and columns of the whole.
struct Source {
    name: String,
    code: Vec<String>,
    comments: Vec<String>,
}

impl Source {
    /// Where the file stands in the crate; `None` for files outside of `src`.
    fn module(&self) -> Option<String> {
        let path = self.name.strip_prefix("src")?.strip_suffix(".rs")?;
        let path = ["/mod", "/lib", "/main"].iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path);
        Some(format!("crate{}", path.replace('/', "::")))
    }

    /// Whether the comments and attributes right above the line say that a table follows.
    fn is_table(&self, line: usize) -> bool {
        let is_above = |at: &usize| self.code[*at].trim().starts_with("#[") || self.is_comment(*at);
        (0..line).rev().take_while(is_above).any(|at| self.comments[at].trim() == TABLE)
    }

    fn is_comment(&self, line: usize) -> bool {
        self.code[line].trim().is_empty() && !self.comments[line].trim().is_empty()
    }

    /// Each assumption with the line it starts on and the comment lines it goes on for.
    fn assumptions(&self) -> Vec<(usize, String)> {
        let text = |at: usize| self.comments[at].trim().trim_start_matches(['/', '!', '*']);
        let starts = (0..self.comments.len()).filter_map(|at| Some((at, text(at).split_once(ASSUMED)?.1)));
        let whole = |(at, first): (usize, &str)| {
            let goes_on = |next: &usize| self.is_comment(*next) && !text(*next).contains(ASSUMED);
            let more = (at + 1..self.comments.len()).take_while(goes_on).map(text);
            (at, squeeze(&more.fold(first.to_owned(), |whole, line| whole + " " + line)))
        };
        starts.map(whole).collect()
    }
}

/// Runs one rule over every file and fails with the list of breaches.
fn report(rule: impl Fn(&Source, &mut dyn FnMut(usize, String))) {
    let mut breaches = Vec::new();
    for file in sources() {
        rule(&file, &mut |line, text| breaches.push(format!("{}:{line}: {text}", file.name)));
    }
    assert!(breaches.is_empty(), "{} breaches of the house rules:\n{}", breaches.len(), breaches.join("\n"));
}

fn sources() -> Vec<Source> {
    let mut waiting: Vec<PathBuf> = LINES_MAX.iter().map(|(top, _)| Path::new(ROOT).join(top)).collect();
    let mut files = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).expect("a source directory is readable");
            waiting.extend(entries.map(|entry| entry.expect("a directory entry is readable").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(ROOT).expect("the walk stays below the root").to_string_lossy();
            let (code, comments) = split(&fs::read_to_string(&path).expect("source is UTF-8"));
            let lines = |text: String| text.lines().map(str::to_owned).collect();
            files.push(Source { name: name.replace('\\', "/"), code: lines(code), comments: lines(comments) });
        }
    }
    assert!(!files.is_empty(), "there is source to look at");
    files.sort_by(|one, other| one.name.cmp(&other.name));
    files
}

/// Code with comments and literals blanked, and comments with all else blanked.
fn split(text: &str) -> (String, String) {
    let (mut code, mut comments) = (String::new(), String::new());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_comment = rest.starts_with("//") || rest.starts_with("/*");
        let length = literal(rest, &code).unwrap_or(first.len_utf8());
        let (piece, after) = rest.split_at(length);
        let is_code = !is_comment && length == first.len_utf8();
        for char in piece.chars() {
            let blank = if char == '\n' { '\n' } else { ' ' };
            code.push(if is_code { char } else { blank });
            comments.push(if is_comment { char } else { blank });
        }
        rest = after;
    }
    (code, comments)
}

/// The bytes of the comment, string or character that starts here, if one does.
fn literal(rest: &str, before: &str) -> Option<usize> {
    let to = |end: &str, skip: usize| Some(rest[skip..].find(end).map_or(rest.len(), |at| skip + at + end.len()));
    if let Some((_, end)) = [("//", "\n"), ("/*", "*/")].iter().find(|(start, _)| rest.starts_with(start)) {
        return to(end, 2);
    }
    if let Some(inside) = rest.strip_prefix('"') {
        let raw = before.trim_end_matches('#');
        if raw.ends_with('r') {
            return to(&format!("\"{}", "#".repeat(before.len() - raw.len())), 1);
        }
        let mut quotes = inside.match_indices('"').map(|(at, _)| at);
        let escapes = |at: &usize| at - inside[..*at].trim_end_matches('\\').len();
        return Some(quotes.find(|at| escapes(at) % 2 == 0).map_or(rest.len(), |at| at + 2));
    }
    let mut quoted = rest.strip_prefix('\'')?.chars();
    match quoted.next()? {
        '\\' => to("'", 3),
        char => (quoted.next() == Some('\'')).then_some(char.len_utf8() + 2),
    }
}

/// Names, `::` and single signs, each with its line.
fn tokens(code: &[String]) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (at, line) in code.iter().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let word = rest.find(|char| !is_word(char)).unwrap_or(rest.len());
            let length = word.max(first.len_utf8()).max(if rest.starts_with("::") { 2 } else { 1 });
            found.push((at, &rest[..length]));
            rest = rest[length..].trim_start();
        }
    }
    found
}

/// First and last line of every function with a body, as rustfmt lays them out.
fn functions(code: &[String]) -> Vec<(usize, usize)> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let starts = code.iter().enumerate().filter(|(_, line)| {
        let mut words = line.split_whitespace().skip_while(|word| *word != "fn");
        words.nth(1).is_some_and(|name| name.starts_with(is_word)) && !line.trim_end().ends_with(['}', ';'])
    });
    let whole = |(start, first): (usize, &String)| {
        let mut after = (start + 1..code.len()).filter(|at| indent(&code[*at]) == indent(first));
        let is_end = |line: &str| line.starts_with('}') || line.ends_with(';');
        after.find(|at| is_end(code[*at].trim())).map(|end| (start, end))
    };
    starts.filter_map(whole).collect()
}

/// Every path of two names or more, with groups spelled out and `self`, `super` and `imulator` resolved.
fn paths(code: &[String], file_module: &str) -> Vec<(usize, String)> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    // For each open brace: the module it is in, and, inside the braces of a `use`, the path before it.
    let mut open = vec![(file_module.to_owned(), Vec::new())];
    let mut path = Vec::new();
    for (at, &(line, token)) in tokens.iter().enumerate() {
        let (module, prefix) = open.last().expect("the file itself stays open").clone();
        let before = |back: usize| at.checked_sub(back).map_or("", |at| tokens[at].1);
        let next = tokens.get(at + 1).map_or("", |next| next.1);
        match token {
            "{" if before(1) == "::" => open.push((module, std::mem::take(&mut path))),
            "{" if before(2) == "mod" => open.push((format!("{module}::{}", before(1)), Vec::new())),
            "{" => open.push((module, Vec::new())),
            "}" if open.len() > 1 => drop(open.pop()),
            _ if token.starts_with(is_word) || token == "*" => {
                if before(1) != "::" {
                    path.clone_from(&prefix);
                }
                path.push(token);
                if next != "::" && path.len() > 1 {
                    found.push((line, resolve(&path, &module)));
                }
            }
            _ => {}
        }
        if token != "::" && next != "::" {
            path.clear();
        }
    }
    found
}

fn resolve(path: &[&str], module: &str) -> String {
    let mut base: Vec<&str> = match path[0] {
        "crate" | "imulator" => vec!["crate"],
        "self" | "super" => module.split("::").collect(),
        other => vec![other],
    };
    let ups = path.iter().take_while(|name| **name == "super").count();
    base.truncate(base.len().saturating_sub(ups).max(1));
    base.extend(path[ups.max(1)..].iter().filter(|name| **name != "self"));
    base.join("::")
}

fn covers(patterns: &[&str], path: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_prefix('*') {
        Some(end) => path.ends_with(end),
        None => path.strip_prefix(pattern).is_some_and(|below| below.is_empty() || below.starts_with("::")),
    })
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

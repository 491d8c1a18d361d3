//! The attacks: each says what came of it, or what should not have.

use std::time::Duration;

use imulator::kernel::clock::{Stopwatch, sleep_real};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::task::JoinSet;

use crate::load::line::{Line, post};
use crate::load::server::Server;
use crate::load::{group, query};

/// The application that is attacked.
pub const SDKAPPID: u64 = 800;
/// Connections of those attacks that ask as fast as they can.
pub const LINES: u64 = 64;
/// Connections that nobody uses.
const IDLE: usize = 5000;
/// Connections that are slow.
const SLOW: usize = 1000;
/// Pauses after each call of an attack that is to be strange and not just more than the machine can do.
const PAUSE: Duration = Duration::from_millis(20);
const LARGE_PAUSE: Duration = Duration::from_millis(100);
/// Connections that send bodies which are too large.
const LARGE_LINES: u64 = 4;
/// The longest that a slow one is waited for; the server's own time-outs are 4 s here.
const PATIENCE: Duration = Duration::from_secs(20);
/// The default of `--tenants`.
const TENANTS_MAX: usize = 10_000;

/// What is done to the server.
#[derive(Clone, Copy, Debug)]
pub enum Attack {
    Idle,
    SlowHeads,
    SlowBodies,
    LargeBodies(u64),
    StrangeBodies(u64),
    Pipelined,
    Tenants(u64),
    Flood(u64),
}

type Outcome = Result<String, String>;

/// All of them, long or short.
pub fn all(long: bool) -> Vec<Attack> {
    let of = |count: u64, few: u64| if long { count } else { few };
    vec![
        Attack::Idle,
        Attack::SlowHeads,
        Attack::SlowBodies,
        Attack::LargeBodies(of(1000, 60)),
        Attack::StrangeBodies(of(20_000, 800)),
        Attack::Pipelined,
        Attack::Tenants(of(100_000, 12_000)),
        Attack::Flood(of(10_000_000, 60_000)),
    ]
}

impl Attack {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle connections",
            Self::SlowHeads => "slow heads",
            Self::SlowBodies => "slow bodies",
            Self::LargeBodies(_) => "bodies of 10 MiB",
            Self::StrangeBodies(_) => "strange JSON",
            Self::Pipelined => "pipelined and half-closed",
            Self::Tenants(_) => "tenants by template",
            Self::Flood(_) => "a flood, journal on",
        }
    }

    pub async fn run(self, server: &Server) -> Outcome {
        let host = server.host.clone();
        match self {
            Self::Idle => idle(server).await,
            Self::SlowHeads => slow(&host, "HTTP/1.1\r\nhost: x\r\nx-slow: ", false).await,
            Self::SlowBodies => slow(&host, "HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\n{", true).await,
            Self::LargeBodies(count) => large(&host, count).await,
            Self::StrangeBodies(count) => strange(&host, count).await,
            Self::Pipelined => pipelined(&host).await,
            Self::Tenants(count) => tenants(&host, count).await,
            Self::Flood(count) => flood(server, count).await,
        }
    }
}

fn target(command: &str) -> String {
    format!("/v4/{command}?{}", query(SDKAPPID))
}

fn word(fault: impl std::fmt::Display) -> String {
    fault.to_string()
}

/// Opens connections and leaves them alone.
async fn idle(server: &Server) -> Outcome {
    let watch = Stopwatch::start();
    let mut open = Vec::with_capacity(IDLE);
    for _ in 0..IDLE {
        open.push(Line::to(&server.host).await.map_err(word)?);
    }
    let opened = watch.elapsed();
    // Less than the server's own time-out, so that all are open together.
    sleep_real(Duration::from_secs(1)).await;
    let files = server.usage().files;
    if files < IDLE {
        return Err(format!("only {files} files are open, {IDLE} connections were made in {opened:?}"));
    }
    let mut closing = JoinSet::new();
    for line in open {
        closing.spawn(tokio::time::timeout(PATIENCE, line.rest()));
    }
    let closed = closing.join_all().await.iter().filter(|closed| closed.is_ok()).count();
    if closed == IDLE {
        Ok(format!("{IDLE} open, all closed by their time-out"))
    } else {
        Err(format!("{closed} closed"))
    }
}

/// Sends a byte now and then, and waits until the server has had enough.
async fn slow(host: &str, start: &str, is_answered: bool) -> Outcome {
    let start = format!("POST {} {start}", target("group_open_http_svc/get_role_in_group"));
    let mut lines = JoinSet::new();
    for _ in 0..SLOW {
        let (host, start) = (host.to_owned(), start.clone());
        lines.spawn(async move {
            let Line { stream, .. } = Line::to(&host).await.ok()?;
            let (mut from, mut to) = stream.into_split();
            let dripping = async move {
                let mut sent = to.write_all(start.as_bytes()).await;
                while sent.is_ok() {
                    sleep_real(Duration::from_millis(200)).await;
                    sent = to.write_all(b"x").await;
                }
                std::future::pending::<()>().await;
            };
            let mut answer = Vec::new();
            let reading = tokio::io::AsyncReadExt::read_to_end(&mut from, &mut answer);
            tokio::select! {
                // A reset counts as closed.
                _ = reading => {}
                () = dripping => {}
                () = sleep_real(PATIENCE) => return None,
            }
            Some(String::from_utf8_lossy(&answer).into_owned())
        });
    }
    let ended: Vec<String> = lines.join_all().await.into_iter().flatten().collect();
    let answered = ended.iter().filter(|answer| answer.contains("60002")).count();
    match (ended.len(), is_answered) {
        (SLOW, false) => Ok(format!("{SLOW} connections, all cut by their time-out")),
        // One who sends on after the refusal may meet a closed connection before it has read.
        (SLOW, true) if answered > SLOW / 2 => {
            Ok(format!("{SLOW} connections, all ended by their time-out, {answered} with a refusal"))
        }
        (ended, _) => Err(format!("of {SLOW} connections {ended} ended, {answered} with a refusal")),
    }
}

/// Splits work over so many connections; each call is made by a number. Gives how many said yes.
async fn spread<F>(
    host: &str,
    (lines, pause): (u64, Duration),
    count: u64,
    call: impl Fn(u64, u64) -> F + Clone + Send + 'static,
) -> Result<u64, String>
where
    F: AsRef<[u8]> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for at in 0..lines {
        let (host, call) = (host.to_owned(), call.clone());
        tasks.spawn(async move {
            let mut line = Line::to(&host).await?;
            let mut done = 0;
            for number in (at..count).step_by(usize::try_from(lines).expect("few lines")) {
                let answer = line.ask(call(at, number).as_ref()).await?;
                done += u64::from(answer.is_done());
                if !pause.is_zero() {
                    sleep_real(pause).await;
                }
            }
            Ok::<u64, std::io::Error>(done)
        });
    }
    tasks.join_all().await.into_iter().sum::<Result<u64, _>>().map_err(word)
}

/// Bodies ten times as large as allowed.
async fn large(host: &str, count: u64) -> Outcome {
    const BYTES: usize = 10 * 1024 * 1024;
    let body = format!("{{\"UserID\":\"{}\"}}", "x".repeat(BYTES));
    let request: std::sync::Arc<[u8]> = post(&target("im_open_login_svc/account_import"), &body).into();
    let mut tasks = JoinSet::new();
    for at in 0..LARGE_LINES {
        let (host, request) = (host.to_owned(), request.clone());
        tasks.spawn(async move {
            let (mut refused, mut cut) = (0_u64, 0_u64);
            for _ in (at..count).step_by(LARGE_LINES as usize) {
                let mut line = Line::to(&host).await.map_err(word)?;
                match line.ask(&request).await {
                    Ok(answer) if answer.text().contains("60002") => refused += 1,
                    Ok(answer) => return Err(answer.text()),
                    // One who goes on sending after the refusal meets a closed connection.
                    Err(_) => cut += 1,
                }
                sleep_real(LARGE_PAUSE).await;
            }
            Ok((refused, cut))
        });
    }
    let (mut refused, mut cut) = (0, 0);
    for ended in tasks.join_all().await {
        let (more_refused, more_cut) = ended?;
        (refused, cut) = (refused + more_refused, cut + more_cut);
    }
    Ok(format!("{count} sent: {refused} refused with 60002, {cut} cut while they were still sending"))
}

/// 10 000 levels, repeated keys, no UTF-8, numbers that are none.
async fn strange(host: &str, count: u64) -> Outcome {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000)).into_bytes();
    let bodies = [
        deep("[", "]"),
        deep("{\"a\":", "}"),
        format!("{{{}\"GroupId\":\"g0\"}}", "\"GroupId\":\"g1\",".repeat(10_000)).into_bytes(),
        b"{\"GroupId\":\"\xff\xfe\"}".to_vec(),
        format!("{{\"GroupId\":{}}}", "9".repeat(100_000)).into_bytes(),
        b"{\"GroupId\":1e999,\"MemberToDel_Account\":[-1e-999]}".to_vec(),
    ];
    let requests: Vec<Vec<u8>> = bodies
        .iter()
        .map(|body| {
            let head = format!("POST {} HTTP/1.1\r\nhost: x\r\n", target("group_open_http_svc/delete_group_member"));
            [format!("{head}content-length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
        })
        .collect();
    let kinds = requests.len() as u64;
    let requests = std::sync::Arc::new(requests);
    let pick = move |_: u64, number: u64| requests[usize::try_from(number % kinds).expect("few kinds")].clone();
    match spread(host, (16, PAUSE), count, pick).await? {
        0 => Ok(format!("{count} bodies of {kinds} kinds, all answered with a refusal")),
        done => Err(format!("{done} of {count} were taken")),
    }
}

/// Fifty requests at once from a client that then says that it has nothing more to say.
async fn pipelined(host: &str) -> Outcome {
    const REQUESTS: usize = 50;
    let request = post(
        &target("group_open_http_svc/get_role_in_group"),
        &json!({"GroupId": "g0", "User_Account": ["guest"]}).to_string(),
    );
    let mut lines = JoinSet::new();
    for _ in 0..SLOW / 2 {
        sleep_real(PAUSE / 2).await;
        let (host, all) = (host.to_owned(), request.repeat(REQUESTS));
        lines.spawn(async move {
            let mut line = Line::to(&host).await.ok()?;
            line.stream.write_all(&all).await.ok()?;
            line.stream.shutdown().await.ok()?;
            let text = String::from_utf8_lossy(&line.rest().await).into_owned();
            Some(text.matches("\"ErrorCode\":0").count())
        });
    }
    let answered: Vec<usize> = lines.join_all().await.into_iter().flatten().collect();
    let whole = answered.iter().filter(|count| **count == REQUESTS).count();
    let outcome = format!("{whole} of {} connections got all {REQUESTS} answers", SLOW / 2);
    if whole == SLOW / 2 { Ok(outcome) } else { Err(outcome) }
}

/// One application after the other that nobody has heard of.
async fn tenants(host: &str, count: u64) -> Outcome {
    let call = |_: u64, number: u64| {
        let target = format!("/v4/im_open_login_svc/account_import?{}", query(1_000_000 + number));
        post(&target, &json!({"UserID": "amy"}).to_string())
    };
    let done = spread(host, (LINES, PAUSE), count, call).await?;
    let mut line = Line::to(host).await.map_err(word)?;
    let open = line.ask(b"GET /_imulator/tenants HTTP/1.1\r\nhost: localhost\r\n\r\n").await.map_err(word)?;
    let open = open.json()["tenants"].as_array().map_or(0, Vec::len);
    let outcome = format!("{done} of {count} opened, {open} kept");
    if done == count && open > 0 && open <= TENANTS_MAX + 2 { Ok(outcome) } else { Err(outcome) }
}

/// As many calls as can be, each of which changes something.
async fn flood(server: &Server, count: u64) -> Outcome {
    let watch = Stopwatch::start();
    let add = |at: u64| {
        group(
            SDKAPPID,
            "add_group_member",
            &json!({"GroupId": format!("g{at}"), "MemberList": [{"Member_Account": "guest"}]}),
        )
    };
    let delete = |at: u64| {
        group(SDKAPPID, "delete_group_member", &json!({"GroupId": format!("g{at}"), "MemberToDel_Account": ["guest"]}))
    };
    let calls: Vec<[std::sync::Arc<[u8]>; 2]> = (0..LINES).map(|at| [add(at).into(), delete(at).into()]).collect();
    let calls = std::sync::Arc::new(calls);
    let pick = move |at: u64, number: u64| {
        let of = &calls[usize::try_from(at).expect("few lines")];
        of[usize::try_from(number / LINES % 2).expect("two")].clone()
    };
    let done = spread(&server.host, (LINES, Duration::ZERO), count, pick).await?;
    let rate = count as f64 / watch.elapsed().as_secs_f64();
    let outcome = format!("{done} of {count} done, {rate:.0} a second");
    if done == count { Ok(outcome) } else { Err(outcome) }
}

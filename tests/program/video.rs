//! Films: jobs that outlive whoever handed them in, and providers that make it hard.

use std::fs;

use chela_test_support::answer::Answer;
use chela_test_support::gate::Gate;
use chela_test_support::media;
use chela_test_support::openai;
use chela_test_support::program::{Room, Run, Running};
use chela_test_support::server::Server;
use chela_test_support::video;
use serde_json::Value;

use crate::{peak_kilobytes, room, room_with_openai};

/// Where films are asked for.
const VIDEOS: &str = "/v1/videos";
/// Where it is asked how the job stands.
const JOB: &str = "/v1/videos/video_68d7512d07848190";
/// Where the film is.
const CONTENT: &str = "/v1/videos/video_68d7512d07848190/content";

/// A request for a film.
const FILM: [&str; 7] = [
    "video",
    "generate",
    "--prompt",
    "a crab walks by",
    "--output",
    "films/crab.mp4",
    "--json",
];

/// A server that takes jobs on, and whose film is there.
fn studio() -> Server {
    let server = Server::start();
    server.on("POST", VIDEOS, video::job("queued", 0));
    server.on("GET", CONTENT, film());
    server
}

fn film() -> Answer {
    video::content("video/mp4", media::mp4(1280, 720, 8000, 64))
}

/// The jobs that are not done.
fn jobs(room: &Room) -> Vec<Value> {
    let run = room.run(["video", "resume", "--json"]).expect_code(0);
    run.json().as_array().expect("a list").clone()
}

/// The id of the one job that is not done.
fn only_job(room: &Room) -> String {
    let jobs = jobs(room);
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    jobs[0]["id"].as_str().expect("an id").to_owned()
}

/// A room in which a process was killed while it waited for its film.
fn abandoned(server: &Server) -> (Room, String) {
    let gate = Gate::new();
    let answer = video::job("queued", 0).body("").then_wait(&gate).then("{}");
    server.on("GET", JOB, answer);
    let room = room_with_openai(server);
    let running = room.start(FILM);
    gate.await_arrival();
    running.kill();
    gate.open();
    let id = only_job(&room);
    (room, id)
}

fn resume(room: &Room, id: &str) -> Run {
    room.run(["video", "resume", id, "--json"])
}

#[test]
fn a_job_outlives_its_process_and_goes_where_it_was_to_go() {
    let server = studio();
    let (room, id) = abandoned(&server);
    let job = &jobs(&room)[0];
    assert_eq!(job["provider"], "openai");
    assert_eq!(job["model"], "sora-2");
    assert_eq!(job["active"], false);
    let place = room.work("films/crab.mp4");
    assert_eq!(job["output"].as_str(), place.to_str());

    // What is kept holds what finding the job again takes: neither what was asked for nor the key.
    let path = room.state().join("jobs").join(format!("{id}.json"));
    let kept = fs::read_to_string(&path).expect("it is kept");
    assert!(
        kept.contains(video::JOB) && !kept.contains("crab walks"),
        "{kept}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &std::path::Path| fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode(&path) & 0o777, 0o600);
        assert_eq!(mode(path.parent().expect("a folder")) & 0o777, 0o700);
    }

    server.on("GET", JOB, video::job("completed", 100));
    let run = resume(&room, &id).expect_code(0);
    let envelope = run.json();
    assert_eq!(envelope["capability"], "video.resume", "{run}");
    assert_eq!(envelope["provider"], "openai", "{run}");
    assert_eq!(envelope["outputs"][0]["path"].as_str(), place.to_str());
    assert_eq!(envelope["outputs"][0]["width"], 1280, "{run}");
    assert_eq!(
        fs::read(&place).expect("it is written"),
        media::mp4(1280, 720, 8000, 64)
    );
    assert!(jobs(&room).is_empty());
    let run = resume(&room, &id).expect_code(2);
    assert_eq!(run.json()["error"]["type"], "usage", "{run}");
    let posts = server.requests();
    let posts = posts.iter().filter(|request| request.method() == "POST");
    assert_eq!(posts.count(), 1, "it was paid for once");
}

#[test]
fn who_leaves_is_told_how_to_come_back() {
    let server = studio();
    for json in [true, false] {
        let gate = Gate::new();
        let answer = video::job("queued", 0).body("").then_wait(&gate).then("{}");
        server.on("GET", JOB, answer);
        let room = room_with_openai(&server);
        let running = room.start(&FILM[..if json { 7 } else { 6 }]);
        gate.await_arrival();
        running.interrupt();
        let run = running.finish().expect_code(130);
        gate.open();
        let command = format!("chela video resume {}", only_job(&room));
        if json {
            let envelope = run.json();
            assert_eq!(envelope["error"]["type"], "cancelled", "{run}");
            let hint = envelope["error"]["hint"].as_str().expect("a hint");
            assert!(hint.contains(&command), "{run}");
            assert_eq!(envelope["model"], "sora-2", "{run}");
        } else {
            assert!(run.stderr().contains(&command), "{run}");
        }
    }
    // What goes on there is not stopped there: it is paid for.
    let methods = server.requests();
    assert!(
        methods
            .iter()
            .all(|one| ["GET", "POST"].contains(&one.method()))
    );
}

#[test]
fn who_leaves_while_the_job_is_taken_on_does_not_lose_it() {
    let server = Server::start();
    let gate = Gate::new();
    let whole = serde_json::json!({"id": video::JOB, "status": "queued"}).to_string();
    let answer = Answer::new(200)
        .header("Content-Type", "application/json")
        .until_close();
    server.on("POST", VIDEOS, answer.then_wait(&gate).then(whole));
    let room = room_with_openai(&server);
    let running = room.start(FILM);
    gate.await_arrival();
    running.interrupt();
    gate.open();
    let run = running.finish().expect_code(130);
    let command = format!("chela video resume {}", only_job(&room));
    assert!(run.stdout().contains(&command), "{run}");
}

#[test]
fn a_job_is_not_handed_in_again_to_who_broke_off() {
    let server = Server::start();
    server.on("POST", VIDEOS, Answer::hang_up());
    let room = room_with_openai(&server);
    let run = room.run(FILM).expect_code(6);
    assert_eq!(run.json()["error"]["type"], "unavailable", "{run}");
    assert_eq!(server.requests().len(), 1, "it may have been taken on");
    assert!(jobs(&room).is_empty());
}

#[test]
fn a_job_that_fails_leaves_the_store() {
    let server = studio();
    server.on(
        "GET",
        JOB,
        video::failed("moderation_blocked", "Your request was blocked."),
    );
    let room = room_with_openai(&server);
    let run = room.run(FILM).expect_code(8);
    assert_eq!(run.json()["error"]["type"], "content_filtered", "{run}");
    assert!(jobs(&room).is_empty());

    let (room, id) = abandoned(&server);
    server.on("GET", JOB, video::failed("internal_error", "It broke."));
    let run = resume(&room, &id).expect_code(6);
    assert_eq!(run.json()["error"]["type"], "unavailable", "{run}");
    assert!(jobs(&room).is_empty());
}

#[test]
fn trouble_on_the_way_does_not_lose_a_job() {
    let server = studio();
    server.on_each(
        "GET",
        JOB,
        [
            Answer::new(503),
            Answer::hang_up(),
            openai::rate_limited(Some("0")),
            Answer::html("Welcome to this network"),
            video::job("completed", 100),
        ],
    );
    let room = room_with_openai(&server);
    let run = room.run(FILM).expect_code(0);
    let envelope = run.json();
    assert_eq!(envelope["outputs"][0]["durationMs"], 8000, "{run}");
    assert_eq!(envelope["attempts"][0]["outcome"], "failed", "{run}");
    assert!(jobs(&room).is_empty());
}

#[test]
fn what_is_no_answer_and_what_is_no_film_leave_the_job_to_be_resumed() {
    let gone = || openai::error(404, "Video not found", "invalid_request_error", None);
    let nonsense = || Answer::json(&serde_json::json!({"status": 7}));
    let done = || video::job("completed", 100);
    for (state, content, kind, code) in [
        (nonsense(), film(), "bad_response", 8),
        (gone(), film(), "not_found", 5),
        (openai::unauthorized("sk-x"), film(), "auth", 4),
        (done(), gone(), "not_found", 5),
        (done(), Answer::html("Not here"), "bad_response", 8),
        (
            done(),
            video::content("video/mp4", b"{\"error\": 1}".to_vec()),
            "bad_response",
            8,
        ),
        (
            done(),
            video::content("video/mp4", media::png(4, 4)),
            "bad_response",
            8,
        ),
        (
            done(),
            video::content("video/mp4", media::mp4(64, 48, 1000, 64)[..300].to_vec()),
            "bad_response",
            8,
        ),
    ] {
        let server = studio();
        server.on("GET", JOB, state);
        server.on("GET", CONTENT, content);
        let room = room_with_openai(&server);
        let run = room.run(FILM).expect_code(code);
        assert_eq!(run.json()["error"]["type"], kind, "{run}");
        let id = only_job(&room);
        let hint = run.json()["error"]["hint"].to_string();
        assert!(hint.contains(&format!("chela video resume {id}")), "{run}");
        assert!(!room.work("films").join("crab.mp4").exists(), "{run}");
        server.on("GET", JOB, done());
        server.on("GET", CONTENT, film());
        resume(&room, &id).expect_code(0);
        assert!(room.work("films/crab.mp4").exists());
    }
}

#[test]
fn a_deadline_ends_the_wait_and_not_the_job() {
    let server = studio();
    server.on("GET", JOB, video::job("in_progress", 10));
    let room = room_with_openai(&server);
    let run = room
        .run(FILM.iter().chain(&["--timeout-ms", "1500"]))
        .expect_code(6);
    assert_eq!(run.json()["error"]["type"], "timeout", "{run}");
    let id = only_job(&room);
    assert!(run.stdout().contains(&format!("chela video resume {id}")));
    let run = room
        .run(["video", "resume", &id, "--timeout-ms", "600", "--json"])
        .expect_code(6);
    assert!(run.stdout().contains(&format!("chela video resume {id}")));
    assert_eq!(only_job(&room), id);
}

#[test]
fn two_do_not_wait_for_the_same_job() {
    let server = studio();
    let gate = Gate::new();
    let answer = video::job("queued", 0).body("").then_wait(&gate).then("{}");
    server.on("GET", JOB, answer);
    let room = room_with_openai(&server);
    let running = room.start(FILM);
    gate.await_arrival();
    let id = only_job(&room);
    assert_eq!(jobs(&room)[0]["active"], true);
    for command in [&["video", "resume"][..], &["video", "cancel", "--forget"]] {
        let run = room
            .run(command.iter().chain(&[id.as_str(), "--json"]))
            .expect_code(2);
        assert!(run.stdout().contains("another process"), "{run}");
    }
    server.on("GET", JOB, video::job("completed", 100));
    gate.open();
    running.finish().expect_code(0);
    assert!(jobs(&room).is_empty());
}

#[test]
fn a_job_waits_for_its_provider_and_for_no_other() {
    let server = studio();
    let (room, id) = abandoned(&server);
    // The key is gone.
    let room = room.without("OPENAI_API_KEY");
    let run = resume(&room, &id).expect_code(4);
    let error = &run.json()["error"];
    assert_eq!(error["type"], "auth", "{run}");
    assert!(error["message"].to_string().contains("stays"), "{run}");
    assert_eq!(only_job(&room), id);
}

#[test]
fn a_job_is_forgotten_where_its_provider_cannot_stop_it() {
    let server = studio();
    let (room, id) = abandoned(&server);
    let run = room.run(["video", "cancel", &id, "--json"]).expect_code(5);
    let error = &run.json()["error"];
    assert_eq!(error["type"], "unsupported", "{run}");
    assert!(error["hint"].to_string().contains("--forget"), "{run}");
    assert_eq!(only_job(&room), id);
    let run = room
        .run(["video", "cancel", &id, "--forget"])
        .expect_code(0);
    assert_eq!(run.stdout(), format!("forgotten {id}\n"));
    assert!(jobs(&room).is_empty());
    for id in [id.as_str(), "../../tts", "00000000", "ABCDEF01"] {
        room.run(["video", "cancel", id, "--forget"]).expect_code(2);
        resume(&room, id).expect_code(2);
    }
}

#[test]
fn a_damaged_job_hides_no_other() {
    let server = studio();
    let (room, id) = abandoned(&server);
    let folder = room.state().join("jobs");
    fs::write(folder.join("0badc0de.json"), "{\"id\": ").expect("the room is ours");
    let run = room.run(["video", "resume", "--json"]).expect_code(0);
    assert_eq!(run.json()[0]["id"].as_str(), Some(id.as_str()), "{run}");
    assert!(run.stderr().contains("0badc0de"), "{run}");
    let run = resume(&room, "0badc0de").expect_code(3);
    assert_eq!(run.json()["error"]["type"], "config", "{run}");
}

#[test]
fn a_film_that_has_no_place_is_kept_where_it_can_be_found() {
    let server = studio();
    let gate = Gate::new();
    let answer = film().body("").until_close().then_wait(&gate);
    server.on("GET", JOB, video::job("completed", 100));
    server.on("GET", CONTENT, answer.then(media::mp4(1280, 720, 8000, 64)));
    let room = room_with_openai(&server);
    let running = room.start(FILM);
    gate.await_arrival();
    // What was free when it was looked at is taken when the film is there.
    fs::create_dir_all(room.work("films/crab.mp4")).expect("the room is ours");
    gate.open();
    let run = running.finish();
    assert_ne!(run.code(), Some(0), "{run}");
    let envelope = run.json();
    let path = envelope["outputs"][0]["path"].as_str().expect("a path");
    assert!(
        path.contains("media") && fs::metadata(path).is_ok(),
        "{run}"
    );
    assert!(jobs(&room).is_empty());
}

#[test]
fn a_film_goes_to_standard_output_alone() {
    let server = studio();
    server.on("GET", JOB, video::job("completed", 100));
    let room = room_with_openai(&server);
    let run = room
        .run(["video", "generate", "--prompt", "a crab", "--output", "-"])
        .expect_code(0);
    assert_eq!(run.stdout_bytes(), media::mp4(1280, 720, 8000, 64));
    assert_eq!(run.stderr(), "");
}

/// The most memory that fetching a film may take, however long the film is.
const MOST_KILOBYTES: u64 = 64 * 1024;

#[cfg(target_os = "linux")]
#[test]
fn a_long_film_comes_down_in_little_memory() {
    const SIZE: u32 = 192 << 20;
    let server = studio();
    let gate = Gate::new();
    let film = media::mp4(1920, 1080, 600_000, SIZE);
    let length = film.len() as u64;
    let (all_but_the_end, end) = film.split_at(film.len() - 1);
    let answer = video::content("video/mp4", all_but_the_end.to_vec());
    server.on("GET", JOB, video::job("completed", 100));
    server.on("GET", CONTENT, answer.then_wait(&gate).then(end));
    let room = room_with_openai(&server);
    let running: Running<'_> = room.start(FILM);
    gate.await_arrival();
    let before = peak_kilobytes(&running);
    gate.open();
    let run = running.finish().expect_code(0);
    assert_eq!(run.json()["outputs"][0]["size"], length, "{run}");
    let place = room.work("films/crab.mp4");
    assert_eq!(fs::metadata(&place).expect("it is there").len(), length);
    fs::remove_file(place).expect("it is there");
    assert!(before < MOST_KILOBYTES, "{before} kB");
}

#[test]
fn nobody_else_is_asked_while_a_job_may_go_on() {
    let server = studio();
    server.on("GET", JOB, openai::unauthorized("sk-x"));
    let config = format!(
        r#"{{models: {{providers: {{openai: {{baseUrl: "{}"}}}}}},
           agents: {{defaults: {{videoGenerationModel: {{primary: "openai/sora-2", fallbacks: ["openai/sora-2-pro"]}}}}}}}}"#,
        server.url("/v1")
    );
    let room = room().config(&config).key("OPENAI_API_KEY");
    room.run(FILM).expect_code(4);
    let posts = server.requests();
    let posts = posts.iter().filter(|request| request.method() == "POST");
    assert_eq!(posts.count(), 1);
    // One that was not taken on is another matter.
    server.on("POST", VIDEOS, Answer::new(503));
    let room = crate::room().config(&config).key("OPENAI_API_KEY");
    let run = room
        .run(FILM.iter().chain(&["--timeout-ms", "20000"]))
        .expect_code(6);
    assert_eq!(run.json()["model"], "sora-2-pro", "{run}");
    assert_eq!(run.json()["attempts"].as_array().map(Vec::len), Some(2));
    assert!(jobs(&room).is_empty());
}

#[cfg(unix)]
#[test]
fn jobs_that_others_can_write_are_not_believed() {
    use std::os::unix::fs::PermissionsExt as _;
    let room = room().key("OPENAI_API_KEY");
    let jobs = room.state().join("jobs");
    fs::create_dir_all(&jobs).expect("the room is ours");
    fs::set_permissions(&jobs, fs::Permissions::from_mode(0o777)).expect("the room is ours");
    for command in [&["resume"][..], &["generate", "--prompt", "a lake"]] {
        let run = room.run(["video"].iter().chain(command)).expect_code(3);
        assert!(run.stderr().contains("is not yours alone"), "{run}");
        assert!(run.stderr().contains("chmod 700"), "{run}");
    }
    // Who makes no film is not held up by it.
    room.run(["model", "run", "--provider", "demo", "--prompt", "hi"])
        .expect_code(0);
}

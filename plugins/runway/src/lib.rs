//! `runway`: films by Runway, and by the models that it hosts.
//!
//! Follows <https://docs.dev.runwayml.com/api>. A task is started, asked after, and its films are fetched when it is done; films go from
//! the server to the host without passing through here. What the models differ in is data of the manifest.
#![forbid(unsafe_code)]

mod failure;
mod ratio;
mod references;
mod request;
mod rules;
mod task;

use chela_dialect::levels::setting;
use chela_dialect::loose;
use chela_sdk::http::{self, RequestBuilder};
use chela_sdk::{Result, Video, video};

struct Runway;

impl Video for Runway {
    fn submit(request: video::Request) -> Result<video::Job> {
        task::submit(&request)
    }

    fn poll(token: String) -> Result<video::State> {
        task::poll(&token)
    }

    fn cancel(token: String) -> Result<()> {
        task::cancel(&token)
    }
}

chela_sdk::register!(Runway: video);

/// A request with the field that every request to this API carries.
fn request<'a>(method: http::Method, path: String) -> RequestBuilder<'a> {
    let version = loose::text(&setting("version"));
    http::endpoint("api").request(method, path).header(
        "X-Runway-Version",
        version.as_deref().unwrap_or("2024-11-06"),
    )
}

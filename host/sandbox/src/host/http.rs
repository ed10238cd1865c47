//! `chela:provider/http`: requests go to egress as they are, and egress judges them.

use std::time::Duration;

use chela_egress::limits::{MAX_PARTS, MAX_REQUEST_HEADERS, MAX_URL_BYTES};
use chela_egress::{
    Blob, Body, EgressError, ErrorKind, FormField, Method, Part, Request, Response, Target,
};
use wasmtime::component::Resource;

use super::media::READ_LIMIT;
use super::{HostState, handles};
use crate::bindings::imports::chela::provider::http as wit;
use crate::bindings::imports::chela::provider::types::{Failure, FailureKind};
use crate::error::{LimitHit, LimitKind, Planned};

/// The longest that a component waits at a time.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A response whose body is being pulled.
#[expect(unreachable_pub, reason = "wasmtime's generated code re-exports it")]
pub struct OpenResponse(Response);

impl wit::Host for HostState {
    async fn send(
        &mut self,
        request: wit::Request,
    ) -> wasmtime::Result<Result<Resource<OpenResponse>, Failure>> {
        // What comes back from here is judged by egress; these two are for a component that does not listen to that.
        if self.call.is_over() {
            return Err(wasmtime::Error::new(LimitHit(LimitKind::Deadline)));
        }
        if self.call.is_flooding() {
            return Err(wasmtime::Error::new(LimitHit(LimitKind::Requests)));
        }
        let request = self.lift_request(request)?;
        let call = self.call.clone();
        self.clock.pause();
        let response = self.provider.egress.send(request, &call).await;
        self.clock.resume();
        match response {
            Ok(response) => Ok(Ok(self
                .table
                .push(OpenResponse(response))
                .map_err(handles)?)),
            Err(EgressError::DryRun(request)) => Err(wasmtime::Error::new(Planned(request))),
            Err(error) => Ok(Err(failure(&error))),
        }
    }

    async fn pause(&mut self, milliseconds: u32) -> wasmtime::Result<()> {
        // The deadline of the whole call cuts it short.
        let time = Duration::from_millis(milliseconds.into()).min(LONGEST_PAUSE);
        self.clock.pause();
        tokio::time::sleep(time).await;
        self.clock.resume();
        Ok(())
    }
}

impl wit::HostResponse for HostState {
    async fn status(&mut self, response: Resource<OpenResponse>) -> wasmtime::Result<u16> {
        Ok(self.table.get(&response)?.0.status())
    }

    async fn headers(
        &mut self,
        response: Resource<OpenResponse>,
    ) -> wasmtime::Result<Vec<wit::Header>> {
        let headers = self.table.get(&response)?.0.headers().iter();
        Ok(headers
            .map(|(name, value)| wit::Header {
                name: name.clone(),
                value: value.clone(),
            })
            .collect())
    }

    async fn header(
        &mut self,
        response: Resource<OpenResponse>,
        name: String,
    ) -> wasmtime::Result<Option<String>> {
        Ok(self
            .table
            .get(&response)?
            .0
            .header(&name)
            .map(str::to_owned))
    }

    async fn url(&mut self, response: Resource<OpenResponse>) -> wasmtime::Result<String> {
        Ok(self.table.get(&response)?.0.url().to_owned())
    }

    async fn read(
        &mut self,
        response: Resource<OpenResponse>,
        max: u32,
    ) -> wasmtime::Result<Result<Vec<u8>, Failure>> {
        let open = self.table.get_mut(&response)?;
        self.clock.pause();
        let bytes = open.0.read(max.clamp(1, READ_LIMIT) as usize).await;
        self.clock.resume();
        Ok(bytes
            .map(|bytes| bytes.to_vec())
            .map_err(|error| failure(&error)))
    }

    async fn into_blob(
        &mut self,
        response: Resource<OpenResponse>,
        mime_type: String,
    ) -> wasmtime::Result<Result<Resource<Blob>, Failure>> {
        let OpenResponse(response) = self.table.delete(response)?;
        let mime_type = (!mime_type.is_empty()).then_some(mime_type.as_str());
        let left = self.media_left();
        self.clock.pause();
        let blob = response.into_blob(mime_type, left).await;
        self.clock.resume();
        match blob {
            Ok(blob) => {
                self.count_media(blob.size())?;
                Ok(Ok(self.lend_made(blob)?))
            }
            Err(EgressError::MediaTooLarge { .. }) => {
                Err(wasmtime::Error::new(LimitHit(LimitKind::Media)))
            }
            Err(error) => Ok(Err(failure(&error))),
        }
    }

    async fn drop(&mut self, response: Resource<OpenResponse>) -> wasmtime::Result<()> {
        self.table.delete(response)?;
        Ok(())
    }
}

impl HostState {
    /// Of lists that are too long for any request, egress is given one element more than it allows: enough to refuse it for its
    /// length and to record that.
    fn lift_request(&self, request: wit::Request) -> wasmtime::Result<Request> {
        let target = match request.target {
            wit::Target::Endpoint(target) => Target::Endpoint {
                endpoint: target.endpoint,
                path: target.path,
                query: target
                    .query
                    .into_iter()
                    .take(MAX_URL_BYTES)
                    .map(|pair| (pair.name, pair.value))
                    .collect(),
            },
            wit::Target::Url(url) => Target::Url(url),
        };
        let body = match request.body {
            wit::Body::None => Body::None,
            wit::Body::Parts(parts) => {
                let parts = parts.into_iter().take(MAX_PARTS + 1);
                let parts = parts.map(|part| self.lift_part(part));
                Body::Parts(parts.collect::<wasmtime::Result<_>>()?)
            }
            wit::Body::Form(fields) => {
                let fields = fields.into_iter().take(MAX_PARTS + 1);
                let fields = fields.map(|field| {
                    Ok(FormField {
                        name: field.name,
                        file_name: field.file_name,
                        mime_type: field.mime_type,
                        value: self.lift_part(field.value)?,
                    })
                });
                Body::Form(fields.collect::<wasmtime::Result<_>>()?)
            }
        };
        Ok(Request {
            method: method(request.method),
            target,
            headers: request
                .headers
                .into_iter()
                .take(MAX_REQUEST_HEADERS + 1)
                .map(|header| (header.name, header.value))
                .collect(),
            body,
        })
    }

    fn lift_part(&self, part: wit::Part) -> wasmtime::Result<Part> {
        Ok(match part {
            wit::Part::Bytes(bytes) => Part::Bytes(bytes.into()),
            wit::Part::Blob(blob) => Part::Blob(self.table.get(&blob)?.clone()),
            wit::Part::Base64(blob) => Part::Base64(self.table.get(&blob)?.clone()),
        })
    }
}

fn method(method: wit::Method) -> Method {
    match method {
        wit::Method::Get => Method::Get,
        wit::Method::Head => Method::Head,
        wit::Method::Post => Method::Post,
        wit::Method::Put => Method::Put,
        wit::Method::Patch => Method::Patch,
        wit::Method::Delete => Method::Delete,
    }
}

/// An error of egress in the contract's terms.
pub(super) fn failure(error: &EgressError) -> Failure {
    let kind = match error.kind() {
        ErrorKind::Denied(_) => FailureKind::Denied,
        ErrorKind::Credential => FailureKind::Auth,
        ErrorKind::Timeout => FailureKind::Timeout,
        ErrorKind::Unavailable => FailureKind::Unavailable,
        ErrorKind::BadResponse | ErrorKind::TooLarge => FailureKind::BadResponse,
        _ => FailureKind::Internal,
    };
    Failure {
        kind,
        message: error.to_string(),
        status: None,
        // What refused, for scripts and for whoever looks the rule up.
        code: error.rule().map(|rule| rule.name().to_owned()),
        retry_after_ms: None,
        request_id: None,
        extra: Vec::new(),
    }
}

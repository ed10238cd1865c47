//! Language models: `chela:provider/model`.

pub use crate::bindings::model::exports::chela::provider::model::{
    Answerer, Citation, FinishReason, MediaKind, ModelInfo, Reasoning, Role, ThinkingLevel, Tool,
    ToolCall, ToolChoice,
};

use chela_egress::Blob;
use chela_manifest::Family;
use wasmtime::component::ResourceAny;

use crate::bindings::imports::chela::provider::media as wit_media;
use crate::bindings::model::ModelProvider;
use crate::bindings::model::exports::chela::provider::model as wit;
use crate::component::serves;
use crate::error::CallError;
use crate::families::{NamedValue, Usage};
use crate::host::HostState;
use crate::instance::Instance;

/// Where a piece of media is.
#[derive(Clone, Debug)]
pub enum Source {
    /// The host holds it.
    Blob(Blob),
    /// An http or https URL that the provider itself is asked to read.
    Url(String),
}

/// A piece of media in a message.
#[derive(Clone, Debug)]
pub struct MediaPart {
    /// What it is to the model.
    pub kind: MediaKind,
    /// Where it is.
    pub source: Source,
    /// Further fields of this part, in the provider's own spelling.
    pub extra: Vec<NamedValue>,
}

/// A piece of what a tool gave back.
#[derive(Clone, Debug)]
pub enum ToolOutput {
    /// Text.
    Text(String),
    /// Media.
    Media(MediaPart),
}

/// What a tool gave back.
#[derive(Clone, Debug)]
pub struct ToolResult {
    /// The id of the call it answers.
    pub id: String,
    /// The name of the call it answers.
    pub name: String,
    /// What it gave, in order.
    pub content: Vec<ToolOutput>,
    /// Whether the tool failed.
    pub is_error: bool,
    /// Further fields of this result, in the provider's own spelling.
    pub extra: Vec<NamedValue>,
}

/// A piece of a message.
#[derive(Clone, Debug)]
pub enum Content {
    /// Text.
    Text(String),
    /// Media.
    Media(MediaPart),
    /// Reasoning of the model in an earlier turn.
    Reasoning(Reasoning),
    /// A call the model made in an earlier turn.
    ToolCall(ToolCall),
    /// A tool's answer.
    ToolResult(ToolResult),
}

/// One turn of a conversation.
#[derive(Clone, Debug)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said, in order; never empty.
    pub content: Vec<Content>,
    /// Further fields of this turn, as JSON text.
    pub extra: Vec<NamedValue>,
}

/// A request for an answer. The fields are those of `model.request` in `wit/model.wit`.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// The provider's id of the model.
    pub model: String,
    /// Instructions that stand before the conversation.
    pub system: Option<String>,
    /// The conversation, oldest turn first; never empty.
    pub messages: Vec<Message>,
    /// The most tokens to generate.
    pub max_output_tokens: Option<u32>,
    /// Sampling temperature, 0 or more.
    pub temperature: Option<f64>,
    /// Generation ends before any of these.
    pub stop: Vec<String>,
    /// How much to reason.
    pub thinking: Option<ThinkingLevel>,
    /// JSON Schema, as JSON text, that the answer has to fit.
    pub response_schema: Option<String>,
    /// Tools the model may call.
    pub tools: Vec<Tool>,
    /// Whether they are called; set only where there are tools.
    pub tool_choice: Option<ToolChoice>,
    /// Whether someone is reading along.
    pub incremental: bool,
    /// Further request fields in the provider's own spelling, as JSON text.
    pub extra: Vec<NamedValue>,
}

/// What comes out of a model, in order.
#[derive(Clone, Debug)]
pub enum Event {
    /// Who answers.
    Answerer(Answerer),
    /// Options that have no part in the answer, by their names in the request.
    Ignored(Vec<String>),
    /// More of the answer.
    Text(String),
    /// More of the reasoning.
    Reasoning(Reasoning),
    /// A call the model wants made.
    ToolCall(ToolCall),
    /// Media the model made.
    Media(Blob),
    /// A source of the answer.
    Citation(Citation),
    /// What was consumed; a later one replaces an earlier one.
    Usage(Usage),
    /// What the contract has no word for, as JSON text.
    Extra(NamedValue),
    /// Generation ended.
    Finish(FinishReason),
}

impl MediaPart {
    fn lower(&self, state: &mut HostState) -> wasmtime::Result<wit::MediaPart> {
        Ok(wit::MediaPart {
            kind: self.kind,
            source: match &self.source {
                Source::Blob(blob) => wit_media::Source::Blob(state.lend(blob.clone())?),
                Source::Url(url) => wit_media::Source::Url(url.clone()),
            },
            extra: self.extra.clone(),
        })
    }
}

impl ToolResult {
    fn lower(&self, state: &mut HostState) -> wasmtime::Result<wit::ToolResult> {
        let content = self
            .content
            .iter()
            .map(|output| {
                Ok(match output {
                    ToolOutput::Text(text) => wit::ToolOutput::Text(text.clone()),
                    ToolOutput::Media(media) => wit::ToolOutput::Media(media.lower(state)?),
                })
            })
            .collect::<wasmtime::Result<_>>()?;
        Ok(wit::ToolResult {
            id: self.id.clone(),
            name: self.name.clone(),
            content,
            is_error: self.is_error,
            extra: self.extra.clone(),
        })
    }
}

impl Request {
    fn lower(&self, state: &mut HostState) -> wasmtime::Result<wit::Request> {
        let mut messages = Vec::with_capacity(self.messages.len());
        for message in &self.messages {
            let mut content = Vec::with_capacity(message.content.len());
            for part in &message.content {
                content.push(match part {
                    Content::Text(text) => wit::Content::Text(text.clone()),
                    Content::Media(media) => wit::Content::Media(media.lower(state)?),
                    Content::Reasoning(reasoning) => wit::Content::Reasoning(reasoning.clone()),
                    Content::ToolCall(call) => wit::Content::ToolCall(call.clone()),
                    Content::ToolResult(result) => wit::Content::ToolResult(result.lower(state)?),
                });
            }
            messages.push(wit::Message {
                role: message.role,
                content,
                extra: message.extra.clone(),
            });
        }
        Ok(wit::Request {
            model: self.model.clone(),
            system: self.system.clone(),
            messages,
            max_output_tokens: self.max_output_tokens,
            temperature: self.temperature,
            stop: self.stop.clone(),
            thinking: self.thinking,
            response_schema: self.response_schema.clone(),
            tools: self.tools.clone(),
            tool_choice: self.tool_choice.clone(),
            incremental: self.incremental,
            extra: self.extra.clone(),
        })
    }
}

impl Instance {
    /// Starts an answer, and gives the stream to pull it from.
    ///
    /// # Errors
    ///
    /// The provider's failure, or the limit that was hit.
    pub async fn start_model(mut self, request: Request) -> Result<ModelStream, CallError> {
        let pre = serves(Family::Model, self.component().pre().model.as_ref())?;
        let (provider, stream) = self
            .run(async |store| {
                let provider = pre.instantiate_async(&mut *store).await?;
                let request = request.lower(store.data_mut())?;
                let started = provider
                    .chela_provider_model()
                    .call_start(store, &request)
                    .await?;
                Ok(started.map(|stream| (provider, stream)))
            })
            .await?;
        Ok(ModelStream {
            instance: self,
            provider,
            stream,
            ended: false,
        })
    }

    /// The provider's live catalogue of models.
    ///
    /// # Errors
    ///
    /// The provider's failure (`unsupported` where its API has no catalogue), or the limit that was hit.
    pub async fn list_models(mut self) -> Result<Vec<ModelInfo>, CallError> {
        let pre = serves(Family::Model, self.component().pre().model.as_ref())?;
        self.run(async |store| {
            let provider = pre.instantiate_async(&mut *store).await?;
            provider
                .chela_provider_model()
                .call_list_models(store)
                .await
        })
        .await
    }
}

/// One answer, pulled event by event. Dropping it ends the request and the component instance.
pub struct ModelStream {
    instance: Instance,
    provider: ModelProvider,
    stream: ResourceAny,
    ended: bool,
}

impl ModelStream {
    /// The next event, waited for; none after the last.
    ///
    /// # Errors
    ///
    /// The provider's failure, or the limit that was hit. After an error or the end it gives none.
    pub async fn next(&mut self) -> Result<Option<Event>, CallError> {
        if self.ended {
            return Ok(None);
        }
        let (provider, stream) = (&self.provider, self.stream);
        let event = self
            .instance
            .run(async |store| {
                let event = provider
                    .chela_provider_model()
                    .event_stream()
                    .call_next(&mut *store, stream)
                    .await?;
                Ok(match event {
                    Ok(Some(event)) => Ok(Some(lift(event, store.data_mut())?)),
                    Ok(None) => Ok(None),
                    Err(failure) => Err(failure),
                })
            })
            .await;
        self.ended = !matches!(event, Ok(Some(_)));
        event
    }
}

impl std::fmt::Debug for ModelStream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ModelStream")
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

fn lift(event: wit::Event, state: &mut HostState) -> wasmtime::Result<Event> {
    Ok(match event {
        wit::Event::Answerer(answerer) => Event::Answerer(answerer),
        wit::Event::Ignored(names) => Event::Ignored(names),
        wit::Event::Text(text) => Event::Text(text),
        wit::Event::Reasoning(piece) => Event::Reasoning(piece),
        wit::Event::ToolCall(call) => Event::ToolCall(call),
        wit::Event::Media(blob) => Event::Media(state.take(blob)?),
        wit::Event::Citation(citation) => Event::Citation(citation),
        wit::Event::Usage(usage) => Event::Usage(usage),
        wit::Event::Extra(value) => Event::Extra(value),
        wit::Event::Finish(reason) => Event::Finish(reason),
    })
}

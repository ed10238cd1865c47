//! Language models: [`Model`] and what it takes and gives.

use crate::bindings::model::exports::chela::provider::model as raw;
use crate::{Failure, Result};
use std::cell::RefCell;
use std::marker::PhantomData;

pub use raw::{
    Answerer, Citation, Content, Event, FinishReason, MediaKind, MediaPart, Message, ModelInfo,
    Reasoning, Request, Role, ThinkingLevel, Tool, ToolCall, ToolChoice, ToolOutput, ToolResult,
};

impl Event {
    /// A piece of reasoning of which nothing has to be given back.
    pub fn reasoning(text: impl Into<String>) -> Self {
        Self::Reasoning(Reasoning {
            text: text.into(),
            opaque: None,
        })
    }
}

impl Message {
    /// A turn with this content.
    pub fn new(role: Role, content: impl Into<Vec<Content>>) -> Self {
        Self {
            role,
            content: content.into(),
            extra: Vec::new(),
        }
    }
}

impl ToolCall {
    /// A call with nothing to give back. The arguments are JSON text, complete.
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        arguments: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            arguments: arguments.into(),
            extra: Vec::new(),
        }
    }
}

impl ModelInfo {
    /// A model of which nothing but the id is known.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            name: None,
            context_window: None,
            max_output_tokens: None,
            input: None,
            extra: Vec::new(),
        }
    }
}

/// A provider of language models.
pub trait Model: 'static {
    /// Starts an answer and gives back its events.
    ///
    /// # Errors
    ///
    /// When the provider refuses before the first event.
    fn start(request: Request) -> Result<impl EventStream>;

    /// The provider's live catalogue.
    ///
    /// # Errors
    ///
    /// [`FailureKind::Unsupported`](crate::FailureKind::Unsupported) unless it is implemented.
    fn list_models() -> Result<Vec<ModelInfo>> {
        Err(Failure::unsupported("the provider has no list of models"))
    }
}

/// The events of one answer, pulled one at a time. It is dropped when nobody reads on.
///
/// [`Events`] makes one of any iterator.
pub trait EventStream: 'static {
    /// The next event, waited for; `None` after the last.
    ///
    /// # Errors
    ///
    /// When the answer ended early, after all events that arrived. It is not called again after that.
    fn next(&mut self) -> Result<Option<Event>>;
}

/// An answer that is an iterator: one that is known whole, or is made piece by piece.
pub struct Events<I>(I);

impl<I> Events<I> {
    /// An answer with these events.
    pub fn new<C: IntoIterator<IntoIter = I>>(events: C) -> Self {
        Self(events.into_iter())
    }
}

impl<I: Iterator<Item = Event> + 'static> EventStream for Events<I> {
    fn next(&mut self) -> Result<Option<Event>> {
        Ok(self.0.next())
    }
}

/// Carries a [`Model`] over to the generated code.
#[doc(hidden)]
pub struct Adapter<T>(PhantomData<T>);

#[doc(hidden)]
pub struct Stream(RefCell<Box<dyn EventStream>>);

impl<T: Model> raw::Guest for Adapter<T> {
    type EventStream = Stream;

    fn start(request: Request) -> Result<raw::EventStream> {
        let events = T::start(request)?;
        Ok(raw::EventStream::new(Stream(RefCell::new(Box::new(
            events,
        )))))
    }

    fn list_models() -> Result<Vec<ModelInfo>> {
        T::list_models()
    }
}

impl raw::GuestEventStream for Stream {
    fn next(&self) -> Result<Option<Event>> {
        self.0.borrow_mut().next()
    }
}

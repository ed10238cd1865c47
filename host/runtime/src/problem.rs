//! What is wrong with a request, told without a runtime, so that a caller can say it before it opens a folder.
//!
//! The runtime says the same of a request that comes to it; files are looked at there alone.

use chela_envelope::ErrorBody;

use crate::describe::{Medium, Question};
use crate::fault::Fault;
use crate::image_make;
use crate::{
    AudioTranscribe, EmbeddingCreate, ImageDescribe, ImageDescribeMany, ImageEdit, ImageGenerate,
    ModelRun, TtsConvert, VideoDescribe, VideoGenerate, WebFetch, WebSearch,
};

impl ModelRun {
    /// What is wrong with it whoever is asked.
    pub fn problem(&self) -> Option<ErrorBody> {
        body(self.check())
    }
}

impl ImageGenerate {
    /// What is wrong with it whoever is asked.
    pub fn problem(&self) -> Option<ErrorBody> {
        body(image_make::check(
            &self.prompt,
            &self.hints,
            &self.selection,
        ))
    }
}

impl ImageEdit {
    /// What is wrong with it whoever is asked, its files apart.
    pub fn problem(&self) -> Option<ErrorBody> {
        body(image_make::check(
            &self.prompt,
            &self.hints,
            &self.selection,
        ))
    }
}

impl ImageDescribe {
    /// What is wrong with it whoever is asked, its file apart.
    pub fn problem(&self) -> Option<ErrorBody> {
        body(Question::new(
            Medium::Picture,
            self.prompt.clone(),
            &self.selection,
        ))
    }
}

impl ImageDescribeMany {
    /// What is wrong with it whoever is asked, its files apart.
    pub fn problem(&self) -> Option<ErrorBody> {
        body(Question::new(
            Medium::Picture,
            self.prompt.clone(),
            &self.selection,
        ))
    }
}

impl AudioTranscribe {
    /// What is wrong with it whoever is asked, its file apart.
    pub fn problem(&self) -> Option<ErrorBody> {
        body(self.check())
    }
}

impl TtsConvert {
    /// What is wrong with it whoever is asked.
    pub fn problem(&self) -> Option<ErrorBody> {
        body(self.check())
    }
}

impl VideoDescribe {
    /// What is wrong with it whoever is asked, its file apart.
    pub fn problem(&self) -> Option<ErrorBody> {
        body(Question::new(
            Medium::Film,
            self.prompt.clone(),
            &self.selection,
        ))
    }
}

impl VideoGenerate {
    /// What is wrong with it whoever is asked, its files apart.
    pub fn problem(&self) -> Option<ErrorBody> {
        body(self.check())
    }
}

impl EmbeddingCreate {
    /// What is wrong with it whoever is asked.
    pub fn problem(&self) -> Option<ErrorBody> {
        body(self.check())
    }
}

impl WebSearch {
    /// What is wrong with it whoever is asked.
    pub fn problem(&self) -> Option<ErrorBody> {
        body(self.check())
    }
}

impl WebFetch {
    /// What is wrong with it whoever is asked.
    pub fn problem(&self) -> Option<ErrorBody> {
        body(self.check())
    }
}

fn body<T>(checked: Result<T, Fault>) -> Option<ErrorBody> {
    checked.err().map(|fault| fault.body(None))
}

#[cfg(test)]
mod tests {
    use crate::{EmbeddingCreate, ModelRun};
    use chela_envelope::ErrorType;

    #[test]
    fn a_blank_request_is_refused_without_a_runtime() {
        let run = ModelRun {
            prompt: "hi".into(),
            ..ModelRun::default()
        };
        assert_eq!(run.problem(), None);
        for problem in [
            ModelRun::default().problem(),
            EmbeddingCreate::default().problem(),
        ] {
            assert_eq!(problem.map(|error| error.kind), Some(ErrorType::Usage));
        }
    }
}

//! What a manifest says of each family.

use super::{Result, Strictness, values};
use crate::document::{Field, Table, Value};
use crate::{
    EmbeddingModel, EmbeddingSpec, Family, FetchSpec, ImageModes, ImageSpec, Manifest, ModelEntry,
    ModelSpec, SearchSpec, SpeechSpec, TranscriptionSpec, VideoSpec,
};

pub(super) fn read(
    table: &Table<'_>,
    strictness: Strictness,
    manifest: &mut Manifest,
) -> Result<()> {
    for family in Family::ALL {
        let Some(field) = table.get(family.as_str()) else {
            continue;
        };
        let section = field.table("a section in brackets, such as [model]")?;
        match family {
            Family::Model => manifest.model = Some(model(&section, strictness)?),
            Family::Image => manifest.image = Some(image(&section, strictness)?),
            Family::Transcription => {
                manifest.transcription = Some(transcription(&section, strictness)?);
            }
            Family::Speech => manifest.speech = Some(speech(&section, strictness)?),
            Family::Video => manifest.video = Some(video(&section, strictness)?),
            Family::Search => manifest.search = Some(search(&section, strictness)?),
            Family::Fetch => manifest.fetch = Some(fetch(&section, strictness)?),
            Family::Embedding => manifest.embedding = Some(embedding(&section, strictness)?),
        }
    }
    if manifest.families().is_empty() && !strictness.lenient {
        return Err(table.field().problem(
            "declares no family, so the provider serves nothing",
            "write a section for what it serves, such as [model] or [image]",
        ));
    }
    Ok(())
}

fn flag(table: &Table<'_>, key: &'static str) -> Result<bool> {
    table.get(key).map_or(Ok(false), |field| field.boolean())
}

fn count(table: &Table<'_>, key: &'static str) -> Result<Option<u32>> {
    table
        .get(key)
        .map(|field| values::count(&field, u32::MAX))
        .transpose()
}

fn words(
    table: &Table<'_>,
    key: &'static str,
    read: impl Fn(&Field<'_>) -> Result<String>,
) -> Result<Vec<String>> {
    let field = table.get(key);
    field.map_or_else(
        || Ok(Vec::new()),
        |field| values::words(&field, "a list of strings", read),
    )
}

/// A model that stands for a caller's silence: one of `known`, when any are listed.
fn default_of<'m>(
    table: &Table<'_>,
    key: &'static str,
    known: impl IntoIterator<Item = &'m str>,
    list: &str,
) -> Result<Option<String>> {
    let Some(field) = table.get(key) else {
        return Ok(None);
    };
    let id = values::model_id(&field)?;
    let known: Vec<&str> = known.into_iter().collect();
    if !known.is_empty() && !known.contains(&&*id) {
        let help = match crate::document::nearest(&id, &known) {
            Some(near) => format!(
                "write one of the {list} listed, such as {near:?}, or add {id:?} to `{list}`"
            ),
            None => format!("add {id:?} to `{list}`, or write one that is listed"),
        };
        return Err(field.problem(format!("is {id:?}, which is not among `{list}`"), help));
    }
    Ok(Some(id))
}

const INPUTS: &[&str] = &["text", "image", "audio", "video", "file"];

fn model(table: &Table<'_>, strictness: Strictness) -> Result<ModelSpec> {
    strictness.check(
        table,
        &[
            "default-model",
            "models",
            "describe-image",
            "describe-video",
        ],
    )?;
    let models = match table.get("models") {
        Some(field) => entries(
            &field,
            |field| model_entry(field, strictness),
            |entry| &entry.id,
        )?,
        None => Vec::new(),
    };
    let describe = |key: &'static str, medium: &str| -> Result<Option<String>> {
        let id = default_of(table, key, models.iter().map(|model| &*model.id), "models")?;
        let blind = models.iter().find(|model| {
            Some(&model.id) == id.as_ref() && !model.input.iter().any(|input| input == medium)
        });
        match (blind, table.get(key)) {
            (Some(model), Some(field)) => Err(field.problem(
                format!("is {:?}, whose `input` does not hold {medium:?}", model.id),
                format!(
                    "write input = [\"text\", {medium:?}] for that model, or name one that takes it"
                ),
            )),
            _ => Ok(id),
        }
    };
    Ok(ModelSpec {
        default_model: default_of(
            table,
            "default-model",
            models.iter().map(|model| &*model.id),
            "models",
        )?,
        describe_image: describe("describe-image", "image")?,
        describe_video: describe("describe-video", "video")?,
        models,
    })
}

fn model_entry(field: &Field<'_>, strictness: Strictness) -> Result<ModelEntry> {
    let text_alone = || vec!["text".to_owned()];
    if let Value::String(_) = field.node().value {
        return Ok(ModelEntry {
            id: values::model_id(field)?,
            input: text_alone(),
            ..ModelEntry::default()
        });
    }
    let table = field.table("an id, or { id = \"acme-1\", input = [\"text\", \"image\"] }")?;
    strictness.check(
        &table,
        &[
            "id",
            "name",
            "input",
            "context-window",
            "max-output-tokens",
            "reasoning",
        ],
    )?;
    let tokens = |key: &'static str| -> Result<Option<u64>> {
        let number = table
            .get(key)
            .map(|field| field.integer(1, 1 << 40))
            .transpose()?;
        Ok(number.map(i64::unsigned_abs))
    };
    let mut input = words(&table, "input", |field| values::one_of(field, INPUTS))?;
    if input.is_empty() {
        input = text_alone();
    }
    Ok(ModelEntry {
        id: values::model_id(&table.required("id", "write the provider's id of the model")?)?,
        name: table
            .get("name")
            .map(|field| values::line(&field, "a name for people"))
            .transpose()?,
        input,
        context_window: tokens("context-window")?,
        max_output_tokens: tokens("max-output-tokens")?,
        reasoning: flag(&table, "reasoning")?,
    })
}

/// A list of things with ids; no id twice.
fn entries<T>(
    field: &Field<'_>,
    read: impl Fn(&Field<'_>) -> Result<T>,
    id: impl Fn(&T) -> &String,
) -> Result<Vec<T>> {
    let mut all: Vec<T> = Vec::new();
    for item in field.items("[\"acme-1\"]")? {
        let entry = read(&item)?;
        values::check_length(field, all.len())?;
        if all.iter().any(|earlier| id(earlier) == id(&entry)) {
            return Err(item.problem(format!("repeats {:?}", id(&entry)), "take it out"));
        }
        all.push(entry);
    }
    Ok(all)
}

fn model_ids(table: &Table<'_>) -> Result<Vec<String>> {
    words(table, "models", values::model_id)
}

fn default_model(table: &Table<'_>, models: &[String]) -> Result<Option<String>> {
    default_of(
        table,
        "default-model",
        models.iter().map(String::as_str),
        "models",
    )
}

fn image(table: &Table<'_>, strictness: Strictness) -> Result<ImageSpec> {
    strictness.check(table, &["default-model", "models", "generate", "edit"])?;
    let models = model_ids(table)?;
    let modes = |key: &'static str| {
        table
            .get(key)
            .map(|field| image_modes(&field, strictness, key == "edit"))
            .transpose()
    };
    let spec = ImageSpec {
        default_model: default_model(table, &models)?,
        models,
        generate: modes("generate")?,
        edit: modes("edit")?,
    };
    if spec.generate.is_none() && spec.edit.is_none() {
        return Err(table.field().problem(
            "says neither `generate` nor `edit`",
            "write generate = { max-count = 1 } when it can draw, edit = { max-input-images = 1 } when it can change pictures",
        ));
    }
    Ok(spec)
}

fn image_modes(field: &Field<'_>, strictness: Strictness, edit: bool) -> Result<ImageModes> {
    let table = field.table("{ max-count = 4, sizes = [\"1024x1024\"] }")?;
    let known = [
        "max-count",
        "sizes",
        "aspect-ratios",
        "resolutions",
        "output-formats",
        "backgrounds",
        "qualities",
        "moderations",
        "max-input-images",
    ];
    strictness.check(&table, &known)?;
    if let Some(field) = table.get("max-input-images").filter(|_| !edit) {
        return Err(field.problem(
            "stands under `generate`, which takes no pictures",
            "write it under `edit`",
        ));
    }
    Ok(ImageModes {
        max_count: table
            .get("max-count")
            .map_or(Ok(1), |field| values::count(&field, 100))?,
        max_input_images: count(&table, "max-input-images")?,
        sizes: words(&table, "sizes", values::dimensions)?,
        aspect_ratios: words(&table, "aspect-ratios", values::aspect_ratio)?,
        resolutions: words(&table, "resolutions", values::resolution)?,
        output_formats: words(&table, "output-formats", |field| {
            values::one_of(field, &["png", "jpeg", "webp"])
        })?,
        backgrounds: words(&table, "backgrounds", |field| {
            values::one_of(field, &["transparent", "opaque", "auto"])
        })?,
        qualities: words(&table, "qualities", values::word)?,
        moderations: words(&table, "moderations", values::word)?,
    })
}

fn transcription(table: &Table<'_>, strictness: Strictness) -> Result<TranscriptionSpec> {
    strictness.check(
        table,
        &[
            "default-model",
            "models",
            "language",
            "prompt",
            "timestamps",
            "max-size",
        ],
    )?;
    let models = model_ids(table)?;
    Ok(TranscriptionSpec {
        default_model: default_model(table, &models)?,
        models,
        language: flag(table, "language")?,
        prompt: flag(table, "prompt")?,
        timestamps: words(table, "timestamps", |field| {
            values::one_of(field, &["segment", "word"])
        })?,
        max_size: table
            .get("max-size")
            .map(|field| values::size(&field, 1 << 40))
            .transpose()?,
    })
}

fn speech(table: &Table<'_>, strictness: Strictness) -> Result<SpeechSpec> {
    let known = [
        "default-model",
        "models",
        "default-voice",
        "voices",
        "output-formats",
        "speed",
        "instructions",
        "language",
        "max-characters",
    ];
    strictness.check(table, &known)?;
    let models = model_ids(table)?;
    let voices = words(table, "voices", values::model_id)?;
    let formats = ["mp3", "wav", "opus", "aac", "flac", "pcm"];
    Ok(SpeechSpec {
        default_model: default_model(table, &models)?,
        models,
        default_voice: default_of(
            table,
            "default-voice",
            voices.iter().map(String::as_str),
            "voices",
        )?,
        voices,
        output_formats: words(table, "output-formats", |field| {
            values::one_of(field, &formats)
        })?,
        speed: flag(table, "speed")?,
        instructions: flag(table, "instructions")?,
        language: flag(table, "language")?,
        max_characters: count(table, "max-characters")?,
    })
}

fn video(table: &Table<'_>, strictness: Strictness) -> Result<VideoSpec> {
    let known = [
        "default-model",
        "models",
        "references",
        "max-references",
        "sizes",
        "aspect-ratios",
        "resolutions",
        "durations",
        "audio",
        "watermark",
    ];
    strictness.check(table, &known)?;
    let models = model_ids(table)?;
    let roles = ["first-frame", "last-frame", "reference", "source-video"];
    let durations = match table.get("durations") {
        Some(field) => {
            let seconds: Result<Vec<u32>> = field
                .items("lengths in seconds, such as [5, 10]")?
                .map(|item| values::count(&item, 86_400))
                .collect();
            seconds?
        }
        None => Vec::new(),
    };
    Ok(VideoSpec {
        default_model: default_model(table, &models)?,
        models,
        references: words(table, "references", |field| values::one_of(field, &roles))?,
        max_references: count(table, "max-references")?,
        sizes: words(table, "sizes", values::dimensions)?,
        aspect_ratios: words(table, "aspect-ratios", values::aspect_ratio)?,
        resolutions: words(table, "resolutions", values::resolution)?,
        durations,
        audio: flag(table, "audio")?,
        watermark: flag(table, "watermark")?,
    })
}

fn search(table: &Table<'_>, strictness: Strictness) -> Result<SearchSpec> {
    strictness.check(
        table,
        &["max-results", "freshness", "region", "language", "domains"],
    )?;
    Ok(SearchSpec {
        max_results: count(table, "max-results")?,
        freshness: flag(table, "freshness")?,
        region: flag(table, "region")?,
        language: flag(table, "language")?,
        domains: flag(table, "domains")?,
    })
}

fn fetch(table: &Table<'_>, strictness: Strictness) -> Result<FetchSpec> {
    strictness.check(table, &["formats"])?;
    let formats = words(table, "formats", |field| {
        values::one_of(field, &["markdown", "text", "html"])
    })?;
    if formats.is_empty() {
        return Err(table.field().problem(
            "names no `formats`",
            "write formats = [\"markdown\", \"text\", \"html\"]",
        ));
    }
    Ok(FetchSpec { formats })
}

fn embedding(table: &Table<'_>, strictness: Strictness) -> Result<EmbeddingSpec> {
    strictness.check(
        table,
        &["default-model", "models", "dimensions", "max-texts"],
    )?;
    let models = match table.get("models") {
        Some(field) => entries(
            &field,
            |field| embedding_model(field, strictness),
            |entry| &entry.id,
        )?,
        None => Vec::new(),
    };
    Ok(EmbeddingSpec {
        default_model: default_of(
            table,
            "default-model",
            models.iter().map(|model| &*model.id),
            "models",
        )?,
        models,
        dimensions: flag(table, "dimensions")?,
        max_texts: count(table, "max-texts")?,
    })
}

fn embedding_model(field: &Field<'_>, strictness: Strictness) -> Result<EmbeddingModel> {
    if let Value::String(_) = field.node().value {
        return Ok(EmbeddingModel {
            id: values::model_id(field)?,
            dimensions: None,
        });
    }
    let table = field.table("an id, or { id = \"acme-embed\", dimensions = 1024 }")?;
    strictness.check(&table, &["id", "dimensions"])?;
    Ok(EmbeddingModel {
        id: values::model_id(&table.required("id", "write the provider's id of the model")?)?,
        dimensions: table
            .get("dimensions")
            .map(|field| values::count(&field, 65_536))
            .transpose()?,
    })
}

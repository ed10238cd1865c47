//! Reading a manifest out of a document: every rule of [`crate::grammar`], once, for TOML and for JSON.

mod access;
mod families;
mod values;

use crate::document::{Field, Node, Problem, Table};
use crate::{ContractVersion, Downloads, Limits, Manifest, ProviderId};

type Result<T> = std::result::Result<T, Problem>;

const KEYS: &[&str] = &[
    "id",
    "name",
    "version",
    "contract",
    "description",
    "homepage",
    "demonstration",
    "rank",
    "template-for",
    "apis",
    "endpoints",
    "downloads",
    "credentials",
    "limits",
    "settings",
    "model",
    "image",
    "transcription",
    "speech",
    "video",
    "search",
    "fetch",
    "embedding",
];

pub(crate) fn toml(text: &str) -> Result<Manifest> {
    check_size(text.len())?;
    let node = Node::from_toml(text)?;
    manifest(&Field::root(&node, Some(text)))
}

pub(crate) fn json(bytes: &[u8]) -> Result<Manifest> {
    check_size(bytes.len())?;
    let node = Node::from_json(bytes)?;
    manifest(&Field::root(&node, None))
}

fn check_size(size: usize) -> Result<()> {
    if size <= Manifest::MAX_SIZE {
        return Ok(());
    }
    Err(Problem {
        position: None,
        path: String::new(),
        problem: format!(
            "is {size} bytes long, more than the {} a manifest may have",
            Manifest::MAX_SIZE
        ),
        help: Some("list only the models and voices worth showing".to_owned()),
    })
}

/// Refuses the first key that is not known; passes over all of them when the contract is not one this host knows.
#[derive(Clone, Copy)]
struct Strictness {
    lenient: bool,
}

impl Strictness {
    fn check(self, table: &Table<'_>, known: &[&str]) -> Result<()> {
        match table.unknown_keys(known).next() {
            Some(problem) if !self.lenient => Err(problem),
            _ => Ok(()),
        }
    }
}

fn manifest(root: &Field<'_>) -> Result<Manifest> {
    let table = root.table("a table with id, name, version and contract")?;
    // The version first: it says whether the other keys can be held against what is known here.
    let contract = contract(&table);
    let lenient = contract
        .as_ref()
        .is_ok_and(|contract| !contract.is_supported());
    let strictness = Strictness { lenient };
    strictness.check(&table, KEYS)?;
    let head = head(&table, contract?)?;
    match body(&table, strictness, head.clone()) {
        // Of what a newer contract says in a way that is not known here, enough is kept to list it by.
        Err(_) if lenient => Ok(head),
        read => read,
    }
}

fn contract(table: &Table<'_>) -> Result<ContractVersion> {
    let field = table.required("contract", "write contract = \"0.1\"")?;
    let text = field.string("contract = \"0.1\"")?;
    ContractVersion::parse(text).ok_or_else(|| {
        field.problem(
            format!("is {text:?}, not a version of the contract"),
            "write contract = \"0.1\"",
        )
    })
}

/// What every manifest starts with.
fn head(table: &Table<'_>, contract: ContractVersion) -> Result<Manifest> {
    let field = table.required(
        "id",
        "write the provider's id, such as id = \"acme-images\"",
    )?;
    let text = field.string("id = \"acme-images\"")?;
    let id: ProviderId = text.parse().map_err(|error: crate::ManifestError| {
        let hint = error.hint().unwrap_or_default();
        field.problem(
            format!("is not a provider id: {text:?} does not fit [a-z0-9][a-z0-9._-]*"),
            hint,
        )
    })?;
    let name = values::line(
        &table.required(
            "name",
            "write a name for people, such as name = \"Acme Images\"",
        )?,
        "\"Acme Images\"",
    )?;
    let version = values::line(
        &table.required(
            "version",
            "write the component's version, such as version = \"1.0.0\"",
        )?,
        "\"1.0.0\"",
    )?;
    Ok(Manifest {
        id,
        name,
        version,
        contract,
        description: None,
        homepage: None,
        demonstration: false,
        rank: Manifest::DEFAULT_RANK,
        template_for: Vec::new(),
        apis: Vec::new(),
        endpoints: Default::default(),
        downloads: Downloads::None,
        credentials: Default::default(),
        limits: Limits::default(),
        settings: Default::default(),
        model: None,
        image: None,
        transcription: None,
        speech: None,
        video: None,
        search: None,
        fetch: None,
        embedding: None,
    })
}

fn body(table: &Table<'_>, strictness: Strictness, head: Manifest) -> Result<Manifest> {
    let mut manifest = head;
    if let Some(field) = table.get("description") {
        manifest.description = Some(values::line(&field, "one sentence")?);
    }
    if let Some(field) = table.get("homepage") {
        manifest.homepage = Some(values::homepage(&field)?);
    }
    if let Some(field) = table.get("demonstration") {
        manifest.demonstration = field.boolean()?;
    }
    if let Some(field) = table.get("rank") {
        manifest.rank =
            u16::try_from(field.integer(0, u16::MAX.into())?).expect("the range was checked");
    }
    if let Some(field) = table.get("template-for") {
        manifest.template_for = apis(&field)?;
    }
    if let Some(field) = table.get("apis") {
        manifest.apis = apis(&field)?;
    }
    access::read(table, strictness, &mut manifest)?;
    families::read(table, strictness, &mut manifest)?;
    Ok(manifest)
}

/// Names of dialects, at least one.
fn apis(field: &Field<'_>) -> Result<Vec<String>> {
    let apis = values::words(field, "[\"openai-completions\"]", values::api)?;
    if apis.is_empty() {
        return Err(field.problem(
            "is empty",
            "name an api, such as [\"openai-completions\"], or take the key out",
        ));
    }
    Ok(apis)
}

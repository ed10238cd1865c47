//! `wit/reference.md`: the contract for reading, made from the WIT and checked to be current.
//!
//! `BLESS=1 cargo test -p chela-test-support --test architecture` writes it anew.

use std::fmt::Write as _;

use chela_test_support::golden;
use wit_parser::{
    Docs, Function, Handle, Interface, InterfaceId, Package, Resolve, Stability, Type, TypeDefKind,
    TypeId, TypeOwner, World, WorldItem,
};

use crate::contract::load;
use crate::source::top;

#[test]
fn the_reference_is_current() {
    let path = top().join("wit/reference.md");
    if let Err(difference) = golden::compare(&path, &render(&load())) {
        panic!("{difference}");
    }
}

fn render(resolve: &Resolve) -> String {
    let mut page = Page {
        resolve,
        text: String::new(),
    };
    let (_, package) = resolve
        .packages
        .iter()
        .next()
        .expect("there is one package");
    page.line(&format!("# `{}`", package.name));
    page.docs(&package.docs);
    page.line("Generated from the `.wit` files beside it by `BLESS=1 cargo test -p chela-test-support --test architecture`; do not edit.\n");
    page.line("## Contents\n");
    let interfaces = reading_order(resolve, package);
    for name in interfaces.iter().map(|interface| name_of(interface)) {
        page.line(&format!("- [interface `{name}`](#interface-{name})"));
    }
    for name in package.worlds.keys() {
        page.line(&format!("- [world `{name}`](#world-{name})"));
    }
    page.line("");
    for interface in interfaces {
        page.interface(interface);
    }
    package
        .worlds
        .values()
        .for_each(|id| page.world(&resolve.worlds[*id]));
    let text = page.text.trim_end();
    format!("{text}\n")
}

/// What a component imports, then what it may export, then the rest: the order in which one learns the contract.
fn reading_order<'a>(resolve: &'a Resolve, package: &Package) -> Vec<&'a Interface> {
    let provider = &resolve.worlds[package.worlds["provider"]];
    let of_world = provider.imports.values().chain(provider.exports.values());
    let mut order: Vec<InterfaceId> = Vec::new();
    for item in of_world {
        if let WorldItem::Interface { id, .. } = item
            && !order.contains(id)
        {
            order.push(*id);
        }
    }
    for id in package.interfaces.values() {
        if !order.contains(id) {
            order.push(*id);
        }
    }
    order
        .into_iter()
        .map(|id| &resolve.interfaces[id])
        .collect()
}

fn name_of(interface: &Interface) -> &str {
    interface
        .name
        .as_deref()
        .expect("every interface of the package has a name")
}

struct Page<'a> {
    resolve: &'a Resolve,
    text: String,
}

impl Page<'_> {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn docs(&mut self, docs: &Docs) {
        let text = docs.contents.as_deref().unwrap_or_default().trim();
        self.line(&format!("\n{text}\n"));
    }

    /// A heading with what it stands for, its version and its documentation.
    fn heading(&mut self, level: usize, title: &str, docs: &Docs, stability: &Stability) {
        self.line(&format!("{} {title}", "#".repeat(level)));
        if let Stability::Stable { since, .. } = stability {
            self.line(&format!("\n_Since {since}._"));
        }
        self.docs(docs);
    }

    fn interface(&mut self, interface: &Interface) {
        let own = name_of(interface);
        self.heading(
            2,
            &format!("<a id=\"interface-{own}\"></a>interface `{own}`"),
            &interface.docs,
            &interface.stability,
        );
        for (name, id) in &interface.types {
            self.definition(own, name, *id);
        }
        let free = interface
            .functions
            .values()
            .filter(|function| function.kind.resource().is_none());
        free.for_each(|function| self.function(3, function));
    }

    fn definition(&mut self, interface: &str, name: &str, id: TypeId) {
        let definition = &self.resolve.types[id];
        if let TypeDefKind::Type(Type::Id(original)) = definition.kind
            && definition.docs.contents.is_none()
        {
            let origin = self.origin(original);
            self.line(&format!(
                "- `{name}` is [`{origin}.{name}`](#{origin}-{name})."
            ));
            self.line("");
            return;
        }
        let title = format!(
            "<a id=\"{interface}-{name}\"></a>{} `{name}`",
            definition.kind.as_str()
        );
        self.heading(3, &title, &definition.docs, &definition.stability);
        match &definition.kind {
            TypeDefKind::Record(record) => {
                let rows = record
                    .fields
                    .iter()
                    .map(|field| (field.name.as_str(), Some(field.ty), &field.docs));
                self.members("field", rows.collect());
            }
            TypeDefKind::Variant(variant) => {
                let rows = variant
                    .cases
                    .iter()
                    .map(|case| (case.name.as_str(), case.ty, &case.docs));
                self.members("case", rows.collect());
            }
            TypeDefKind::Enum(list) => {
                let rows = list
                    .cases
                    .iter()
                    .map(|case| (case.name.as_str(), None, &case.docs));
                self.members("case", rows.collect());
            }
            TypeDefKind::Resource => {
                let resolve = self.resolve;
                let TypeOwner::Interface(owner) = definition.owner else {
                    return;
                };
                let methods = resolve.interfaces[owner].functions.values();
                methods
                    .filter(|function| function.kind.resource() == Some(id))
                    .for_each(|method| self.function(4, method));
            }
            kind => {
                let target = self.kind(kind);
                self.line(&format!("`{target}`\n"));
            }
        }
    }

    /// A table with a row for each field or case.
    fn members(&mut self, what: &str, rows: Vec<(&str, Option<Type>, &Docs)>) {
        let typed = rows.iter().any(|(_, kind, _)| kind.is_some());
        self.line(&if typed {
            format!("| {what} | type | |\n|---|---|---|")
        } else {
            format!("| {what} | |\n|---|---|")
        });
        for (name, kind, docs) in rows {
            let meaning = docs
                .contents
                .as_deref()
                .unwrap_or_default()
                .trim()
                .replace('\n', " ")
                .replace('|', "\\|");
            let kind = kind.map(|kind| format!("`{}`", self.kind_of(kind)));
            let row = match (typed, kind) {
                (true, kind) => format!("| `{name}` | {} | {meaning} |", kind.unwrap_or_default()),
                (false, _) => format!("| `{name}` | {meaning} |"),
            };
            self.line(&row);
        }
        self.line("");
    }

    fn function(&mut self, level: usize, function: &Function) {
        let mut signature = format!("{}: ", function.item_name());
        if matches!(function.kind, wit_parser::FunctionKind::Static(_)) {
            signature.push_str("static ");
        }
        signature.push_str("func(");
        let hidden = usize::from(matches!(function.kind, wit_parser::FunctionKind::Method(_)));
        for (number, parameter) in function.params.iter().skip(hidden).enumerate() {
            let separator = if number == 0 { "" } else { ", " };
            let _ = write!(
                signature,
                "{separator}{}: {}",
                parameter.name,
                self.kind_of(parameter.ty)
            );
        }
        signature.push(')');
        let is_constructor = matches!(function.kind, wit_parser::FunctionKind::Constructor(_));
        if let Some(result) = function.result.filter(|_| !is_constructor) {
            let _ = write!(signature, " -> {}", self.kind_of(result));
        }
        let title = if is_constructor {
            signature.replacen(": func", "", 1)
        } else {
            signature
        };
        self.heading(
            level,
            &format!("`{title}`"),
            &function.docs,
            &function.stability,
        );
    }

    fn world(&mut self, world: &World) {
        let title = format!("<a id=\"world-{0}\"></a>world `{0}`", world.name);
        self.heading(2, &title, &world.docs, &world.stability);
        for (direction, items) in [("import", &world.imports), ("export", &world.exports)] {
            for item in items.values() {
                let WorldItem::Interface { id, .. } = item else {
                    continue;
                };
                let name = self.resolve.interfaces[*id]
                    .name
                    .as_deref()
                    .unwrap_or_default();
                self.line(&format!("- {direction} [`{name}`](#interface-{name})"));
            }
        }
        self.line("");
    }

    /// The name of the interface a type was first defined in.
    fn origin(&self, id: TypeId) -> &str {
        match self.resolve.types[id].owner {
            TypeOwner::Interface(owner) => self.resolve.interfaces[owner]
                .name
                .as_deref()
                .unwrap_or_default(),
            TypeOwner::World(_) | TypeOwner::None => "",
        }
    }

    /// A type as WIT writes it.
    fn kind_of(&self, kind: Type) -> String {
        match kind {
            Type::Bool => "bool".to_owned(),
            Type::U8 => "u8".to_owned(),
            Type::U16 => "u16".to_owned(),
            Type::U32 => "u32".to_owned(),
            Type::U64 => "u64".to_owned(),
            Type::S8 => "s8".to_owned(),
            Type::S16 => "s16".to_owned(),
            Type::S32 => "s32".to_owned(),
            Type::S64 => "s64".to_owned(),
            Type::F32 => "f32".to_owned(),
            Type::F64 => "f64".to_owned(),
            Type::Char => "char".to_owned(),
            Type::String => "string".to_owned(),
            Type::ErrorContext => "error-context".to_owned(),
            Type::Id(id) => {
                let definition = &self.resolve.types[id];
                definition
                    .name
                    .clone()
                    .unwrap_or_else(|| self.kind(&definition.kind))
            }
        }
    }

    fn kind(&self, kind: &TypeDefKind) -> String {
        match kind {
            TypeDefKind::Option(inner) => format!("option<{}>", self.kind_of(*inner)),
            TypeDefKind::List(inner) => format!("list<{}>", self.kind_of(*inner)),
            TypeDefKind::Tuple(tuple) => {
                let types: Vec<String> = tuple
                    .types
                    .iter()
                    .map(|inner| self.kind_of(*inner))
                    .collect();
                format!("tuple<{}>", types.join(", "))
            }
            TypeDefKind::Result(result) => {
                let good = result
                    .ok
                    .map_or_else(|| "_".to_owned(), |inner| self.kind_of(inner));
                match result.err {
                    Some(bad) => format!("result<{good}, {}>", self.kind_of(bad)),
                    None => format!("result<{good}>"),
                }
            }
            // Owning is what a bare name means.
            TypeDefKind::Handle(Handle::Own(id)) => self.kind_of(Type::Id(*id)),
            TypeDefKind::Handle(Handle::Borrow(id)) => {
                format!("borrow<{}>", self.kind_of(Type::Id(*id)))
            }
            TypeDefKind::Type(inner) => self.kind_of(*inner),
            other => panic!("the reference has no words for a {}", other.as_str()),
        }
    }
}

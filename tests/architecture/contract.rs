//! Every item of the contract is documented and says since when it is there.

use wit_parser::{Docs, Interface, Resolve, Stability, TypeDefKind, World, WorldItem};

use crate::source::top;

/// The contract, parsed.
pub(crate) fn load() -> Resolve {
    // Every item counts, also one that is not stable yet.
    let mut resolve = Resolve {
        all_features: true,
        ..Resolve::default()
    };
    resolve
        .push_dir(top().join("wit"))
        .expect("the contract parses");
    resolve
}

#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn item(&mut self, name: &str, docs: &Docs, stability: &Stability) {
        self.docs(name, docs);
        self.since(name, stability);
    }

    fn docs(&mut self, name: &str, docs: &Docs) {
        let text = docs.contents.as_deref().unwrap_or_default().trim();
        if text.is_empty() {
            self.0.push(format!("{name} has no documentation"));
        }
    }

    fn since(&mut self, name: &str, stability: &Stability) {
        if !matches!(stability, Stability::Stable { .. }) {
            self.0.push(format!("{name} has no @since"));
        }
    }

    fn interface(&mut self, resolve: &Resolve, interface: &Interface) {
        let own = interface
            .name
            .as_deref()
            .unwrap_or("an interface without a name");
        self.item(own, &interface.docs, &interface.stability);
        for (name, id) in &interface.types {
            let definition = &resolve.types[*id];
            let name = format!("{own}.{name}");
            match &definition.kind {
                // A `use`: the item is documented where it comes from.
                TypeDefKind::Type(wit_parser::Type::Id(_))
                    if definition.docs.contents.is_none() =>
                {
                    continue;
                }
                TypeDefKind::Record(record) => {
                    record.fields.iter().for_each(|field| {
                        self.docs(&format!("{name}.{}", field.name), &field.docs);
                    });
                }
                TypeDefKind::Variant(variant) => {
                    variant
                        .cases
                        .iter()
                        .for_each(|case| self.docs(&format!("{name}.{}", case.name), &case.docs));
                }
                TypeDefKind::Enum(list) => {
                    list.cases
                        .iter()
                        .for_each(|case| self.docs(&format!("{name}.{}", case.name), &case.docs));
                }
                TypeDefKind::Flags(flags) => {
                    flags
                        .flags
                        .iter()
                        .for_each(|flag| self.docs(&format!("{name}.{}", flag.name), &flag.docs));
                }
                _ => {}
            }
            self.item(&name, &definition.docs, &definition.stability);
        }
        for (name, function) in &interface.functions {
            // A constructor stands in a resource that says since when it is there; WIT lets it carry no more.
            let name = format!("{own}.{name}");
            self.docs(&name, &function.docs);
            if !name.contains("[constructor]") {
                self.since(&name, &function.stability);
            }
        }
    }

    fn world(&mut self, resolve: &Resolve, world: &World) {
        self.item(&world.name, &world.docs, &world.stability);
        for (key, item) in world.imports.iter().chain(&world.exports) {
            let name = format!("{} of world {}", resolve.name_world_key(key), world.name);
            match item {
                WorldItem::Interface { stability, .. } => self.since(&name, stability),
                WorldItem::Function(_) | WorldItem::Type { .. } => {
                    self.0.push(format!("{name} stands outside an interface"));
                }
            }
        }
    }
}

#[test]
fn every_item_is_documented_and_dated() {
    let resolve = load();
    let mut faults = Faults::default();
    for (_, package) in &resolve.packages {
        faults.docs(&package.name.to_string(), &package.docs);
    }
    resolve
        .interfaces
        .iter()
        .for_each(|(_, interface)| faults.interface(&resolve, interface));
    resolve
        .worlds
        .iter()
        .for_each(|(_, world)| faults.world(&resolve, world));
    assert!(faults.0.is_empty(), "{}", faults.0.join("\n"));
}

#[test]
fn no_family_leans_on_another() {
    // A type of one family used by another would make a component that serves one need both.
    const SHARED: [&str; 5] = ["types", "media", "http", "context", "log"];
    let resolve = load();
    for (_, interface) in &resolve.interfaces {
        for (name, id) in &interface.types {
            let TypeDefKind::Type(wit_parser::Type::Id(original)) = resolve.types[*id].kind else {
                continue;
            };
            let wit_parser::TypeOwner::Interface(owner) = resolve.types[original].owner else {
                continue;
            };
            let owner = resolve.interfaces[owner]
                .name
                .as_deref()
                .unwrap_or_default();
            let own = interface.name.as_deref().unwrap_or_default();
            assert!(
                owner == own || SHARED.contains(&owner),
                "{own} uses {name} of {owner}"
            );
        }
    }
}

//! Components whose harm is in how they are built. No language makes them, so they are put together here: the well-behaved guest,
//! with core modules behind it that are instantiated together with it.

use chela_sandbox::{CallError, ComponentBytes, LimitKind, Limits};
use wasm_encoder::{
    CodeSection, ComponentSection, Function, FunctionSection, HeapType, InstanceSection,
    MemorySection, MemoryType, Module, ModuleArg, ModuleSection, RefType, StartSection,
    TableSection, TableType, TypeSection,
};

use crate::house::{House, ask, guest, provider};

/// The well-behaved guest with `module` in it, instantiated `count` times.
fn with(module: &Module, count: usize) -> ComponentBytes {
    let mut component = guest("answers");
    let index = core_modules(&component.bytes);
    let bytes = component.bytes.to_mut();
    ModuleSection(module).append_to_component(bytes);
    let mut instances = InstanceSection::new();
    for _ in 0..count {
        instances.instantiate::<[(&str, ModuleArg); 0], &str>(index, []);
    }
    instances.append_to_component(bytes);
    component.digest = format!(
        "{}-with-{}",
        component.digest,
        chela_manifest::digest(bytes)
    );
    component
}

/// How many core modules a component has: how many of its sections are one.
fn core_modules(component: &[u8]) -> u32 {
    let mut at = 8;
    let mut count = 0;
    while at < component.len() {
        count += u32::from(component[at] == 1);
        at += 1;
        let (mut length, mut shift) = (0, 0);
        loop {
            let byte = component[at];
            at += 1;
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        at += length;
    }
    count
}

/// What stops a component under the limits that are on by default.
async fn stops(component: &ComponentBytes) -> Result<(), LimitKind> {
    let house = House::new();
    let loaded = house.load(component).await;
    let outcome = ask(
        &loaded,
        "x",
        provider(Limits::default()),
        std::time::Duration::from_secs(60),
    )
    .await;
    house.is_as_before().await;
    match outcome {
        Ok(_) => Ok(()),
        Err(CallError::Limit(limit)) => Err(limit),
        Err(other) => panic!("it ended otherwise: {other}"),
    }
}

fn tables(count: usize) -> TableSection {
    let mut tables = TableSection::new();
    for _ in 0..count {
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: 1,
            maximum: None,
            shared: false,
        });
    }
    tables
}

/// A module that grows a table by a thousand elements so many times, as it starts.
fn grows_a_table(times: u32) -> Module {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut body = Function::new([]);
    for _ in 0..times {
        body.instructions()
            .ref_null(HeapType::FUNC)
            .i32_const(1000)
            .table_grow(0)
            .drop();
    }
    body.instructions().end();
    let mut code = CodeSection::new();
    code.function(&body);
    let mut module = Module::new();
    module
        .section(&types)
        .section(&functions)
        .section(&tables(1));
    module
        .section(&StartSection { function_index: 0 })
        .section(&code);
    module
}

fn with_tables(count: usize) -> Module {
    let mut module = Module::new();
    module.section(&tables(count));
    module
}

fn with_memory() -> Module {
    let mut memories = MemorySection::new();
    memories.memory(MemoryType {
        minimum: 1,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    });
    let mut module = Module::new();
    module.section(&memories);
    module
}

#[tokio::test]
async fn a_table_that_grows_is_stopped_by_its_elements() {
    assert_eq!(stops(&with(&grows_a_table(150), 1)).await, Ok(()));
    assert_eq!(
        stops(&with(&grows_a_table(201), 1)).await,
        Err(LimitKind::Tables)
    );
}

#[tokio::test]
async fn tables_that_grow_are_counted_together() {
    assert_eq!(
        stops(&with(&grows_a_table(51), 4)).await,
        Err(LimitKind::Tables)
    );
}

#[tokio::test]
async fn many_tables_are_too_many() {
    assert_eq!(stops(&with(&with_tables(50), 1)).await, Ok(()));
    assert_eq!(
        stops(&with(&with_tables(65), 1)).await,
        Err(LimitKind::Instances)
    );
}

#[tokio::test]
async fn many_memories_are_too_many() {
    assert_eq!(stops(&with(&with_memory(), 5)).await, Ok(()));
    assert_eq!(
        stops(&with(&with_memory(), 9)).await,
        Err(LimitKind::Instances)
    );
}

#[tokio::test]
async fn many_instances_are_too_many() {
    assert_eq!(stops(&with(&Module::new(), 50)).await, Ok(()));
    assert_eq!(
        stops(&with(&Module::new(), 65)).await,
        Err(LimitKind::Instances)
    );
}

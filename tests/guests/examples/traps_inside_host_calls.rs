//! Traps while it is in a host call. The query is the call and how: `media.read nonsense` passes what is no handle, no pointer and
//! no case of an enum; `media.read memory` traps in its own allocator, when the host asks it for memory to answer into.
//!
//! The imports are written out as the canonical ABI has them, because the SDK's bindings let nothing of this through.
#![expect(
    unsafe_code,
    reason = "what is called here is what a binding of good faith would not call"
)]
#![cfg_attr(
    not(target_family = "wasm"),
    expect(
        clippy::too_many_arguments,
        reason = "the canonical ABI takes a record apart"
    )
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

/// Traps when it is asked for memory after it was armed.
struct Allocator;

static ARMED: AtomicBool = AtomicBool::new(false);

fn trap_if_armed() {
    if ARMED.load(Ordering::Relaxed) {
        #[cfg(target_family = "wasm")]
        core::arch::wasm32::unreachable();
    }
}

// SAFETY: what is asked of it is asked of the system's allocator, unchanged.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        trap_if_armed();
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        trap_if_armed();
        // SAFETY: as above.
        unsafe { System.realloc(old, layout, size) }
    }

    unsafe fn dealloc(&self, old: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(old, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

macro_rules! imports {
    ($($module:literal { $($import:literal fn $name:ident($($argument:ident: $kind:ty),*) $(-> $result:ty)?;)* })*) => {
        $(
            #[cfg(target_family = "wasm")]
            #[link(wasm_import_module = $module)]
            unsafe extern "C" {
                $(#[link_name = $import] fn $name($($argument: $kind),*) $(-> $result)?;)*
            }

            // So that the file compiles where there is no host.
            $(
                #[cfg(not(target_family = "wasm"))]
                unsafe fn $name($(_: $kind),*) $(-> $result)? {
                    unreachable!("only a component calls this")
                }
            )*
        )*
    };
}

imports! {
    "chela:provider/context@0.1.0" {
        "provider-id" fn provider_id(answer: usize);
        "setting" fn setting(name: usize, length: usize, answer: usize);
        "credential-present" fn credential_present(name: usize, length: usize) -> i32;
        "endpoint-replaced" fn endpoint_replaced(name: usize, length: usize) -> i32;
    }
    "chela:provider/log@0.1.0" {
        "write" fn write(level: i32, text: usize, length: usize);
    }
    "chela:provider/media@0.1.0" {
        "[constructor]blob" fn media_new(kind: usize, kind_length: usize, bytes: usize, length: usize) -> i32;
        "[method]blob.mime-type" fn media_type(blob: i32, answer: usize);
        "[method]blob.size" fn media_size(blob: i32) -> i64;
        "[method]blob.file-name" fn media_name(blob: i32, answer: usize);
        "[method]blob.read" fn media_read(blob: i32, offset: i64, length: i32, answer: usize);
        "[resource-drop]blob" fn media_drop(blob: i32);
    }
    "chela:provider/http@0.1.0" {
        "send" fn send(
            method: i32,
            target: i32, endpoint: usize, endpoint_length: usize, path: usize, path_length: usize, query: usize, query_length: usize,
            headers: usize, headers_length: usize,
            body: i32, parts: usize, parts_length: usize,
            answer: usize
        );
        "[method]response.status" fn status(response: i32) -> i32;
        "[method]response.headers" fn headers(response: i32, answer: usize);
        "[method]response.header" fn header(response: i32, name: usize, length: usize, answer: usize);
        "[method]response.url" fn url(response: i32, answer: usize);
        "[method]response.read" fn response_read(response: i32, most: i32, answer: usize);
        "[static]response.into-blob" fn into_blob(response: i32, kind: usize, length: usize, answer: usize);
        "[resource-drop]response" fn response_drop(response: i32);
    }
}

/// No handle that was ever given.
const NO_HANDLE: i32 = 4711;
/// An address, aligned, behind the end of the memory of any component here.
const NOWHERE: usize = 0xffff_ff00;

fn with_nonsense(call: &str) {
    let (ok, nowhere) = (b"ok", NOWHERE);
    let ok = (ok.as_ptr() as usize, ok.len());
    // SAFETY: there is none; the host has to see to it that only this component comes to harm.
    unsafe {
        match call {
            "context.provider-id" => provider_id(nowhere),
            "context.setting" => setting(nowhere, 64, nowhere),
            "context.credential-present" => {
                credential_present(nowhere, 64);
            }
            "context.endpoint-replaced" => {
                endpoint_replaced(nowhere, 64);
            }
            "log.write" => write(99, ok.0, ok.1),
            "media.new" => {
                media_new(ok.0, ok.1, nowhere, 64);
            }
            "media.mime-type" => media_type(NO_HANDLE, nowhere),
            "media.size" => {
                media_size(NO_HANDLE);
            }
            "media.file-name" => media_name(NO_HANDLE, nowhere),
            "media.read" => media_read(NO_HANDLE, -1, -1, nowhere),
            "media.drop" => media_drop(NO_HANDLE),
            "http.send" => send(99, 99, 0, 0, 0, 0, 0, 0, 0, 0, 99, 0, 0, nowhere),
            "http.status" => {
                status(NO_HANDLE);
            }
            "http.headers" => headers(NO_HANDLE, nowhere),
            "http.header" => header(NO_HANDLE, ok.0, ok.1, nowhere),
            "http.url" => url(NO_HANDLE, nowhere),
            "http.read" => response_read(NO_HANDLE, -1, nowhere),
            "http.into-blob" => into_blob(NO_HANDLE, ok.0, ok.1, nowhere),
            "http.drop" => response_drop(NO_HANDLE),
            _ => panic!("there is no call {call}"),
        }
    }
}

/// Sends a request to an endpoint, with an answer that is given as the canonical ABI has it.
fn send_to(endpoint: &str, answer: &mut [u64; 16]) {
    let path = "/trap";
    // SAFETY: these are strings and an answer of sufficient size.
    unsafe {
        send(
            0,
            0,
            endpoint.as_ptr() as usize,
            endpoint.len(),
            path.as_ptr() as usize,
            path.len(),
            4,
            0,
            4,
            0,
            0,
            0,
            0,
            answer.as_mut_ptr() as usize,
        );
    }
}

fn without_memory(call: &str) {
    let mut answer = [0_u64; 16];
    let (name, bytes) = ("x-note", [7; 100]);
    let name = (name.as_ptr() as usize, name.len());
    // SAFETY: these are handles that were given, strings, and an answer of sufficient size.
    unsafe {
        let blob = media_new(name.0, 0, bytes.as_ptr() as usize, bytes.len());
        let mut response = 0;
        if call.starts_with("http.") && call != "http.send" {
            send_to("api", &mut answer);
            // The case, and behind it the handle.
            assert_eq!(answer[0] & 0xff, 0, "it answers");
            response = i32::try_from(answer[1] & 0xffff_ffff).expect("a handle is small");
        }
        let to = answer.as_mut_ptr() as usize;
        ARMED.store(true, Ordering::Relaxed);
        match call {
            "context.provider-id" => provider_id(to),
            "context.setting" => setting(name.0, name.1, to),
            "media.mime-type" => media_type(blob, to),
            "media.read" => media_read(blob, 0, 100, to),
            "http.send" => send_to("nowhere", &mut answer),
            "http.headers" => headers(response, to),
            "http.header" => header(response, name.0, name.1, to),
            "http.url" => url(response, to),
            "http.read" => response_read(response, 100, to),
            _ => panic!("there is no call {call} that needs memory"),
        }
        ARMED.store(false, Ordering::Relaxed);
    }
}

chela_test_guests::guest!(|query| {
    match query.split_once(' ') {
        Some((call, "nonsense")) => with_nonsense(call),
        Some((call, "memory")) => without_memory(call),
        _ => panic!("the query is a call and how"),
    }
    Ok("went on".to_owned())
});

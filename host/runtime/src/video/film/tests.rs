use super::*;
use proptest::prelude::*;

fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len() + 8).expect("a small box");
    [&length.to_be_bytes()[..], kind, content].concat()
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// Not turned, and turned by a quarter.
const STRAIGHT: [u32; 9] = [0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000];
const TURNED: [u32; 9] = [0, 0x1_0000, 0, 0xffff_0000, 0, 0, 0, 0, 0x4000_0000];

fn header_of(version: u8, scale: u32, length: u64) -> Vec<u8> {
    let first = u32::from(version) << 24;
    let content = match version {
        0 => words(&[first, 0, 0, scale, length as u32]),
        _ => words(&[
            first,
            0,
            0,
            0,
            0,
            scale,
            (length >> 32) as u32,
            length as u32,
        ]),
    };
    boxed(b"mvhd", &[content, words(&[0; 20])].concat())
}

fn track(kind: &[u8; 4], version: u8, matrix: [u32; 9], sides: (u32, u32)) -> Vec<u8> {
    let before = if version == 0 { 10 } else { 13 };
    let mut head = vec![0; before];
    head[0] = u32::from(version) << 24;
    let tkhd = [
        words(&head),
        words(&matrix),
        words(&[sides.0 << 16, sides.1 << 16]),
    ];
    let hdlr = boxed(b"hdlr", &[&words(&[0, 0])[..], kind, &[0; 13]].concat());
    boxed(
        b"trak",
        &[boxed(b"tkhd", &tkhd.concat()), boxed(b"mdia", &hdlr)].concat(),
    )
}

fn type_of(brand: &[u8; 4]) -> Vec<u8> {
    boxed(b"ftyp", &[&brand[..], &[0; 4]].concat())
}

/// A film with sound: the sound's track first, which has no size.
fn whole(moov_first: bool) -> Vec<u8> {
    let moov = boxed(
        b"moov",
        &[
            header_of(0, 600, 4500),
            track(b"soun", 0, STRAIGHT, (0, 0)),
            track(b"vide", 0, STRAIGHT, (1280, 720)),
        ]
        .concat(),
    );
    let mdat = boxed(b"mdat", &[7; 100]);
    let (first, last) = if moov_first {
        (moov, mdat)
    } else {
        (mdat, moov)
    };
    [type_of(b"isom"), first, last].concat()
}

async fn look(bytes: &[u8]) -> Result<Seen, Fault> {
    film(&Blob::from_bytes("", bytes.to_vec().into())).await
}

#[tokio::test]
async fn size_and_length_are_those_of_the_bytes() {
    for moov_first in [true, false] {
        let seen = look(&whole(moov_first)).await.expect("it is one");
        assert_eq!(
            seen,
            Seen {
                mime_type: "video/mp4",
                dimensions: Some((1280, 720)),
                duration_ms: Some(7500),
                sample_rate: None,
            }
        );
    }
    let turned = [
        type_of(b"qt  "),
        boxed(
            b"moov",
            &[
                header_of(1, 1000, 2500),
                track(b"vide", 1, TURNED, (1920, 1080)),
            ]
            .concat(),
        ),
        // A box that goes on until the end, as writers that did not know leave it.
        words(&[0]),
        b"mdat and more".to_vec(),
    ]
    .concat();
    let seen = look(&turned).await.expect("it is one");
    assert_eq!(seen.mime_type, "video/quicktime");
    assert_eq!(seen.dimensions, Some((1080, 1920)));
    assert_eq!(seen.duration_ms, Some(2500));
}

#[tokio::test]
async fn what_the_boxes_do_not_say_is_not_told() {
    for (scale, length) in [(0, 5), (600, 0), (600, u64::from(u32::MAX))] {
        let moov = boxed(b"moov", &header_of(0, scale, length));
        let seen = look(&[type_of(b"isom"), moov].concat()).await;
        let seen = seen.expect("it is one");
        assert_eq!((seen.dimensions, seen.duration_ms), (None, None));
    }
    let mut webm =
        b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm"
            .to_vec();
    webm.resize(300, 0);
    let seen = look(&webm).await.expect("it is one");
    assert_eq!((seen.mime_type, seen.duration_ms), ("video/webm", None));
}

#[tokio::test]
async fn what_is_no_film_or_half_of_one_is_an_error() {
    let film = whole(false);
    for (bytes, kind, word) in [
        (&b""[..], ErrorType::EmptyOutput, "empty"),
        (b"{\"error\": 1}", ErrorType::BadResponse, "JSON"),
        (b"<html><body>", ErrorType::BadResponse, "HTML"),
        (b"ID3\x03\0\0\0\0\0\0", ErrorType::BadResponse, "audio/mpeg"),
        (&film[..film.len() - 1], ErrorType::BadResponse, "cut short"),
        (&film[..60], ErrorType::BadResponse, "cut short"),
        (&film[..24], ErrorType::BadResponse, "cut short"),
    ] {
        let fault = look(bytes).await.expect_err(word);
        assert_eq!(fault.kind, kind, "{word}");
        assert!(fault.message.contains(word), "{}", fault.message);
    }
}

#[tokio::test]
async fn boxes_without_end_are_not_followed() {
    let mut bytes = type_of(b"isom");
    for _ in 0..200_000 {
        bytes.extend(boxed(b"free", b""));
    }
    assert!(look(&bytes).await.is_ok());
}

proptest! {
    #[test]
    fn any_bytes_are_looked_at(noise in proptest::collection::vec(any::<u8>(), 0..300), at in 0usize..600, swap in 0usize..600) {
        let film = whole(true);
        let cut = &film[..at.min(film.len())];
        let mut mixed = film.clone();
        for (place, byte) in noise.iter().enumerate() {
            let length = mixed.len();
            mixed[(swap + place * 7) % length] ^= byte;
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        for bytes in [cut, &[cut, &noise].concat(), &[cut, &film].concat(), &mixed] {
            let _ = runtime.block_on(look(bytes));
            let blob = Blob::from_bytes("video/mp4", bytes.to_vec().into());
            let _ = runtime.block_on(measure(&blob));
        }
    }
}

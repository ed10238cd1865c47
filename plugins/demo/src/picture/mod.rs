//! Pictures: drawn from a prompt, or changed.

mod canvas;
mod colour;
mod composition;
mod edit;
mod png;

pub(crate) use edit::edit;

use chela_sdk::image::{Background, Format, GenerateRequest, Options, Picture, Response};
use chela_sdk::{Blob, Failure, Result};

use crate::MODEL;
use crate::dice::hash;

/// The longest side, in pixels. A picture of that size is 16 MiB in memory.
const MOST: u32 = 2048;

/// Draws.
pub(crate) fn generate(request: &GenerateRequest) -> Result<Response> {
    png_only(&request.options)?;
    let (width, height) = size(&request.options)?;
    let transparent = matches!(request.options.background, Some(Background::Transparent));
    respond(request.options.count, |index| {
        let seed = seed(&request.prompt, request.options.seed, index);
        let canvas = composition::draw(&request.prompt, seed, width, height, transparent);
        Ok((canvas, seed))
    })
}

/// Makes `count` pictures.
fn respond(count: u32, draw: impl Fn(u32) -> Result<(canvas::Canvas, u64)>) -> Result<Response> {
    let mut pictures = Vec::new();
    for index in 0..count.max(1) {
        let (canvas, seed) = draw(index)?;
        pictures.push(Picture {
            seed: Some(seed),
            ..Picture::new(Blob::new("image/png", &png::write(&canvas)))
        });
    }
    Ok(Response {
        pictures,
        model: Some(MODEL.to_owned()),
        ..Response::default()
    })
}

/// What decides everything that the prompt's words do not. Asked for again, it gives the same picture again.
fn seed(prompt: &str, asked: Option<u64>, index: u32) -> u64 {
    match asked {
        Some(first) => first.wrapping_add(u64::from(index)),
        None => hash(prompt.bytes().chain(index.to_le_bytes())),
    }
}

fn png_only(options: &Options) -> Result<()> {
    match options.format {
        None | Some(Format::Png) => Ok(()),
        Some(Format::Jpeg | Format::Webp) => {
            Err(Failure::invalid_request("the demo writes PNG files only"))
        }
    }
}

/// The size asked for, or the largest of the aspect ratio asked for within the resolution asked for.
fn size(options: &Options) -> Result<(u32, u32)> {
    let (width, height) = match options.size {
        Some(size) => (size.width, size.height),
        None => {
            let longest = match options.resolution.as_deref() {
                None | Some("1K") => 1024,
                Some("2K") => 2048,
                Some(other) => {
                    return Err(Failure::invalid_request(format!(
                        "the demo draws in 1K and 2K, not in {other}"
                    )));
                }
            };
            match options.aspect_ratio {
                Some(ratio) if ratio.width >= ratio.height => {
                    (longest, scaled(longest, ratio.height, ratio.width))
                }
                Some(ratio) => (scaled(longest, ratio.width, ratio.height), longest),
                None => (longest, longest),
            }
        }
    };
    if (1..=MOST).contains(&width) && (1..=MOST).contains(&height) {
        return Ok((width, height));
    }
    Err(Failure::invalid_request(format!(
        "the demo draws up to {MOST} by {MOST} pixels, not {width} by {height}"
    )))
}

fn scaled(longest: u32, short: u32, long: u32) -> u32 {
    let length = u64::from(longest) * u64::from(short) / u64::from(long.max(1));
    u32::try_from(length).unwrap_or(longest).clamp(1, longest)
}

#[cfg(test)]
mod tests {
    use super::{Background, Format, GenerateRequest, Options, generate, png};
    use chela_sdk::{AspectRatio, Dimensions};

    pub(super) fn options() -> Options {
        Options {
            size: Some(Dimensions {
                width: 64,
                height: 48,
            }),
            ..Options::new(1)
        }
    }

    fn draw(prompt: &str, options: Options) -> Vec<Vec<u8>> {
        let request = GenerateRequest {
            model: "demo-1".to_owned(),
            prompt: prompt.to_owned(),
            options,
        };
        let response = generate(&request).unwrap();
        response
            .pictures
            .iter()
            .map(|picture| picture.media.read_all(1 << 30).unwrap())
            .collect()
    }

    #[test]
    fn the_same_prompt_gives_the_same_bytes_and_another_does_not() {
        assert_eq!(
            draw("friendly lobster", options()),
            draw("friendly lobster", options())
        );
        assert_ne!(
            draw("friendly lobster", options()),
            draw("friendly crab", options())
        );
    }

    #[test]
    fn a_picture_is_made_again_by_its_seed() {
        let request = |options| GenerateRequest {
            model: "demo-1".to_owned(),
            prompt: "a crab".to_owned(),
            options,
        };
        let several = generate(&request(Options {
            count: 2,
            ..options()
        }))
        .unwrap();
        let second = &several.pictures[1];
        let again = generate(&request(Options {
            seed: second.seed,
            ..options()
        }))
        .unwrap();
        assert_eq!(again.pictures[0].seed, second.seed);
        assert_eq!(
            again.pictures[0].media.read_all(1 << 30).unwrap(),
            second.media.read_all(1 << 30).unwrap()
        );
    }

    #[test]
    fn size_and_count_are_honoured() {
        let files = draw(
            "a",
            Options {
                count: 3,
                ..options()
            },
        );
        assert_eq!(files.len(), 3);
        assert!(
            files[0] != files[1] && files[1] != files[2],
            "each of several is another"
        );
        for bytes in files {
            let canvas = png::read(&bytes).unwrap();
            assert_eq!((canvas.width(), canvas.height()), (64, 48));
        }
        let ratio = AspectRatio {
            width: 16,
            height: 9,
        };
        let files = draw(
            "a",
            Options {
                size: None,
                aspect_ratio: Some(ratio),
                ..options()
            },
        );
        let canvas = png::read(&files[0]).unwrap();
        assert_eq!((canvas.width(), canvas.height()), (1024, 576));
    }

    #[test]
    fn a_transparent_background_has_an_alpha_channel() {
        let corner = |background| {
            let files = draw(
                "simple red circle sticker",
                Options {
                    background,
                    ..options()
                },
            );
            png::read(&files[0]).unwrap().pixel(0, 0)[3]
        };
        assert_eq!(corner(Some(Background::Transparent)), 0);
        assert_eq!(corner(Some(Background::Opaque)), 255);
        assert_eq!(corner(None), 255);
    }

    #[test]
    fn words_for_colour_and_shape_are_followed() {
        let files = draw("one blue square on a white background", options());
        let canvas = png::read(&files[0]).unwrap();
        let [red, green, blue, _] = canvas.pixel(32, 24);
        assert!(
            blue > red && blue > green,
            "the middle is blue: {red} {green} {blue}"
        );
        assert!(
            canvas.pixel(1, 1)[..3].iter().all(|channel| *channel > 225),
            "the ground is white"
        );
    }

    #[test]
    fn what_it_cannot_do_it_refuses() {
        for options in [
            Options {
                format: Some(Format::Webp),
                ..options()
            },
            Options {
                size: Some(Dimensions {
                    width: 5000,
                    height: 1,
                }),
                ..options()
            },
            Options {
                size: None,
                resolution: Some("4K".to_owned()),
                ..options()
            },
        ] {
            let request = GenerateRequest {
                model: "demo-1".to_owned(),
                prompt: "a".to_owned(),
                options,
            };
            assert!(generate(&request).is_err());
        }
    }
}

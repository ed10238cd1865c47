//! Changes to a PNG file, chosen by words of the prompt.

use chela_sdk::image::{EditRequest, Response};
use chela_sdk::{Blob, Failure, Result};

use super::canvas::Canvas;
use super::colour::{Rgb, from_hsl, mix, named, words};
use super::{png, png_only, respond, seed};
use crate::dice::Dice;

/// The longest file that is read, in bytes.
const LIMIT: u64 = 48 << 20;

/// What can be done to a picture.
#[derive(Clone, Copy)]
enum Change {
    Invert,
    Greyscale,
    Mirror,
    Flip,
    Frame(Rgb),
    Tint(Rgb),
}

/// Changes the first picture, where the mask lets it.
pub(crate) fn edit(request: &EditRequest) -> Result<Response> {
    png_only(&request.options)?;
    let [image] = request.images.as_slice() else {
        return Err(Failure::invalid_request(
            "the demo changes one picture at a time",
        ));
    };
    let original = read(image)?;
    let mask = request.mask.as_ref().map(read).transpose()?;
    if let Some(mask) = &mask
        && (mask.width(), mask.height()) != (original.width(), original.height())
    {
        return Err(Failure::invalid_request(
            "the mask has another size than the picture",
        ));
    }
    respond(request.options.count, |index| {
        let seed = seed(&request.prompt, request.options.seed, index);
        let mut canvas = original.clone();
        for change in changes(&request.prompt, &mut Dice::new(seed)) {
            canvas = apply(&canvas, change);
        }
        if let Some(mask) = &mask {
            restore(&mut canvas, &original, mask);
        }
        Ok((canvas, seed))
    })
}

fn read(blob: &Blob) -> Result<Canvas> {
    let kind = blob.mime_type();
    if kind != "image/png" {
        return Err(Failure::invalid_request(format!(
            "the demo reads PNG files only, and this one is {kind}"
        )));
    }
    png::read(&blob.read_all(LIMIT)?)
}

/// What the prompt asks for, in the order of its words; a tint and a frame when it asks for nothing known.
fn changes(prompt: &str, dice: &mut Dice) -> Vec<Change> {
    let colour = words(prompt).find_map(named);
    let frame = colour.unwrap_or_else(|| from_hsl(dice.between(0.0, 360.0), 0.5, 0.35));
    let mut changes = Vec::new();
    for word in words(prompt) {
        changes.push(match word.to_ascii_lowercase().as_str() {
            "invert" | "inverted" | "negative" => Change::Invert,
            "greyscale" | "grayscale" | "monochrome" | "desaturate" => Change::Greyscale,
            "mirror" | "mirrored" => Change::Mirror,
            "flip" | "flipped" => Change::Flip,
            "frame" | "framed" | "border" => Change::Frame(frame),
            "tint" | "tinted" => Change::Tint(frame),
            _ => continue,
        });
    }
    if changes.is_empty() {
        changes = vec![Change::Tint(frame), Change::Frame(frame)];
    }
    changes
}

fn apply(from: &Canvas, change: Change) -> Canvas {
    let (width, height) = (from.width(), from.height());
    let thickness = (width.min(height) / 24).max(1);
    let mut canvas = from.clone();
    for y in 0..height {
        for x in 0..width {
            let [red, green, blue, alpha] = from.pixel(x, y);
            let pixel = [red, green, blue];
            let changed = match change {
                Change::Invert => pixel.map(|channel| 255 - channel),
                Change::Greyscale => [luminance(pixel); 3],
                Change::Mirror => {
                    canvas.set(width - 1 - x, y, [red, green, blue, alpha]);
                    continue;
                }
                Change::Flip => {
                    canvas.set(x, height - 1 - y, [red, green, blue, alpha]);
                    continue;
                }
                Change::Tint(colour) => mix(pixel, mix([luminance(pixel); 3], colour, 0.5), 0.45),
                Change::Frame(colour) => {
                    let edge = x.min(width - 1 - x).min(y).min(height - 1 - y);
                    if edge >= thickness {
                        continue;
                    }
                    canvas.set(x, y, [colour[0], colour[1], colour[2], 255]);
                    continue;
                }
            };
            canvas.set(x, y, [changed[0], changed[1], changed[2], alpha]);
        }
    }
    canvas
}

/// How bright a colour looks (Rec. 709).
fn luminance([red, green, blue]: Rgb) -> u8 {
    ((u32::from(red) * 54 + u32::from(green) * 183 + u32::from(blue) * 19) >> 8) as u8
}

/// Puts back what the mask does not open: pixels of it that are not transparent.
fn restore(canvas: &mut Canvas, original: &Canvas, mask: &Canvas) {
    for y in 0..canvas.height() {
        for x in 0..canvas.width() {
            if mask.pixel(x, y)[3] > 0 {
                canvas.set(x, y, original.pixel(x, y));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Canvas, EditRequest, edit, png};
    use crate::picture::tests::options;
    use chela_sdk::{Blob, FailureKind, testing};

    /// Red on the left, green on the right.
    fn original() -> Canvas {
        let mut canvas = Canvas::new(40, 30);
        canvas.fill([200, 10, 10], [200, 10, 10]);
        for y in 0..30 {
            (20..40).for_each(|x| canvas.set(x, y, [10, 200, 10, 255]));
        }
        canvas
    }

    fn file(canvas: &Canvas) -> Blob {
        testing::file("a.png", "image/png", &png::write(canvas))
    }

    fn request(prompt: &str, image: Blob, mask: Option<Blob>) -> EditRequest {
        EditRequest {
            model: "demo-1".to_owned(),
            prompt: prompt.to_owned(),
            images: vec![image],
            mask,
            options: options(),
        }
    }

    fn change(prompt: &str, mask: Option<&Canvas>) -> Canvas {
        let response = edit(&request(prompt, file(&original()), mask.map(file))).unwrap();
        png::read(&response.pictures[0].media.read_all(1 << 20).unwrap()).unwrap()
    }

    #[test]
    fn words_choose_the_change() {
        assert_eq!(
            change("invert the colours", None).pixel(0, 0),
            [55, 245, 245, 255]
        );
        assert_eq!(change("mirror it", None).pixel(0, 0), [10, 200, 10, 255]);
        let [red, green, blue, _] = change("make it grayscale", None).pixel(20, 15);
        assert!(red == green && green == blue);
        let framed = change("put a blue frame around it", None);
        assert!(framed.pixel(0, 0)[2] > 150);
        assert_eq!(framed.pixel(10, 15), original().pixel(10, 15));
    }

    #[test]
    fn other_words_give_a_change_of_their_own_and_the_same_each_time() {
        assert_ne!(change("make it cozy", None), original());
        assert_ne!(change("make it cozy", None), change("make it cold", None));
        assert_eq!(change("make it cozy", None), change("make it cozy", None));
    }

    #[test]
    fn the_mask_opens_what_is_transparent() {
        let mut mask = original();
        mask.set(5, 5, [0; 4]);
        let changed = change("invert", Some(&mask));
        assert_eq!(changed.pixel(5, 5), [55, 245, 245, 255]);
        assert_eq!(changed.pixel(6, 5), original().pixel(6, 5));
    }

    #[test]
    fn what_it_cannot_read_it_refuses() {
        let jpeg = testing::file("a.jpg", "image/jpeg", b"\xff\xd8\xff\xe0");
        let failure = edit(&request("invert", jpeg, None)).unwrap_err();
        assert_eq!(failure.kind, FailureKind::InvalidRequest);
        assert!(
            failure.message.contains("PNG files only"),
            "{}",
            failure.message
        );
        let failure = edit(&request(
            "invert",
            file(&original()),
            Some(file(&Canvas::new(1, 1))),
        ))
        .unwrap_err();
        assert!(
            failure.message.contains("another size"),
            "{}",
            failure.message
        );
    }
}

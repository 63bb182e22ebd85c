//! Making an attached picture fit for a site: upright, of a sensible size, and without what it tells of its owner.

use crate::error::{Result, ToolError};
use image::codecs::gif::{GifDecoder, GifEncoder, Repeat};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType as PngFilter, PngEncoder};
use image::imageops::FilterType;
use image::{AnimationDecoder, DynamicImage, ImageDecoder, ImageEncoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;
use std::sync::{Mutex, PoisonError};

/// Largest file, in bytes.
pub(crate) const LARGEST_FILE: u64 = 40 << 20;
/// Longest side of the result, in pixels.
pub(crate) const LONGEST_SIDE: u32 = 2_560;
/// Most pixels of what is read, all frames of an animation together: those of large cameras, and 200 MB in memory.
const MOST_PIXELS: u64 = 64 << 20;
/// Most memory that a decoder may take, in bytes.
const MOST_MEMORY: u64 = 512 << 20;
/// Longest colour profile that is kept, in bytes.
const LONGEST_PROFILE: usize = 64 << 10;
/// Of 100; above it files grow without looking better.
const JPEG_QUALITY: u8 = 85;

/// A picture, ready for the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) bytes: Vec<u8>,
    pub(crate) kind: Kind,
    /// In pixels.
    pub(crate) width: u32,
    /// In pixels.
    pub(crate) height: u32,
}

/// In which form a picture comes into the site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Jpeg,
    Png,
    /// An animation.
    Gif,
}

impl Kind {
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
        }
    }
}

/// One at a time is worked on in this process: each may take much memory.
static ONE: Mutex<()> = Mutex::new(());

/// Reads a picture by what its bytes are, turns it upright, and writes it anew: no larger than it has to be, and with
/// nothing but its pixels and the meaning of their colours. The same bytes give the same picture.
///
/// # Errors
/// [`crate::ErrorKind::Malformed`] for what is no JPEG, PNG, WebP or GIF, or is broken; [`crate::ErrorKind::Denied`]
/// for what would take too much memory.
pub(crate) fn prepare(bytes: &[u8]) -> Result<Picture> {
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let format = sniff(bytes)?;
    if format == ImageFormat::Gif
        && let Some(animation) = animation(bytes)?
    {
        return Ok(animation);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(broken)?;
    check_size(decoder.dimensions(), 0)?;
    let orientation = decoder.orientation().map_err(broken)?;
    let profile = decoder.icc_profile().ok().flatten();
    let mut image = DynamicImage::from_decoder(decoder).map_err(broken)?;
    // Before it is turned: a large one is not held twice.
    image = smaller(image);
    image.apply_orientation(orientation);
    let kind = match format {
        ImageFormat::Jpeg => Kind::Jpeg,
        ImageFormat::WebP if !image.color().has_alpha() => Kind::Jpeg,
        _ => Kind::Png,
    };
    encode(&eight_bits(image), kind, profile)
}

/// What the bytes are, whatever the file is called.
fn sniff(bytes: &[u8]) -> Result<ImageFormat> {
    let known = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif];
    if let Some(format) = image::guess_format(bytes).ok().filter(|format| known.contains(format)) {
        return Ok(format);
    }
    let brand = bytes.get(4..12).filter(|head| head.starts_with(b"ftyp")).map(|head| &head[4..]);
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(1_000)]).to_lowercase();
    let says = match brand {
        Some(b"avif" | b"avis") => {
            "This is an AVIF picture, which cannot be read here. Ask for it as a JPEG."
        }
        Some(b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1") => {
            "This is a HEIC photo, as iPhones take them, which cannot be read here. Ask the owner to send it as a JPEG: \
             on the iPhone under Settings, Camera, Formats, Most Compatible."
        }
        _ if start.contains("<svg") => {
            "This is an SVG drawing. It may hold scripts and is not taken. Ask for a PNG of it."
        }
        _ if start.starts_with("%pdf") => "This is a PDF and no picture.",
        _ => "This is no picture that can be read: JPEG, PNG, WebP and GIF can.",
    };
    Err(ToolError::malformed(says))
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_MEMORY);
    limits
}

fn check_size((width, height): (u32, u32), before: u64) -> Result<u64> {
    let pixels = before + u64::from(width) * u64::from(height);
    if pixels > MOST_PIXELS || width == 0 || height == 0 {
        return Err(ToolError::denied(format!(
            "This picture is too large: {width} × {height} pixels. Up to {} million are read.",
            MOST_PIXELS / 1_000_000
        )));
    }
    Ok(pixels)
}

fn broken(error: image::ImageError) -> ToolError {
    match error {
        image::ImageError::Limits(_) => ToolError::denied("This picture takes too much memory."),
        error => ToolError::malformed(format!("This picture is broken: {error}.")),
    }
}

fn smaller(image: DynamicImage) -> DynamicImage {
    match image.width().max(image.height()) {
        0..=LONGEST_SIDE => image,
        // The mean of whole pixels: much quicker, and as good where there are so many of them.
        side if side >= 2 * LONGEST_SIDE => image.thumbnail(LONGEST_SIDE, LONGEST_SIDE),
        _ => image.resize(LONGEST_SIDE, LONGEST_SIDE, FilterType::Lanczos3),
    }
}

fn eight_bits(image: DynamicImage) -> DynamicImage {
    match (image.color().has_color(), image.color().has_alpha()) {
        (true, true) => image.into_rgba8().into(),
        (true, false) => image.into_rgb8().into(),
        (false, true) => image.into_luma_alpha8().into(),
        (false, false) => image.into_luma8().into(),
    }
}

fn encode(image: &DynamicImage, kind: Kind, profile: Option<Vec<u8>>) -> Result<Picture> {
    let profile = profile.filter(|profile| is_of(profile, image));
    let mut bytes = Vec::new();
    match kind {
        Kind::Jpeg => write(image, JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY), profile)?,
        Kind::Png | Kind::Gif => {
            let encoder =
                PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, PngFilter::Adaptive);
            write(image, encoder, profile)?;
        }
    }
    Ok(Picture { bytes, kind, width: image.width(), height: image.height() })
}

fn write(image: &DynamicImage, mut encoder: impl ImageEncoder, profile: Option<Vec<u8>>) -> Result<()> {
    if let Some(profile) = profile {
        // Without its profile a photo of a newer phone looks pale. An encoder that cannot hold one leaves it out.
        let _ = encoder.set_icc_profile(profile);
    }
    image.write_with_encoder(encoder).map_err(broken)
}

/// Whether a colour profile is one for the pixels as they are now: a decoder may have turned CMYK into RGB.
fn is_of(profile: &[u8], image: &DynamicImage) -> bool {
    let space = if image.color().has_color() { b"RGB " } else { b"GRAY" };
    profile.len() <= LONGEST_PROFILE && profile.get(16..20) == Some(space)
}

/// A GIF that moves, frame by frame; `None` where it has one frame only.
fn animation(bytes: &[u8]) -> Result<Option<Picture>> {
    let open = || {
        let mut decoder = GifDecoder::new(Cursor::new(bytes)).map_err(broken)?;
        check_size(decoder.dimensions(), 0)?;
        decoder.set_limits(limits()).map_err(broken)?;
        Ok::<_, ToolError>(decoder)
    };
    let (width, height) = open()?.dimensions();
    if open()?.into_frames().take(2).flatten().count() < 2 {
        return Ok(None);
    }
    if width.max(height) > LONGEST_SIDE {
        return Err(ToolError::denied(format!(
            "An animation may have at most {LONGEST_SIDE} pixels a side."
        )));
    }
    let (mut out, mut pixels) = (Vec::new(), 0);
    let mut encoder = GifEncoder::new_with_speed(&mut out, 10);
    encoder.set_repeat(Repeat::Infinite).map_err(broken)?;
    for frame in open()?.into_frames() {
        pixels = check_size((width, height), pixels)?;
        encoder.encode_frame(frame.map_err(broken)?).map_err(broken)?;
    }
    drop(encoder);
    Ok(Some(Picture { bytes: out, kind: Kind::Gif, width, height }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use image::codecs::gif::GifEncoder;
    use image::codecs::webp::WebPEncoder;
    use image::metadata::Orientation;
    use image::{Delay, Frame, Rgb, RgbImage, Rgba, RgbaImage};

    /// 60 × 40 pixels as the camera saw them, to be turned a quarter to the right; in the EXIF also a place (GPS).
    const TURNED: &[u8] = include_bytes!("../tests/photos/turned-with-gps.jpg");

    fn read(bytes: &[u8]) -> DynamicImage {
        image::load_from_memory(bytes).unwrap()
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        RgbImage::from_pixel(width, height, Rgb([9, 9, 9])).write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    #[test]
    fn a_photo_is_turned_upright_and_tells_nothing_of_its_owner() {
        let decoder = ImageReader::with_format(Cursor::new(TURNED), ImageFormat::Jpeg).into_decoder();
        let mut decoder = decoder.unwrap();
        assert_eq!((decoder.dimensions(), decoder.orientation().unwrap()), ((60, 40), Orientation::Rotate90));
        assert!(TURNED.windows(6).any(|w| w == b"Exif\0\0") && TURNED.windows(6).any(|w| w == b"Secret"));
        let picture = prepare(TURNED).unwrap();
        assert_eq!((picture.width, picture.height, picture.kind), (40, 60, Kind::Jpeg));
        for hidden in [b"Exif".as_slice(), b"GPS", b"Secret", b"http://ns.adobe.com"] {
            assert!(
                !picture.bytes.windows(hidden.len()).any(|w| w == hidden),
                "{}",
                String::from_utf8_lossy(hidden)
            );
        }
        // The left half was red: turned to the right it is the upper one.
        let upright = read(&picture.bytes).into_rgb8();
        assert_eq!(upright.dimensions(), (40, 60));
        let (top, bottom) = (upright.get_pixel(20, 5), upright.get_pixel(20, 55));
        assert!(top[0] > 200 && top[2] < 60, "{top:?}");
        assert!(bottom[2] > 200 && bottom[0] < 60, "{bottom:?}");
        assert_eq!(prepare(TURNED).unwrap(), picture, "the same photo gives the same picture");
    }

    #[test]
    fn a_large_picture_becomes_smaller_and_a_small_one_stays() {
        let picture = prepare(&png(3_000, 30)).unwrap();
        assert_eq!((picture.width, picture.height, picture.kind), (LONGEST_SIDE, 26, Kind::Png));
        let picture = prepare(&png(60, 6_000)).unwrap();
        assert_eq!((picture.width, picture.height), (26, LONGEST_SIDE));
        let picture = prepare(&png(30, 20)).unwrap();
        assert_eq!((picture.width, picture.height), (30, 20));
    }

    #[test]
    fn webp_becomes_what_every_program_reads() {
        let webp = |image: DynamicImage| {
            let mut out = Vec::new();
            image.write_with_encoder(WebPEncoder::new_lossless(&mut out)).unwrap();
            out
        };
        let opaque = webp(RgbImage::from_pixel(9, 9, Rgb([200, 0, 0])).into());
        assert_eq!(prepare(&opaque).unwrap().kind, Kind::Jpeg);
        let clear = prepare(&webp(RgbaImage::from_pixel(9, 9, Rgba([200, 0, 0, 100])).into())).unwrap();
        assert_eq!((clear.kind, read(&clear.bytes).into_rgba8().get_pixel(1, 1)[3]), (Kind::Png, 100));
    }

    #[test]
    fn an_animation_goes_on_moving() {
        let gif = |frames: u8, side: u32| {
            let mut out = Vec::new();
            let mut encoder = GifEncoder::new(&mut out);
            for n in 0..frames {
                let image = RgbaImage::from_pixel(side, 2, Rgba([n * 50, 0, 0, 255]));
                encoder
                    .encode_frame(Frame::from_parts(image, 0, 0, Delay::from_numer_denom_ms(70, 1)))
                    .unwrap();
            }
            drop(encoder);
            out
        };
        let moving = prepare(&gif(3, 8)).unwrap();
        let frames =
            GifDecoder::new(Cursor::new(&moving.bytes)).unwrap().into_frames().collect_frames().unwrap();
        assert_eq!((moving.kind, frames.len()), (Kind::Gif, 3));
        assert_eq!(frames[1].delay().numer_denom_ms(), (70, 1));
        assert_eq!(prepare(&gif(1, 8)).unwrap().kind, Kind::Png);
        assert_eq!(prepare(&gif(2, LONGEST_SIDE + 1)).map_err(|e| e.kind()), Err(ErrorKind::Denied));
    }

    #[test]
    fn what_is_no_picture_is_named() {
        for (bytes, says) in [
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice(), "HEIC"),
            (b"\0\0\0\x18ftypavif\0\0\0\0", "AVIF"),
            (b"<?xml version=\"1.0\"?><svg onload=\"x()\"/>", "SVG"),
            (b"%PDF-1.7", "PDF"),
            (b"a photo", "JPEG, PNG"),
            (b"", "JPEG, PNG"),
            (b"BM\0\0\0\0", "JPEG, PNG"),
            (&TURNED[..300], "broken"),
            (b"\x89PNG\r\n\x1a\n", "broken"),
        ] {
            let error = prepare(bytes).unwrap_err();
            assert!(error.to_string().contains(says) && error.kind() == ErrorKind::Malformed, "{error}");
        }
    }

    #[test]
    fn bombs_are_refused_before_they_unfold() {
        // Headers that promise 60,000 × 60,000 pixels.
        let mut huge = png(1, 1);
        huge[16..20].copy_from_slice(&60_000_u32.to_be_bytes());
        huge[20..24].copy_from_slice(&60_000_u32.to_be_bytes());
        let crc = crc(&huge[12..29]);
        huge[29..33].copy_from_slice(&crc.to_be_bytes());
        let gif =
            b"GIF89a\x60\xea\x60\xea\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x60\xea\x60\xea\0\x02\x02D\x01\0;";
        for bomb in [huge.as_slice(), gif] {
            let error = prepare(bomb).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
        }
    }

    fn crc(bytes: &[u8]) -> u32 {
        let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
        !bytes.iter().fold(!0_u32, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
    }
}

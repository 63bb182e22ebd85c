//! A response body that is rewritten while it passes.

use super::Rewriter;
use bytes::{Buf, Bytes};
use http_body::{Body, Frame};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Any error of a body.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// `inner`, rewritten. Gives every piece as soon as it is ready; trailers are dropped.
pub struct Rewritten<B> {
    inner: B,
    rewriter: Rewriter,
    ended: bool,
}

impl<B> Rewritten<B> {
    /// Rewrites `inner` with `rewriter`.
    pub fn new(inner: B, rewriter: Rewriter) -> Self {
        Self { inner, rewriter, ended: false }
    }
}

impl<B> Body for Rewritten<B>
where
    B: Body + Unpin,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        while !this.ended {
            let out = match ready!(Pin::new(&mut this.inner).poll_frame(cx)) {
                Some(Err(error)) => return Poll::Ready(Some(Err(error.into()))),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(mut data) => this.rewriter.push(&data.copy_to_bytes(data.remaining())),
                    Err(_) => continue,
                },
                None => {
                    this.ended = true;
                    this.rewriter.finish()
                }
            };
            match out {
                Err(error) => {
                    this.ended = true;
                    return Poll::Ready(Some(Err(error.into())));
                }
                Ok(out) if out.is_empty() => {}
                Ok(out) => return Poll::Ready(Some(Ok(Frame::data(out)))),
            }
        }
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.ended
    }
}

// Pictures inside a page, as the bytes of small files.

import type { NdArray } from "../base/array.ts";
import type { Thumbnail } from "../data/stream/look.ts";
import type { Pixels } from "../host/host.ts";
import { type Html, html, type Part, raw } from "./html.ts";

/** The longer side of a picture in a page, in its own pixels. */
export const side = 112;

/** An element that shows a picture. `alt`: what it shows, in words. */
export function picture({ type, bytes, height, width }: Thumbnail, alt: string): Html {
  // Small pictures are enlarged pixel by pixel.
  const sharp = type === "image/png" ? raw(' class="pixels"') : "";
  return html`<img src="data:${type};base64,${base64(bytes)}" width="${width}" height="${height}" alt="${alt}"${sharp} loading="lazy">`;
}

/** A picture with words below. */
export const captioned = (image: Part, caption: Part): Html =>
  html`<figure class="shot">${image}<figcaption>${caption}</figcaption></figure>`;

/** Red, green and blue by rows. */
export function pixelsOf({ shape, data, dtype }: NdArray): Pixels {
  const [channels, height, width] = shape.slice(-3);
  const plane = height * width;
  const unit = dtype === "uint8" ? 1 : 255;
  const bytes = new Uint8Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) {
      const value = data[(channels === 3 ? c : 0) * plane + i] * unit;
      bytes[3 * i + c] = Math.round(Math.min(255, Math.max(0, value)));
    }
  }
  return { data: bytes, height, width, channels: 3 };
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

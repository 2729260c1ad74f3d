// Decoded pictures on disk, one file each, named by what was in the picture's file and by the form that it was brought to:
//
//   <folder>/3f/3f80…e1-3x64x64-cover-1      "NCPX" · two numbers that tell whether the pixels are whole · the pixels
//
// Entries are written beside their place and renamed; what is broken or gone is made again, so the folder may be deleted at
// any time, and several runs may share it.

import { files } from "#host";
import { fingerprint } from "../fingerprint.ts";
import type { Preprocessing } from "../preprocessing.ts";

const magic = [0x4e, 0x43, 0x50, 0x58];
const header = 12;

/** Sub-folders that are known to be there. */
const made = new Set<string>();

function placeOf(
  folder: string,
  content: string,
  form: Preprocessing,
): { readonly folder: string; readonly path: string } {
  const { channels, height, width, resize, crop } = form;
  const sub = files.join(folder, content.slice(0, 2));
  return { folder: sub, path: files.join(sub, `${content}-${channels}x${height}x${width}-${resize}-${crop}`) };
}

function marked(pixels: Uint8Array): Uint8Array {
  const entry = new Uint8Array(header + pixels.length);
  const marks = new Uint32Array(2);
  fingerprint(pixels, marks, 0);
  const view = new DataView(entry.buffer);
  entry.set(magic);
  view.setUint32(4, marks[0]);
  view.setUint32(8, marks[1]);
  entry.set(pixels, header);
  return entry;
}

/** The pixels of a picture, or undefined where they are not there whole. */
export async function readCached(
  folder: string,
  content: string,
  form: Preprocessing,
): Promise<Uint8Array | undefined> {
  const entry = await files.readFile(placeOf(folder, content, form).path).catch(() => undefined);
  if (!entry || entry.length !== header + form.channels * form.height * form.width) return undefined;
  const pixels = entry.subarray(header);
  const wanted = marked(pixels);
  for (let i = 0; i < header; i++) if (entry[i] !== wanted[i]) return undefined;
  return pixels;
}

/** Keeps the pixels of a picture. Throws where the folder cannot be written. */
export async function keepCached(
  folder: string,
  content: string,
  form: Preprocessing,
  pixels: Uint8Array,
): Promise<void> {
  const place = placeOf(folder, content, form);
  if (!made.has(place.folder)) await files.makeFolder(place.folder);
  made.add(place.folder);
  await files.putFile(place.path, marked(pixels)).catch(async (error: unknown) => {
    // The folder may have been deleted meanwhile, which is allowed.
    if ((await files.kindOf(place.folder)) === "folder") throw error;
    await files.makeFolder(place.folder);
    await files.putFile(place.path, marked(pixels));
  });
}

// What a network looks at: the filters of its first convolution, what the first and the last maps make of a picture, and where
// in some pictures the answer finds its evidence (Grad-CAM).

import { percent } from "../base/amounts.ts";
import { type NdArray, ndarray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import { picturesAt } from "../data/images.ts";
import { thumbnail } from "../data/stream/look.ts";
import { explain, openExplainer } from "../explain/explain.ts";
import { shownFor } from "../explain/network.ts";
import { drawOverlay, drawTiles } from "../explain/picture.ts";
import { type Html, html, type Part } from "./html.ts";
import type { Judged } from "./judged.ts";
import { captioned, picture, pixelsOf, side } from "./pictures.ts";
import { nameAt } from "./tasks/classification.ts";

/** Tiles of a sheet, its side in pixels, and pictures with Grad-CAM. */
const [mostTiles, sheetSide, mostShots] = [64, 640, 8] as const;

type Classified = Judged<"classification">;

/** Of classifiers; a network without convolutions has nothing of the kind. */
export async function inside(judged: Classified): Promise<Part> {
  const places = placesOf(judged);
  const [first] = await pixelsAt(judged, places.slice(0, 1));
  if (!first) return undefined;
  const cam = await gradCam(judged, places);
  const sheets = [
    await sheet(judged, "filters", first, undefined, "Filters of the first convolution"),
    await sheet(judged, "featureMaps", first, undefined, "What the first maps make of a picture"),
    cam && (await sheet(judged, "featureMaps", first, cam.layer, "What the last maps make of it")),
  ];
  if (!cam && sheets.every((one) => one === undefined)) return undefined;
  const shown = html`<figure class="sheet"><h3>The picture</h3>${picture(await thumbnail(pixelsOf(first), sheetSide), nameAt(judged.set, places[0]))}</figure>`;
  return html`${cam?.body}<div class="grid" style="margin-top:1.5rem">${shown}${sheets}</div>`;
}

/** Pictures of several classes, mistaken ones first. */
function placesOf({ evaluation, set }: Classified): number[] {
  const places = evaluation.mistakes.slice(0, mostShots / 2).map(({ index }) => index);
  const met = new Set<number>();
  const wrong = new Set(evaluation.mistakes.map(({ index }) => index));
  set.labels.forEach((label, index) => {
    if (places.length >= mostShots || met.has(label) || wrong.has(index)) return;
    met.add(label);
    places.push(index);
  });
  return places;
}

async function pixelsAt({ set, signal }: Classified, places: readonly number[]): Promise<NdArray[]> {
  const found: NdArray[] = [];
  for (const place of places) found.push(await picturesAt(set.images, [place], signal));
  return found;
}

async function sheet(
  { trained, engine, signal }: Classified,
  method: "filters" | "featureMaps",
  pixels: NdArray,
  layer: string | undefined,
  title: string,
): Promise<Html | undefined> {
  const found = await unlessNone(() =>
    explain(method, trained, pixels, {
      ...{ engine, sanity: false, target: 0, ...(signal ? { signal } : {}) },
      ...(layer === undefined ? {} : { layer }),
    }),
  );
  if (!found) return undefined;
  const drawn = drawTiles(found.drawing, mostTiles);
  const tiles = found.drawing.array.shape[0];
  const where = found.layer ? html` <code>${found.layer}</code>` : undefined;
  const some = tiles > mostTiles ? html`, the first ${mostTiles} of ${tiles}` : undefined;
  return html`<figure class="sheet"><h3>${title}</h3>${picture(await thumbnail(pixelsOf(drawn), sheetSide), title)}<figcaption>${where}${some}</figcaption></figure>`;
}

async function gradCam(
  judged: Classified,
  places: readonly number[],
): Promise<{ body: Html; layer: string } | undefined> {
  const { trained, set, evaluation, engine, answers } = judged;
  const { channels, height, width } = trained.preprocessing;
  const opened = await unlessNone(() => openExplainer("gradCam", trained, [channels, height, width], engine));
  if (!opened) return undefined;
  const figures: Html[] = [];
  let layer = "";
  try {
    for (const [i, pixels] of (await pixelsAt(judged, places)).entries()) {
      const row = answers!.subarray(places[i] * evaluation.classes.length, (places[i] + 1) * evaluation.classes.length);
      const target = row.indexOf(Math.max(...row));
      const label = set.labels[places[i]];
      const found = await opened.find(await shownFor(trained, pixels), target);
      layer = found.layer ?? layer;
      const overlay = drawOverlay(unit(pixels), found.drawing.array, found.drawing.signed);
      const name = nameAt(set, places[i]);
      const pair = html`<div class="pair">${picture(await thumbnail(pixelsOf(pixels), side), name)}${picture(await thumbnail(pixelsOf(overlay), side), `Grad-CAM of ${evaluation.classes[target]} on ${name}`)}</div>`;
      const right = target === label ? undefined : html`<br>is ${evaluation.classes[label]}`;
      figures.push(captioned(pair, html`<b>${evaluation.classes[target]}</b> ${percent(row[target], 0)}${right}`));
    }
  } finally {
    opened.release();
  }
  return {
    body: html`<h3>Grad-CAM: where the answer finds its evidence</h3><div class="shots large">${figures}</div>`,
    layer,
  };
}

/** [channels, height, width] of 0..1. */
const unit = ({ shape, data, dtype }: NdArray): NdArray =>
  ndarray(
    shape.slice(-3),
    Float32Array.from(data, (value) => (dtype === "uint8" ? value / 255 : value)),
  );

/** Nothing where a network has not what a method looks at, a convolution say. */
async function unlessNone<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NeocogError) return undefined;
    throw error;
  }
}

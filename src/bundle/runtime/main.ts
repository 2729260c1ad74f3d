// The part of a bundle that is the same in all: unpacks the payload, makes the WebAssembly that this machine can run, and asks it.
// The build makes one script of it and what it imports (runtime.min.js), which bundle.ts puts before the payload. It must import
// nothing that needs a host.
import type { LabelKind } from "../../data/labels.ts";
import { inputNumbers } from "../../data/normalize.ts";
import { shownPixels } from "../../data/shown.ts";
import type { Pixels } from "../../host/host.ts";
import { onWhite } from "../../host/pixels.ts";
import { fromFloat16 } from "../../io/half.ts";
import { binaryValue, unaryValue } from "../../kernel/expression.ts";
import { softmaxRow } from "../../use/softmax.ts";
import type { Contents } from "../contents.ts";

interface Options {
  readonly top?: number;
  readonly invert?: boolean;
}

interface Ready {
  run(numbers: ArrayLike<number>): Float64Array;
}

/** What the module exports as `predict`. */
export function open(contents: Contents, payload: string): (image: unknown, options?: Options) => Promise<object> {
  let ready: Promise<Ready> | undefined;
  const { form, classes } = contents;
  return async (image, { top = classes.length, invert = false } = {}) => {
    ready ??= prepare(contents, payload);
    const { run } = await ready;
    const pixels = await pixelsOf(image);
    const { height, width } = pixels;
    if (form.resize === "refuse" && (height !== form.height || width !== form.width))
      throw new Error(
        `The picture is ${width} x ${height} pixels, but the model takes ${form.width} x ${form.height}.`,
      );
    const shown = shownPixels(pixels, form);
    const data = invert ? shown.map((pixel) => 255 - pixel) : shown;
    const numbers = run(inputNumbers({ data, dtype: "uint8" }, form));
    if (!numbers.every(Number.isFinite)) throw new Error("The model gives no numbers for this picture.");
    return answers[contents.labels](numbers, contents, top);
  };
}

/** What the numbers of a picture say, by the labels that the model has learnt from. */
const answers: Readonly<Record<LabelKind, (numbers: Float64Array, contents: Contents, top: number) => object>> = {
  class: (logits, { classes }, top) => likeliest(softmaxRow(logits), classes, top),
  tags: (logits, { classes }, top) =>
    likeliest(
      logits.map((x) => 1 / (1 + Math.exp(-x))),
      classes,
      top,
    ),
  numbers: (numbers, { classes }) => Object.fromEntries(classes.map((label, place) => [label, numbers[place]])),
  masks(logits, { shape: [count, height, width] }) {
    const plane = height * width;
    const data = new Uint8Array(plane);
    for (let i = 0; i < plane; i++)
      for (let c = 1; c < count; c++) if (logits[c * plane + i] > logits[data[i] * plane + i]) data[i] = c;
    return { data, width, height };
  },
  pictures(pixels, { shape: [channels, height, width] }) {
    const plane = height * width;
    const data = new Uint8ClampedArray(4 * plane).fill(255);
    for (let i = 0; i < plane; i++)
      for (let c = 0; c < 3; c++) data[4 * i + c] = 255 * pixels[(c % channels) * plane + i];
    return { data, width, height };
  },
};

function likeliest(probabilities: Float64Array, classes: readonly string[], top: number): object[] {
  return classes
    .map((label, place) => ({ label, place, probability: probabilities[place] }))
    .sort((a, b) => b.probability - a.probability || a.place - b.place)
    .slice(0, top)
    .map(({ label, probability }) => ({ label, probability }));
}

async function prepare({ variants, constants, input, output }: Contents, payload: string): Promise<Ready> {
  const packed = Uint8Array.from(atob(payload), (sign) => sign.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const part = ([start, length]: readonly [number, number]): Uint8Array<ArrayBuffer> =>
    bytes.slice(start, start + length);
  const variant = variants.find(({ module }) => WebAssembly.validate(part(module)));
  if (!variant) throw new Error("This machine's WebAssembly has no 128-bit vectors, which the model needs.");
  const { arena, pages } = variant;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const { buffer } = memory;
  for (const [address, ...place] of variant.data) new Uint8Array(buffer).set(part(place), address);
  for (const [address, kind, ...place] of constants) {
    const content = joined(part(place), kind === "raw" ? 1 : Number(kind.slice(1)) / 8);
    if (kind !== "f16") new Uint8Array(buffer).set(content, arena + address);
    else
      new Float32Array(buffer, arena + address, content.length / 2).set(
        Array.from(new Uint16Array(content.buffer), fromFloat16),
      );
  }
  const main = await instantiate(part(variant.module), memory);
  for (const [start, end] of variant.preparations) main(0, 1, start, end, 0);
  const view = ({ offset, dtype, size }: Contents["input"]): Float32Array | Float64Array | Int32Array => {
    const kind =
      dtype === "float32" ? Float32Array : dtype === "float64" || dtype === "int64" ? Float64Array : Int32Array;
    return new kind(buffer, arena + offset, size);
  };
  const [given, answer, refused] = [view(input), view(output), new Int32Array(buffer, variant.refused, 1)];
  return {
    run(numbers) {
      given.set(numbers);
      main(0, 1, 0, variant.end, 0);
      if (refused[0] !== 0) throw new Error("The model's data names a place that there is not.");
      return Float64Array.from(answer);
    },
  };
}

async function instantiate(bytes: Uint8Array<ArrayBuffer>, memory: WebAssembly.Memory) {
  const module = await WebAssembly.compile(bytes);
  const known = { ...unaryValue, ...binaryValue } as Readonly<Record<string, (a: number, b: number) => number>>;
  const math = Object.fromEntries(WebAssembly.Module.imports(module).map(({ name }) => [name, known[name]]));
  const { exports } = await WebAssembly.instantiate(module, { host: { memory }, math });
  return exports.main as (thread: number, threads: number, start: number, end: number, resumed: number) => number;
}

/** Numbers whose first bytes stand together, then their second ones, …: put together again. */
function joined(planes: Uint8Array<ArrayBuffer>, width: number): Uint8Array<ArrayBuffer> {
  const count = planes.length / width;
  return planes.map((_, i) => planes[(i % width) * count + Math.floor(i / width)]);
}

/** Red, green and blue of whatever came. */
async function pixelsOf(image: unknown): Promise<Pixels> {
  const { data, width, height } = image as { data?: ArrayLike<number>; width: number; height: number };
  if (data !== undefined) {
    const channels = data.length / (width * height);
    if (![1, 3, 4].includes(channels))
      throw new Error("data must hold 1, 3 or 4 numbers for each of width x height pixels.");
    return onWhite(data, height, width, channels);
  }
  if (typeof OffscreenCanvas === "undefined")
    throw new Error("Pictures are taken as { data, width, height } here; decode them first, with sharp for example.");
  const drawable = image instanceof Blob ? await createImageBitmap(image) : (image as ImageBitmap);
  const { naturalWidth, naturalHeight, videoWidth, videoHeight } = drawable as unknown as Readonly<
    Record<string, number>
  >;
  const [across, down] = [
    naturalWidth || videoWidth || drawable.width,
    naturalHeight || videoHeight || drawable.height,
  ];
  const context = new OffscreenCanvas(across, down).getContext("2d");
  if (!context) throw new Error("This page cannot draw.");
  context.drawImage(drawable, 0, 0);
  return onWhite(context.getImageData(0, 0, across, down).data, down, across, 4);
}

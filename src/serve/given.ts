// From the body of a request to the pictures in it: the bytes of one, a form with some, or JSON with base64 or numbers.
import { type NdArray, ndarray } from "../base/array.ts";
import { isRecord } from "../base/rules.ts";
import { Refusal } from "./refusal.ts";

/** A picture as it came: the bytes of a file, or pixels. */
export interface Given {
  /** A file's name, where it has one. */
  readonly file?: string;
  readonly picture: Uint8Array | NdArray;
}

const kinds = "image/png (or another kind of picture), multipart/form-data or application/json";

/** Reads the pictures of a body, `most` at most. */
export async function picturesIn(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string | undefined,
  most: number,
): Promise<readonly Given[]> {
  const kind = (contentType ?? "").split(";")[0].trim().toLowerCase();
  if (bytes.length === 0) throw new Refusal(400, "The request has no body; send a picture in it.");
  if (kind.startsWith("image/") || kind === "application/octet-stream") return [{ picture: bytes }];
  const given =
    kind === "multipart/form-data"
      ? await fromForm(bytes, contentType ?? "")
      : kind === "application/json"
        ? fromJson(bytes)
        : undefined;
  if (!given) {
    const told =
      kind === "" ? "The request has no Content-Type" : `The Content-Type ${kind.slice(0, 80)} is none that is taken`;
    throw new Refusal(415, `${told}; send ${kinds}.`);
  }
  if (given.length === 0) throw new Refusal(400, "The request holds no picture.");
  if (given.length > most) throw new Refusal(413, `A request may hold ${most} pictures at most, not ${given.length}.`);
  return given;
}

async function fromForm(bytes: Uint8Array<ArrayBuffer>, contentType: string): Promise<Given[]> {
  const form = await new Response(bytes, { headers: { "content-type": contentType } }).formData().catch(() => {
    throw new Refusal(
      400,
      "The form cannot be read: it is cut off, or its boundary is not the one of its Content-Type.",
    );
  });
  const given: Given[] = [];
  for (const [name, value] of form) {
    if (typeof value === "string")
      throw new Refusal(400, `The form's field ${JSON.stringify(name.slice(0, 40))} is text; send pictures as files.`);
    given.push({ file: value.name, picture: new Uint8Array(await value.arrayBuffer()) });
  }
  return given;
}

const shapes = '{"image": base64}, {"pixels": [[[…]]]} or {"inputs": [ several of these ]}';

function fromJson(bytes: Uint8Array): Given[] {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Refusal(400, "The body is not JSON; it is cut off or broken.");
  }
  if (isRecord(document) && Object.hasOwn(document, "inputs")) {
    const { inputs, ...rest } = document;
    if (!Array.isArray(inputs) || Object.keys(rest).length > 0) throw new Refusal(400, `JSON is taken as ${shapes}.`);
    return inputs.map((one, i) => fromRecord(one, `inputs[${i}]`));
  }
  return [fromRecord(document, "The body")];
}

function fromRecord(value: unknown, what: string): Given {
  const keys = isRecord(value) ? Object.keys(value).toSorted().join() : "";
  if (isRecord(value) && keys === "image") {
    if (typeof value.image !== "string") throw new Refusal(400, `${what}: image is the base64 of a file, as text.`);
    return { picture: fromBase64(value.image, what) };
  }
  if (isRecord(value) && (keys === "pixels" || keys === "dtype,pixels")) {
    const { dtype = "uint8" } = value;
    if (dtype !== "uint8" && dtype !== "float32")
      throw new Refusal(400, `${what}: dtype is uint8 (0 to 255) or float32 (0 to 1).`);
    return { picture: pixelsOf(value.pixels, dtype, what) };
  }
  throw new Refusal(400, `${what} is not understood; JSON is taken as ${shapes}.`);
}

function fromBase64(text: string, what: string): Uint8Array {
  const plain = text.startsWith("data:") ? text.slice(text.indexOf(",") + 1) : text;
  if (plain === "" || !/^[A-Za-z0-9+/]+={0,2}$/.test(plain) || plain.replace(/=+$/, "").length % 4 === 1)
    throw new Refusal(400, `${what}: image is not base64.`);
  return Uint8Array.from(Buffer.from(plain, "base64"));
}

/** [channels][height][width], or [height][width] of a gray picture. */
function pixelsOf(value: unknown, dtype: "uint8" | "float32", what: string): NdArray {
  const refuse = (): never => {
    throw new Refusal(
      400,
      `${what}: pixels are numbers as [channels][height][width], or [height][width] of a gray picture, in rows of one length.`,
    );
  };
  const listIn = (list: unknown): readonly unknown[] => (Array.isArray(list) && list.length > 0 ? list : refuse());
  const outer = listIn(value);
  const planes = Array.isArray(listIn(outer[0])[0]) ? outer : [outer];
  const height = listIn(planes[0]).length;
  const width = listIn(listIn(planes[0])[0]).length;
  const numbers = new Float64Array(planes.length * height * width);
  let at = 0;
  for (const plane of planes) {
    const rows = listIn(plane);
    if (rows.length !== height) refuse();
    for (const row of rows) {
      const line = listIn(row);
      if (line.length !== width) refuse();
      for (const number of line) {
        if (typeof number !== "number") refuse();
        numbers[at++] = number as number;
      }
    }
  }
  const most = dtype === "uint8" ? 255 : 1;
  for (const number of numbers) {
    if (number >= 0 && number <= most && (dtype === "float32" || Number.isInteger(number))) continue;
    throw new Refusal(
      400,
      `${what}: pixels of ${dtype === "uint8" ? "uint8 are whole numbers from 0 to 255" : "float32 are numbers from 0 to 1"}, but there is ${number}.`,
    );
  }
  const shape = [planes.length, height, width];
  return ndarray(shape, dtype === "uint8" ? Uint8Array.from(numbers) : Float32Array.from(numbers), dtype);
}

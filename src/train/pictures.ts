// Which pictures a run learns from, a line each: name, pixels, label. It is kept with a checkpoint, so that a run that finds
// other training data can say what has changed. Only data of single files has names; of other data the hash tells.
import { fingerprint, fingerprintsOf } from "../data/fingerprint.ts";
import { isStreamed, type PictureSet } from "../data/images.ts";

/** Names that are told of each kind of change. */
const named = 3;

/** One line of JSON a picture, [name, pixels, label]; undefined for data whose pictures have no names. */
export function listPictures(set: PictureSet): string | undefined {
  const { images, labels, classes } = set;
  const files = isStreamed(images)
    ? Array.from(images.places, (place) => images.store.files[place])
    : (set.origins ?? []);
  if (files.length === 0) return undefined;
  const names = withoutFolder(files);
  const prints = fingerprintsOf(images);
  const labelOf = "kind" in labels ? rowPrints(labels.values.data, files.length) : (i: number) => classes[labels[i]];
  return names
    .map((name, i) => `${JSON.stringify([name, hexadecimal(prints[2 * i], prints[2 * i + 1]), labelOf(i)])}\n`)
    .join("");
}

/** The names below the folder that all are in. */
function withoutFolder(files: readonly string[]): string[] {
  const parts = files[0].split(/[/\\]/);
  let length = 0;
  for (const part of parts.slice(0, -1)) {
    const next = length + part.length + 1;
    if (!files.every((file) => file.startsWith(files[0].slice(0, next)))) break;
    length = next;
  }
  return files.map((file) => file.slice(length).replaceAll("\\", "/"));
}

function rowPrints({ buffer, byteOffset, byteLength }: ArrayBufferView, count: number): (i: number) => string {
  const size = byteLength / count;
  const found = new Uint32Array(2);
  return (i) => {
    fingerprint(new Uint8Array(buffer, byteOffset + i * size, size), found, 0);
    return hexadecimal(found[0], found[1]);
  };
}

const hexadecimal = (...words: readonly number[]): string =>
  words.map((word) => word.toString(16).padStart(8, "0")).join("");

/** What has become of the pictures, as the end of a sentence: "3 pictures more, 1 changed: cats/4.jpg". */
export function changesOf(then: string, now: string): string {
  const [before, after] = [then, now].map(byName);
  const more = [...after.keys()].filter((name) => !before.has(name));
  const fewer = [...before.keys()].filter((name) => !after.has(name));
  const changed = [...after]
    .filter(([name, what]) => before.has(name) && before.get(name) !== what)
    .map(([name]) => name);
  const kinds = [
    [more, "more"],
    [fewer, "fewer"],
    [changed, "changed"],
  ] as const;
  const parts = kinds.filter(([names]) => names.length > 0);
  if (parts.length === 0) return "they come in another order or form";
  const unit = parts[0][0].length === 1 ? "picture" : "pictures";
  const told = parts.map(([names, how], i) => `${names.length}${i === 0 ? ` ${unit}` : ""} ${how}`).join(", ");
  const names = [...changed, ...fewer, ...more];
  return `${told}: ${names.slice(0, named).join(", ")}${names.length > named ? ", …" : ""}`;
}

/** What is known of each picture by its name; of a name that stands twice, all of it. */
function byName(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split("\n")) {
    if (line === "") continue;
    const [name, ...rest] = JSON.parse(line) as readonly string[];
    found.set(name, `${found.get(name) ?? ""}${rest.join(" ")};`);
  }
  return found;
}

// Any file that Neocog reads, by whatever names it: what it holds is told by its bytes, not by its name.
import { files } from "#host";
import { understand } from "../../base/arguments.ts";
import { DataError, NeocogError } from "../../base/errors.ts";
import { options as byName, type OptionsOf, oneOf, path as pathRule, record } from "../../base/rules.ts";
import { readInside } from "../../host/within.ts";
import { fileNames, type OpenOptions } from "../contents.ts";
import { openModel } from "../folder.ts";
import { fetchBytes } from "../storage/address.ts";
import { contentOf, isArchive, isOnNet, locationRule, type ModelLocation, named } from "../storage/locate.ts";
import { type TaskChoice, type TaskName, taskRule } from "../tasks/list.ts";
import type { TrainedModel } from "../trained.ts";
import type { FileContent, FileFormat, GivenFile } from "./format.ts";
import { fileFormats } from "./list.ts";
import { beginningOf, strangerNamed, strangerOf } from "./strangers.ts";

/**
 * Opens a file of any format that is read (`fileFormats`) and says what it holds: a model of Neocog (its folder or zip), a
 * network (ONNX, TensorFlow.js) or weights by name (safetensors, .npz). Given by its path, its address, its bytes, a Blob or
 * File, or a directory handle. Throws one sentence for what is not there, damaged, cut short, or of no known format.
 */
export async function openFile(
  location: ModelLocation,
  options: OpenOptions & {
    /** The tasks of models that are taken; classification unless told. */
    readonly task?: TaskChoice<TaskName>;
  } = {},
): Promise<FileContent> {
  understand("openFile", arguments, {
    location: locationRule,
    options: byName<OptionsOf<typeof openFile>>({
      ...{ blocks: record, weights: oneOf(["last", "best"]), task: taskRule },
    }),
  });
  const file = await fileAt(location);
  if (!file) return { kind: "model", model: (await openModel(location, options)) as TrainedModel };
  const { open } = await (await formatOf(file)).load();
  return open(file, options).catch((error: unknown) => {
    throw error instanceof NeocogError ? error.at({ kind: "file", name: file.title }) : error;
  });
}

/** The file that is named; nothing where it is a folder of Neocog's. */
async function fileAt(location: ModelLocation): Promise<GivenFile | undefined> {
  const content = await contentOf(location);
  if (content) return { ...content, location, beside: (name) => Promise.reject(alone(content.title, name)) };
  const place = named(location);
  if (place === undefined) return undefined;
  if (isOnNet(place)) {
    // Without an ending it is the address of a folder.
    const isFile = /^(blob|data):/i.test(place) || /\.\w+$/.test(new URL(place, globalThis.location?.href).pathname);
    if (!isFile) return undefined;
    const beside = (name: string): Promise<Uint8Array> =>
      fetchBytes(new URL(name, new URL(place, globalThis.location?.href)).href);
    return { title: place, bytes: await fetchBytes(place), location, beside };
  }
  const kind = await files.kindOf(place);
  if (kind !== "folder") return fileIn(place, location);
  const model = files.join(place, fileNames.model);
  const other = (await files.kindOf(model)) === "file" ? await fileIn(model, model) : undefined;
  return other && foundBy(other.bytes, [])?.holds === "network" ? other : undefined;
}

async function fileIn(path: string, location: ModelLocation): Promise<GivenFile> {
  const folder = path.slice(0, path.length - files.baseName(path).length);
  return { title: path, bytes: await files.readFile(path), location, beside: (name) => readInside(folder, name) };
}

const alone = (title: string, name: string): DataError =>
  new DataError(`keeps numbers in ${name} beside it; open it by its path or address.`, {
    where: [{ kind: "file", name: title, asSubject: true }],
  });

const foundBy = (bytes: Uint8Array, members: readonly string[]): FileFormat | undefined =>
  fileFormats.find(({ match }) => match(bytes, members));

/** The names in a zip; none in what is no zip. */
export async function membersOf(bytes: Uint8Array): Promise<readonly string[]> {
  return isArchive(bytes) ? (await import("../storage/archive.ts")).namesIn(bytes) : [];
}

const endsAs = (name: string, { endings }: FileFormat): boolean =>
  endings.some((ending) => name.toLowerCase().endsWith(ending));

/** By its bytes; one that is damaged in its beginning is what its name says. */
async function formatOf({ title, bytes }: GivenFile): Promise<FileFormat> {
  const members = await membersOf(bytes);
  const found = foundBy(bytes, members) ?? fileFormats.find((format) => endsAs(title, format));
  if (found) return found;
  const stranger = bytes.length > 0 ? strangerOf(bytes, members, title) : undefined;
  const known = fileFormats.map(({ about }) => about).join(", ");
  throw new DataError(
    `${title} is no model file that is known: it ${beginningOf(bytes)}${stranger ? `, and seems to be ${stranger.about}` : ""}`,
    { mend: stranger?.mend ? `${stranger.mend} (known are: ${known}).` : `known are: ${known}.` },
  );
}

/**
 * The format that a file of this name is written in, by its ending; undefined where the name is that of a model folder. Throws
 * one sentence for the endings of files that are not written.
 */
export function formatToWrite(path: string): FileFormat | undefined {
  understand("formatToWrite", arguments, { path: pathRule });
  const format = fileFormats.find((one) => endsAs(path, one));
  if (format && !format.written) throw notWritten(`${format.name} models are read, not written`);
  const stranger = format ? undefined : strangerNamed(path);
  if (stranger) throw notWritten(`${stranger.ending} files are not written`);
  return format;
}

function notWritten(what: string): NeocogError {
  const written = fileFormats.flatMap((format) => (format.written ? format.endings : []));
  return new NeocogError(what, { mend: `end the name in ${written.join(", ")}, or give a folder.` });
}

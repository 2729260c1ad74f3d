// neocog.json, the manifest of a model folder: which files are the model, and what they must hold. It is written last, so
// whatever it names is there; what it does not name is not ours.
import { DataError } from "../../base/errors.ts";
import { sha256 } from "../../base/sha256.ts";

export const manifestName = "neocog.json";

const format = "neocog-folder";
const version = 1;

/** What a file must hold. */
export interface FileRecord {
  readonly bytes: number;
  readonly sha256: string;
}

/** What is told of a model beside its files. */
export interface Progress {
  /** Whole epochs of training that it has had. */
  readonly epoch?: number;
  /** Batches of the epoch after them. */
  readonly batch?: number;
  /** The epoch whose weights are kept as the best. */
  readonly bestEpoch?: number;
}

export interface Manifest extends Progress {
  /** Twelve hexadecimal digits, new with every writing. */
  readonly generation: string;
  readonly files: Readonly<Record<string, FileRecord>>;
  /** Files of earlier generations, to be removed where they still hold what was written. */
  readonly former: Readonly<Record<string, FileRecord>>;
}

export async function recordOf(bytes: Uint8Array): Promise<FileRecord> {
  return { bytes: bytes.length, sha256: await sha256(bytes) };
}

export const sameRecord = (a: FileRecord | undefined, b: FileRecord | undefined): boolean =>
  a !== undefined && b !== undefined && a.bytes === b.bytes && a.sha256 === b.sha256;

export const newGeneration = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The manifest's text ends with the SHA-256 of all that stands before. */
export async function writeManifest({
  generation,
  epoch,
  batch,
  bestEpoch,
  files,
  former,
}: Manifest): Promise<Uint8Array> {
  const body = { format, version, generation, epoch, batch, bestEpoch, files, former };
  const check = await sha256(new TextEncoder().encode(JSON.stringify(body)));
  return new TextEncoder().encode(`${JSON.stringify({ ...body, sha256: check }, null, 2)}\n`);
}

/** Throws a DataError that names the file (`name`) for anything but a whole manifest. */
export async function readManifest(bytes: Uint8Array, name: string): Promise<Manifest> {
  const { sha256: check, ...body } = parse(bytes) ?? {};
  if (body.format !== format) throw damaged(name);
  if (body.version !== version) {
    throw new DataError(
      `${name} has the version ${JSON.stringify(body.version)}, but this Neocog reads version ${version}; update Neocog.`,
    );
  }
  if (check !== (await sha256(new TextEncoder().encode(JSON.stringify(body))))) throw damaged(name);
  const { generation, files, former } = body;
  if (typeof generation !== "string" || !/^[0-9a-f]{12}$/.test(generation)) throw damaged(name);
  if (!isRecords(files) || !isRecords(former)) throw damaged(name);
  const counts = [body.epoch, body.batch, body.bestEpoch];
  if (!counts.every((n) => n === undefined || Number.isInteger(n))) throw damaged(name);
  const [epoch, batch, bestEpoch] = counts as (number | undefined)[];
  return { generation, epoch, batch, bestEpoch, files, former };
}

const damaged = (name: string): DataError =>
  new DataError(
    `${name} is damaged or was changed by hand; copy the model again, or train again (without this file the others are read unchecked).`,
  );

function parse(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isRecords(value: unknown): value is Record<string, FileRecord> {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).every(([name, record]) => {
    const { bytes, sha256: hash } = (record ?? {}) as Partial<FileRecord>;
    return /^\w[\w.-]*$/.test(name) && Number.isSafeInteger(bytes) && /^[0-9a-f]{64}$/.test(hash ?? "");
  });
}

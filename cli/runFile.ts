// run.json beside a model: what `train` was told of its data, so that the pictures it was judged by are found again.
import { files } from "#host";
import type { PartChoice } from "../src/doors/neocog.ts";
import type { GivenData } from "./data.ts";
import { version } from "./version.ts";

const name = "run.json";
const format = "neocog-run";

export interface RunFile {
  /** The data as it was named, and the folder in which it was. */
  readonly data: string;
  readonly folder: string;
  /** Options of the data. */
  readonly given: GivenData;
  /** What the model was judged by at the end; absent where those pictures lie in a place of their own, which is then the data. */
  readonly part?: PartChoice;
  /** Pictures of each part. */
  readonly pictures: Readonly<Record<string, number>>;
  /** Seconds by what they were spent on; absent until the end. */
  readonly phases?: Readonly<Record<string, number>>;
}

/** Writes it, unless somebody else's file has the name. */
export async function writeRunFile(folder: string, run: RunFile): Promise<void> {
  const path = files.join(folder, name);
  if ((await files.kindOf(path)) !== undefined && !(await readRunFile(folder))) return;
  await files.writeFileAtomic(path, `${JSON.stringify({ format, version, ...run }, null, 2)}\n`);
}

/** What is noted of a run; nothing where it is not known. */
export async function readRunFile(folder: string): Promise<RunFile | undefined> {
  const path = files.join(folder, name);
  if ((await files.kindOf(path)) !== "file") return undefined;
  try {
    const read = JSON.parse(await files.readText(path)) as Partial<RunFile> & { readonly format?: unknown };
    if (read.format !== format || typeof read.data !== "string" || typeof read.folder !== "string") return undefined;
    return { ...read, given: read.given ?? {}, pictures: read.pictures ?? {} } as RunFile;
  } catch {
    return undefined;
  }
}

/** Of what was typed, what tells how data is read. */
export function givenOf(options: GivenData): GivenData {
  const { labels, size, gray, colour, resize, testFraction, validationFraction, mostBroken } = options;
  return JSON.parse(
    JSON.stringify({ labels, size, gray, colour, resize, testFraction, validationFraction, mostBroken }),
  ) as GivenData;
}

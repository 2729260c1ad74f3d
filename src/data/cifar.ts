// CIFAR-10 and CIFAR-100 (Krizhevsky, 2009), binary version: records without a header,
//
//   CIFAR-10    label            | 1024 red, 1024 green, 1024 blue      3,073 bytes
//   CIFAR-100   coarse fine      | 1024 red, 1024 green, 1024 blue      3,074 bytes

import { files } from "#host";
import { ndarray } from "../base/array.ts";
import { DataError } from "../base/errors.ts";
import { type Dataset, dataset, type TestedSplit } from "./dataset.ts";

const pixels = 3 * 32 * 32;

interface Variety {
  readonly name: "cifar-10" | "cifar-100";
  /** Bytes before the pixels; the last of them is the class. */
  readonly labelBytes: 1 | 2;
  readonly train: readonly string[];
  readonly test: string;
  /** The file that names the classes, and the names where it is missing. */
  readonly namesFile: string;
  readonly classes: readonly string[];
}

const cifar10: Variety = {
  name: "cifar-10",
  labelBytes: 1,
  train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
  test: "test_batch.bin",
  namesFile: "batches.meta.txt",
  classes: "airplane automobile bird cat deer dog frog horse ship truck".split(" "),
};

const cifar100: Variety = {
  name: "cifar-100",
  labelBytes: 2,
  train: ["train.bin"],
  test: "test.bin",
  namesFile: "fine_label_names.txt",
  classes: [
    "apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle",
    "caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant",
    "flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower leopard lion lizard lobster man",
    "maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck pine_tree",
    "plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail",
    "snake spider squirrel streetcar sunflower sweet_pepper table tank telephone television tiger tractor train trout",
    "tulip turtle wardrobe whale willow_tree wolf woman worm",
  ].flatMap((line) => line.split(" ")),
};

/** Reads the records of one file. `labelBytes` is 1 for CIFAR-10 and 2 for CIFAR-100. Gives uint8 [count, 3, 32, 32]. */
export function readCifar(bytes: Uint8Array, name: string, labelBytes: 1 | 2, classes?: readonly string[]): Dataset {
  const record = labelBytes + pixels;
  const count = Math.floor(bytes.length / record);
  if (count === 0 || bytes.length % record !== 0) {
    throw new DataError(
      `${name} is not a whole CIFAR-${labelBytes === 1 ? 10 : 100} file: its ${bytes.length} bytes are not a multiple of ${record}.`,
    );
  }
  const images = new Uint8Array(count * pixels);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = bytes[i * record + labelBytes - 1];
    images.set(bytes.subarray(i * record + labelBytes, (i + 1) * record), i * pixels);
  }
  return dataset({
    name,
    images: ndarray([count, 3, 32, 32], images, "uint8"),
    labels,
    classes: classes ?? (labelBytes === 1 ? cifar10 : cifar100).classes,
  });
}

/** Which CIFAR a folder holds, or undefined. */
async function varietyOf(folder: string): Promise<Variety | undefined> {
  for (const variety of [cifar10, cifar100]) {
    for (const file of [...variety.train, variety.test]) {
      if ((await files.kindOf(files.join(folder, file))) === "file") return variety;
    }
  }
  return undefined;
}

export async function holdsCifar(folder: string): Promise<boolean> {
  return (await varietyOf(folder)) !== undefined;
}

/** A folder of CIFAR batches: as many of the training batches as are there, and the test batch. */
export async function openCifarFolder(folder: string): Promise<TestedSplit> {
  const variety = await varietyOf(folder);
  if (!variety) throw new DataError(`${folder} holds neither data_batch_1.bin (CIFAR-10) nor train.bin (CIFAR-100).`);
  const namesPath = files.join(folder, variety.namesFile);
  const named = (await files.kindOf(namesPath)) === "file" ? await files.readText(namesPath) : "";
  const lines = named.split(/\r?\n/).filter((line) => line !== "");
  const classes = lines.length === variety.classes.length ? lines : variety.classes;
  const read = async (batches: readonly string[], what: string): Promise<Dataset> => {
    const present: Uint8Array[] = [];
    for (const batch of batches) {
      const path = files.join(folder, batch);
      if ((await files.kindOf(path)) !== "file") continue;
      const bytes = await files.readFile(path);
      readCifar(bytes, path, variety.labelBytes, classes);
      present.push(bytes);
    }
    if (present.length === 0) throw new DataError(`${folder} does not hold ${batches[0]}.`);
    return readCifar(concatenate(present), `${variety.name} (${what})`, variety.labelBytes, classes);
  };
  return { train: await read(variety.train, "training"), test: await read([variety.test], "test"), skipped: [] };
}

/** One CIFAR file. Which CIFAR it is follows from its length; `variety` decides where both would fit. */
export async function openCifarFile(path: string, variety?: Variety["name"]): Promise<Dataset> {
  const bytes = await files.readFile(path);
  const fits100 = bytes.length % (2 + pixels) === 0 && bytes.length % (1 + pixels) !== 0;
  return readCifar(bytes, path, (variety ?? (fits100 ? "cifar-100" : "cifar-10")) === "cifar-100" ? 2 : 1);
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return chunks[0];
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

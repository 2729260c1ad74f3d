// What can befall a run and its folder, as a list: each ends in a sentence that names the file or what has changed, and the last
// checkpoint stands, whole: once the fault is gone, the run goes on to the end of one that nobody disturbed.
import assert from "node:assert/strict";
import * as fs from "node:fs";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { writePictures } from "../../test/kills-run.ts";
import { ndarray } from "../base/array.ts";
import { NeocogError } from "../base/errors.ts";
import type { Split } from "../data/dataset.ts";
import type { ClassSet } from "../data/images.ts";
import { encodePng } from "../data/png.ts";
import { openData } from "../data/source.ts";
import { readSafetensors, writeSafetensors } from "../io/safetensors.ts";
import { createModel } from "../nn/models/list.ts";
import type { Checkpoint } from "./checkpoint.ts";
import type { FinishedEvent, TrainingEvent, WarningEvent } from "./events.ts";
import { fit } from "./fit.ts";
import { openCheckpoint } from "./folder.ts";
import type { FitOptions } from "./options.ts";

const root = fs.mkdtempSync(join(tmpdir(), "neocog-faults-"));
after(() => fs.rmSync(root, { recursive: true, force: true }));
const photos = join(root, "photos");
const put = join(root, "put");
const { layer } = createModel("mlp", { classes: 2, inChannels: 1, inputSize: 6 });
const options: FitOptions = { epochs: 2, batch: 16, seed: 4, optimizer: "adam", checkpointEvery: { steps: 1 } };

const all = { testFraction: 0, validationFraction: 0 };
const open = (stream = false): Promise<Split<ClassSet>> =>
  stream ? openData(photos, { ...all, stream, workers: 1 }) : openData(photos, all);

/** Trains to the end; `each` hears every event. */
async function train(
  data: ClassSet,
  more: FitOptions,
  each: (event: TrainingEvent) => unknown = () => undefined,
): Promise<FinishedEvent> {
  for await (const event of fit(layer, { train: data }, { ...options, ...more })) {
    await each(event);
    if (event.kind === "finished") return event;
  }
  throw new Error("no last event");
}

let whole: string;
/** A folder that is in the middle of the second epoch, with the checkpoint that it holds. */
let begun: string;
before(async () => {
  await writePictures(photos);
  const { train: data } = await open();
  whole = (await train(data, {})).weightsHash;
  begun = join(root, "begun");
  for await (const event of fit(layer, { train: data }, { ...options, out: begun }))
    if (event.kind === "checkpoint" && event.epoch === 1 && event.batch === 2) break;
});

/** The folder again, under a name of its own. */
function another(name: string): string {
  const out = join(root, name);
  fs.cpSync(begun, out, { recursive: true });
  return out;
}

const goOn = async (
  out: string,
  more: FitOptions = {},
  each?: (event: TrainingEvent) => unknown,
): Promise<FinishedEvent> => train((await open()).train, { ...more, out, resume: await openCheckpoint(out) }, each);

/** Lets writing of files fail as on a full disk, once `when` says so. */
function fillDisk(when: () => boolean): () => void {
  const own = createRequire(import.meta.url)("node:fs/promises") as { open: typeof fs.promises.open };
  const { open: real } = own;
  own.open = async (...given) => {
    const handle = await real(...given);
    const { writeFile } = handle;
    handle.writeFile = async (...content: Parameters<typeof writeFile>) => {
      if (when()) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      return writeFile.apply(handle, content);
    };
    return handle;
  };
  syncBuiltinESMExports();
  return () => {
    own.open = real;
    syncBuiltinESMExports();
  };
}

interface Fault {
  readonly what: string;
  /** Makes it happen to a folder, and gives the sentence that it ends with; afterwards the fault is gone. */
  readonly befall: (out: string) => Promise<string>;
  readonly sentence: RegExp;
  readonly skip?: string | false;
}

const sentenceOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => assert.fail("it went well"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof NeocogError, String(error));
  return error.message;
};

/** A file that is something else for a while. */
async function instead(path: string, content: Uint8Array | undefined, work: () => Promise<string>): Promise<string> {
  const was = fs.readFileSync(path);
  if (content) fs.writeFileSync(path, content);
  else fs.rmSync(path);
  try {
    return await work();
  } finally {
    fs.writeFileSync(path, was);
  }
}

const kept = [
  "model.json",
  "weights.safetensors",
  "state.safetensors",
  "history.jsonl",
  "pictures.jsonl",
  "neocog.json",
];
const cut = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, bytes.length >> 1);
function turned(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[copy.length >> 1] ^= 4;
  return copy;
}
const gray = (value: number): Promise<Uint8Array> =>
  encodePng(ndarray([6, 6], new Uint8Array(36).fill(value), "uint8"));

const faults: readonly Fault[] = [
  ...kept.flatMap((name) =>
    [cut, turned].map((spoil) => ({
      what: `${name} ${spoil === cut ? "cut short" : "with a bit turned"}`,
      befall: (out: string) => {
        const path = join(out, name);
        return instead(path, spoil(fs.readFileSync(path)), () => sentenceOf(openCheckpoint(out)));
      },
      sentence: new RegExp(`${name.replace(".", "\\.")} is damaged or was changed by hand`),
    })),
  ),
  {
    what: "a state of training of a later version",
    befall: (out) => {
      fs.rmSync(join(out, "neocog.json"));
      const path = join(out, "state.safetensors");
      const { tensors, metadata } = readSafetensors(fs.readFileSync(path), path);
      const later = writeSafetensors(tensors, { metadata: new Map([...metadata, ["version", "2"]]) });
      return instead(path, later, () => sentenceOf(openCheckpoint(out)));
    },
    sentence: /state\.safetensors has the version 2, but this Neocog reads version 1; update Neocog\.$/,
  },
  {
    what: "a folder that cannot be written",
    befall: async (out) => {
      fs.chmodSync(out, 0o555);
      try {
        return await sentenceOf(goOn(out));
      } finally {
        fs.chmodSync(out, 0o755);
      }
    },
    sentence: /cannot be written: .*permission/i,
    skip: process.getuid?.() === 0 && "root may write everywhere",
  },
  {
    what: "a disk that is full at the end",
    befall: async (out) => {
      let full = false;
      const mend = fillDisk(() => full);
      try {
        return await sentenceOf(goOn(out, {}, ({ kind }) => (full ||= kind === "batch")));
      } finally {
        mend();
      }
    },
    sentence: /cannot be written: .*(space|full)/i,
  },
  {
    what: "a picture that vanished between survey and reading",
    befall: async (out) => {
      const { train: data } = await open(true);
      const resume = await openCheckpoint(out);
      const path = join(photos, "lying");
      fs.renameSync(path, put);
      try {
        return await sentenceOf(train(data, { out, resume }));
      } finally {
        fs.renameSync(put, path);
      }
    },
    sentence:
      /lying.\d+\.png was there when the pictures were looked through, and cannot be read any more; put it back/,
  },
  {
    what: "a picture that was changed",
    befall: async (out) => instead(join(photos, "lying", "4.png"), await gray(7), () => sentenceOf(goOn(out))),
    sentence:
      /other training data \(now 1 picture changed: lying\/4\.png\); put back what it was, or go on .* force\.$/,
  },
  {
    what: "a picture that was taken away",
    befall: (out) => instead(join(photos, "lying", "7.png"), undefined, () => sentenceOf(goOn(out))),
    sentence: /other training data \(now 1 picture fewer: lying\/7\.png\)/,
  },
  {
    what: "two runs in one folder",
    befall: async (out) => {
      let told = "";
      const second = async (event: TrainingEvent): Promise<void> => {
        if (event.kind === "started") told = await sentenceOf(goOn(out));
      };
      const stopping = new AbortController();
      for await (const event of fit(
        layer,
        { train: (await open()).train },
        { ...options, out, resume: await openCheckpoint(out), signal: stopping.signal },
      )) {
        await second(event);
        stopping.abort();
      }
      return told;
    },
    sentence: /is being written by/,
  },
];

for (const { what, befall, sentence, skip } of faults) {
  test(`${what}: one sentence, and the last checkpoint stands`, { skip: skip ?? false }, async () => {
    const out = another(what.replaceAll(/\W+/g, "-"));
    const told = await befall(out);
    assert.match(told, sentence);
    assert.doesNotMatch(told, /\n|\bat \S+:\d/);
    assert.deepEqual(
      fs.readdirSync(out).filter((name) => name.startsWith(".")),
      [],
      "nothing half-written",
    );
    assert.equal((await goOn(out)).weightsHash, whole);
  });
}

test("what has changed in the training data is counted, and force goes on with it", async () => {
  const out = another("changed");
  const more = ["x.png", "y.png", "z.png"].map((name) => join(photos, "lying", name));
  for (const [i, path] of more.entries()) fs.writeFileSync(path, await gray(100 + i));
  const path = join(photos, "standing", "4.png");
  await instead(path, await gray(9), async () => {
    const { train: data } = await open();
    const resume: Checkpoint = await openCheckpoint(out);
    const told = await sentenceOf(train(data, { out, resume }));
    assert.match(
      told,
      /\(now 3 pictures more, 1 changed: standing\/4\.png, lying\/x\.png, lying\/y\.png, …\); put back/,
    );
    const warnings: WarningEvent[] = [];
    const { history } = await train(data, { out, resume, force: true }, (event) => {
      if (event.kind === "warning") warnings.push(event);
    });
    assert.deepEqual(
      history.map(({ epoch }) => epoch),
      [1, 2],
    );
    assert.match(warnings[0].message, /^The training data is no longer what it was: the run goes on/);
    return "";
  });
  for (const path of more) fs.rmSync(path);
});

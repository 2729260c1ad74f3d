// Every option of every command: a call in which it changes what comes out, or the reason why nothing can be seen of it. An
// option without a row fails. Where an option could do nothing it is refused with a sentence that names it as it is typed.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build, loadState } from "../src/doors/graph.ts";
import {
  Conv2d,
  createModel,
  encodePng,
  Flatten,
  Linear,
  ndarray,
  ReLU,
  Sequential,
  saveModel,
  saveWeights,
} from "../src/doors/neocog.ts";
import { writeModel } from "../src/io/onnx/model.ts";
import { floats, graphOf, info, modelOf, node } from "../test/onnx/graphs.ts";
import { commands } from "./commands/list.ts";
import { createContext } from "./context.ts";
import { createProgram } from "./program.ts";

/** What is typed without the option, and the option with its value; or why nothing is seen of it. */
type Row = readonly [call: string, option: string] | string;

const sameNumbers = "the numbers are the same, they come sooner or later";
const machine = "not every machine has it: refused there, as program.test.ts holds";
const offline = "nothing that is read here is ever downloaded";
const serving = "a server has no end of its own: serve.test.ts asks one that is started with it";

const engineRows = (call: string): Readonly<Record<string, Row>> => ({
  engine: [call, "--engine reference"],
  threads: sameNumbers,
  wide: machine,
});
const formRows = (name: string, call = ""): Readonly<Record<string, Row>> => ({
  input: [`${name} lenet${call}`, "--input 1x20x20"],
  classes: [`${name} lenet${call}`, "--classes 3"],
});
/** `tail` is what stands behind the model. */
const sourceRows = (name: string, tail: string, prepared = tail): Readonly<Record<string, Row>> => ({
  input: [`${name} open.onnx${tail}`, "--input 1x6x6"],
  classes: [`${name} mlp${tail} --input 1x8x8 --weights mlp.safetensors`, "--classes 2"],
  weights: [`${name} kept${tail}`, "--weights best"],
  prepared: [`${name} trained${prepared}`, '--prepared {"range":255}'],
});

const cores = cpus().length;
const train = "train pictures --model mlp --epochs 1 --out new";
const eval_ = "eval trained pictures";
const explain = "explain trained pictures/a/0.png --out new";
const predict = "predict trained pictures/a/0.png";
const bench = "bench lenet --rounds 1 --threads 1 --batch 1 --work inference";

const rows: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  train: {
    model: ["train pictures --epochs 1 --out new", "--model mlp"],
    epochs: [train, "--epochs 2"],
    batch: [train, "--batch 3"],
    lr: [train, "--lr 0.5"],
    optimizer: [train, "--optimizer rmsprop"],
    watchTest: [`${train} --validation-fraction 0`, "--watch-test"],
    seed: [train, "--seed 3"],
    augment: [train, "--augment noise:0.5"],
    recipe: [train, "--recipe digits"],
    task: "it reads data of another form: tasks.test.ts trains some",
    out: [train, "--out other"],
    resume: ["train pictures --out kept", "--resume"],
    force: ["train pictures --model mlp --epochs 1 --out held", "--force"],
    engine: [train, "--engine reference"],
    threads: [train, `--threads ${cores + 1}`],
    wide: machine,
    size: [train, "--size 6"],
    gray: [train, "--gray"],
    colour: ["train grays --model mlp --epochs 1 --out new", "--color"],
    labels: ["train x.idx --model mlp --epochs 1 --out new", "--labels y.idx"],
    resize: [`${train} --size 6`, "--resize squash"],
    testFraction: [train, "--test-fraction 0.5"],
    stream: [train, "--stream"],
    cache: sameNumbers,
    workers: sameNumbers,
    mostBroken: ["train torn --model mlp --epochs 1 --out new", "--most-broken 0.5"],
    validationFraction: [train, "--validation-fraction 0.4"],
    noDownload: offline,
  },
  eval: {
    split: [eval_, "--split train"],
    mistakes: [eval_, "--mistakes wrong"],
    batch: "the answer is the same, as its help says",
    ...sourceRows("eval", " pictures --class-names names.txt"),
    classNames: ["eval open.onnx pictures --input 1x8x8", "--class-names names.txt"],
    ...engineRows(eval_),
    labels: ["eval trained x.idx", "--labels y.idx"],
    resize: [eval_, "--resize squash"],
    testFraction: [`${eval_} --split test`, "--test-fraction 0.5"],
    stream: [eval_, "--stream"],
    cache: sameNumbers,
    workers: sameNumbers,
    mostBroken: ["eval trained torn", "--most-broken 0.5"],
    validationFraction: [`${eval_} --split validation`, "--validation-fraction 0.4"],
    noDownload: offline,
  },
  predict: {
    top: [predict, "--top 1"],
    ...sourceRows("predict", " pictures/a/0.png"),
    classNames: ["predict open.onnx pictures/a/0.png --input 1x8x8", "--class-names names.txt"],
    resize: [predict, "--resize squash"],
    invert: [predict, "--invert"],
    out: "a classifier makes no pictures, and is refused it: tasks.test.ts writes a mask",
    ...engineRows(predict),
  },
  serve: Object.fromEntries(
    [
      ...["host", "port", "maxBatch", "maxWait", "queue", "bodyLimit", "pixelLimit", "timeout", "cors", "hosts"],
      ...["input", "classes", "weights", "prepared", "classNames", "engine", "threads", "wide"],
    ].map((name) => [name, serving]),
  ),
  bundle: {
    out: ["bundle trained --out new.mjs", "--out other.mjs"],
    half: ["bundle trained --out new.mjs", "--half"],
    plain: ["bundle trained --out new.mjs", "--plain"],
    ...sourceRows("bundle", " --out new.mjs"),
    classNames: ["bundle open.onnx --input 1x8x8 --out new.mjs", "--class-names names.txt"],
    force: ["bundle trained --out old.mjs", "--force"],
  },
  explain: {
    method: [`${explain} --method saliency`, "--method occlusion"],
    class: [`${explain} --method saliency`, "--class b"],
    layer: [`${explain} --method feature-maps`, "--layer c2"],
    steps: [`${explain} --method smooth-grad`, "--steps 2"],
    seed: [`${explain} --method saliency`, "--seed 3"],
    out: [`${explain} --method saliency`, "--out other"],
    ...sourceRows("explain", " pictures/a/0.png --method saliency --out new"),
    classNames: [
      "explain open.onnx pictures/a/0.png --input 1x8x8 --method saliency --out new",
      "--class-names names.txt",
    ],
    resize: [`${explain} --method saliency`, "--resize squash"],
    invert: [`${explain} --method saliency`, "--invert"],
    ...engineRows(`${explain} --method saliency`),
  },
  inspect: { ...formRows("inspect"), batch: ["inspect lenet", "--batch 2"] },
  shape: {
    stride: ["shape 28 5", "--stride 2"],
    padding: ["shape 28 5", "--padding same"],
    total: ["shape 28 5", "--total-padding 2"],
    dilation: ["shape 28 5", "--dilation 2"],
    ceil: ["shape 28 5 --stride 2", "--ceil"],
  },
  lab: {
    all: "lab.test.ts runs every exhibit",
    quick: "lab.test.ts runs every exhibit",
    engine: ["lab channel-sum", "--engine reference"],
    threads: sameNumbers,
    wide: machine,
  },
  bench: {
    ...formRows("bench", " --rounds 1 --threads 1 --batch 1 --work inference"),
    work: [bench, "--work training"],
    batch: [bench, "--batch 2"],
    threads: [bench, "--threads 2"],
    wide: machine,
    rounds: "its times are a median of more rounds",
  },
  convert: {
    model: ["convert mlp.safetensors new.onnx --input 1x8x8 --classes 2", "--model mlp"],
    weights: ["convert kept new.safetensors", "--weights best"],
    input: ["convert open.onnx new.onnx", "--input 1x6x6"],
    classes: ["convert mlp.safetensors new.onnx --model mlp --input 1x8x8", "--classes 2"],
    partial: ["convert part.safetensors new.onnx --model mlp --input 1x8x8 --classes 2", "--partial"],
    floats: ["convert trained new.safetensors", "--floats F16"],
    force: ["convert trained old.safetensors", "--force"],
  },
  verify: {
    tolerance: ["verify trained", "--tolerance 1e-30"],
    image: ["verify trained", "--image pictures/a/0.png"],
    batch: ["verify trained", "--batch 2"],
    seed: ["verify trained", "--seed 3"],
    all: ["verify deep", "--all"],
    ...sourceRows("verify", "", " --image pictures/a/0.png"),
    ...engineRows("verify trained"),
  },
  doctor: {},
  dump: {
    stage: ["dump lenet", "--stage kernels"],
    ...formRows("dump"),
    batch: ["dump lenet", "--batch 2"],
    training: ["dump lenet", "--training"],
    formulas: ["dump lenet --stage kernels", "--formulas"],
  },
};

/** Calls in which an option could do nothing. */
const refused: readonly (readonly [call: string, sentence: RegExp])[] = [
  ...["train pictures", eval_, predict, explain, "verify trained", "lab channel-sum"].flatMap(
    (call) =>
      [
        [`${call} --engine reference --threads 2`, /^--threads has no effect on the reference engine/],
        [`${call} --engine reference --wide`, /^--wide has no effect on the reference engine/],
      ] as const,
  ),
  ["lab --threads 2", /^--threads has no effect on the list of exhibits/],
  ["lab --quick", /^--quick goes with --all/],
  ["inspect --batch 2", /^--batch has no effect on the list of built-in models/],
  ["inspect fixed.onnx --batch 2", /^--batch has no effect on fixed\.onnx, which takes 4 at a time/],
  ["inspect fixed.onnx --classes 3", /^--classes is for built-in models/],
  ["inspect trained --classes 3", /^--classes is for built-in models/],
  ["verify fixed.onnx --batch 2", /^--batch has no effect on fixed\.onnx/],
  ["eval fixed.onnx pictures --batch 2", /^--batch has no effect on fixed\.onnx/],
  ["verify trained --image pictures/a/0.png --seed 2", /^--seed has no effect with --image/],
  ['verify trained --prepared {"range":255}', /^--prepared has no effect on noise/],
  ["dump lenet --stage grad --training", /^--training has no effect on --stage grad/],
  ["dump lenet --stage plan --formulas", /^--formulas has no effect on --stage plan/],
  ["convert trained new.onnx --partial", /^--partial has no effect without --model/],
  ["convert mlp.safetensors new.safetensors --input 1x8x8", /^--input has no effect on weights alone/],
  ["convert trained new.onnx --floats F16", /^--floats is for safetensors/],
  ["convert open.onnx new.onnx --weights best", /^--weights is for a model folder/],
  [
    `${explain} --method feature-maps,filters --class b`,
    /^--class has no effect on feature-maps, filters; it is for saliency/,
  ],
  [
    `${explain} --method saliency --layer c2`,
    /^--layer has no effect on saliency; it is for grad-cam, feature-maps\.$/,
  ],
  [`${explain} --method occlusion --steps 2`, /^--steps has no effect on occlusion; it is for integrated-gradients/],
  ["train digits --gray", /^--gray has no effect on digits/],
  ["train digits --color", /^--color has no effect on digits/],
  ["train pictures --labels y.idx", /^--labels has no effect on pictures/],
  ["train digits --watch-test --validation-fraction 0.1", /^--watch-test is for data without validation pictures/],
  ["train pictures --out kept --resume --force", /^Give either --resume \(go on\) or --force/],
  [
    "train pictures --out kept --resume --recipe digits",
    /^--resume goes on with the network of the folder; leave out --recipe/,
  ],
  ["eval trained digits --split all --validation-fraction 0.2", /^--validation-fraction has no effect on digits/],
  ["eval trained pictures --test-fraction 0.5", /^--test-fraction has no effect on pictures/],
  ["eval trained pictures --weights x.safetensors", /^--weights of a model folder can be last or best/],
  ["shape 28 5 --padding 2 --total-padding 2", /^Give either --padding/],
];

let folder: string;
const home = process.cwd();

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "neocog-options-"));
  process.chdir(folder);
  for (const [data, channels] of [
    ["pictures", 3],
    ["grays", 1],
  ] as const) {
    for (const [label, name] of ["a", "b"].entries()) {
      mkdirSync(join(data, name), { recursive: true });
      for (let i = 0; i < 12; i++) {
        const size = channels * 80;
        const pixels = Uint8Array.from(
          { length: size },
          (_, at) => 100 + 90 * Math.sin(at * (0.3 + label / 5) + i * i) + i,
        );
        writeFileSync(join(data, name, `${i}.png`), await encodePng(ndarray([channels, 10, 8], pixels, "uint8")));
      }
    }
  }
  cpSync("pictures", "torn", { recursive: true });
  for (const name of ["a", "b"]) writeFileSync(join("torn", name, "torn.png"), "no picture");
  const pixels = Uint8Array.from({ length: 12 * 64 }, (_, at) => (at * 7) % 251);
  writeFileSync("x.idx", new Uint8Array([0, 0, 8, 3, 0, 0, 0, 12, 0, 0, 0, 8, 0, 0, 0, 8, ...pixels]));
  writeFileSync("y.idx", new Uint8Array([0, 0, 8, 1, 0, 0, 0, 12, ...Array.from({ length: 12 }, (_, i) => i % 2)]));
  writeFileSync("names.txt", "a\nb\n");
  writeFileSync("open.onnx", network("n", "h", "w"));
  writeFileSync("fixed.onnx", network(4, 8, 8));
  const preprocessing = { channels: 1, height: 8, width: 8 };
  const deep = Sequential([...Array.from({ length: 14 }, () => ReLU()), Flatten(), Linear(2)]);
  const trained = Sequential({
    c1: Conv2d(3, 3),
    r1: ReLU(),
    c2: Conv2d(2, 3),
    r2: ReLU(),
    flat: Flatten(),
    end: Linear(2),
  });
  for (const [name, layer] of Object.entries({ deep, trained })) {
    const { state } = loadState(build(layer, [1, 1, 8, 8]).variables, {}, { strict: false });
    await saveModel(name, { model: layer, weights: state, classes: ["a", "b"], preprocessing });
  }
  const mlp = createModel("mlp", { classes: 2, inChannels: 1, inputSize: 8 }).layer;
  const { state } = loadState(build(mlp, [1, 1, 8, 8]).variables, {}, { strict: false });
  await saveWeights("mlp.safetensors", state);
  await saveWeights("part.safetensors", new Map([...state].slice(1)));
  await heard("train pictures --model mlp --epochs 4 --lr 0.01 --seed 1 --out kept");
  cpSync("mlp.safetensors", "old.safetensors");
  cpSync("mlp.safetensors", "old.mjs");
  cpSync("kept", "held", { recursive: true });
});
after(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

/** Gray pictures of any size, or of one, into two classes. */
function network(...[batch, height, width]: readonly (number | string)[]): Uint8Array {
  const nodes = [
    node("Conv", "x w", "c"),
    node("Relu", "c", "r"),
    node("GlobalAveragePool", "r", "g"),
    node("Flatten", "g", "y"),
  ];
  const weights = floats("w", [2, 1, 3, 3], ...Array.from({ length: 18 }, (_, i) => Math.sin(i + 1)));
  return writeModel(modelOf(graphOf([info("x", [batch, 1, height, width])], nodes, ["y"], [weights])));
}

const files = ["new.onnx", "new.safetensors", "new.mjs"];
const made = [...files, "new.d.mts", "new", "wrong"];
const hashOf = (file: string): string => createHash("sha256").update(readFileSync(file)).digest("hex");

interface Heard {
  /** Why it was refused. */
  readonly refusal?: string;
  readonly text: string;
}

/** What a call answers, writes and says, but for what no two calls have in common: times, and the name of what it makes. */
async function heard(call: string): Promise<Heard> {
  const said: string[] = [];
  let refusal: string | undefined;
  const context = { ...createContext(true, new AbortController().signal), terminal: false };
  const program = createProgram(commands, async (card, values, options) => {
    const answer = await card.run(values, options, { ...context, say: (...lines) => said.push(...lines) });
    const timed = card.name === "bench" || card.name === "lab" || card.name === "train";
    said.push(JSON.stringify(answer.json, (key, value) => (times.has(key) ? undefined : value)));
    if (!timed) said.push(...answer.lines());
  });
  for (const name of made) rmSync(name, { recursive: true, force: true });
  try {
    await program.parseAsync(call.split(" "), { from: "user" });
  } catch (error) {
    assert.ok(error instanceof Error);
    refusal = error.message;
    said.push(refusal);
  }
  const text = [
    ...said.filter((line) => !/images\/s/.test(line)),
    ...made.filter(existsSync),
    ...files.filter(existsSync).map(hashOf),
  ].join("\n");
  return { refusal, text };
}
const times = new Set(["seconds", "secondsTo", "ms", "imagesPerSecond", "gflops", "firstMs"]);

for (const { name, options } of commands) {
  test(`${name}: every option does something`, async () => {
    const known = rows[name] ?? {};
    assert.deepEqual(
      Object.keys(known).sort(),
      Object.keys(options).sort(),
      "an option without a row, or a row too many",
    );
    const without = new Map<string, string>();
    for (const [key, row] of Object.entries(known)) {
      if (typeof row === "string") continue;
      const [call, option] = row;
      assert.ok(options[key].flags.includes(option.split(" ")[0]), `${option} is not ${options[key].flags}`);
      if (!without.has(call)) {
        without.set(call, (await heard(call)).text);
        assert.equal((await heard(call)).text, without.get(call), `${call} is not the same each time`);
      }
      const found = await heard(`${call} ${option}`);
      assert.equal(found.refusal, undefined, `${call} ${option}`);
      assert.notEqual(found.text, without.get(call), `${call} ${option} changes nothing`);
    }
  });
}

test("an option that could do nothing is refused by its name", async () => {
  for (const [call, sentence] of refused) {
    assert.match((await heard(call)).refusal ?? "", sentence, call);
  }
});

test("sentences of the library name options as they are typed", async () => {
  for (const [call, sentence] of [
    [`${predict} --resize refuse`, /with --resize cover \(crops\) or --resize squash \(stretches\)\.$/],
    [
      "train pictures --out kept --resume --seed 7",
      /^This run was started with --seed 1 and cannot be resumed with --seed 7/,
    ],
    ["train pictures --out kept --resume --epochs 2", /cannot end with 2; give more --epochs\.$/],
    ["verify trained --weights best", /open it without --weights\.$/],
  ] as const) {
    assert.match((await heard(call)).refusal ?? "", sentence, call);
  }
});

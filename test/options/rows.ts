// A row for every option of every command: a call in which it changes what comes out, or the reason why nothing is seen of it.
import { cpus } from "node:os";
import { bench, eval_, explain, predict, train } from "./calls.ts";

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

export const rows: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  train: {
    model: ["train pictures --epochs 1 --out new", "--model mlp"],
    epochs: [train, "--epochs 2"],
    batch: [train, "--batch 3"],
    lr: [train, "--lr 0.5"],
    optimizer: [train, "--optimizer rmsprop"],
    val: [train, "--val pictures"],
    test: [train, "--test pictures"],
    watchTest: [`${train} --validation-fraction 0`, "--watch-test"],
    seed: [train, "--seed 3"],
    augment: [train, "--augment noise:0.5"],
    classWeights: [train, "--class-weights 1,3"],
    balanced: [train, "--balanced"],
    labelSmoothing: [train, "--label-smoothing 0.2"],
    patience: ["train pictures --model mlp --epochs 9 --lr 0.00001 --out new", "--patience 1"],
    weightDecay: ["train pictures --model mlp --epochs 3 --lr 0.1 --out new", "--weight-decay 0.9"],
    schedule: [train, "--schedule constant"],
    average: [train, "--average 0.9"],
    recipe: [train, "--recipe digits"],
    task: "it reads data of another form: tasks.test.ts trains some",
    out: [train, "--out other"],
    checkpointEvery: "the numbers are the same, the folder is written more often: train.test.ts stops one in an epoch",
    dryRun: [train, "--dry-run"],
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
    flips: [eval_, "--flips"],
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
    flips: [predict, "--flips"],
    out: "a classifier makes no pictures, and is refused it: tasks.test.ts writes a mask",
    ...engineRows(predict),
  },
  data: {
    preview: ["data pictures", "--preview new.html"],
    labels: ["data x.idx", "--labels y.idx"],
    workers: sameNumbers,
    noDownload: offline,
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
  doctor: {
    data: ["doctor trained", "--data pictures"],
    pictures: ["doctor trained --data pictures", "--pictures 4"],
    strict: "it changes the exit code alone: doctor.test.ts holds it",
    ...sourceRows("doctor", " --data pictures"),
    engine: "what is found is the same",
    threads: sameNumbers,
    wide: machine,
    labels: ["doctor trained --data x.idx", "--labels y.idx"],
    resize: ["doctor trained --data pictures", "--resize squash"],
    testFraction: ["doctor trained --data pictures", "--test-fraction 0.5"],
    validationFraction: ["doctor trained --data pictures", "--validation-fraction 0.4"],
    stream: sameNumbers,
    cache: sameNumbers,
    workers: sameNumbers,
    mostBroken: ["doctor trained --data torn", "--most-broken 0.5"],
    noDownload: offline,
  },
  dump: {
    stage: ["dump lenet", "--stage kernels"],
    ...formRows("dump"),
    batch: ["dump lenet", "--batch 2"],
    training: ["dump lenet", "--training"],
    formulas: ["dump lenet --stage kernels", "--formulas"],
  },
};

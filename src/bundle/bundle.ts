// One ES module of a trained model: weights, WebAssembly and a loader of a few kB, for a page, a worker and Node, with no other file.
// There is neither a graph nor a compiler in it: what the engine would make of the network for one picture is made here, once.
import { files } from "#host";
import { understand } from "../base/arguments.ts";
import { NeocogError } from "../base/errors.ts";
import { options as byName, flag, type OptionsOf, text } from "../base/rules.ts";
import { sizeOf } from "../base/shape.ts";
import { completePreprocessing } from "../data/preprocessing.ts";
import type { Program } from "../engines/wasm/run/program.ts";
import { control } from "../engines/wasm/run/runtime.ts";
import type { Plan, Slot } from "../kernel/plan.ts";
import { type TaskName, taskOf } from "../use/tasks/list.ts";
import { type ClassifierModel, trainedRule } from "../use/trained.ts";
import { compileModel } from "./compiled.ts";
import type { Contents, Spot, Variant } from "./contents.ts";
import { answerIn, declarations } from "./declarations.ts";
import { Payload, rounded, stored, withoutNames } from "./payload.ts";

/** Options of bundle. */
export interface BundleOptions {
  /** Rounds the weights to 16 bits: half the size, answers that differ in the third digit or so. Off unless told. */
  readonly half?: boolean;
  /**
   * Only the WebAssembly that every browser with vectors has, without fused multiply-add: smaller, the same bits everywhere, and
   * slower where the machine could do better. Off unless told: both are in it then, and answers are those of predict on the machine.
   */
  readonly plain?: boolean;
  /** What it is called in its first line. */
  readonly name?: string;
}

/** A bundle as text. */
export interface Bundle {
  /** The ES module. */
  readonly module: string;
  /** Its types, for a file beside it that ends in .d.ts (of a .mjs in .d.mts). */
  readonly types: string;
}

/**
 * A trained model as one ES module that needs no other file: `export const predict`, `classes` and `input`. It runs in pages, workers
 * and Node. What `predict` gives follows from the model's task. Throws for a step that is not WebAssembly.
 */
export async function bundle(trained: ClassifierModel<TaskName>, options: BundleOptions = {}): Promise<Bundle> {
  understand("bundle", arguments, {
    trained: trainedRule,
    options: byName<OptionsOf<typeof bundle>>({ half: flag, plain: flag, name: text }),
  });
  const { half = false, plain = false, name = "A model" } = options;
  const form = completePreprocessing(trained.preprocessing);
  const { labels } = taskOf(trained);
  if (form.colour === "none")
    throw new NeocogError(`A picture gives 1 or 3 channels, but the network wants ${form.channels}.`);
  const weights = half ? inHalves(trained) : trained.weights;
  const { plan, input, output, programs } = await compileModel({ ...trained, weights }, form, !plain);
  const payload = new Payload();
  const contents: Contents = {
    classes: trained.classes,
    labels,
    shape: output.shape.slice(1),
    form,
    variants: programs.map((program) => variantOf(program, payload)),
    constants: constantsOf(plan, payload),
    input: spotOf(input),
    output: spotOf(output),
  };
  const { zlibSync } = await import("fflate");
  const packed = base64(zlibSync(payload.bytes(), { level: 9 }));
  const shown = name.replaceAll(/[^ -~]|\*\//g, " ");
  const { channels, height, width } = form;
  return {
    module: `// ${shown}: a bundle of neocog, made by a program. predict(picture) gives ${answerIn[labels].words}.
${await loader()}
export const classes = ${JSON.stringify(trained.classes)};
export const input = ${JSON.stringify({ channels, height, width })};
export const predict = neocogBundle.open(${JSON.stringify(contents)}, "${packed}");
`,
    types: declarations(shown, labels, trained.classes),
  };
}

function inHalves({ weights }: ClassifierModel<TaskName>): ClassifierModel["weights"] {
  return new Map(
    [...weights].map(([name, value]) => [
      name,
      value.dtype === "float32" ? { ...value, data: rounded(value.data) } : value,
    ]),
  );
}

function variantOf(program: Program, payload: Payload): Variant {
  const { segments, preparations, data, memoryBytes, arenaAddress } = program;
  return {
    module: payload.add(withoutNames(program.module)),
    pages: memoryBytes / 65536,
    arena: arenaAddress,
    data: data.map(({ address, bytes }) => [address, ...payload.add(bytes)]),
    preparations: preparations.map(({ start, end }) => [start, end]),
    end: segments.at(-1)?.end ?? 0,
    refused: control.refused,
  };
}

function constantsOf({ slots }: Plan, payload: Payload): Contents["constants"] {
  return slots.flatMap(({ value, offset }) => {
    if (!value || offset < 0) return [];
    const { kind, bytes } = stored(value);
    return [[offset, kind, ...payload.add(bytes)] as const];
  });
}

const spotOf = ({ offset, dtype, shape }: Slot): Spot => ({ offset, dtype, size: sizeOf(shape) });

/** The loader as one script, which the build makes. */
async function loader(): Promise<string> {
  const path = new URL("./runtime/runtime.min.js", import.meta.url).href;
  return (await files.readText(files.onNet ? path : files.pathOf(path))).trim();
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3000) text += btoa(String.fromCharCode(...bytes.subarray(at, at + 3000)));
  return text;
}

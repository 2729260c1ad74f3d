// `neocog verify model.onnx`: the same network in two engines (and in onnxruntime-node, if it is there), layer by layer.

import { count } from "../../src/base/amounts.ts";
import {
  compareTraces,
  distinctLayers,
  type LayerDifference,
  sourceOf,
  type Trace,
  traceLayers,
  type Verification,
  variableOf,
} from "../../src/doors/graph.ts";
import { type NdArray, ndarray, prepare, Random, sizeOf, type TaskName } from "../../src/doors/neocog.ts";
import { exportOnnx } from "../../src/doors/onnx.ts";
import { mostRows as most, type verifyCard } from "../cards/verify.ts";
import { type Run, UsageError } from "../command.ts";
import type { Context } from "../context.ts";
import { withEngine } from "../engine.ts";
import { wrap } from "../lines.ts";
import { checkBatch, openRunnable, type RunnableModel } from "../model.ts";
import { noiseBeside, noiseFor } from "../noise.ts";
import { findOnnxRuntime, type RunOnnx } from "../onnxruntime.ts";
import { openPictures } from "../pictures.ts";
import { table } from "../table.ts";
import { working } from "../working.ts";

const defaultTolerance = 1e-4;
export const run: Run<typeof verifyCard> = async ([name], options, context) => {
  const { tolerance = defaultTolerance, image, batch, seed, all = false, engine, threads, wide, ...form } = options;
  if (image !== undefined && seed !== undefined)
    throw new UsageError("--seed has no effect with --image: there is no noise; leave one of them out.");
  if (image === undefined && form.prepared !== undefined)
    throw new UsageError("--prepared has no effect on noise, which is not prepared; give a picture with --image.");
  const model = await openRunnable(name, form);
  checkBatch(batch, sourceOf(model.model).fixedBatch, name);
  const given =
    image === undefined
      ? noiseFor(model, batch ?? 1, new Random(seed ?? 0, "verify"))
      : await pictureOf(name, model, image, batch ?? 1);
  const others = noiseBeside(model.model, given, new Random(seed ?? 0, "beside"));
  const runtime = await findOnnxRuntime();
  const asked = runtime !== undefined && Object.keys(others).length === 0;
  const compared = await working(`Comparing ${name}`, context, async (progress) => {
    progress(0, "by definition");
    const truth = await withEngine({ engine: "reference" }, context, (opened) =>
      traceLayers(model, given, opened, others),
    );
    progress(0.8, "in the engine that is used");
    const own = await withEngine({ engine, threads, wide }, context, async (opened) =>
      compareTraces(await traceLayers(model, given, opened, others), truth, tolerance),
    );
    if (!asked) return { checks: [own] };
    progress(0.9, "in onnxruntime");
    const third = await traceByRuntime(runtime, model, given);
    return { checks: third ? [own, compareTraces(third, truth, tolerance)] : [own], third };
  });
  const { checks, third } = compared;
  const passed = checks.every(({ first }) => first === undefined);
  return {
    code: passed ? 0 : 1,
    json: { model: name, input: given.shape, tolerance, passed, checks },
    lines: () =>
      report(
        name,
        model,
        given,
        checks,
        { all, tolerance, runtime: runtimeNote(runtime !== undefined, Boolean(third), Object.keys(others).length) },
        context,
      ),
  };
};

/** One picture, as often as is asked for, or as the network's own batch asks. */
async function pictureOf(name: string, model: RunnableModel<TaskName>, file: string, times: number): Promise<NdArray> {
  const { preprocessing } = model;
  if (!preprocessing) throw new UsageError(`${name} takes no pictures; leave out --image.`);
  const [picture] = await openPictures([file], { preprocessing }, undefined, false);
  const { shape, dtype, data } = prepare(picture, { ...preprocessing, crop: 1 });
  const batch = sourceOf(model.model).fixedBatch ?? times;
  const all = Array.from({ length: batch }, () => Array.from(data)).flat();
  return ndarray([batch, ...shape.slice(1)], all, dtype);
}

/** A file runs as it is; another network runs as it is exported. */
async function traceByRuntime(
  run: RunOnnx,
  { file, model, weights }: RunnableModel<TaskName>,
  given: NdArray,
): Promise<Trace | undefined> {
  const built = sourceOf(model).build(given.shape);
  const layers = distinctLayers(built);
  if (file?.traced) {
    const { bytes, names } = file.traced(given.shape);
    return gather(await run(bytes, file.inputName, given), layers, (path) => names.get(path) ?? "", file.outputName);
  }
  const outputs = Object.fromEntries(layers.map(({ output }, i) => [`layer ${i}`, output]));
  const bytes = exportOnnx({ answer: built.output, ...outputs }, { state: weights });
  const places = new Map(layers.map(({ path }, i) => [path, `layer ${i}`]));
  return gather(await run(bytes, file?.inputName ?? "input", given), layers, (path) => places.get(path)!, "answer");
}

function gather(
  answers: ReadonlyMap<string, NdArray> | undefined,
  layers: readonly { readonly path: string; readonly type: string }[],
  nameOf: (path: string) => string,
  answer: string,
): Trace | undefined {
  const asked = answers?.get(answer);
  if (!answers || !asked) return undefined;
  return {
    name: "onnxruntime",
    layers: layers.flatMap(({ path, type }) => {
      const value = answers.get(nameOf(path));
      return value ? [{ path, type, value }] : [];
    }),
    answer: asked,
  };
}

function runtimeNote(installed: boolean, asked: boolean, others: number): string | undefined {
  if (asked) return undefined;
  if (installed && others > 0) return "onnxruntime is not asked: it is asked about networks of one input.";
  return installed
    ? "onnxruntime is not asked: the file's input or answer is of a type for which JavaScript has no numbers (float16)."
    : "With onnxruntime-node installed (npm install onnxruntime-node), it is asked too.";
}

interface Wanted {
  readonly all: boolean;
  readonly tolerance: number;
  /** Why onnxruntime was not asked, if it was not. */
  readonly runtime: string | undefined;
}

function report(
  name: string,
  { untrained, model }: RunnableModel<TaskName>,
  given: NdArray,
  checks: readonly Verification[],
  { all, tolerance, runtime }: Wanted,
  { paint, width }: Context,
): string[] {
  const paths = checks[0].layers.map(({ path }) => path);
  const find = (check: Verification, path: string): LayerDifference | undefined =>
    check.layers.find((layer) => layer.path === path);
  const worst = (path: string): number => Math.max(...checks.map((check) => find(check, path)?.difference ?? 0));
  const firsts = new Set(checks.flatMap(({ first }) => (first ? [first.path] : [])));
  const kept = new Set(
    all || paths.length <= most ? paths : [...paths].sort((a, b) => worst(b) - worst(a)).slice(0, most),
  );
  for (const path of firsts) kept.add(path);
  const cell = (layer: LayerDifference | undefined): string =>
    layer ? (layer.difference > tolerance ? paint.bad : paint.good)(amount(layer.difference)) : "–";
  const row = (layer: LayerDifference, cells: readonly string[], marked: boolean): string[] => [
    marked ? paint.bad(layer.path) : layer.path || "(model)",
    layer.type,
    layer.shape.slice(1).join("x"),
    amount(layer.scale),
    ...cells,
  ];
  const rows = checks[0].layers
    .filter(({ path }) => kept.has(path))
    .map((layer) =>
      row(
        layer,
        checks.map((check) => cell(find(check, layer.path))),
        firsts.has(layer.path),
      ),
    );
  const { answer } = checks[0];
  const total = row(
    answer,
    checks.map((check) => cell(check.answer)),
    firsts.has("answer"),
  );
  const left = paths.length - rows.length;
  const notes = [
    ...(left > 0
      ? [`${count(left, "more layer differs", "more layers differ")} less; --all shows ${left === 1 ? "it" : "them"}.`]
      : []),
    ...(untrained ? [`${name} has random weights; --weights gives it others.`] : []),
    ...(runtime ? [runtime] : []),
  ];
  const parameters = sourceOf(model)
    .build(given.shape)
    .variables.filter((tensor) => variableOf(tensor).trainable)
    .reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return [
    `${paint.title(name)} on ${given.shape.join(" x ")}, ${parameters.toLocaleString("en-US")} parameters, against the reference engine in double precision`,
    "",
    ...table(
      [
        { head: "layer" },
        { head: "type" },
        { head: "output", align: "right" },
        { head: "largest", align: "right" },
        ...checks.map(({ engines: [engine] }) => ({ head: engine, align: "right" as const })),
      ],
      rows,
      paint,
      [total],
    ),
    "",
    ...checks.map((check) => verdict(check, paint)),
    ...notes.flatMap((note) => wrap(note, width).map((line) => paint.faint(line))),
  ];
}

const amount = (value: number): string =>
  value === 0 ? "0" : value >= 0.001 && value < 10_000 ? value.toPrecision(3) : value.toExponential(1);

function verdict({ engines: [engine], first, answer, tolerance }: Verification, paint: Context["paint"]): string {
  if (!first) return `${engine} ${paint.good("agrees")}: no layer differs by more than ${tolerance}.`;
  const where =
    first === answer ? "every layer agrees, but the answer as it is used" : `"${first.path}" is the first that`;
  return `${engine} ${paint.bad("differs")}: ${where} differs by more than ${tolerance}: ${amount(first.difference)}.`;
}

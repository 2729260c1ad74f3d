// `neocog explain runs/digits seven.png`: why a network takes a picture for what it takes it for, as pictures and numbers.

import { files } from "#host";
import { percent } from "../../src/base/amounts.ts";
import {
  drawMap,
  drawOverlay,
  drawPhoto,
  drawTiles,
  type ExplainerName,
  type Explanation,
  explain,
  explainerNames,
  explainers,
  legible,
  type Sanity,
} from "../../src/doors/explain.ts";
import {
  type Engine,
  encodePng,
  filled,
  type NdArray,
  NeocogError,
  ndarray,
  nearest,
  predict,
  prepare,
  type TaskName,
  unprepare,
} from "../../src/doors/neocog.ts";
import { dashed, type explainCard } from "../cards/explain.ts";
import { type Run, UsageError } from "../command.ts";
import type { Context } from "../context.ts";
import { withEngine } from "../engine.ts";
import { wrap } from "../lines.ts";
import { openPictureModel, type PictureModel } from "../model.ts";
import { openPictures } from "../pictures.ts";
import { table } from "../table.ts";
import { viewOf } from "../tasks/list.ts";
import { working } from "../working.ts";

export const run: Run<typeof explainCard> = async ([name, image], options, context) => {
  const { method = explainerNames, class: wanted, layer, steps, seed = 0, resize, invert = false } = options;
  const {
    out = `explained/${files.baseName(image).replace(/\.[^.]*$/, "")}`,
    engine,
    threads,
    wide,
    ...rest
  } = options;
  const { input, classes, weights, prepared, classNames } = rest;
  checkMethods(method, { class: wanted, layer, steps });
  const opened = await openPictureModel(name, { input, classes, weights, prepared, classNames }, context);
  const { strength } = viewOf(opened.task);
  if (!strength)
    throw new NeocogError(`${name} makes pictures: it has no class, tag or number that could be explained.`);
  const [pixels] = await openPictures([image], opened, resize, invert);
  // The pixels are the part that is shown: they are not cropped again.
  const model = { ...opened, preprocessing: { ...opened.preprocessing, crop: 1 } };
  const target = wanted === undefined ? undefined : classOf(wanted, model.classes);
  await files.makeFolder(out);
  return withEngine({ engine, threads, wide }, context, async (running) => {
    const view: View = { name, model, pixels, engine: running, out, context };
    const [said] = await predict<TaskName>(model, [pixels], { engine: running, top: model.classes.length });
    const strengths = strength.of(said, model.classes);
    // The largest number is not the likeliest one: unless told, the first is explained.
    const likeliest = strength.likeliest ? strengths.indexOf(Math.max(...strengths)) : 0;
    const explained = target ?? likeliest;
    const told = (place: number) => ({ place, name: model.classes[place], [strength.key]: strengths[place] });
    const rows = await explainAll(view, method, explained, { layer, steps, seed });
    await save(out, "picture", legible(drawPhoto(photoOf(pixels))));
    const answer = {
      model: name,
      untrained: model.untrained,
      image,
      class: told(explained),
      ...(strength.likeliest ? { likeliest: told(likeliest) } : {}),
      folder: out,
      methods: rows,
    };
    const words = (place: number): string => `${model.classes[place]}, ${strength.show(strengths[place])}`;
    const other = strength.likeliest && explained !== likeliest ? `; the likeliest is ${words(likeliest)}` : "";
    const subject = `${image} as ${context.paint.title(model.classes[explained])}, ${strength.show(strengths[explained])}${other}`;
    return { json: answer, lines: () => report(answer, subject, rows, context) };
  });
};

/** The methods that an option is for. */
const takers: Readonly<Record<"class" | "layer" | "steps", readonly ExplainerName[]>> = {
  class: explainerNames.filter((name) => name !== "featureMaps" && name !== "filters"),
  layer: ["gradCam", "featureMaps"],
  steps: ["integratedGradients", "activationMaximization", "smoothGrad"],
};

/** Refuses an option that none of the methods hears. */
function checkMethods(methods: readonly ExplainerName[], given: Readonly<Record<keyof typeof takers, unknown>>): void {
  for (const option of ["class", "layer", "steps"] as const) {
    if (given[option] === undefined || methods.some((method) => takers[option].includes(method))) continue;
    const [those, these] = [methods, takers[option]].map((list) => list.map(dashed).join(", "));
    throw new UsageError(`--${option} has no effect on ${those}; it is for ${these}.`);
  }
}

interface View {
  /** What the model is called. */
  readonly name: string;
  readonly model: PictureModel<TaskName>;
  /** uint8 [1, channels, height, width] */
  readonly pixels: NdArray;
  readonly engine: Engine;
  readonly out: string;
  readonly context: Context;
}

interface Row {
  readonly method: string;
  readonly layer?: string;
  readonly numbers: Readonly<Record<string, number>>;
  readonly sanity: Sanity;
  readonly files: readonly string[];
}

function classOf(word: string, classes: readonly string[]): number {
  const named = classes.indexOf(word);
  const place = named >= 0 ? named : /^\d+$/.test(word) ? Number(word) : -1;
  if (place >= 0 && place < classes.length) return place;
  const near = nearest(word, classes);
  const mend = near ? `did you mean "${near}"?` : `its classes are ${shown(classes)}.`;
  throw new UsageError(`--class: the model has no class "${word}"; ${mend}`);
}

const shown = (classes: readonly string[]): string =>
  classes.length <= 12 ? classes.join(", ") : `${classes[0]} to ${classes[classes.length - 1]}`;

interface Asked {
  readonly layer: string | undefined;
  readonly steps: number | undefined;
  readonly seed: number;
}

async function explainAll(view: View, wanted: readonly ExplainerName[], target: number, asked: Asked): Promise<Row[]> {
  const { context } = view;
  const rows: Row[] = [];
  await working(`Explaining ${view.name}`, context, async (progress) => {
    for (const [i, method] of wanted.entries()) {
      const running = dashed(method);
      progress(i / wanted.length, explainers[method].title);
      const { model, pixels, engine } = view;
      const found = await explain(method, model, pixels, {
        target,
        engine,
        signal: context.signal,
        sanitySeed: asked.seed,
        ...optionsOf(method, view, asked),
      });
      rows.push({
        method: running,
        ...(found.layer === undefined ? {} : { layer: found.layer }),
        numbers: found.numbers,
        sanity: found.sanity!,
        files: await draw(view, running, found),
      });
    }
  });
  return rows;
}

/** Each method gets of the options what it knows; ranges and baselines are those of real pictures. */
function optionsOf(method: ExplainerName, { model, pixels }: View, { layer, steps, seed }: Asked): object {
  const { mean, std, range } = model.preprocessing;
  switch (method) {
    case "smoothGrad":
      return { seed, ...(steps === undefined ? {} : { samples: steps }) };
    case "integratedGradients": {
      const form = { ...model.preprocessing, layout: "NCHW", dtype: "float32" } as const;
      return { baseline: prepare(filled(pixels.shape, 0, "uint8"), form), ...(steps === undefined ? {} : { steps }) };
    }
    case "activationMaximization": {
      const low = mean.map((m, c) => -m / std[c]);
      const high = mean.map((m, c) => (range - m) / std[c]);
      return { seed, range: { low, high }, ...(steps === undefined ? {} : { steps }) };
    }
    case "gradCam":
    case "featureMaps":
      return layer === undefined ? {} : { layer };
    default:
      return {};
  }
}

/** Writes the pictures of a method; gives their names. */
async function draw({ pixels, model, out }: View, name: string, { drawing }: Explanation): Promise<string[]> {
  const { kind, array, signed } = drawing;
  if (kind === "tiles") return [await save(out, name, drawTiles(drawing))];
  if (kind === "image") {
    return [await save(out, name, legible(drawPhoto(unprepare(array, model.preprocessing))))];
  }
  return [
    await save(out, name, legible(drawOverlay(photoOf(pixels), array, signed))),
    await save(out, `${name}-raw`, legible(drawMap(array, signed))),
  ];
}

async function save(folder: string, name: string, picture: NdArray): Promise<string> {
  await files.writeFileAtomic(files.join(folder, `${name}.png`), await encodePng(picture));
  return `${name}.png`;
}

/** Stored pixels as [channels, height, width] of 0..1. */
const photoOf = ({ shape, data }: NdArray): NdArray =>
  ndarray(
    shape.slice(1),
    Float64Array.from(data, (value) => value / 255),
  );

interface Told {
  readonly model: string;
  readonly untrained: boolean;
  readonly folder: string;
}

/** Rank correlations above this say that a drawing depends little on the weights. */
const suspicious = 0.5;

function report(told: Told, subject: string, rows: readonly Row[], { paint, width }: Context): string[] {
  const colour = ({ spearman: value }: Sanity): string =>
    value === undefined
      ? paint.faint("none")
      : (Math.abs(value) > suspicious ? paint.warn : paint.good)(value.toFixed(2).replace("-", "−"));
  const doubtful = rows.filter(({ sanity: { spearman = 0 } }) => Math.abs(spearman) > suspicious).map(nameOf);
  const reasons = [...new Set(rows.flatMap(({ sanity }) => sanity.reason ?? []))];
  const notes = [
    ...(rows.some(({ sanity }) => sanity.reason === undefined)
      ? ["sanity: rank correlation with the drawing of the same network with shuffled weights; near 0 is good."]
      : []),
    ...reasons.map(
      (reason) =>
        `no sanity check for ${rows
          .filter(({ sanity }) => sanity.reason === reason)
          .map(nameOf)
          .join(", ")}: ${lowered(reason)}`,
    ),
    ...(doubtful.length > 0 && !told.untrained
      ? [`${doubtful.join(", ")} would look much the same whatever the network had learned: do not read much into it.`]
      : []),
    ...(told.untrained
      ? [`${told.model} is untrained: its weights are random, so the drawings show its architecture, not knowledge.`]
      : []),
  ];
  return [
    "",
    subject,
    "",
    ...table(
      [{ head: "picture" }, { head: "what the method found" }, { head: "sanity", align: "right" }],
      rows.map((row) => [row.files[0], foundBy(row), colour(row.sanity)]),
      paint,
    ),
    "",
    ...notes.flatMap((note) => wrap(note, width).map((line) => paint.faint(line))),
    "",
    `The pictures are in ${paint.title(told.folder)}; -raw is the drawing by itself.`,
  ];
}

const nameOf = ({ method }: Row): string => method;
const lowered = (sentence: string): string => sentence[0].toLowerCase() + sentence.slice(1);

/** One short line of a method's numbers. */
function foundBy({ layer, numbers }: Row): string {
  const { gap, difference, samples, largest, rectifiers, window, channels, filters, height, width, start, end } =
    numbers;
  const real = (value: number): string => String(Number(value.toPrecision(3))).replace("-", "−");
  if (gap !== undefined) return `sum ${real(difference + gap)}, gap ${real(gap)}`;
  if (samples !== undefined) return `mean of ${samples}, peak ${real(largest)}`;
  if (largest !== undefined) return `peak ${real(largest)}`;
  if (rectifiers !== undefined) return `${rectifiers} rectifiers guided`;
  if (window !== undefined)
    return `${window}x${window} covers ${real(numbers["largest drop"])} of ${real(numbers.score)}`;
  if (filters !== undefined) return `${filters} of ${height}x${width}`;
  if (channels !== undefined) return `${layer}: ${channels} maps, ${numbers["flat channels"]} flat`;
  if (end !== undefined) return `score ${real(start)} → ${real(end)}`;
  return `${layer}: ${percent(numbers["share lit"], 0)} lit`;
}

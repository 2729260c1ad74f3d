// Test-time flips against both computed by hand: a picture and its mirror image asked one by one, and what they mean averaged.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type NdArray, ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { sizeOf } from "../base/shape.ts";
import type { PictureSet } from "../data/images.ts";
import type { Labels } from "../data/labels.ts";
import type { Engine } from "../engines/engine.ts";
import { attributesIf, variableOp } from "../graph/graph.ts";
import { build } from "../nn/build.ts";
import type { Layer } from "../nn/layer.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { Sequential } from "../nn/layers/containers.ts";
import { Conv2d } from "../nn/layers/convolution.ts";
import { Linear } from "../nn/layers/linear.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { openEngine } from "../run/engines.ts";
import { evaluate } from "./evaluate.ts";
import { predict } from "./predict.ts";
import { type TaskName, taskNames, taskOf } from "./tasks/list.ts";
import type { ClassifierModel } from "./trained.ts";

let engine: Engine;
before(async () => {
  engine = await openEngine("auto", { threads: 1 });
});
after(() => engine.close());

const [count, height, width] = [12, 6, 8];
const random = new Random(7);
const pixels = Float32Array.from({ length: count * height * width }, () => random.uniform());
const images = ndarray([count, 1, height, width], pixels);
const turnedOver = (numbers: ArrayLike<number>): number[] =>
  Array.from(numbers, (_, i) => numbers[i - (i % width) + (width - 1 - (i % width))]);
const mirror: NdArray = ndarray(images.shape, Float32Array.from(turnedOver(pixels)));

const classes = ["a", "b", "c"];
const rows = Sequential([Flatten(), Linear(3)]);
const maps = (channels: number): Layer =>
  Sequential([Conv2d(4, 3, { padding: 1 }), ReLU(), Conv2d(channels, 3, { padding: 1 })]);
const labelsOf: Readonly<Record<TaskName, { readonly model: Layer; readonly labels: Labels }>> = {
  classification: { model: rows, labels: Int32Array.from({ length: count }, (_, i) => i % 3) },
  multilabel: {
    model: rows,
    labels: {
      kind: "tags",
      values: ndarray(
        [count, 3],
        Float32Array.from({ length: count * 3 }, (_, i) => i % 2),
      ),
    },
  },
  regression: {
    model: rows,
    labels: {
      kind: "numbers",
      values: ndarray(
        [count, 3],
        Float32Array.from({ length: count * 3 }, (_, i) => i),
      ),
    },
  },
  segmentation: {
    model: maps(3),
    labels: {
      kind: "masks",
      values: ndarray(
        [count, height, width],
        Uint8Array.from(pixels, (pixel) => Math.floor(pixel * 3)),
        "uint8",
      ),
    },
  },
  "image-to-image": { model: maps(1), labels: { kind: "pictures", values: images } },
};

function trainedFor(task: TaskName): ClassifierModel<TaskName> {
  const { model } = labelsOf[task];
  // Most pixels of a picture are to lie between black and white.
  const scale = task === "image-to-image" ? 0.3 : 3;
  const { variables } = build(model, [1, 1, height, width]);
  const weights = new Map(
    variables.map(({ node, shape }) => {
      const numbers = Float32Array.from({ length: sizeOf(shape) }, () => scale * random.normal());
      return [attributesIf(node, variableOp)!.name, ndarray(shape, numbers)] as const;
    }),
  );
  const preprocessing = { channels: 1, height, width } as const;
  return { model, weights, preprocessing, classes: task === "image-to-image" ? [] : classes, task } as never;
}

for (const task of taskNames) {
  const set: PictureSet = {
    name: "made",
    images,
    labels: labelsOf[task].labels,
    classes: task === "image-to-image" ? [] : classes,
  };
  if (!taskOf({ task }).merged) {
    test(`${task}: flips are refused with one sentence`, async () => {
      const trained = trainedFor(task);
      const message = `flips has no meaning for ${task}: a picture's mirror image may have other numbers; leave it out.`;
      await assert.rejects(predict(trained, images, { engine, flips: true }), { name: "NeocogError", message });
      await assert.rejects(evaluate<TaskName>(trained, set, { engine, flips: true }), { message });
    });
    continue;
  }
  test(`${task}: flips give the mean over a picture and its mirror image`, async () => {
    const trained = trainedFor(task);
    const seen = await predict(trained, images, { engine });
    const other = await predict(trained, mirror, { engine });
    const back = seen.shape.length === 4 ? turnedOver(other.data) : other.data;
    const wanted = Array.from(seen.data, (value, i) => (value + back[i]) / 2);
    const both = await predict(trained, images, { engine, flips: true });
    assert.deepEqual(both.shape, seen.shape);
    // Pictures are cut off at black and white after the mean, and before it by hand.
    const within =
      task === "image-to-image"
        ? seen.data.map((value, i) => Number(value > 0 && value < 1 && back[i] > 0 && back[i] < 1))
        : undefined;
    let compared = 0;
    both.data.forEach((value, i) => {
      if (within && within[i] === 0) return;
      compared++;
      assert.ok(Math.abs(value - wanted[i]) < 1e-6, `${i}: ${value}, not ${wanted[i]}`);
    });
    assert.ok(compared > 20);
    assert.ok(
      both.data.some((value, i) => Math.abs(value - seen.data[i]) > 0.01),
      "and another answer than without",
    );

    const { loss } = await evaluate<TaskName>(trained, set, { engine, flips: true, batch: 5 });
    const { loss: without } = await evaluate<TaskName>(trained, set, { engine });
    assert.notEqual(loss, without);
    if (task === "classification") {
      const labels = set.labels as Int32Array;
      const byHand = labels.reduce((sum, label, i) => sum - Math.log(wanted[3 * i + label]), 0) / count;
      assert.ok(Math.abs(loss - byHand) < 1e-4 * byHand, `${loss}, not ${byHand}`);
      const right = labels.filter((label, i) =>
        wanted.slice(3 * i, 3 * i + 3).every((p) => p <= wanted[3 * i + label]),
      );
      const { accuracy } = await evaluate(trained as ClassifierModel, set as never, { engine, flips: true });
      assert.equal(accuracy, right.length / count);
    }
  });
}

test("sure answers do not underflow: a loss stays finite", () => {
  const merged = taskOf({ task: "classification" }).merged!;
  const sure = merged(Float64Array.of(2000, 0, 0), Float64Array.of(0, 2000, 0), [3]);
  assert.ok(Math.abs(sure[0] - Math.log(0.5)) < 1e-12 && Math.abs(sure[1] - Math.log(0.5)) < 1e-12);
  assert.equal(sure[2], -2000);
  const tags = taskOf({ task: "multilabel" }).merged!(
    Float64Array.of(900, -900, 2),
    Float64Array.of(900, -900, -2),
    [3],
  );
  assert.deepEqual(Array.from(tags, Math.round), [900, -900, 0]);
});

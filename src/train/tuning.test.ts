import assert from "node:assert/strict";
import { test } from "node:test";
import { readFixtures } from "../../test/fixtures.ts";
import type { NdArray } from "../base/array.ts";
import { referenceEngine } from "../engines/reference/engine.ts";
import { ReLU } from "../nn/layers/activation.ts";
import { Sequential } from "../nn/layers/containers.ts";
import { Conv2d } from "../nn/layers/convolution.ts";
import { Linear } from "../nn/layers/linear.ts";
import { BatchNorm2d } from "../nn/layers/normalization.ts";
import { MaxPool2d } from "../nn/layers/pooling.ts";
import { Flatten } from "../nn/layers/shape.ts";
import { openSession, type State } from "../run/session.ts";
import type { OptimizerDescription } from "./optimizers/optimizer.ts";
import { openOptimizer } from "./optimizers/update.ts";
import { type StepOptions, stepOf } from "./step.ts";

/** The network of small_network.py. */
const network = Sequential([
  ...[Conv2d(3, 3, { padding: 1 }), BatchNorm2d(), ReLU(), MaxPool2d(2)],
  ...[Conv2d(4, 3), ReLU(), Flatten(), Linear(3)],
]);

interface Told {
  readonly optimizer: OptimizerDescription;
  readonly frozen?: readonly string[];
  readonly times?: Readonly<Record<string, number>>;
  readonly opening?: Readonly<Record<string, number>>;
  readonly accumulate?: number;
  readonly clip?: number;
}

function close(found: NdArray["data"], expected: NdArray["data"], what: string): void {
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(found[i] - expected[i]) / Math.max(1, Math.abs(expected[i]));
    assert.ok(error < 1e-9, `${what}[${i}]: ${found[i]} instead of ${expected[i]}`);
  }
}

/** Images or labels `index` of so many equal parts. */
function part({ shape, data }: NdArray, index: number, parts: number, dtype: "float64" | "int32"): NdArray {
  const size = data.length / parts;
  const taken = data.subarray(index * size, (index + 1) * size);
  return {
    ...{ shape: [shape[0] / parts, ...shape.slice(1)], dtype },
    data: dtype === "int32" ? Int32Array.from(taken) : Float64Array.from(taken),
  };
}

for (const { name, attributes, input, output, inputNames } of readFixtures("tuning")) {
  test(`six steps as PyTorch takes them: ${name}`, async () => {
    const { optimizer, frozen, times, opening, accumulate = 1, clip } = attributes as unknown as Told;
    const { shape } = input.x;
    // Steps at which a group opens, as stages of two steps each.
    const stages = opening ? [0, 2, 4] : [0];
    const options: StepOptions = {
      ...{ inputShape: [shape[0] / accumulate, ...shape.slice(1)], optimizer, accumulate },
      ...(frozen ? { freeze: frozen } : {}),
      ...(times ? { rates: Object.entries(times).map(([of, factor]) => ({ of, times: factor })) } : {}),
      ...(clip === undefined ? {} : { clip: { norm: clip } }),
    };
    const names = inputNames.filter((one) => one !== "x" && one !== "target");
    let state: State = new Map(names.map((one) => [one, input[one]]));
    for (const [stage, first] of stages.entries()) {
      const unfreeze = opening ? { unfreeze: { every: 1, groups: ["7", "4"] } } : {};
      const step = stepOf(network, options, { stage, startOf: (of) => stages[of], ...unfreeze });
      const session = await openSession(step.program, referenceEngine(), { state, inputs: step.inputs });
      for (let at = first; at < (stages[stage + 1] ?? 6); at++) {
        let total = 0;
        for (let of = 0; of < accumulate; of++) {
          const { loss } = await session.run({
            images: part(input.x, of, accumulate, "float64"),
            labels: part(input.target, of, accumulate, "int32"),
            ...step.scalars(at, openOptimizer(optimizer).lr, 0, {
              batch: at * accumulate + of,
              last: of === accumulate - 1,
            }),
          });
          total += loss.data[0] / accumulate;
        }
        close(Float64Array.of(total), output.losses.data.subarray(at, at + 1), `loss of step ${at}`);
        for (const one of names) {
          const size = input[one].data.length;
          close(
            session.readVariable(one).data,
            output[one].data.subarray(at * size, (at + 1) * size),
            `${one} after ${at}`,
          );
        }
      }
      state = new Map(session.variables.map((one) => [one, session.readVariable(one)]));
    }
  });
}

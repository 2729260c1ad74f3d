// Initialisers: their distributions, and that a parameter's numbers depend on nothing but seed and name.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFixtures } from "../../test/fixtures.ts";
import { type NdArray, ndarray } from "../base/array.ts";
import type { VariableAttributes } from "../graph/graph.ts";
import { build } from "./build.ts";
import { fans, gain, initialise } from "./draw.ts";
import * as init from "./init.ts";
import { Sequential } from "./layers/containers.ts";
import * as convolution from "./layers/convolution.ts";
import { Linear } from "./layers/linear.ts";
import { Flatten } from "./layers/shape.ts";

const moments = ({ data }: NdArray): { mean: number; std: number; low: number; high: number } => {
  const n = data.length;
  let mean = 0;
  for (const value of data) mean += value / n;
  let square = 0;
  for (const value of data) square += (value - mean) ** 2 / n;
  return { mean, std: Math.sqrt(square), low: Math.min(...data), high: Math.max(...data) };
};

const near = (value: number, expected: number, relative: number): void =>
  assert.ok(Math.abs(value - expected) <= relative * Math.abs(expected), `${value} is not near ${expected}`);

test("fans and gains", () => {
  assert.deepEqual(fans([64, 3, 7, 7]), { fanIn: 147, fanOut: 3136 });
  assert.deepEqual(fans([10, 84]), { fanIn: 84, fanOut: 10 });
  assert.throws(() => fans([10]), /no fans/);
  near(gain("leakyRelu", Math.sqrt(5)), Math.sqrt(1 / 3), 1e-12);
});

test("the distributions have the moments that their formulas say", () => {
  const shape = [64, 32, 3, 3];
  const std = { kaiming: Math.sqrt(2 / 288), fanOut: Math.sqrt(2 / 576), xavier: Math.sqrt(2 / (288 + 576)) };
  const of = (initialiser: init.Initialiser): ReturnType<typeof moments> =>
    moments(initialise(initialiser, shape, 7, "weight"));
  near(of(init.kaimingUniform()).std, std.kaiming, 0.02);
  near(of(init.kaimingUniform()).high, std.kaiming * Math.sqrt(3), 0.001);
  near(of(init.kaimingNormal({ mode: "fanOut", nonlinearity: "relu" })).std, std.fanOut, 0.02);
  near(of(init.xavierUniform()).std, std.xavier, 0.02);
  near(of(init.xavierNormal()).std, std.xavier, 0.02);
  near(of(init.defaultWeight).high, 1 / Math.sqrt(288), 0.001);
  const cut = of(init.truncNormal(0, 1, -1, 2));
  assert.ok(cut.low >= -1 && cut.high <= 2);
  assert.ok(Math.abs(of(init.normal(0, 1)).mean) < 0.03);
});

test("orthogonal rows, dirac hands the input on", () => {
  const { data } = initialise(init.orthogonal(2), [4, 9], 1, "w");
  for (let a = 0; a < 4; a++) {
    for (let b = 0; b < 4; b++) {
      let dot = 0;
      for (let i = 0; i < 9; i++) dot += data[a * 9 + i] * data[b * 9 + i];
      assert.ok(Math.abs(dot - (a === b ? 4 : 0)) < 1e-5);
    }
  }
  assert.deepEqual([...initialise(init.dirac(), [2, 2, 3], 0, "w").data], [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
});

test("numbers depend on the seed and the full name only", () => {
  const start = (variables: ReturnType<typeof build>["variables"], name: string): NdArray => {
    const found = variables
      .map(({ node }) => node.attributes as VariableAttributes)
      .find((attributes) => attributes.name === name);
    assert.ok(found);
    return found.initial();
  };
  const a = build(Sequential({ one: convolution.Conv2d(4, 3), two: convolution.Conv2d(4, 3) }), [1, 4, 9, 9], {
    seed: 3,
  });
  const b = build(Sequential({ two: convolution.Conv2d(4, 3) }), [5, 4, 9, 9], { seed: 3, training: true });
  const c = build(Sequential({ two: convolution.Conv2d(4, 3) }), [5, 4, 9, 9], { seed: 4 });
  assert.deepEqual(start(a.variables, "two.weight"), start(b.variables, "two.weight"));
  assert.notDeepEqual(start(a.variables, "one.weight").data, start(a.variables, "two.weight").data);
  assert.notDeepEqual(start(b.variables, "two.weight").data, start(c.variables, "two.weight").data);
});

test("torch's default bias bound comes from the weight's fan; layer and model options choose another start", () => {
  const model = Sequential([
    Flatten(),
    Linear(1000),
    Linear(5, { init: init.constant(0.5), biasInit: init.constant(2) }),
  ]);
  const { variables } = build(model, [1, 1, 20, 20], { init: { weight: init.normal(0, 1) } });
  const [w1, b1, w2, b2] = variables.map(({ node }) => (node.attributes as VariableAttributes).initial());
  near(moments({ ...w1, data: w1.data.subarray(0, 50000) }).std, 1, 0.02);
  near(moments(b1).high, 1 / 20, 0.01);
  assert.ok(w2.data.every((value) => value === 0.5) && b2.data.every((value) => value === 2));
});

const layers = {
  Linear: ([, out]: number[]) => Linear(out),
  Conv1d: ([, out, kernel]: number[], options: object) => convolution.Conv1d(out, kernel, options),
  Conv2d: ([, out, kernel]: number[], options: object) => convolution.Conv2d(out, kernel, options),
  Conv3d: ([, out, kernel]: number[], options: object) => convolution.Conv3d(out, kernel, options),
  ConvTranspose1d: ([, out, kernel]: number[], options: object) => convolution.ConvTranspose1d(out, kernel, options),
  ConvTranspose2d: ([, out, kernel]: number[], options: object) => convolution.ConvTranspose2d(out, kernel, options),
  ConvTranspose3d: ([, out, kernel]: number[], options: object) => convolution.ConvTranspose3d(out, kernel, options),
} as const;

for (const golden of readFixtures("initialization")) {
  const { op, name, attributes, output } = golden;
  const value = (key: string): number => output[key].data[0];
  if (op in layers) {
    test(`${name} starts within PyTorch's bounds`, () => {
      const { sizes, ...options } = attributes as { sizes: number[] };
      const axes = op === "Linear" ? 0 : Number(op.at(-2));
      const layer = layers[op as keyof typeof layers](sizes, options);
      const input = [1, sizes[0], ...new Array<number>(axes).fill(6)];
      const largest = [0, 0];
      for (let seed = 0; seed < 100; seed++) {
        const { variables } = build(layer, input, { seed });
        assert.deepEqual(variables[0].shape, [...output.weightShape.data]);
        variables.forEach(({ node }, i) => {
          const { low, high } = moments((node.attributes as VariableAttributes).initial());
          largest[i] = Math.max(largest[i], high, -low);
        });
      }
      near(largest[0], value("weightBound"), 0.02);
      near(largest[1], value("biasBound"), 0.02);
    });
  }
  if (op === "kaiming" || op === "xavier") {
    test(`${name}: bound and deviation are PyTorch's`, () => {
      const { nonlinearity, a, mode, gain } = attributes as {
        nonlinearity: init.Nonlinearity;
        a: number;
        mode: "fanIn";
        gain: number;
      };
      const options = { nonlinearity, mode, slope: a };
      const flat = op === "xavier" ? init.xavierUniform(gain) : init.kaimingUniform(options);
      const bell = op === "xavier" ? init.xavierNormal(gain) : init.kaimingNormal(options);
      const shape = (attributes as { shape: number[] }).shape;
      const drawn = Array.from({ length: 200 }, (_, i) => [
        initialise(flat, shape, 5, `${i}`),
        initialise(bell, shape, 5, `${i}`),
      ]);
      const all = (which: number): NdArray =>
        ndarray(
          [200 * 144],
          drawn.flatMap((pair) => [...pair[which].data]),
        );
      near(moments(all(0)).high, value("bound"), 0.001);
      near(moments(all(1)).std, value("std"), 0.015);
    });
  }
  if (op === "dirac") {
    test(`${name} is PyTorch's`, () => {
      const { groups, shape } = attributes as { groups: number; shape: number[] };
      assert.deepEqual([...initialise(init.dirac(groups), shape, 0, "w").data], [...output.weight.data]);
    });
  }
}

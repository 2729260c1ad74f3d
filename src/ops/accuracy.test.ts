// Every element-wise function against float64 over all magnitudes, in units in the last place of float32 (2^-23 of the answer):
// digits are kept where the answer is small too. Answers below 2^-120, near the end of float32, may be 0.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ndarray } from "../base/array.ts";
import { runKernel, withEngines } from "../engines/wasm/run/testing.ts";
import { type Expression, operand, type UnaryName, unary, unaryValue } from "../kernel/expression.ts";
import { activationNames, activations } from "./named.ts";

const unit = 2 ** -23;
const smallest = 2 ** -120;

/** Units that are allowed at x, and what the error is measured against besides the answer. */
interface Bound {
  readonly units: (x: number) => number;
  readonly besides?: (x: number) => number;
  readonly why: string;
}

/** Where the bound is not 4 units of the answer. */
const bounds: Readonly<Record<string, Bound>> = {
  gelu: { units: (x) => 4 + x * x, why: "x / √2 is rounded, and the tail is steep: e^(−x²/2)" },
  geluTanh: { units: (x) => 4 + x * x, why: "so is the argument of the sigmoid" },
  tanhshrink: { units: () => 2, besides: Math.abs, why: "x − tanh(x) cancels near 0, in PyTorch as well" },
};

const grid: number[] = [0, -0];
for (let e = -30; e < 8; e++)
  for (let m = 0; m < 24; m++) grid.push(Math.fround(2 ** e * (1 + m / 24)), -Math.fround(2 ** e * (1 + m / 24)));

const rows: Record<string, Expression> = {
  ...Object.fromEntries((Object.keys(unaryValue) as UnaryName[]).map((name) => [name, unary(name, operand(0))])),
  ...Object.fromEntries(
    activationNames.map((name) => {
      const row = activations[name];
      return [name, row.expression(operand(0), row.defaults)];
    }),
  ),
};

test("element-wise functions keep their digits at all magnitudes", async () => {
  const names = Object.keys(rows);
  const x = ndarray([grid.length], Float32Array.from(grid));
  await withEngines(async (engine) => {
    const kernel = {
      ...{ kind: "map" as const, shape: [grid.length], operands: [{ strides: [1], offset: 0 }] },
      outputs: names.map((name) => rows[name]),
    };
    const { actual, expected } = await runKernel(engine, kernel, [x], []);
    names.forEach((name, k) => {
      const bound: Omit<Bound, "why"> = bounds[name] ?? { units: () => 4 };
      grid.forEach((value, i) => {
        const [a, e] = [actual[k].data[i], expected[k].data[i]];
        if (Object.is(Math.fround(e), a) || Math.fround(e) === a || Math.abs(e) < smallest) return;
        const error = Math.abs(a - e) / (unit * Math.max(Math.abs(e), bound.besides?.(value) ?? 0));
        assert.ok(error <= bound.units(value), `${name}(${value}) is ${a}, not ${e}: ${error} units in the last place`);
      });
    });
    return actual;
  });
});

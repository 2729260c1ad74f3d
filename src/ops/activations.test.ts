// Activations and other element-wise rows against PyTorch's values and derivatives, also at the kinks and far out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFixture } from "../../test/check-fixture.ts";
import { checkFunction, checkOp, distinct, numbers } from "../../test/check-op.ts";
import { testEngines } from "../../test/engines.ts";
import { type FixtureCase, readFixtures } from "../../test/fixtures.ts";
import { checkHardNumbers, type HardSkips } from "../../test/hard-numbers.ts";
import { ndarray } from "../base/array.ts";
import { Random } from "../base/random.ts";
import { gradients } from "../compile/grad.ts";
import { input, type Tensor } from "../graph/graph.ts";
import { binary, constant, multiply, operand, select, unary } from "../kernel/expression.ts";
import { runOnce } from "../run/session.ts";
import * as functions from "./activations.ts";
import { prelu } from "./activations.ts";
import * as arithmetic from "./arithmetic.ts";
import { mapOp } from "./cards/map.ts";
import { perChannel } from "./cards/reshape.ts";
import { type ActivationName, activation, activationNames, activations } from "./named.ts";
import { type OfRow, pairsOf, rowsOf } from "./row.ts";

type Parameters = Readonly<Record<string, number>>;

/** PyTorch's names that differ from ours, and what is not an activation here. */
const others: Record<string, (x: Tensor, attributes: Parameters) => Tensor> = {
  gelu: (x, { approximate }) => activation(String(approximate) === "tanh" ? "geluTanh" : "gelu", x),
  hardshrink: (x, { lambd }) => activation("hardshrink", x, { lambda: lambd }),
  softshrink: (x, { lambd }) => activation("softshrink", x, { lambda: lambd }),
  threshold: (x, { threshold, value }) => arithmetic.where(arithmetic.le(x, threshold), value, x),
  clamp: (x, { min, max }) => arithmetic.clamp(x, min, max),
  abs: (x) => arithmetic.abs(x),
  exp: (x) => arithmetic.exp(x),
  square: (x) => arithmetic.square(x),
  erf: (x) => arithmetic.erf(x),
  sign: (x) => arithmetic.sign(x),
  log: (x) => arithmetic.log(x),
  sqrt: (x) => arithmetic.sqrt(x),
  reciprocal: (x) => arithmetic.reciprocal(x),
};

function build(one: FixtureCase): (inputs: Readonly<Record<string, Tensor>>) => Record<string, Tensor> {
  const attributes = one.attributes as Parameters;
  return ({ x, weight }) => {
    if (one.op === "prelu") {
      const slope = weight.shape[0] === 1 ? weight : perChannel(weight, x.shape);
      return { y: prelu(x, slope) };
    }
    const y = others[one.op]?.(x, attributes) ?? activation(one.op as ActivationName, x, attributes);
    return { y };
  };
}

/** PyTorch's derivative of hardsigmoid holds 1/6 in float32 even for float64 tensors. */
const toleranceOf = ({ op }: FixtureCase): number => (op === "hardsigmoid" ? 1e-8 : 1e-9);

for (const one of readFixtures("activations")) {
  test(`PyTorch: ${one.name}`, () => checkFixture(one, build(one), toleranceOf(one)));
}

test("every activation has a row of PyTorch's at its kinks, and one of NaN and infinities", () => {
  const inPyTorch: Partial<Record<ActivationName, string>> = {
    geluTanh: "gelu approximate tanh",
    gelu: "gelu approximate none",
  };
  const cases = readFixtures("activations").map(({ name }) => name);
  for (const name of activationNames) {
    for (const label of ["at the kinks", "of NaN and infinities"])
      assert.ok(
        cases.some((one) => one.startsWith(inPyTorch[name] ?? name) && one.endsWith(label)),
        `${name} ${label}`,
      );
  }
});

// Before 2.7 PyTorch's answer here depends on whether a vector or a single number was computed: not in the golden file.
test("hardswish's derivative at −3 is 0 and at 3 is 1, in every engine", async () => {
  const x = input("x", [5]);
  const [dx] = gradients([activation("hardswish", x)], [x], [input("dy", [5])]);
  const feeds = { x: ndarray([5], [-4, -3, 0, 3, 4]), dy: ndarray([5], [1, 1, 1, 1, 1]) };
  for (const { make } of testEngines) {
    const answer = await runOnce({ dx }, feeds, await make());
    assert.deepEqual(Array.from(answer.dx.data), [0, 0, 0.5, 1, 1]);
  }
});

test("a row is exported by its name, and every function with a row is an activation", () => {
  assert.ok(activationNames.length > 20);
  const exported = new Map<string, unknown>(Object.entries(functions));
  for (const name of activationNames) assert.equal((exported.get(name) as OfRow).row.name, name);
  for (const { row } of rowsOf(arithmetic)) assert.equal(row.name in arithmetic, true, row.name);
  for (const { pair } of pairsOf(arithmetic)) assert.equal(pair.name in arithmetic, true, pair.name);
});

test("an option that is undefined counts as left out, and an unknown one is refused", () => {
  const x = input("x", [2]);
  const text = (y: Tensor): string => JSON.stringify(y.node.attributes);
  assert.equal(text(functions.leakyRelu(x, { negativeSlope: undefined })), text(functions.leakyRelu(x)));
  assert.notEqual(text(functions.leakyRelu(x, { negativeSlope: 0.2 })), text(functions.leakyRelu(x)));
  assert.throws(() => functions.elu(x, { alfa: 1 } as object), /elu has no option "alfa"; did you mean "alpha"\?/);
});

for (const name of activationNames) {
  test(`${name} has the derivative of its value`, async () => {
    await checkFunction(([x]) => [activation(name, x)], [distinct(new Random(1), [40])]);
  });
}

test("arithmetic broadcasts, and its gradients sum back", async () => {
  const random = new Random(2);
  const a = distinct(random, [2, 3, 1]);
  const b = { ...distinct(random, [3, 4]), data: distinct(random, [3, 4]).data.map((x) => 4 * x + 0.015625) };
  const positive = numbers(random, [3, 1], 0.5, 3);
  for (const row of [
    arithmetic.add,
    arithmetic.sub,
    arithmetic.mul,
    arithmetic.div,
    arithmetic.maximum,
    arithmetic.minimum,
    arithmetic.atan2,
  ]) {
    await checkFunction(([x, y]) => [row(x, y)], [a, b]);
  }
  await checkFunction(([x, y]) => [arithmetic.pow(x, y), arithmetic.pow(x, 3)], [positive, b]);
  await checkFunction(([x, y]) => [arithmetic.where(arithmetic.lt(x, y), x, arithmetic.mul(y, 2))], [a, b]);
});

test("unary functions have the derivatives of the calculus", async () => {
  const random = new Random(3);
  const inside = numbers(random, [20], -0.875, 0.875);
  const positive = numbers(random, [20], 1.125, 3);
  const { exp, sin, cos, tan, asin, acos, atan, sinh, cosh, asinh, atanh, erf } = arithmetic;
  for (const f of [exp, sin, cos, tan, asin, acos, atan, sinh, cosh, asinh, atanh, erf, arithmetic.square]) {
    await checkFunction(([x]) => [f(x)], [inside]);
  }
  for (const f of [arithmetic.log, arithmetic.sqrt, arithmetic.rsqrt, arithmetic.reciprocal, arithmetic.acosh]) {
    await checkFunction(([x]) => [f(x)], [positive]);
  }
});

/** Functions of one number and of two, as a user calls them. */
const { add, sub, mul, div, maximum, minimum, pow, atan2, lt, le, eq, gt, ge, remainder } = arithmetic;
const pairs = { add, sub, mul, div, maximum, minimum, pow, atan2, lt, le, eq, gt, ge, remainder };

for (const apply of rowsOf(arithmetic)) {
  const { name } = apply.row;
  test(`${name}: hard numbers`, async () => {
    await checkHardNumbers(([x]) => [apply(x)], [distinct(new Random(4), [23])], name);
  });
}

const outside: Readonly<Record<string, HardSkips>> = {
  div: { "gradient of denormals": "1 / 1e-40 leaves float32, and some gradients that it is multiplied by are 0" },
  pow: { "gradient of denormals": "1e-40 to a power below −1 leaves float32, in PyTorch as well" },
  atan2: { "gradient of denormals": "squares of 1e-40 are 0 in float32, in PyTorch as well" },
};

for (const [name, row] of Object.entries(pairs)) {
  test(`${name}: hard numbers`, async () => {
    const arrays = [distinct(new Random(5), [3, 8]), distinct(new Random(6), [8])];
    await checkHardNumbers(([x, y]) => [row(x, y)], arrays, name, outside[name]);
  });
}

for (const name of activationNames) {
  test(`${name}: hard numbers`, async () => {
    await checkHardNumbers(([x]) => [activation(name, x)], [distinct(new Random(7), [23])], name);
  });
}

checkOp(mapOp, {
  cases: [
    {
      name: "a select of the place along an axis",
      inputs: [distinct(new Random(1), [3, 4])],
      attributes: {
        name: "upper",
        dtype: "float32",
        parameters: {},
        expression: select(
          binary("less", { kind: "axisIndex", axis: 0 }, { kind: "axisIndex", axis: 1 }),
          multiply(operand(0), constant(3)),
          unary("exp", operand(0)),
        ),
      },
    },
  ],
});

test("unknown parameters and shapes that do not fit are refused in words", () => {
  const x = input("x", [2, 3]);
  assert.throws(() => activation("relu", x, { slope: 1 }), /relu has no option "slope"/);
  assert.throws(() => arithmetic.add(x, input("y", [2, 4])), /aligned at the last axis, sizes must be equal or 1/);
  for (const name of activationNames) assert.ok(activations[name].expression);
});

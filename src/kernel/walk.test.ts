import assert from "node:assert/strict";
import { test } from "node:test";
import { type NdArray, ndarray } from "../base/array.ts";
import { exactText } from "../base/exact.ts";
import { type Shape, sizeOf } from "../base/shape.ts";
import { wasmEngine } from "../engines/wasm/run/engine.ts";
import type { Way } from "../engines/wasm/strategy.ts";
import { input } from "../graph/graph.ts";
import { convolution } from "../ops/cards/convolution.ts";
import { elementwise } from "../ops/cards/map.ts";
import { runOnce } from "../run/session.ts";
import { add, constant, type Expression, less, maximum, multiply, operand, select, unary } from "./expression.ts";
import { countNodes, operandsOf, sameExpression, substitute, usesPlace, walk } from "./walk.ts";

const random: Expression = { kind: "uniform", seed: 3, step: 5, stream: 1 };
const tree = select(less(operand(2), constant(1)), add(operand(0), random), unary("exp", operand(2)));

test("walks see every node of an expression", () => {
  const kinds: string[] = [];
  walk(tree, ({ kind }) => kinds.push(kind));
  assert.deepEqual(kinds.join(" "), "operand constant binary operand uniform binary operand unary select");
  assert.equal(countNodes(tree), 9);
  assert.deepEqual([...operandsOf(tree)].sort(), [0, 2, 3, 5]);
});

test("an expression uses its place where it has an axis or a random number in it", () => {
  assert.ok(usesPlace(tree));
  assert.ok(usesPlace(multiply(constant(2), { kind: "axisIndex", axis: 1 })));
  assert.ok(!usesPlace(substitute(less(operand(0), operand(1)), () => unary("exp", operand(7)))));
});

test("substitution renames every operand, those of random numbers too, and folds", () => {
  const renamed = substitute(tree, (i) => operand(i + 10));
  assert.deepEqual([...operandsOf(renamed)].sort(), [10, 12, 13, 15]);
  assert.deepEqual(substitute(add(operand(0), operand(1)), constant), constant(1));
  assert.throws(() => substitute(random, constant), /must stay operands/);
});

const unlike: readonly (readonly [Expression, Expression])[] = [
  [constant(0), constant(-0)],
  [constant(Infinity), constant(-Infinity)],
  [constant(Infinity), constant(NaN)],
  [add(operand(0), operand(1)), add(operand(1), operand(0))],
  [unary("exp", operand(0)), unary("log", operand(0))],
  [operand(1), constant(1)],
];

test("expressions are the same only node by node, numbers by their bits", () => {
  assert.ok(sameExpression(tree, structuredClone(tree)));
  for (const [a, b] of unlike) {
    assert.ok(!sameExpression(a, b), `${exactText(a)} and ${exactText(b)}`);
    assert.notEqual(exactText(a), exactText(b));
  }
});

// Code is made once for equal kernels, and equal nodes are run once: neither may take one constant for another.
for (const shared of [true, false]) {
  test(`what JSON cannot tell apart shares no ${shared ? "node" : "code"}`, async () => {
    const constants = [Infinity, -Infinity, NaN, 0, -0];
    const x = input("x", [1, 16, 12, 16], "float32");
    const filters = constants.map((_, i) => input(`w${i}`, [16, 16, 3, 3], "float32"));
    const attributes = { stride: [1, 1], dilation: [1, 1], padBefore: [1, 1], padAfter: [1, 1], groups: 1 };
    const outputs = Object.fromEntries(
      constants.map((value, i) => {
        const masked = select(less(operand(0), constant(0)), constant(value), maximum(operand(0), constant(0.1)));
        return [`y${i}`, elementwise("masked", masked, [convolution(x, filters[shared ? 0 : i], attributes)])];
      }),
    );
    const waves = (shape: Shape): NdArray =>
      ndarray(
        shape,
        Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * 1.7)),
      );
    const weights = shared ? [filters[0]] : filters;
    const values = { x: waves(x.shape), ...Object.fromEntries(weights.map((w, i) => [`w${i}`, waves(w.shape)])) };
    const names = new Set<string>([""]);
    for (const name of names) {
      const choose = (fitting: readonly Way[]): Way => {
        for (const way of fitting) names.add(way.name);
        return fitting.find((way) => way.name === name) ?? fitting[0];
      };
      const engine = await wasmEngine({ threads: 1, choose });
      const found = await runOnce(outputs, values, engine);
      await engine.close();
      constants.forEach((value, i) => {
        const masked = found[`y${i}`].data.filter((n) => Object.is(n, value)).length;
        assert.ok(masked > 1000 && masked < 2000, `${value} stands at ${masked} of 3072 places (${name})`);
      });
    }
    assert.ok(names.size > 4);
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { impossibleShapes, outputShapes } from "../../test/output_shapes.ts";
import { describeWindow } from "./window.ts";

test("output sizes and unused cells are those of the table", () => {
  for (const [size, kernel, total, stride, output, unused] of outputShapes) {
    const answer = describeWindow({ size, kernel, stride, padding: { total } });
    assert.deepEqual([answer.output, answer.unused], [output, unused], `${size}, ${kernel}, ${total}, ${stride}`);
    assert.equal(answer.padBefore + answer.padAfter, total);
    assert.equal(answer.derivation.at(-1), String(output));
  }
});

test("a window that does not fit is an error with the axis and the numbers", () => {
  for (const [size, kernel, total, stride] of impossibleShapes) {
    assert.throws(
      () => describeWindow({ size, kernel, stride, padding: { total } }),
      (error: Error) =>
        /width/.test(error.message) && error.message.includes(`${size} cell`) && /needs 5/.test(error.message),
    );
  }
});

test("per side and total are two readings of one number", () => {
  assert.equal(describeWindow({ size: 28, kernel: 5, padding: 2 }).output, 28);
  assert.equal(describeWindow({ size: 28, kernel: 5, padding: { total: 2 } }).output, 26);
});

test("total padding k − 1 gives ceil(n / s), for odd and even kernels", () => {
  for (let size = 1; size <= 12; size++) {
    for (let kernel = 1; kernel <= 6; kernel++) {
      for (let stride = 1; stride <= 4; stride++) {
        const { output } = describeWindow({ size, kernel, stride, padding: { total: kernel - 1 } });
        assert.equal(output, Math.ceil(size / stride));
      }
    }
  }
});

test("ceil mode tells by how much the last window hangs over", () => {
  const answer = describeWindow({ size: 12, kernel: 3, stride: 2, dilation: 2, ceilMode: true });
  assert.deepEqual([answer.output, answer.unused, answer.overhang, answer.reach], [5, 0, 1, 5]);
  // A last window that would start in the padding behind is dropped (PyTorch's rule), and the derivation says so.
  const dropped = describeWindow({ size: 1, kernel: 1, stride: 2, padding: [[0, 1]], ceilMode: true });
  assert.equal(dropped.output, 1);
  assert.match(dropped.derivation.at(-1)!, /^1, as a last window must start inside/);
});

test("an unknown option is refused", () => {
  assert.throws(() => describeWindow({ size: 3, kernel: 1, strid: 2 } as never), /did you mean "stride"/);
});

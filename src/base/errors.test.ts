import assert from "node:assert/strict";
import { test } from "node:test";
import { DataError, type ErrorFields, NeocogError, reasonOf, ShapeError, unknownName, within } from "./errors.ts";

const layer = { kind: "layer", name: "features.1", type: "Conv2d" } as const;
const cases: readonly (readonly [ErrorFields, string])[] = [
  [{}, "it is too small"],
  [{ where: [layer], mend: "use more padding." }, 'Layer "features.1" (Conv2d): it is too small; use more padding.'],
  [{ where: [{ kind: "layer", name: "", type: "Sequential" }] }, "The model (Sequential): it is too small"],
  [
    {
      where: [
        { kind: "file", name: "a.onnx" },
        { kind: "node", name: "c1", type: "Conv" },
      ],
      notes: ["It is 2.", "Ha."],
    },
    'a.onnx: Conv "c1": it is too small It is 2. Ha.',
  ],
  [{ where: [{ kind: "file", name: "x.npy", asSubject: true }] }, "x.npy it is too small"],
];

test("an error is put into words from its parts, when it is made and when more is told", () => {
  for (const [fields, words] of cases) {
    const made = new ShapeError("it is too small", fields);
    const told = new ShapeError("it is too small").tell(fields);
    for (const { message, what, where, mend, notes, stack } of [made, told]) {
      assert.equal(message, words);
      assert.deepEqual(
        { what, where, mend, notes },
        { what: "it is too small", where: [], mend: undefined, notes: [], ...fields },
      );
      assert.ok(stack?.includes(words), stack);
    }
  }
});

const thrown = (work: () => unknown): Error => {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  return assert.fail("nothing was thrown");
};

test("within names the place and keeps the class, the cause and the trace; each place is named once", () => {
  const cause = new Error("disk");
  const error = new DataError("it is cut off.", { cause });
  const where = { kind: "file", name: "w.bin" } as const;
  const out = thrown(() =>
    within({ kind: "file", name: "model.json" }, () =>
      within(where, () => {
        throw error;
      }),
    ),
  );
  assert.equal(out, error);
  assert.equal(out.message, "model.json: w.bin: it is cut off.");
  assert.equal(out.cause, cause);
  assert.equal(error.at(where).message, out.message);
});

test("around a layer only its file is named, around a node every node", () => {
  const node = { kind: "node", name: "b", type: "If" } as const;
  const file = { kind: "file", name: "m.onnx" } as const;
  assert.equal(
    new NeocogError("no.", { where: [layer] })
      .at(node)
      .at({ ...layer, name: "outer" })
      .at(file).message,
    'm.onnx: Layer "features.1" (Conv2d): no.',
  );
  assert.equal(new NeocogError("no.").at({ ...node, name: "a" }).at(node).message, 'If "b": If "a": no.');
});

test("what is none of our errors passes within as it is", () => {
  const fault = new TypeError("undefined is not a function");
  assert.equal(
    thrown(() =>
      within(layer, () => {
        throw fault;
      }),
    ),
    fault,
  );
  assert.equal(fault.message, "undefined is not a function");
});

test("the reason of an error of another's making is its first line without a period", () => {
  assert.equal(reasonOf(new Error("VipsJpeg: Premature end.\n  at line 3.")), "VipsJpeg: Premature end");
  assert.equal(reasonOf(new RangeError("")), "RangeError");
  assert.equal(reasonOf("no"), "no");
});

test("the mend of an unknown name is a field", () => {
  const error = unknownName("model", "resnt18", ["resnet18", "lenet"]);
  assert.deepEqual([error.what, error.mend], ['Unknown model "resnt18"', 'did you mean "resnet18"?']);
  assert.equal(error.message, 'Unknown model "resnt18"; did you mean "resnet18"?');
});

test("a mend that names an option is written as its reader writes options", () => {
  const error = new NeocogError("The file leaves its height open", {
    mend: (name) => `say it with ${name("input", [3, 224, 224])}.`,
  }).at({ kind: "file", name: "m.onnx" });
  assert.equal(error.message, "m.onnx: The file leaves its height open; say it with input: [3, 224, 224].");
  assert.equal(error.mend, "say it with input: [3, 224, 224].");
  assert.equal(
    error.said?.((option, value) => `--${option} ${typeof value === "object" ? value.join("x") : value}`),
    "m.onnx: The file leaves its height open; say it with --input 3x224x224.",
  );
  assert.equal(new NeocogError("no.", { mend: "never." }).said, undefined);
});

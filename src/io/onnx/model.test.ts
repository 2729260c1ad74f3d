// Reading and writing ONNX files: every element type, files beside the model, and input that is cut off or hostile.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DataError } from "../../base/errors.ts";
import { match } from "./match.ts";
import { openModel, readModel, writeModel } from "./model.ts";
import type { OnnxModel, OnnxTensor } from "./schema.ts";
import { readTensor, writeTensor } from "./tensor.ts";

const empty: OnnxTensor = writeTensor("t", { shape: [0], dtype: "float32", data: new Float32Array(0) });

function modelWith(tensor: OnnxTensor): OnnxModel {
  return {
    irVersion: 8,
    opsetImport: [{ domain: "", version: 13 }],
    producerName: "test",
    producerVersion: undefined,
    domain: undefined,
    modelVersion: undefined,
    docString: undefined,
    graph: {
      nodes: [],
      name: "g",
      initializers: [tensor],
      docString: undefined,
      inputs: [],
      outputs: [],
      valueInfos: [],
    },
    metadata: [{ key: "classes", value: "cat\ndog é" }],
    functions: [],
  };
}

test("a model survives writing and reading", () => {
  const model = modelWith(
    writeTensor("w", { shape: [2, 2], dtype: "float32", data: Float32Array.of(1, -2, 0.5, Infinity) }),
  );
  const bytes = writeModel(model);
  assert.ok(match(bytes));
  const back = readModel(bytes);
  assert.deepEqual(back.metadata, model.metadata);
  const { shape, data } = readTensor(back.graph!.initializers[0]);
  assert.deepEqual(
    [shape, [...data]],
    [
      [2, 2],
      [1, -2, 0.5, Infinity],
    ],
  );
  assert.deepEqual(writeModel(back), bytes);
});

test("every element type, from its field and from raw bytes", () => {
  const read = (part: Partial<OnnxTensor>): number[] => [...readTensor({ ...empty, rawData: undefined, ...part }).data];
  assert.deepEqual(read({ dataType: 1, dims: [1], floatData: [1.5] }), [1.5]);
  assert.deepEqual(read({ dataType: 3, dims: [2], int32Data: [-1, 255] }), [-1, -1]);
  assert.deepEqual(read({ dataType: 3, dims: [2], rawData: Uint8Array.of(127, 128) }), [127, -128]);
  assert.deepEqual(read({ dataType: 5, dims: [1], rawData: Uint8Array.of(0, 128) }), [-32768]);
  assert.deepEqual(read({ dataType: 7, dims: [2], int64Data: [-1, 2 ** 53] }), [-1, 2 ** 53]);
  assert.deepEqual(read({ dataType: 7, dims: [1], rawData: new Uint8Array(8).fill(255) }), [-1]);
  assert.deepEqual(read({ dataType: 9, dims: [2], rawData: Uint8Array.of(0, 7) }), [0, 1]);
  assert.deepEqual(read({ dataType: 10, dims: [4], int32Data: [0x3c00, 0xc000, 0x0001, 0x7c00] }), [
    1,
    -2,
    2 ** -24,
    Infinity,
  ]);
  assert.deepEqual(read({ dataType: 10, dims: [1], rawData: Uint8Array.of(0x55, 0x35) }), [0.333251953125]);
  assert.deepEqual(read({ dataType: 11, dims: [1], doubleData: [0.1] }), [0.1]);
  assert.deepEqual(read({ dataType: 13, dims: [1], rawData: Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0) }), [2 ** 32]);
  assert.deepEqual(read({ dataType: 16, dims: [1], rawData: Uint8Array.of(0xc0, 0x3f) }), [1.5]);
  assert.deepEqual(read({ dataType: 22, dims: [3], rawData: Uint8Array.of(0xf1, 0x07) }), [1, -1, 7]);
});

test("tensors that cannot be are refused in one sentence", () => {
  const refuse = (part: Partial<OnnxTensor>, message: RegExp): void =>
    assert.throws(
      () => readTensor({ ...empty, rawData: undefined, ...part }),
      (e) => e instanceof DataError && message.test(e.message),
    );
  refuse({ dataType: 1, dims: [2 ** 31, 2 ** 31], floatData: [] }, /more than any memory/);
  refuse({ dataType: 1, dims: [2 ** 31], floatData: [1] }, /needs 2147483648 numbers; the file holds 1/);
  refuse({ dataType: 1, dims: [-1], floatData: [] }, /impossible shape/);
  refuse({ dataType: 1, dims: [1], rawData: new Uint8Array(3) }, /needs 4 bytes/);
  refuse({ dataType: 8, dims: [0] }, /type string/);
  refuse({ dataType: 99, dims: [0] }, /number 99/);
});

test("numbers in files beside the model", async () => {
  const outside = (entries: Record<string, string>): Uint8Array =>
    writeModel(
      modelWith({
        ...empty,
        dims: [2],
        rawData: undefined,
        dataLocation: 1,
        externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
      }),
    );
  const file = new Uint8Array(new Float32Array([9, 1, 2]).buffer);
  const asked: string[] = [];
  const readBeside = async (path: string): Promise<Uint8Array> => {
    asked.push(path);
    return file;
  };
  const model = await openModel(outside({ location: "./weights/a.bin", offset: "4", length: "8" }), readBeside);
  assert.deepEqual(asked, ["weights/a.bin"]);
  assert.deepEqual([...readTensor(model.graph!.initializers[0]).data], [1, 2]);
  for (const location of ["../secret", "/etc/passwd", "a/../../b", "C:\\x", "a\\b", "", "file:x", "a//b"]) {
    await assert.rejects(openModel(outside({ location }), readBeside), /does not lie inside the model's folder/);
  }
  await assert.rejects(openModel(outside({ location: "a", offset: "8", length: "8" }), readBeside), /has only 12/);
  await assert.rejects(openModel(outside({ location: "a", offset: "-8" }), readBeside), /no number of bytes/);
  await assert.rejects(openModel(outside({ location: "a" })), /open it from its folder/);
});

test("damaged and hostile files give one DataError", () => {
  const good = writeModel(
    modelWith(writeTensor("w", { shape: [3], dtype: "float32", data: Float32Array.of(1, 2, 3) })),
  );
  for (let length = 0; length < good.length; length++) {
    try {
      readModel(good.subarray(0, length));
    } catch (error) {
      assert.ok(error instanceof DataError, String(error));
    }
  }
  // A graph (field 7) inside an attribute (5 of a node, 1 of a graph) inside a graph, and so on: deeper than any network.
  let deep: Uint8Array = new Uint8Array(0);
  const wrap = (field: number, inner: Uint8Array): Uint8Array => {
    const length: number[] = [];
    for (let n = inner.length; ; n >>= 7) {
      length.push((n & 127) | (n > 127 ? 128 : 0));
      if (n <= 127) break;
    }
    return Uint8Array.of((field << 3) | 2, ...length, ...inner);
  };
  for (let i = 0; i < 100; i++) deep = wrap(1, wrap(5, wrap(6, deep)));
  assert.throws(() => readModel(wrap(7, deep)), /nested too deeply/);
  // A string of 2^31 bytes in a file of ten.
  assert.throws(() => readModel(Uint8Array.of(0x12, 0xff, 0xff, 0xff, 0xff, 0x07, 1, 2, 3)), DataError);
  // Two million empty nodes.
  const nodes = new Uint8Array(4_000_000);
  for (let i = 0; i < nodes.length; i += 2) nodes[i] = 0x0a;
  const hostile = new Uint8Array(nodes.length + 5);
  hostile.set([0x3a, 0x80, 0x92, 0xf4, 0x01]);
  hostile.set(nodes, 5);
  assert.throws(() => readModel(hostile), /more parts than any network/);
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { find, missingInPython } from "../../test/outside.ts";
import { ndarray } from "../base/array.ts";
import { crc32c, histogramOf } from "../io/tfevents.ts";
import type { Layer } from "../nn/layer.ts";
import type { TrainingEvent } from "../train/events.ts";
import type { TaskName } from "../use/tasks/list.ts";
import { openEventLog } from "./eventLog.ts";

const root = mkdtempSync(join(tmpdir(), "neocog-events-"));
after(() => rmSync(root, { recursive: true }));

type Event = TrainingEvent<Layer, TaskName>;
const weights = new Map([["fc.weight", ndarray([4], Float32Array.of(-1, 0, 0, 3))]]);

function eventsFrom(done: number): Event[] {
  const step = (n: number) => ({
    kind: "batch",
    step: n,
    loss: 1 / n,
    accuracy: 0.5,
    learningRate: 0.25,
    imagesPerSecond: 100,
  });
  const epoch = done + 1;
  return [
    { kind: "started", task: "classification", batches: 2, epochsDone: done },
    step(2 * done + 1),
    step(2 * done + 2),
    {
      kind: "epoch",
      epoch,
      step: 2 * epoch,
      train: { loss: 0.75, accuracy: 0.5 },
      validation: { loss: 0.5, accuracy: 1 },
    },
    { kind: "checkpoint", epoch, checkpoint: { trained: { weights }, step: 2 * epoch } },
  ] as unknown as Event[];
}

async function written(folder: string, done: number): Promise<string> {
  const log = await openEventLog(folder, { weights: true, text: "**recipe** é" });
  for (const event of eventsFrom(done)) await log.add(event);
  await log.close();
  return log.file;
}

test("CRC-32C and histograms are those of their definitions", () => {
  assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  const { limits, counts, ...rest } = histogramOf([-1, 0, 0, 3], 4);
  assert.deepEqual(rest, { min: -1, max: 3, count: 4, sum: 2, sumOfSquares: 10 });
  assert.deepEqual(
    [limits, counts],
    [
      [0, 1, 2, 3],
      [1, 2, 0, 1],
    ],
  );
  assert.deepEqual(histogramOf([2, 2], 2).counts, [2, 0]);
});

test("who goes on with a run writes another file into the folder", async () => {
  const folder = join(root, "two");
  const files = [await written(folder, 0), await written(folder, 1)];
  assert.deepEqual(
    readdirSync(folder).map((name) => join(folder, name)),
    files,
  );
  for (const file of files) assert.match(file, /events\.out\.tfevents\.\d+\.neocog\.\d$/);
});

/** Reads records with a checksum of its own, and events by Google's protocol buffers, of the fields that TensorFlow's files give. */
const reader = `
import json, struct, sys
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
F = descriptor_pb2.FieldDescriptorProto
file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="t", syntax="proto3")
def message(name, *fields):
    m = file.message_type.add(name=name)
    for number, field, kind, *more in fields:
        f = m.field.add(name=field, number=number, label=F.LABEL_REPEATED if "list" in more else F.LABEL_OPTIONAL)
        if isinstance(kind, str): f.type, f.type_name = F.TYPE_MESSAGE, ".t." + kind
        else: f.type = kind
message("Plugin", (1, "plugin_name", F.TYPE_STRING), (2, "content", F.TYPE_BYTES))
message("Metadata", (1, "plugin_data", "Plugin"))
message("Dim", (1, "size", F.TYPE_INT64), (2, "name", F.TYPE_STRING))
message("Shape", (2, "dim", "Dim", "list"))
message("Tensor", (1, "dtype", F.TYPE_INT32), (2, "tensor_shape", "Shape"), (8, "string_val", F.TYPE_BYTES, "list"))
message("Histo", *[(i + 1, n, F.TYPE_DOUBLE) for i, n in enumerate(["min", "max", "num", "sum", "sum_squares"])],
        (6, "bucket_limit", F.TYPE_DOUBLE, "list"), (7, "bucket", F.TYPE_DOUBLE, "list"))
message("Value", (1, "tag", F.TYPE_STRING), (2, "simple_value", F.TYPE_FLOAT), (5, "histo", "Histo"), (8, "tensor", "Tensor"), (9, "metadata", "Metadata"))
message("Summary", (1, "value", "Value", "list"))
message("Session", (1, "status", F.TYPE_INT32))
message("Event", (1, "wall_time", F.TYPE_DOUBLE), (2, "step", F.TYPE_INT64), (3, "file_version", F.TYPE_STRING), (5, "summary", "Summary"), (7, "session_log", "Session"))
pool = descriptor_pool.DescriptorPool(); pool.Add(file)
get = getattr(message_factory, "GetMessageClass", None) or message_factory.MessageFactory(pool).GetPrototype
Event = get(pool.FindMessageTypeByName("t.Event"))
def crc(data):
    c = 0xffffffff
    for b in data:
        c ^= b
        for _ in range(8): c = (c >> 1) ^ (0x82f63b78 if c & 1 else 0)
    c ^= 0xffffffff
    return (((c >> 15) | (c << 17)) + 0xa282ead8) & 0xffffffff
out, data, at = [], open(sys.argv[1], "rb").read(), 0
while at < len(data):
    (n,), (c,) = struct.unpack_from("<Q", data, at), struct.unpack_from("<I", data, at + 8)
    body = data[at + 12:at + 12 + n]
    assert c == crc(data[at:at + 8]) and struct.unpack_from("<I", data, at + 12 + n)[0] == crc(body)
    e = Event.FromString(body); at += 16 + n
    assert e.wall_time > 1.6e9
    values = {}
    for v in e.summary.value:
        if v.HasField("histo"): values[v.tag] = [v.histo.min, v.histo.max, v.histo.num, v.histo.sum, v.histo.sum_squares, list(v.histo.bucket_limit)[-1], sum(v.histo.bucket)]
        elif v.HasField("tensor"): values[v.tag] = [v.tensor.dtype, v.tensor.tensor_shape.dim[0].size, v.tensor.string_val[0].decode(), v.metadata.plugin_data.plugin_name]
        else: values[v.tag] = v.simple_value
    out.append([e.step, e.file_version, e.session_log.status, values])
print(json.dumps(out))
`;

test("events are read by protocol buffers of another make, with their checksums", {
  skip: missingInPython("google.protobuf"),
}, async () => {
  const file = await written(join(root, "read"), 1);
  const told = JSON.parse(execFileSync(find("python")!, ["-c", reader, file], { encoding: "utf8" })) as unknown[];
  const batch = (n: number) => ({
    "loss/batch": Math.fround(1 / n),
    "accuracy/batch": 0.5,
    "learning rate": 0.25,
    "images per second": 100,
  });
  assert.deepEqual(told, [
    [0, "brain.Event:2", 0, {}],
    [3, "", 1, {}],
    [0, "", 0, { recipe: [7, 1, "**recipe** é", "text"] }],
    [3, "", 0, batch(3)],
    [4, "", 0, batch(4)],
    [
      4,
      "",
      0,
      { "loss/train": 0.75, "accuracy/train": 0.5, "loss/validation": 0.5, "accuracy/validation": 1, epoch: 2 },
    ],
    [4, "", 0, { "weights/fc.weight": [-1, 3, 4, 2, 10, 3, 4] }],
  ]);
  assert.ok(readFileSync(file).length < 2000);
});

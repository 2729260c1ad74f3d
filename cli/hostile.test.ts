// Names that a terminal would obey, in every place that a command takes names from: none is obeyed, and none makes a line.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { after, before, test } from "node:test";
import { build, loadState } from "../src/doors/graph.ts";
import {
  Conv2d,
  createModel,
  encodePng,
  Flatten,
  type Layer,
  Linear,
  ndarray,
  Sequential,
  saveModel,
} from "../src/doors/neocog.ts";
import { writeModel } from "../src/io/onnx/model.ts";
import { floats, graphOf, info, modelOf, node } from "../test/onnx/graphs.ts";
import { openBar } from "./bar.ts";
import { commands } from "./commands/list.ts";
import { createContext } from "./context.ts";
import { neocog } from "./testing.ts";

const evil = "e\nFORGED\r\n\tFORGED\u001b[31m\u001b]8;;x\u0007\u009b2J\u202e\u2028FORGED\u007f";
const [model, data] = [`model${evil}`, `data${evil}`];
const [file, unknown] = [`file${evil}.onnx`, `unknown${evil}.onnx`];
const picture = join(data, `a${evil}`, "1.png");
let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "neocog-hostile-"));
  const classes = [`a${evil}`, `b${evil}`];
  for (const [label, name] of classes.entries()) {
    mkdirSync(join(folder, data, name), { recursive: true });
    for (let i = 0; i < 10; i++) {
      const pixels = new Uint8Array(64).fill(label * 200 + i);
      writeFileSync(join(folder, data, name, `${i}.png`), await encodePng(ndarray([8, 8], pixels, "uint8")));
    }
    writeFileSync(join(folder, data, name, `notes${evil}`), "");
  }
  const preprocessing = { channels: 1, height: 8, width: 8 };
  const save = async (to: string, layer: Layer): Promise<void> => {
    const { state } = loadState(build(layer, [1, 1, 8, 8]).variables, {}, { strict: false });
    await saveModel(join(folder, to), { model: layer, weights: state, classes, preprocessing });
  };
  await save(model, createModel("mlp", { classes: 2, inChannels: 1, inputSize: 8 }).layer);
  await save(
    `layers${evil}`,
    Sequential({ [`c${evil}`]: Conv2d(2, 3), [`f${evil}`]: Flatten(), [`l${evil}`]: Linear(2) }),
  );
  writeFileSync(join(folder, file), hostileFile());
  writeFileSync(join(folder, unknown), hostileFile(`Op${evil}`));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A classifier of gray pictures of 8 x 8 whose every name is hostile, those of values, nodes, notes and classes. */
function hostileFile(last = "Relu"): Uint8Array {
  const named = <T extends object>(what: T, name: string): T => ({ ...what, name, docString: evil });
  const [x, w, f, y] = ["x", "w", "f", "y"].map((name) => `${name}${evil}`);
  const values = [x, "c", w];
  const nodes = [
    { ...named(node("Conv", "", ""), `conv${evil}`), inputs: values.slice(0, 1).concat(w), outputs: [`c${evil}`] },
    { ...named(node("Flatten", "", "", { axis: 1 }), `flat${evil}`), inputs: [`c${evil}`], outputs: [f] },
    { ...named(node(last, "", ""), `last${evil}`), inputs: [f], outputs: [y] },
  ];
  const weights = floats(w, [2, 1, 8, 8], ...Array.from({ length: 128 }, (_, i) => Math.sin(i) / 8));
  const graph = { ...graphOf([info(x, [`n${evil}`, 1, 8, 8])], nodes, [y], [weights]), name: evil, docString: evil };
  const note = JSON.stringify([`a${evil}`, `b${evil}`]);
  return writeModel({
    ...modelOf(graph),
    producerName: evil,
    docString: evil,
    metadata: [
      { key: "classes", value: note },
      { key: evil, value: evil },
    ],
  });
}

const cases: Readonly<Record<string, readonly (readonly string[])[]>> = {
  train: [[data, "--model", "mlp", "--epochs", "1", "--out", `out${evil}`]],
  "lr-find": [[data, "--model", "mlp", "--steps", "20", "--from", `no${evil}.onnx`]],
  eval: [
    [model, data],
    [file, data],
  ],
  predict: [
    [model, picture],
    [file, picture],
    [unknown, picture],
    [model, `no${evil}.png`],
  ],
  report: [[model, "--data", data], [`no${evil}`]],
  data: [[data], [`no${evil}`]],
  serve: [[`no${evil}`]],
  bundle: [[model, "--out", `bundle${evil}.mjs`], [`no${evil}`]],
  inspect: [[model], [file], [unknown], [`layers${evil}`]],
  explain: [
    [model, picture, "--method", "saliency", "--out", `why${evil}`],
    [file, picture, "--method", "grad-cam", "--out", `why${evil}`],
    [file, picture, "--class", evil],
    [`layers${evil}`, picture, "--method", "feature-maps", "--out", `why${evil}`],
  ],
  shape: [[evil, "3"]],
  lab: [[evil], ["kernel-learning", "--rate", evil]],
  bench: [[evil], [`layers${evil}`, "--rounds", "1", "--work", "inference", "--threads", "1"]],
  convert: [
    [model, `x${evil}.safetensors`],
    [file, `x${evil}.safetensors`],
    [file, `y${evil}.onnx`],
    [file, `z${evil}`],
    [`layers${evil}`, `l${evil}.onnx`],
  ],
  verify: [[model], [file], [file, "--tolerance", "1e-30", "--all"], [`layers${evil}`], [unknown]],
  doctor: [[], [model], [model, "--data", data], [file, "--data", data], [unknown]],
  dump: [
    [`./${evil}`],
    [file],
    ...["graph", "grad", "kernels", "plan", "choice", "program", "wat"].map((stage) => [
      `layers${evil}`,
      "--stage",
      stage,
    ]),
  ],
};

/** Not every answer has a name in it. */
const nameless = new Set(["wat"]);

for (const { name } of commands) {
  test(`${name} shows hostile names as text`, async () => {
    assert.ok(cases[name], "a command without a case");
    for (const [i, given] of cases[name].entries()) {
      for (const flags of i === 0 ? [["--debug"], ["--json"]] : [["--debug"]]) {
        const environment = { NEOCOG_DATA: join(folder, evil) };
        const force =
          (name === "train" && flags[0] === "--json") || ["convert", "bundle"].includes(name) ? ["--force"] : [];
        const { stdout, stderr } = await neocog([name, ...given, ...force, ...flags], { folder, environment });
        const seen = stdout + stderr;
        if (!given.some((word) => nameless.has(word))) assert.ok(seen.includes("\\u001b["), seen);
        assert.doesNotMatch(seen, /[^\P{C}\n]/u);
        assert.doesNotMatch(seen, /^\W*FORGED/m, "a name has made a line");
        if (flags[0] === "--json") JSON.parse(stdout);
      }
    }
  });
}

test("the name of what is read stays within the line of its bar", () => {
  let written = "";
  const write = (chunk: unknown, _encoding: unknown, done: () => void): void => {
    written += String(chunk);
    done();
  };
  const stream = Object.assign(new Writable({ write }), { isTTY: true, columns: 80 }) as unknown as NodeJS.WriteStream;
  const bar = openBar({ ...createContext(false, new AbortController().signal), stream, terminal: true }, () => evil);
  bar.update(0.5);
  bar.stop();
  assert.ok(written.includes("e\\nFORGED\\r\\n\\tFORGED\\u001b[31m"), JSON.stringify(written));
  for (const sign of ["\nFORGED", "\tFORGED", "\u0007", "\u009b", "\u202e"]) assert.ok(!written.includes(sign));
});

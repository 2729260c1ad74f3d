// The doors of the package by the names that package.json gives them, and everything behind them together: a name stands in one.
import * as analyze from "../src/doors/analyze.ts";
import * as bundle from "../src/doors/bundle.ts";
import * as diagnose from "../src/doors/diagnose.ts";
import * as explain from "../src/doors/explain.ts";
import * as graph from "../src/doors/graph.ts";
import * as lab from "../src/doors/lab.ts";
import * as neocog from "../src/doors/neocog.ts";
import * as onnx from "../src/doors/onnx.ts";
import * as ops from "../src/doors/ops.ts";
import * as report from "../src/doors/report.ts";
import * as serve from "../src/doors/serve.ts";
import * as tfjs from "../src/doors/tfjs.ts";
import * as tune from "../src/doors/tune.ts";

export const doors = {
  neocog,
  "neocog/ops": ops,
  "neocog/graph": graph,
  "neocog/onnx": onnx,
  "neocog/tfjs": tfjs,
  "neocog/analyze": analyze,
  "neocog/explain": explain,
  "neocog/lab": lab,
  "neocog/serve": serve,
  "neocog/bundle": bundle,
  "neocog/report": report,
  "neocog/diagnose": diagnose,
  "neocog/tune": tune,
};

/** Those that only Node opens. */
export const ofNode: readonly string[] = ["neocog/serve"];

export const everything = {
  ...neocog,
  ...ops,
  ...graph,
  ...onnx,
  ...tfjs,
  ...analyze,
  ...explain,
  ...lab,
  ...serve,
  ...bundle,
  ...report,
  ...diagnose,
  ...tune,
};
